"""The broker as a process: started on the data of the last time, watched, stopped, killed, frozen.

The supervisor runs this, so it uses the standard library only. On Linux the system ends the
broker when the supervisor's process ends, however that happens (prctl PR_SET_PDEATHSIG; it fires
when the thread that forked ends, so the supervisor has one thread).
"""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

from eventlab.broker.configuration import listeners
from eventlab.broker.plan import START_SECONDS, STOP_SECONDS, Plan

LOG_BYTES, LOG_KEPT_BYTES = 10_000_000, 1_000_000
FULL_BYTES = 100_000  # with less than this on the disk Kafka does not start

_LISTENING = re.compile(r"Awaiting socket connections on \S*?:(\d+)\.")
# Kafka's own words for giving up; without them it was the JVM, which knows nothing of our data.
_GIVING_UP = ("Exiting Kafka", "Encountered fatal fault", "all log dirs")
_NOT_THE_DATA = ("No space left", "AccessDenied", "Permission denied", "Read-only file system")
_IN_USE = "Address already in use"
NO_SPACE = "No space left on device"


def broker_port(log: str) -> int | None:
    """Return the broker's port from Kafka's log; the controller names its own first."""
    ports = _LISTENING.findall(log)
    return int(ports[1]) if len(ports) > 1 else None


def failure_reason(log: str) -> str:
    """Return the line that says why Kafka gave up: the first exception after its last words.

    A line with ERROR alone is no failure; Kafka logs one when a partition is added.
    """
    lines = log.splitlines()
    last_words = [i for i, line in enumerate(lines) if any(words in line for words in _GIVING_UP)]
    after = lines[last_words[0] :] if last_words else ["", *lines]
    causes = [line for line in after[1:] if re.search(r"Exception|Error|error", line)]
    last = after[:1] if last_words else lines[-1:]
    return (causes or last or ["it said nothing"])[0].strip()[:300]


