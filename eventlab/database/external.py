"""A PostgreSQL of your own, named by the environment: nothing is started, and nothing ended."""

from eventlab.database.connecting import connected
from eventlab.database.urls import VARIABLE, with_database
from eventlab.errors import DatabaseError, EventlabError


class ExternalServer:
    """A seat at somebody else's server: what would end or freeze it is refused."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    @property
    def external(self) -> bool:
        """Return that it is somebody else's."""
        return True

    @property
    def state(self) -> str:
        """Return running where it lets us in, else lost."""
        return "lost" if self._trouble() else "running"

    @property
    def reason(self) -> str:
        """Return why it does not let us in, in a few words."""
        error = self._trouble()
        return error.found if error else ""

    @property
    def notice(self) -> str:
        """Return nothing: it was not started here."""
        return ""

    @property
    def pid(self) -> int | None:
        """Return None: its processes are none of this home's."""
        return None

    def url(self, database: str) -> str:
        """Return the URL of one of its databases."""
        return with_database(self.base_url, database)

    def start(self) -> None:
        """Do nothing where it runs; else raise DatabaseError."""
        error = self._trouble()
        if error:
            raise error

    def stop(self) -> None:
        """Raise DatabaseError: it is not ours to end."""
        raise _not_ours("stopped")

    def kill(self) -> None:
        """Raise DatabaseError: it is not ours to end."""
        raise _not_ours("killed")

    def suspend(self) -> None:
        """Raise DatabaseError: it is not ours to freeze."""
        raise _not_ours("suspended")

    def resume(self) -> None:
        """Raise DatabaseError: it is not ours to freeze."""
        raise _not_ours("resumed")

    def close(self) -> None:
        """Do nothing: nothing was opened."""

    def _trouble(self) -> EventlabError | None:
        try:
            connected(self.base_url, autocommit=True).close()
        except EventlabError as error:
            return error
        return None


def _not_ours(what: str) -> DatabaseError:
    return DatabaseError(
        f"This PostgreSQL cannot be {what} from here",
        expected="a server that eventlab has started",
        found=f"the one that {VARIABLE} names",
        remedy=f"Unset {VARIABLE} to use a PostgreSQL of this machine.",
    )
