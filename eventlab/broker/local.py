"""The broker on this machine: started by its first user, joined by the next, ended by the last."""

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from eventlab.broker import archive, installation
from eventlab.broker.away import START, Away, away
from eventlab.broker.configuration import PROMPT_MEMBER
from eventlab.broker.distribution import VERSION
from eventlab.broker.jars import Progress, silent
from eventlab.broker.joining import joined, reached
from eventlab.broker.lease import Lease
from eventlab.broker.plan import START_SECONDS, STOP_SECONDS, log_file
from eventlab.broker.readiness import await_groups, await_ready
from eventlab.broker.seat import Listener
from eventlab.broker.states import ENDED_BY_SIGNAL, BrokerState, NodeState
from eventlab.checked import checked
from eventlab.errors import BrokerError, EventlabError
from eventlab.folders import data_folder, spoken_storage_error

_DEAD = {"stopped", "failed", "lost"}
_ALIVE = {"running", "starting", "stopping", "suspended"}
_PROMPT_SECONDS = 5.0
_TRIES = 3


class Broker:
    """A user's seat at the broker of this machine; close it, and the last to go ends the broker.

    Methods may be called from any thread; each returns when it is done, or raises BrokerError.
    A broker that this process has joined may be stopped by anyone; `start` brings it back.
    """

    @checked
    def __init__(self, name: str, progress: Progress = silent) -> None:
        self.name = name
        self._progress = progress
        self._listeners: list[Listener] = []
        self._lease: Lease | None = None

    # -- what it is -----------------------------------------------------------------------------

    @property
    def version(self) -> str:
        """Return Kafka's version."""
        return VERSION

    @property
    def external(self) -> bool:
        """Return that it is none of someone else's."""
        return False

    @property
    def nodes(self) -> list[NodeState]:
        """Return each node as its supervisor reported it last, the first one first."""
        return self._reported.nodes

    @property
    def status(self) -> str:
        """Return running, suspended, starting, stopping, stopped, failed or lost."""
        return self._reported.state

    @property
    def reason(self) -> str:
        """Return why the broker is not running, in a few words."""
        return self._reported.reason

    @property
    def notice(self) -> str:
        """Return what the learner should know about the last start, mostly nothing."""
        return self._reported.notice

    @property
    def users(self) -> list[str]:
        """Return the names of everyone who holds the broker."""
        return self._reported.users

    @property
    def bootstrap_servers(self) -> str:
        """Return host:port of each node; a restart keeps it unless the port was taken."""
        ports = [node.port for node in self.nodes if node.port] or [self._reported.port]
        return ",".join(f"127.0.0.1:{port}" for port in ports)

    @property
    def client_settings(self) -> dict[str, str]:
        """Return the settings that any librdkafka client needs to reach this broker.

        Its groups give up a member that is silent as soon as this broker allows.
        """
        return {"bootstrap.servers": self.bootstrap_servers} | PROMPT_MEMBER

    @property
    def when_away(self) -> str:
        """Return what to do when it does not answer."""
        return "If the broker is stopped, start it with lab.broker.start()."

    @property
    def away(self) -> Away | None:
        """Return why it is known not to answer, None where it may."""
        return away(self._reported)

    @property
    def pid(self) -> int | None:
        """Return the process id of Kafka's first node, None when it does not run."""
        return self._reported.pid

    @property
    def log_path(self) -> Path:
        """Return the file in which Kafka says what it does."""
        return log_file(data_folder())

    @property
    def memory_megabytes(self) -> float:
        """Return the memory of all nodes: PSS, or resident memory where the system has no PSS."""
        pids = [node.pid for node in self.nodes if node.pid is not None]
        return sum(_memory_bytes(pid) for pid in pids) / 1e6

    @checked
    def on_change(self, listener: Listener) -> Callable[[], None]:
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

        It tries again where the broker dies in the middle, and where a part of the installation is
        damaged, once that is mended.
        """
        for _ in range(_TRIES):
            try:
                if self._is_settled():
                    return
            except BrokerError:
                if not installation.repair(self._progress) and not self._has_died:
                    raise
        raise _failed(BrokerState("failed", self.reason or f"it died {_TRIES} times"))

    def stop(self) -> None:
        """End the broker as an operator would, for everyone (SIGTERM, SIGKILL after 10 s)."""
        self._ask("stop", {"stopped"}, STOP_SECONDS + _PROMPT_SECONDS)

    def kill(self) -> None:
        """End the broker as a power cut would (SIGKILL)."""
        self._ask("kill", {"stopped"}, _PROMPT_SECONDS)

    def restart(self) -> None:
        """Stop the broker and start it again on the same data and the same port."""
        self.stop()
        self.start()

    def suspend(self) -> None:
        """Freeze the broker (SIGSTOP): connections stay open and nothing answers."""
        if sys.platform == "win32":
            raise BrokerError(
                "Windows cannot freeze a process",
                expected="Linux or macOS",
                found="Windows",
                remedy="Use stop() and start() instead.",
            )
        if self.status in _DEAD:
            raise stopped_broker(self.reason)
        self._ask("suspend", {"suspended"}, _PROMPT_SECONDS)

    def resume(self) -> None:
        """Let a suspended broker go on."""
        if self.status == "suspended":
            self.start()

    def keep(self) -> None:
        """Let the broker run on when its last user is gone, until `end`."""
        self._ask("keep", _ALIVE | _DEAD, _PROMPT_SECONDS)

    def end(self) -> None:
        """End the broker and its supervisor, whoever still uses them."""
        self._ask("end", {"lost"}, STOP_SECONDS + _PROMPT_SECONDS)
        self.close()

    def close(self) -> None:
        """Give up the seat; nothing happens to the broker while others use it."""
        if self._lease is not None:
            self._lease.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- how ------------------------------------------------------------------------------------

    def attach(self) -> bool:
        """Take a seat if there is a supervisor, and change nothing; tell whether there was."""
        self._lease = reached(self.name, self._pass_on)
        return self._lease is not None

    @property
    def _has_died(self) -> bool:
        is_lost = self._lease is not None and self.status == "lost"
        return is_lost or self.reason.startswith(ENDED_BY_SIGNAL)

    @property
    def _reported(self) -> BrokerState:
        if self._lease is None:
            return BrokerState("lost", "nobody has joined it")
        return self._lease.reported

    def _ask(self, command: str, until: set[str], seconds: float) -> None:
        """Ask the supervisor, if it is there: without it nothing of the broker is left."""
        if self._lease is not None and self.status != "lost":
            self._lease.ask(command, until, seconds)

    def _is_settled(self) -> bool:
        """Start it, or wake it, if need be; tell whether it serves.

        It does not where it died meanwhile and another user starts it already.
        """
        lease = self._held_lease()
        reported = lease.await_state({"running", "suspended"} | _DEAD, START_SECONDS)
        if reported.state in ("stopped", "failed"):
            reported = lease.ask("start", {"running"}, START_SECONDS)
        if reported.state == "suspended":
            reported = lease.ask("resume", {"running"}, _PROMPT_SECONDS)
        if reported.state != "running":
            raise _failed(reported)
        for serves in (await_ready, await_groups):
            if not serves(self.client_settings, worth_waiting=lambda: self.status == "running"):
                if self.status in {"starting", "running"}:
                    return False
                raise _failed(self._reported)
        if archive.refused(self.log_path):
            installation.drop_archive()
        return True

    def _held_lease(self) -> Lease:
        lease = self._lease
        if lease is None or self.status == "lost":
            self.close()
            lease = joined(self.name, self._pass_on, self._progress)
            self._lease = lease
        return lease

    def _pass_on(self, reported: BrokerState) -> None:
        for listener in list(self._listeners):
            listener(reported)


def stopped_broker(reason: str) -> BrokerError:
    """Return the error of everything that needs a broker when there is none."""
    return BrokerError(
        "The broker is not running",
        expected="one that serves",
        found=reason,
        remedy=START,
    )


def _failed(reported: BrokerState) -> EventlabError:
    return spoken_storage_error(data_folder(), reported.reason) or BrokerError(
        "Kafka did not start",
        expected="one that serves",
        found=reported.reason,
        remedy=f"Its log is {log_file(data_folder())}; `eventlab doctor` looks at the rest.",
    )


def _memory_bytes(pid: int) -> int:
    try:
        process = psutil.Process(pid)
        return _proportional_bytes(process)
    except psutil.NoSuchProcess:  # it ended just now
        return 0


def _proportional_bytes(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
    except psutil.AccessDenied:  # macOS says this only to root
        return int(process.memory_info().rss)
    return int(getattr(memory, "pss", memory.rss))
