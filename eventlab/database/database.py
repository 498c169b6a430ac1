"""A database of a chapter's own, on a server that can be stopped, killed and frozen."""

import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas

from eventlab.checked import checked
from eventlab.database.connecting import connected, refused_query
from eventlab.database.local import stopped_server
from eventlab.database.locks import WAITS
from eventlab.database.seat import Seat
from eventlab.errors import DatabaseError
from eventlab.processes.closing import close_all

if TYPE_CHECKING:  # a notebook without a database needs none of it
    import psycopg

_PAUSED = {"suspended"}
_UP = {"running", "starting"}


def _nothing() -> None:
    """Do nothing: on a server of somebody else's the database stays."""


class Database:
    """One database and the server that it is on; `new_database` makes it.

    The server is shared with the other labs of this machine: what stops it stops it for all. All
    methods may be called from any thread; a connection is one thread's. Close it, and the last to
    go ends the server.
    """

    def __init__(
        self,
        seat: Seat,
        name: str,
        *,
        url: str | None = None,
        forget: Callable[[], object] = _nothing,
    ) -> None:
        self.name = name
        self._seat = seat
        self._url = url
        self._forget = forget
        self._connections: weakref.WeakSet[psycopg.Connection[Any]] = weakref.WeakSet()

    def __repr__(self) -> str:
        return f"<Database {self.name}, {self.state}>"

    # -- what it is -----------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Return its URL, password and all, as every client of PostgreSQL takes it."""
        return self._url or self._seat.url(self.name)

    @property
    def state(self) -> str:
        """Return of the server: running, suspended, starting, stopping, stopped, failed or lost."""
        return self._seat.state

    @property
    def reason(self) -> str:
        """Return why the server is not running, in a few words."""
        return self._seat.reason

    @property
    def notice(self) -> str:
        """Return what there is to know about the server's last start, mostly nothing."""
        return self._seat.notice

    @property
    def pid(self) -> int | None:
        """Return the process id of the server, None where it does not run on this machine."""
        return self._seat.pid

    @property
    def external(self) -> bool:
        """Tell whether the server is somebody else's, which EVENTLAB_POSTGRES names."""
        return self._seat.external

    # -- what is asked of it --------------------------------------------------------------------

    @checked
    def connect(self, *, autocommit: bool = False, name: str = "") -> "psycopg.Connection[Any]":
        """Return a connection of psycopg's own; it is closed with the database at the latest.

        With `autocommit` each statement is a transaction; else one begins with the first statement,
        and ends with commit() or rollback(). The server shows it by `name`, in `locks` too. Raises
        DatabaseError where the server does not answer.
        """
        self._require_up()
        connection = connected(self.url, autocommit=autocommit, name=name)
        self._connections.add(connection)
        return connection

    @checked
    def sql(
        self, query: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None
    ) -> pandas.DataFrame:
        """Carry out a statement, or several without parameters, and return the last one's rows.

        The parameters stand for %s, or %(name)s, in the query. It is committed at once, on a
        connection of its own. A statement without rows returns an empty frame. Raises DatabaseError
        with the server's own words, whose cause is psycopg's error.
        """
        import psycopg

        with self.connect(autocommit=True, name="sql") as connection:
            try:
                cursor = connection.execute(query.encode(), parameters)
                while cursor.nextset():
                    pass
                return _frame(cursor)
            except (psycopg.Error, UnicodeError, TypeError) as error:
                raise refused_query(error) from error

    def locks(self) -> pandas.DataFrame:
        """Return who waits for whom in this database now: a row for each wait, empty for none.

        Process ids and names of both connections, the table, the lock's type and mode, how long it
        has been waited for, and the queries; from the server's pg_locks and pg_blocking_pids.
        """
        return self.sql(WAITS)

    # -- its server -----------------------------------------------------------------------------

    def start(self) -> None:
        """Start the server on its data, whatever ended it; do nothing while it runs."""
        self._seat.start()

    def stop(self) -> None:
        """End the server as an operator would, for everyone; what is under way is rolled back."""
        self._seat.stop()

    def kill(self) -> None:
        """End the server as a power cut would (SIGKILL), for everyone."""
        self._seat.kill()

    def suspend(self) -> None:
        """Freeze the server (SIGSTOP): connections stay open and nothing answers."""
        self._seat.suspend()

    def resume(self) -> None:
        """Let a suspended server go on."""
        self._seat.resume()

    def close(self) -> None:
        """Close its connections, drop it, and give up the server, which ends with its last user.

        On somebody else's server it stays, until it is made anew.
        """
        closes = [connection.close for connection in list(self._connections)]
        close_all([*closes, self._forget, self._seat.close])

    # -- how ------------------------------------------------------------------------------------

    def _require_up(self) -> None:
        if self.external:  # it says itself why it does not answer
            return
        state = self.state
        if state in _PAUSED:
            raise DatabaseError(
                "PostgreSQL does not answer",
                expected="a server that runs",
                found="it is suspended",
                remedy="Let it go on with resume() of the database.",
            )
        if state not in _UP:
            raise stopped_server(self.reason or f"it is {state}")


def _frame(cursor: "psycopg.Cursor[Any]") -> pandas.DataFrame:
    if cursor.description is None:
        return pandas.DataFrame()
    columns = [column.name for column in cursor.description]
    return pandas.DataFrame(cursor.fetchall(), columns=columns)
