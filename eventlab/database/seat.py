"""What a lab needs of a PostgreSQL server, its own or somebody else's."""

from typing import Protocol


class Seat(Protocol):
    """A user's place at a server; close it, and the last to go ends a server of ours.

    What ends, freezes or starts a server raises DatabaseError where it is somebody else's.
    """

    @property
    def external(self) -> bool:
        """Tell whether it is somebody else's."""

    @property
    def state(self) -> str:
        """Return running, suspended, starting, stopping, stopped, failed or lost."""

    @property
    def reason(self) -> str:
        """Return why it is not running, in a few words."""

    @property
    def notice(self) -> str:
        """Return what the learner should know about the last start, mostly nothing."""

    @property
    def pid(self) -> int | None:
        """Return the process id of the server, None where it does not run on this machine."""

    def url(self, database: str) -> str:
        """Return the URL of one of its databases."""

    def start(self) -> None:
        """Start it on its data, whatever ended it; do nothing while it runs."""

    def stop(self) -> None:
        """End it as an operator would."""

    def kill(self) -> None:
        """End it as a power cut would."""

    def suspend(self) -> None:
        """Freeze it: connections stay open and nothing answers."""

    def resume(self) -> None:
        """Let it go on."""

    def close(self) -> None:
        """Give up the seat; a second time is harmless."""
