"""What a lab sits on: a place at a broker, be it this machine's own or a cluster of someone's."""

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from eventlab.broker.away import Away
from eventlab.broker.states import BrokerState

Listener = Callable[[BrokerState], object]


class Seat(Protocol):
    """A place at a broker; close it when it is not needed any more.

    What it cannot do (start or stop someone else's cluster) raises BrokerError with a remedy. All
    methods may be called from any thread.
    """

    @property
    def version(self) -> str:
        """Return Kafka's version, or what stands for it where nobody says."""

    @property
    def external(self) -> bool:
        """Tell whether it is someone's own cluster, which the lab shares with others."""

    @property
    def status(self) -> str:
        """Return running, suspended, starting, stopping, stopped, failed or lost."""

    @property
    def reason(self) -> str:
        """Return why it is not running, in a few words."""

    @property
    def notice(self) -> str:
        """Return what the learner should know about the last start, mostly nothing."""

    @property
    def users(self) -> list[str]:
        """Return the names of everyone who holds it, as far as that is known."""

    @property
    def bootstrap_servers(self) -> str:
        """Return the addresses that clients begin with."""

    @property
    def client_settings(self) -> dict[str, str]:
        """Return the settings that any librdkafka client needs to reach it."""

    @property
    def when_away(self) -> str:
        """Return what to do when it does not answer, as a whole sentence."""

    @property
    def away(self) -> Away | None:
        """Return why it is known not to answer, None where it may: one that starts, or is slow."""

    @property
    def pid(self) -> int | None:
        """Return the process id of its first node on this machine, None where there is none."""

    @property
    def memory_megabytes(self) -> float:
        """Return how much memory it takes on this machine."""

    def on_change(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at every change of its state; return what undoes it."""

    def start(self) -> None:
        """Start it; do nothing while it runs."""

    def stop(self) -> None:
        """End it as an operator would, for everyone."""

    def kill(self) -> None:
        """End it as a power cut would."""

    def restart(self) -> None:
        """Stop it and start it again on the same data."""

    def suspend(self) -> None:
        """Freeze it: connections stay open and nothing answers."""

    def resume(self) -> None:
        """Let it go on."""

    def keep(self) -> None:
        """Let it run on when its last user is gone, until `end`."""

    def end(self) -> None:
        """End it and all that belongs to it, whoever still uses it."""

    def close(self) -> None:
        """Give up the seat; a second time is harmless."""

    def __enter__(self) -> Self:
        """Return the seat."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give up the seat."""
