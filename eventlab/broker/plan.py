"""What a supervisor gets when it starts, and the names that everything has in its folder.

Standard library only: the supervisor needs it.
"""

from dataclasses import dataclass
from pathlib import Path

from eventlab.broker.configuration import LOG_FOLDER

START_SECONDS = 60.0
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class NodePlan:
    """A node to be: its number, its folder, the command that starts it there, its first data.

    A node that is no controller is started with the address of the one that is.
    """

    folder: str
    command: list[str]
    template: str
    number: int = 1
    is_controller: bool = True

    @property
    def data(self) -> Path:
        """Return the folder of Kafka's log."""
        return Path(self.folder, LOG_FOLDER)

    @property
    def port_file(self) -> Path:
        """Return the file that keeps the port of the last time, whoever starts the node next."""
        return Path(self.folder, "port")

    @property
    def log(self) -> Path:
        """Return the file in which Kafka says what it does."""
        return log_file(Path(self.folder))


@dataclass(frozen=True)
class Plan:
    """A broker to be: its nodes, the first of them a controller, and its supervisor's rules.

    A stop may take `stop_seconds` when it was asked for, `end_seconds` when nobody needs the broker
    any more; then it is forced. The token lets users in.
    """

    folder: str
    nodes: list[NodePlan]
    environment: dict[str, str]
    token: str
    linger_seconds: float
    stop_seconds: float = STOP_SECONDS
    end_seconds: float = STOP_SECONDS

    @property
    def lock(self) -> Path:
        """Return the file that is locked for as long as the folder has a broker."""
        return lock_file(Path(self.folder))

    @property
    def state(self) -> Path:
        """Return the file that says where the supervisor listens."""
        return state_file(Path(self.folder))


def node_folder(folder: Path, number: int) -> Path:
    """Return the folder in which a node of the broker of `folder` runs: the first one in itself."""
    return folder if number == 1 else folder / f"node-{number}"


def node_folders(folder: Path) -> list[Path]:
    """Return the folders of all nodes that the broker of `folder` has had."""
    return [folder, *sorted(folder.glob("node-*"))]


def log_file(folder: Path) -> Path:
    """Return the file in which the Kafka of a node's `folder` says what it does."""
    return folder / "broker.log"


def state_file(folder: Path) -> Path:
    """Return the file in which the supervisor of `folder` says where it listens."""
    return folder / "broker.json"


def lock_file(folder: Path) -> Path:
    """Return the file that the supervisor of `folder` locks for as long as it lives."""
    return folder / "lock"
