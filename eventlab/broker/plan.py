"""What a supervisor is told when it starts, and the names that everything has in its folder.

Standard library only: the supervisor needs it.
"""

from dataclasses import dataclass
from pathlib import Path

from eventlab.broker.configuration import LOG_FOLDER

START_SECONDS = 60.0
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Plan:
    """A broker to be: its folder, the command that starts it there, and its supervisor's rules.

    `port` is the one wished for (0: any free one). A stop may take `stop_seconds` when it was
    asked for, `end_seconds` when nobody needs the broker any more; then it is forced. The token
    lets users in.
    """

    folder: str
    command: list[str]
    environment: dict[str, str]
    template: str
    token: str
    linger_seconds: float
    stop_seconds: float = STOP_SECONDS
    end_seconds: float = STOP_SECONDS
    port: int = 0

    @property
    def data(self) -> Path:
        """Return the folder of Kafka's log."""
        return Path(self.folder, LOG_FOLDER)

    @property
    def log(self) -> Path:
        """Return the file in which Kafka tells what it does."""
        return log_file(Path(self.folder))

    @property
    def lock(self) -> Path:
        """Return the file that is locked for as long as the folder has a broker."""
        return Path(self.folder, "lock")

    @property
    def state(self) -> Path:
        """Return the file that tells where the supervisor listens."""
        return state_file(Path(self.folder))


def log_file(folder: Path) -> Path:
    """Return the file in which the Kafka of `folder` tells what it does."""
    return folder / "broker.log"


def state_file(folder: Path) -> Path:
    """Return the file in which the supervisor of `folder` tells where it listens."""
    return folder / "broker.json"
