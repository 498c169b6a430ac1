"""What a supervisor holds, and the rules by which it does.

Standard library only: the supervisor needs it.
"""

from pathlib import Path
from typing import Protocol

from eventlab.broker.states import NodeState


class Rules(Protocol):
    """What the plan of a supervisor says of its users and of the end; see plan.Plan."""

    @property
    def token(self) -> str: ...  # noqa: D102  the class says it
    @property
    def linger_seconds(self) -> float: ...  # noqa: D102
    @property
    def stop_seconds(self) -> float: ...  # noqa: D102
    @property
    def end_seconds(self) -> float: ...  # noqa: D102
    @property
    def lock(self) -> Path: ...  # noqa: D102
    @property
    def state(self) -> Path: ...  # noqa: D102


class Supervised(Protocol):
    """What a supervisor holds: a process that is started, watched, stopped, killed, frozen.

    One that is no controller is started only once the port of one is known.
    """

    @property
    def number(self) -> int:
        """Return the number by which users name it."""

    @property
    def is_controller(self) -> bool:
        """Tell whether it can start by itself."""

    @property
    def controller_port(self) -> int:
        """Return the port that the others need to start, 0 for none."""

    @property
    def pid(self) -> int | None:
        """Return the process id, None when there is no process."""

    @property
    def busy(self) -> bool:
        """Tell whether the state is about to change by itself."""

    @property
    def report(self) -> NodeState:
        """Return what there is to know of it."""

    def start(self, controller_port: int = 0) -> None:
        """Start it on the data of the last time."""

    def stop(self, seconds: float) -> None:
        """Ask it to end; `look` notices when it has, and presses after `seconds`."""

    def kill(self) -> None:
        """End it at once."""

    def suspend(self) -> None:
        """Freeze it."""

    def resume(self) -> None:
        """Let it go on."""

    def look(self) -> None:
        """Notice what happened to it since the last look."""
