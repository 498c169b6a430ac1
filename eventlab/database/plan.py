"""What the supervisor of PostgreSQL gets when it starts, and the names in its folder.

Standard library only: the supervisor needs it.
"""

from dataclasses import dataclass
from pathlib import Path

from eventlab.database.identity import Identity

START_SECONDS = 30.0
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class ServerPlan:
    """A server to be: its program, its data, the template of them, as whom it runs, its rules.

    In `folder` is what the supervisor keeps. The data are elsewhere where the server's user cannot
    reach that. The token lets users in.
    """

    folder: str
    program: str
    data: str
    template: str
    identity: Identity
    environment: dict[str, str]
    token: str
    linger_seconds: float
    stop_seconds: float = STOP_SECONDS
    end_seconds: float = STOP_SECONDS

    @property
    def lock(self) -> Path:
        """Return the file that is locked for as long as the folder has a server."""
        return Path(self.folder, "lock")

    @property
    def state(self) -> Path:
        """Return the file that says where the supervisor listens."""
        return state_file(Path(self.folder))

    @property
    def port_file(self) -> Path:
        """Return the file that keeps the port of the last time."""
        return Path(self.folder, "port")

    @property
    def log(self) -> Path:
        """Return the file in which PostgreSQL says what it does."""
        return log_file(Path(self.folder))

    @property
    def password(self) -> Path:
        """Return the file in which the server's users find its password."""
        return password_file(Path(self.folder))


def password_file(folder: Path) -> Path:
    """Return the file in which the users of the server of `folder` find its password."""
    return folder / "password"


def state_file(folder: Path) -> Path:
    """Return the file in which the supervisor of `folder` says where it listens."""
    return folder / "server.json"


def log_file(folder: Path) -> Path:
    """Return the file in which the PostgreSQL of `folder` says what it does."""
    return folder / "postgres.log"