class BrokerProcess:
    """The broker's process, its data and its log; it knows of no user.

    `held` are descriptors that the process keeps open, such as the folder's lock: so the folder
    stays locked for as long as either of the two lives.
    """

    def __init__(self, plan: Plan, held: tuple[int, ...] = ()):
        self._plan, self._held, self._data = plan, held, plan.data
        self._process: subprocess.Popen | None = None
        self._log: BinaryIO | None = None
        self._set_aside: Path | None = None
        self._fresh = False
        self.state, self.reason, self.notice, self.port = "stopped", "", "", plan.port
        self._deadline = 0.0

    @property
    def pid(self) -> int | None:
        """Return the process id, None when there is no process."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def busy(self) -> bool:
        """Tell whether the state is about to change by itself."""
        return self.state in ("starting", "stopping")

    def start(self) -> None:
        """Start the process on the data of the last time, on the port of the last time."""
        if self.pid is not None:
            return
        try:
            self._bring_data()
            self._launch()
        except OSError as error:
            self._become("failed", str(error))

    def _bring_data(self) -> None:
        self._fresh = not self._data.exists()
        if self._fresh:
            arriving = self._data.with_suffix(".arriving")
            shutil.rmtree(arriving, ignore_errors=True)
            _copy(Path(self._plan.template), arriving)
            arriving.rename(self._data)

    def _launch(self) -> None:
        self._open_log()
        self._process = subprocess.Popen(
            [*self._plan.command, "--override", f"listeners={listeners(self.port)}"],
            cwd=self._plan.folder,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=self._plan.environment,
            pass_fds=() if sys.platform == "win32" else self._held,
            preexec_fn=_die_with_parent() if sys.platform == "linux" else None,
        )
        self._deadline = time.monotonic() + START_SECONDS
        self._become("starting")

    # -- what is asked of it --------------------------------------------------------------------

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask the process to end; `look` notices when it has, and presses after `seconds`."""
        if self.pid is None:
            return
        self._process.terminate()
        self._wake()  # a frozen process would not notice that it should end
        self._deadline = time.monotonic() + seconds
        self._become("stopping", "it was stopped")

    def kill(self) -> None:
        """End the process at once (SIGKILL)."""
        if self.pid is not None:
            self._process.kill()
            self._process.wait()
            self._become("stopped", "it was killed")

    def suspend(self) -> None:
        """Freeze the process (SIGSTOP): alive, but silent."""
        if self.state == "running":
            self._process.send_signal(signal.SIGSTOP)
            self._become("suspended", "it was suspended")

    def resume(self) -> None:
        """Let a frozen process go on."""
        if self.state == "suspended":
            self._wake()
            self._become("running")

    def _wake(self) -> None:
        if hasattr(signal, "SIGCONT"):
            self._process.send_signal(signal.SIGCONT)

    # -- what happens to it ---------------------------------------------------------------------

    def look(self) -> None:
        """Notice what happened to the process since the last look."""
        if self._process is None or self.state in ("stopped", "failed"):
            return
        status = self._process.poll()
        if status is not None:
            self._ended(status)
        elif self.state == "starting":
            self._look_for_port()
        elif self.state == "stopping" and time.monotonic() > self._deadline:
            self._process.kill()
        else:
            self._shorten_log()

    def _look_for_port(self) -> None:
        port = broker_port(self._said())
        if port is not None:
            self.port, self._set_aside = port, None
            self._become("running")
        elif time.monotonic() > self._deadline:
            self._process.kill()
            self._process.wait()
            self._become("failed", f"no port within {START_SECONDS:g} s")

    def _ended(self, status: int) -> None:
        if self.state == "starting":
            self._failed_to_start(status)
        elif self.state == "stopping":
            self._become("stopped", self.reason)
        elif status < 0:
            self._become("stopped", f"it was ended by signal {-status}")
        else:
            self._become("stopped", f"it ended with status {status}: {self._why()}")

    def _why(self) -> str:
        said = self._said()
        if NO_SPACE in said or shutil.disk_usage(self._plan.folder).free < FULL_BYTES:
            return NO_SPACE
        return failure_reason(said)

    def _failed_to_start(self, status: int) -> None:
        reason = self._why()
        try:
            if _IN_USE in reason and self.port:
                self.port = 0
                self._launch()
            elif self._can_be_the_data(status, reason):
                self._try_without_data(reason)
            else:
                self._restore_set_aside()
                self._become("failed", reason)
        except OSError as error:
            self._become("failed", str(error))

    # A data folder that Kafka refuses is moved aside, never deleted; when Kafka refuses an empty
    # one too, the data was not to blame and is put back.

    def _can_be_the_data(self, status: int, reason: str) -> bool:
        said = self._said() + reason
        kafka_gave_up = status > 0 and any(words in said for words in _GIVING_UP)
        foreign = any(words in said for words in _NOT_THE_DATA)
        return kafka_gave_up and not foreign and not self._fresh and self._set_aside is None

    def _try_without_data(self, reason: str) -> None:
        aside = self._data.with_name(f"{self._data.name}-set-aside-{time.time_ns()}")
        self._data.rename(aside)
        self._set_aside = aside
        self.notice = (
            f"Kafka could not read the data of the last time ({reason}). It was moved to "
            f"{aside}, and the log starts empty."
        )
        self.start()

    def _restore_set_aside(self) -> None:
        if self._set_aside is not None:
            shutil.rmtree(self._data, ignore_errors=True)
            self._set_aside.rename(self._data)
            self._set_aside, self.notice = None, ""

    def _become(self, state: str, reason: str = "") -> None:
        self.state, self.reason = state, reason

    # -- its log --------------------------------------------------------------------------------

    def _open_log(self) -> None:
        if self._log:
            self._log.close()
        log = self._plan.log
        if log.exists():
            log.replace(log.with_suffix(".before.log"))
        self._log = log.open("a+b")

    def _said(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def _shorten_log(self) -> None:
        """Keep the end of a log that has grown long; the process appends to what is left."""
        size = os.fstat(self._log.fileno()).st_size
        if size > LOG_BYTES:
            self._log.seek(size - LOG_KEPT_BYTES)
            end = self._log.read()
            self._log.truncate(0)
            self._log.write(end)
            self._log.flush()


def _copy(template: Path, target: Path) -> None:
    """Copy the files and not their modes: a shared template may be read-only."""
    target.mkdir()
    for path in sorted(template.rglob("*")):
        copied = target / path.relative_to(template)
        if path.is_dir():
            copied.mkdir()
        else:
            copied.write_bytes(path.read_bytes())


def _die_with_parent():
    """Return what a child runs to be killed by the system when this process ends."""
    libc, parent, set_death_signal = ctypes.CDLL(None), os.getpid(), 1

    def arrange():
        libc.prctl(set_death_signal, signal.SIGKILL)
        if os.getppid() != parent:  # it ended between the fork and the call
            os._exit(1)

    return arrange
