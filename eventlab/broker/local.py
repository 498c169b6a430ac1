"""The broker on this machine: started by its first user, joined by the next, ended by the last."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from eventlab.broker import installation
from eventlab.broker.distribution import VERSION, Progress, silent
from eventlab.broker.external import ExternalCluster, external_settings
from eventlab.broker.lease import BrokerState, Lease
from eventlab.broker.process import START_SECONDS, STOP_SECONDS
from eventlab.broker.readiness import await_ready
from eventlab.errors import BrokerError, EventlabError
from eventlab.folders import data_folder, forbidden_folder, full_disk, writing_to

LINGER_SECONDS = 2.0  # a kernel that restarts is back by then
_JOIN_SECONDS = 30.0
_TICK_SECONDS = 0.01
_DEAD = {"stopped", "failed", "lost"}


class Broker:
    """A user's seat at the broker of this machine; close it, and the last to go ends the broker.

    Methods may be called from any thread; each returns when it is done, or raises BrokerError.
    """

    version = VERSION
    external = False

    def __init__(self, name: str, progress: Progress = silent):
        self.name = name
        self._progress = progress
        self._listeners: list[Callable[[BrokerState], None]] = []
        self._lease = _joined(name, progress, self._tell)
        self._settle()

    # -- what it is -----------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """Return running, suspended, starting, stopping, stopped, failed or lost."""
        return self._lease.told.state

    @property
    def reason(self) -> str:
        """Return why the broker is not running, in a few words."""
        return self._lease.told.reason

    @property
    def notice(self) -> str:
        """Return what the learner should know about the last start, mostly nothing."""
        return self._lease.told.notice

    @property
    def users(self) -> list[str]:
        """Return the names of everyone who holds the broker."""
        return self._lease.told.users

    @property
    def bootstrap_servers(self) -> str:
        """Return host:port of the broker; a restart keeps it unless the port was taken."""
        return f"127.0.0.1:{self._lease.told.port}"

    @property
    def client_settings(self) -> dict[str, str]:
        """Return the settings that any librdkafka client needs to reach this broker."""
        return {"bootstrap.servers": self.bootstrap_servers}

    @property
    def pid(self) -> int | None:
        """Return the process id of Kafka, None when it does not run."""
        return self._lease.told.pid

    @property
    def log_path(self) -> Path:
        """Return the file in which Kafka tells what it does."""
        return data_folder() / "broker.log"

    @property
    def memory_megabytes(self) -> float:
        """Return Kafka's proportional memory (PSS; resident memory where there is no PSS)."""
        try:
            memory = psutil.Process(self.pid).memory_full_info() if self.pid else None
        except psutil.Error:
            memory = None
        return 0.0 if memory is None else getattr(memory, "pss", memory.rss) / 1e6

    def on_change(self, listener: Callable[[BrokerState], None]) -> Callable[[], None]:
        """Call `listener` from a thread of ours at every change; return what undoes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    # -- what one can do with it ----------------------------------------------------------------

    def start(self) -> None:
        """Start the broker on its data, whatever ended it; do nothing while it runs."""
        if self.status == "lost":
            self._lease.close()
            self._lease = _joined(self.name, self._progress, self._tell)
        self._settle()

    def stop(self) -> None:
        """End the broker as an operator would, for everyone (SIGTERM, SIGKILL after 10 s)."""
        if self.status != "lost":
            self._lease.ask("stop", {"stopped"}, STOP_SECONDS + 5)

    def kill(self) -> None:
        """End the broker as a power cut would (SIGKILL)."""
        if self.status != "lost":
            self._lease.ask("kill", {"stopped"}, 5)

    def restart(self) -> None:
        """Stop the broker and start it again on the same data and the same port."""
        self.stop()
        self.start()

    def suspend(self) -> None:
        """Freeze the broker (SIGSTOP): connections stay open and nothing answers."""
        if sys.platform == "win32":
            raise BrokerError(
                "Windows cannot freeze a process", remedy="Use stop() and start() instead."
            )
        self._ask_running("suspend", "suspended")

    def resume(self) -> None:
        """Let a suspended broker go on."""
        if self.status == "suspended":
            self._lease.ask("resume", {"running"}, 5)
            await_ready(self.client_settings)

    def keep(self) -> None:
        """Let the broker run on when its last user is gone, until `end`."""
        self._lease.ask("keep", {"running", "starting", "suspended", "stopped"}, 5)

    def end(self) -> None:
        """End the broker and its supervisor, whoever still uses them."""
        if self.status != "lost":
            self._lease.ask("end", {"lost"}, STOP_SECONDS + 5)
        self._lease.close()

    def close(self) -> None:
        """Give up the seat; nothing happens to the broker while others use it."""
        self._lease.close()

    def __enter__(self) -> "Broker":
        return self

    def __exit__(self, *_error) -> None:
        self.close()

    # -- how ------------------------------------------------------------------------------------

    def _ask_running(self, wish: str, target: str) -> None:
        if self.status in _DEAD:
            raise stopped_broker(self.reason)
        self._lease.ask(wish, {target}, 5)

    def _settle(self) -> None:
        """Return when the broker serves; start it if need be."""
        told = self._lease.await_state({"running", "suspended"} | _DEAD, START_SECONDS)
        if told.state in ("stopped", "failed"):
            told = self._lease.ask("start", {"running"}, START_SECONDS)
        if told.state == "suspended":
            told = self._lease.ask("resume", {"running"}, 5)
        if told.state != "running":
            raise _failed(told)
        await_ready(self.client_settings)

    def _tell(self, told: BrokerState) -> None:
        for listener in list(self._listeners):
            listener(told)


def join(name: str = "", progress: Progress = silent) -> Broker | ExternalCluster:
    """Return a seat at the broker: the external one that the environment names, else the local.

    The local broker is started if nobody has; whatever it lacks is fetched and made first, and
    `progress(what, done, total)` is told. Raises SetupError and BrokerError.
    """
    settings = external_settings()
    if settings:
        return ExternalCluster(settings)
    return Broker(name or f"process {os.getpid()}", progress)


def stopped_broker(reason: str) -> BrokerError:
    """Return the error of everything that needs a broker when there is none."""
    return BrokerError(
        "The broker is not running",
        found=reason,
        remedy="Start it with lab.broker.start(): every acknowledged event is still there.",
    )


def running_broker(name: str) -> Broker | None:
    """Return a seat at the local broker if one is there, without starting anything."""
    if _state() is None or _reached(name, lambda _told: None) is None:
        return None
    return Broker(name)


def _failed(told: BrokerState) -> EventlabError:
    if "No space left" in told.reason:
        return full_disk(data_folder())
    if any(words in told.reason for words in ("AccessDenied", "Permission denied", "Read-only")):
        return forbidden_folder(data_folder(), told.reason)
    return BrokerError(
        "Kafka did not start",
        found=told.reason,
        remedy=f"Its log is {data_folder() / 'broker.log'}; `eventlab doctor` looks at the rest.",
    )


# -- finding or starting the supervisor ---------------------------------------------------------


def _joined(name: str, progress: Progress, on_change: Callable[[BrokerState], None]) -> Lease:
    deadline = time.monotonic() + _JOIN_SECONDS
    while (lease := _reached(name, on_change)) is None:
        # Another process may be doing the same: its supervisor then holds the lock, ours says
        # so and ends, and we join the other as soon as it has said where it is.
        port_token = _supervise(installation.prepare(progress))
        if port_token is None:
            _pause_or_give_up(deadline)
            continue
        return Lease(*port_token, name, on_change)
    return lease


def _pause_or_give_up(deadline: float) -> None:
    time.sleep(5 * _TICK_SECONDS)
    if time.monotonic() > deadline:
        raise BrokerError(
            f"The data in {data_folder()} is held by a process that does not answer",
            expected=f"an answer within {_JOIN_SECONDS:g} s",
            remedy="Run `eventlab broker stop`, or set EVENTLAB_HOME to another folder.",
        )


def _state_path() -> Path:
    return data_folder() / "broker.json"


def _state() -> dict | None:
    try:
        return json.loads(_state_path().read_text())
    except (FileNotFoundError, ValueError):
        return None


def _reached(name: str, on_change: Callable[[BrokerState], None]) -> Lease | None:
    state = _state()
    if state is None:
        return None
    try:
        return Lease(state["port"], state["token"], name, on_change)
    except (OSError, KeyError):  # it ended without a farewell, or is about to end
        end_orphan(state)
        return None


def end_orphan(state: dict) -> None:
    """End the broker that `state` tells of, if it has outlived its supervisor.

    Known by process id, by when it was started, and by the properties on its command line, so
    that no other process that was given the same id is ever touched.
    """
    try:
        process = psutil.Process(state["broker"])
        ours = str(_properties_path()) in process.cmdline()
        if ours and process.create_time() <= state["written"] and _supervisor_is_gone(state):
            process.kill()
            process.wait(STOP_SECONDS)
    except (psutil.Error, KeyError, TypeError):
        return  # it is gone, or is not ours to end


def _supervisor_is_gone(state: dict) -> bool:
    try:
        return psutil.Process(state["supervisor"]).create_time() > state["written"]
    except psutil.NoSuchProcess:
        return True


def _properties_path() -> Path:
    return data_folder() / "server.properties"


def _supervise(ready: installation.Installation) -> tuple[int, str] | None:
    """Start a supervisor; return its port and token, None if another one has the data."""
    token = secrets.token_hex(16)
    with writing_to(data_folder()) as folder:
        properties = installation.write_properties(folder / "kafka", folder)
        with (folder / "supervisor.log").open("ab") as sink:
            process = _spawn(sink)
    with process.stdin as plan, process.stdout as answer:
        plan.write(json.dumps(_plan(ready, properties, token)).encode())
        plan.close()
        line = answer.readline()
    if not line:
        raise BrokerError(
            "The broker's supervisor did not start",
            found=f"status {process.wait()}",
            remedy=f"Look at {folder / 'supervisor.log'}.",
        )
    told = json.loads(line)
    return (told["port"], token) if "port" in told else None


def _spawn(sink) -> subprocess.Popen:
    # A session of its own: an interrupt of the kernel's process group must not reach Kafka.
    apart = (
        {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
        if sys.platform == "win32"
        else {"start_new_session": True}
    )
    return subprocess.Popen(
        [sys.executable, "-I", "-m", "eventlab.broker.supervisor"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=sink,
        cwd=data_folder(),
        **apart,
    )


def _plan(ready: installation.Installation, properties: Path, token: str) -> dict:
    folder = data_folder()
    return {
        "command": ready.command(properties),
        "environment": installation.java_environment(),
        "template": str(ready.template),
        "data": str(folder / "kafka"),
        "log": str(folder / "broker.log"),
        "lock": str(folder / "lock"),
        "state": str(_state_path()),
        "token": token,
        "linger_seconds": LINGER_SECONDS,
    }
