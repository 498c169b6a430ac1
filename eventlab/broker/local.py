"""The broker on this machine: started by its first user, joined by the next, ended by the last."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from eventlab.broker import archive, installation
from eventlab.broker.distribution import VERSION, Progress, silent
from eventlab.broker.external import ExternalCluster, external_settings
from eventlab.broker.joining import joined, reached
from eventlab.broker.lease import BrokerState, Lease
from eventlab.broker.plan import START_SECONDS, STOP_SECONDS, log_file
from eventlab.broker.readiness import await_ready
from eventlab.errors import BrokerError, EventlabError
from eventlab.folders import data_folder, spoken_storage_error

_DEAD = {"stopped", "failed", "lost"}
_ALIVE = {"running", "starting", "stopping", "suspended"}
_PROMPT_SECONDS = 5.0


class Broker:
    """A user's seat at the broker of this machine; close it, and the last to go ends the broker.

    Methods may be called from any thread; each returns when it is done, or raises BrokerError.
    A broker that this process has joined may be stopped by anyone; `start` brings it back.
    """

    version = VERSION
    external = False

    def __init__(self, name: str, progress: Progress = silent):
        self.name = name
        self._progress = progress
        self._listeners: list[Callable[[BrokerState], None]] = []
        self._lease: Lease | None = None

    # -- what it is -----------------------------------------------------------------------------

    @property
    def _told(self) -> BrokerState:
        return self._lease.told if self._lease else BrokerState("lost", "nobody has joined it")

    @property
    def status(self) -> str:
        """Return running, suspended, starting, stopping, stopped, failed or lost."""
        return self._told.state

    @property
    def reason(self) -> str:
        """Return why the broker is not running, in a few words."""
        return self._told.reason

    @property
    def notice(self) -> str:
        """Return what the learner should know about the last start, mostly nothing."""
        return self._told.notice

    @property
    def users(self) -> list[str]:
        """Return the names of everyone who holds the broker."""
        return self._told.users

    @property
    def bootstrap_servers(self) -> str:
        """Return host:port of the broker; a restart keeps it unless the port was taken."""
        return f"127.0.0.1:{self._told.port}"

    @property
    def client_settings(self) -> dict[str, str]:
        """Return the settings that any librdkafka client needs to reach this broker."""
        return {"bootstrap.servers": self.bootstrap_servers}

    @property
    def pid(self) -> int | None:
        """Return the process id of Kafka, None when it does not run."""
        return self._told.pid

    @property
    def log_path(self) -> Path:
        """Return the file in which Kafka tells what it does."""
        return log_file(data_folder())

    @property
    def memory_megabytes(self) -> float:
        """Return Kafka's proportional memory (PSS; resident memory where there is no PSS)."""
        pid = self.pid
        try:
            return _memory_bytes(psutil.Process(pid)) / 1e6 if pid else 0.0
        except psutil.NoSuchProcess:
            return 0.0

    def on_change(self, listener: Callable[[BrokerState], None]) -> Callable[[], None]:
        """Call `listener` from a thread of ours at every change; return what undoes it.

        The listener must not ask anything of the broker: it stands in the way of the answer.
        """
        self._listeners.append(listener)

        def undo() -> None:
            with suppress(ValueError):  # undone before
                self._listeners.remove(listener)

        return undo

    # -- what one can do with it ----------------------------------------------------------------

    def start(self) -> None:
        """Start the broker on its data, whatever ended it; do nothing while it runs.

        A start that fails because a part of the installation is damaged mends it and tries again.
        """
        try:
            self._settle()
        except BrokerError:
            if not installation.repair(self._progress):
                raise
            self._settle()

    def stop(self) -> None:
        """End the broker as an operator would, for everyone (SIGTERM, SIGKILL after 10 s)."""
        if self.status != "lost":
            self._lease.ask("stop", {"stopped"}, STOP_SECONDS + _PROMPT_SECONDS)

    def kill(self) -> None:
        """End the broker as a power cut would (SIGKILL)."""
        if self.status != "lost":
            self._lease.ask("kill", {"stopped"}, _PROMPT_SECONDS)

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
        if self.status in _DEAD:
            raise stopped_broker(self.reason)
        self._lease.ask("suspend", {"suspended"}, _PROMPT_SECONDS)

    def resume(self) -> None:
        """Let a suspended broker go on."""
        if self.status == "suspended":
            self._settle()

    def keep(self) -> None:
        """Let the broker run on when its last user is gone, until `end`."""
        self._lease.ask("keep", _ALIVE | _DEAD, _PROMPT_SECONDS)

    def end(self) -> None:
        """End the broker and its supervisor, whoever still uses them."""
        if self.status != "lost":
            self._lease.ask("end", {"lost"}, STOP_SECONDS + _PROMPT_SECONDS)
        self.close()

    def close(self) -> None:
        """Give up the seat; nothing happens to the broker while others use it."""
        if self._lease:
            self._lease.close()

    def __enter__(self) -> "Broker":
        return self

    def __exit__(self, *_error) -> None:
        self.close()

    # -- how ------------------------------------------------------------------------------------

    def attach(self) -> bool:
        """Take a seat if there is a supervisor, and change nothing; tell whether there was."""
        self._lease = reached(self.name, self._tell)
        return self._lease is not None

    def _settle(self) -> None:
        """Return when the broker serves; start it, or wake it, if need be."""
        if self.status == "lost":
            self.close()
            self._lease = joined(self.name, self._tell, self._progress, self._told.port)
        lease = self._lease
        told = lease.await_state({"running", "suspended"} | _DEAD, START_SECONDS)
        if told.state in ("stopped", "failed"):
            told = lease.ask("start", {"running"}, START_SECONDS)
        if told.state == "suspended":
            told = lease.ask("resume", {"running"}, _PROMPT_SECONDS)
        if told.state != "running":
            raise _failed(told)
        if not await_ready(self.client_settings, worth_waiting=lambda: self.status == "running"):
            raise stopped_broker(self.reason)
        if archive.refused(self.log_path):
            installation.drop_archive()

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
    broker = Broker(name or f"process {os.getpid()}", progress)
    try:
        broker.start()
    except BaseException:  # an interrupt, too, leaves no seat behind
        broker.close()
        raise
    return broker


def running_broker(name: str) -> Broker | None:
    """Return a seat at the local broker if one is there, without starting anything."""
    broker = Broker(name)
    return broker if broker.attach() else None


def stopped_broker(reason: str) -> BrokerError:
    """Return the error of everything that needs a broker when there is none."""
    return BrokerError(
        "The broker is not running",
        found=reason,
        remedy="Start it with lab.broker.start(): every acknowledged event is still there.",
    )


def _failed(told: BrokerState) -> EventlabError:
    return spoken_storage_error(data_folder(), told.reason) or BrokerError(
        "Kafka did not start",
        found=told.reason,
        remedy=f"Its log is {log_file(data_folder())}; `eventlab doctor` looks at the rest.",
    )


def _memory_bytes(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
    except psutil.AccessDenied:  # macOS tells this only to root
        memory = process.memory_info()
    return getattr(memory, "pss", memory.rss)
