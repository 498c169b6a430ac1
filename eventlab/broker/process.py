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

START_SECONDS = 60.0
STOP_SECONDS = 10.0

_LISTENING = re.compile(rb"Awaiting socket connections on \S*?:(\d+)\.")
_NOT_THE_DATA = ("No space left", "AccessDenied", "Permission denied", "Read-only file system")


def broker_port(log: bytes) -> int | None:
    """Return the broker's port from Kafka's log; the controller names its own first."""
    ports = _LISTENING.findall(log)
    return int(ports[1]) if len(ports) > 1 else None


def failure_reason(log: str) -> str:
    """Return the line that says why Kafka gave up: the first exception after its last words.

    A line with ERROR alone is no failure; Kafka logs one when a partition is added.
    """
    lines = log.splitlines()
    last_words = [i for i, line in enumerate(lines) if "Exiting Kafka" in line]
    after = lines[last_words[0] :] if last_words else lines
    spoken = [line for line in after if re.search(r"Exception|Error|error", line)]
    causes = [line for line in spoken if "Exiting Kafka" not in line]
    return (causes or spoken or lines[-1:] or ["it said nothing"])[0].strip()[:300]


class BrokerProcess:
    """The broker's process, its data and its log; it knows of no user."""

    def __init__(self, plan: dict):
        self._command, self._environment = plan["command"], plan["environment"]
        self._data, self._template = Path(plan["data"]), Path(plan["template"])
        self.log = Path(plan["log"])
        self._process: subprocess.Popen | None = None
        self._set_aside: Path | None = None
        self._fresh = False
        self.state, self.reason, self.notice, self.port = "stopped", "", "", 0
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
            self._data.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(self._template, arriving)
            arriving.rename(self._data)

    def _launch(self) -> None:
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".before.log"))
        with self.log.open("wb") as sink:
            self._process = subprocess.Popen(
                [*self._command, *self._listeners()],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=self._environment,
                preexec_fn=_die_with_parent() if sys.platform == "linux" else None,
            )
        self._deadline = time.monotonic() + START_SECONDS
        self._become("starting")

    def _listeners(self) -> list[str]:
        # The port of the first start is kept, so that clients find the broker after a restart.
        listeners = f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:0"
        return ["--override", f"listeners={listeners}"]

    def stop(self, why: str = "it was stopped") -> None:
        """Ask the process to end; `look` notices when it has, and presses after ten seconds."""
        if self.pid is None:
            return
        self._process.terminate()
        self.resume_process()
        self._deadline = time.monotonic() + STOP_SECONDS
        self._become("stopping", why)

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
            self.resume_process()
            self._become("running")

    def resume_process(self) -> None:
        """Wake the process if it is frozen: a frozen one would not notice that it should end."""
        if hasattr(signal, "SIGCONT"):
            self._process.send_signal(signal.SIGCONT)

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

    def _look_for_port(self) -> None:
        port = broker_port(self.log.read_bytes())
        if port is not None:
            self.port = port
            self._forget_set_aside()
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
            self._become("stopped", f"it ended with status {status}")

    def _failed_to_start(self, status: int) -> None:
        reason = failure_reason(self.log.read_text(errors="replace"))
        if "Address already in use" in reason and self.port:
            self.port = 0
            self._launch()
        elif self._can_be_the_data(status, reason):
            self._try_without_data(reason)
        else:
            self._restore_set_aside()
            self._become("failed", reason)

    # A data folder that Kafka refuses is moved aside, never deleted; when Kafka refuses an empty
    # one too, the data was not to blame and is put back.

    def _can_be_the_data(self, status: int, reason: str) -> bool:
        foreign = any(words in reason for words in _NOT_THE_DATA)
        return status > 0 and not foreign and not self._fresh and self._set_aside is None

    def _try_without_data(self, reason: str) -> None:
        name = time.strftime(f"{self._data.name}-set-aside-%Y%m%d-%H%M%S")
        self._set_aside = self._data.with_name(name)
        self._data.rename(self._set_aside)
        self.notice = (
            f"Kafka could not read the data of the last time ({reason}). It was moved to "
            f"{self._set_aside}, and the log starts empty."
        )
        self.start()

    def _restore_set_aside(self) -> None:
        if self._set_aside is not None:
            shutil.rmtree(self._data, ignore_errors=True)
            self._set_aside.rename(self._data)
            self._set_aside, self.notice = None, ""

    def _forget_set_aside(self) -> None:
        self._set_aside = None

    def _become(self, state: str, reason: str = "") -> None:
        self.state, self.reason = state, reason


def _die_with_parent():
    """Return what a child runs to be killed by the system when this process ends."""
    libc, parent, set_death_signal = ctypes.CDLL(None), os.getpid(), 1

    def arrange():
        libc.prctl(set_death_signal, signal.SIGKILL)
        if os.getppid() != parent:  # it ended between the fork and the call
            os._exit(1)

    return arrange
