"""PostgreSQL on this machine: started by its first user, joined by the next, ended by the last."""

import sys
from pathlib import Path

from eventlab.broker.lease import Lease
from eventlab.broker.states import BrokerState
from eventlab.database.configuration import FIRST_DATABASE, USER
from eventlab.database.connecting import connected
from eventlab.database.ground import server_folder
from eventlab.database.joining import joined
from eventlab.database.plan import START_SECONDS, STOP_SECONDS, log_file, password_file
from eventlab.errors import DatabaseError, EventlabError
from eventlab.folders import spoken_storage_error

_DEAD = {"stopped", "failed", "lost"}
_PROMPT_SECONDS = 5.0
_TRIES = 5


class LocalServer:
    """A user's seat at the PostgreSQL of this home; its methods may be called from any thread.

    Each returns when it is done, or raises DatabaseError. A server that this process has joined may
    be stopped by anyone; `start` brings it back.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._folder = server_folder()
        self._lease: Lease | None = None

    @property
    def external(self) -> bool:
        """Return that it is none of somebody else's."""
        return False

    @property
    def state(self) -> str:
        """Return running, suspended, starting, stopping, stopped, failed or lost."""
        return self._reported.state

    @property
    def reason(self) -> str:
        """Return why it is not running, in a few words."""
        return self._reported.reason

    @property
    def notice(self) -> str:
        """Return what the learner should know about the last start, mostly nothing."""
        return self._reported.notice

    @property
    def pid(self) -> int | None:
        """Return the process id of the server, None when it does not run."""
        return self._reported.pid

    @property
    def users(self) -> list[str]:
        """Return the names of everyone who holds the server."""
        return self._reported.users

    @property
    def log_path(self) -> Path:
        """Return the file in which PostgreSQL says what it does."""
        return log_file(self._folder)

    def url(self, database: str) -> str:
        """Return the URL of one of its databases; a restart keeps it unless the port was taken."""
        password = password_file(self._folder).read_text(encoding="ascii")
        return f"postgresql://{USER}:{password}@127.0.0.1:{self._reported.port}/{database}"

    # -- what one can do with it ----------------------------------------------------------------

    def start(self) -> None:
        """Start it on its data, whatever ended it; do nothing while it runs."""
        trouble: DatabaseError | None = None
        for _ in range(_TRIES):
            self._start_if_need_be()
            trouble = self._trouble()
            if trouble is None:
                return
        if trouble is not None:
            raise trouble

    def stop(self) -> None:
        """End it as an operator would, for everyone; what is under way is rolled back."""
        self._ask("stop", {"stopped"}, STOP_SECONDS + _PROMPT_SECONDS)

    def kill(self) -> None:
        """End all of its processes as a power cut would (SIGKILL)."""
        self._ask("kill", {"stopped"}, _PROMPT_SECONDS)

    def suspend(self) -> None:
        """Freeze it (SIGSTOP): connections stay open and nothing answers."""
        if sys.platform == "win32":
            raise DatabaseError(
                "Windows cannot freeze a process",
                expected="Linux or macOS",
                found="Windows",
                remedy="Use stop() and start() instead.",
            )
        if self.state in _DEAD:
            raise stopped_server(self.reason)
        self._ask("suspend", {"suspended"}, _PROMPT_SECONDS)

    def resume(self) -> None:
        """Let a suspended server go on."""
        if self.state == "suspended":
            self.start()

    def close(self) -> None:
        """Give up the seat; nothing happens to the server while others use it."""
        lease = self._lease
        self._lease = None
        if lease is not None:
            lease.close()

    # -- how ------------------------------------------------------------------------------------

    @property
    def _reported(self) -> BrokerState:
        if self._lease is None:
            return BrokerState("lost", "nobody has joined it")
        return self._lease.reported

    def _ask(self, command: str, until: set[str], seconds: float) -> None:
        """Ask the supervisor, if it is there: without it nothing of the server is left."""
        if self._lease is not None and self.state != "lost":
            self._lease.ask(command, until, seconds)

    def _start_if_need_be(self) -> None:
        lease = self._held_lease()
        lease.await_state({"running", "suspended"} | _DEAD, START_SECONDS)
        reported = lease.ask("start", {"running", "suspended"}, START_SECONDS + _PROMPT_SECONDS)
        if reported.state == "suspended":
            reported = lease.ask("resume", {"running"}, _PROMPT_SECONDS)
        if reported.state != "running":
            raise _failed(reported)

    def _trouble(self) -> DatabaseError | None:
        """Return why it does not serve: one that is being killed is reported as running first."""
        try:
            connected(self.url(FIRST_DATABASE), autocommit=True).close()
        except DatabaseError as error:
            return error
        return None

    def _held_lease(self) -> Lease:
        lease = self._lease
        if lease is None or self.state == "lost":
            self.close()
            lease = joined(self.name, _nothing)
            self._lease = lease
        return lease


def stopped_server(reason: str) -> DatabaseError:
    """Return the error of everything that needs a server when there is none."""
    return DatabaseError(
        "PostgreSQL is not running",
        expected="a server that answers",
        found=reason,
        remedy="Start it with start() of its database: all that was committed is still there.",
    )


def _failed(reported: BrokerState) -> EventlabError:
    return spoken_storage_error(server_folder(), reported.reason) or DatabaseError(
        "PostgreSQL did not start",
        expected="a server that answers",
        found=reported.reason,
        remedy=f"Its log is {log_file(server_folder())}; `eventlab doctor` looks at the rest.",
    )


def _nothing(_reported: BrokerState) -> None:
    """Do nothing at a change: whoever needs the state asks for it."""
