"""What can be broken between and in the services of a lab, by a hand or by a schedule."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from eventlab.errors import UsageError
from eventlab.services.faults import Faults, FaultSchedule, Trouble, trouble_words
from eventlab.services.kafka_link import ClientLink, KafkaLink
from eventlab.services.link import Link
from eventlab.services.service import Service

_OF_ANY_LINK = (
    Faults(latency_seconds=0.2, jitter_seconds=0.05),
    Faults(mode="refuse"),
    Faults(mode="reset"),
    Faults(mode="hang"),
    Faults(bytes_per_second=1000),
)
_OF_HTTP = (*_OF_ANY_LINK, Faults(error_share=0.5), Faults(reset_share=0.5))
_OF_KAFKA = (*_OF_ANY_LINK, Faults(reset_share=0.5))


class Breakable(ABC):
    """A link or a service: what is wrong with it now, and what can be."""

    @property
    @abstractmethod
    def trouble(self) -> Trouble | None:
        """Return what is wrong with it, None if nothing is."""

    @property
    @abstractmethod
    def choices(self) -> Sequence[Trouble]:
        """Return what a hand can let happen to it."""

    @abstractmethod
    def takes(self, trouble: Trouble) -> bool:
        """Tell whether that can happen to it at all."""

    @abstractmethod
    def let(self, trouble: Trouble | None) -> None:
        """Let that happen to it, or mend it. Raises ServiceError where its process is gone."""


class BreakableLink(Breakable):
    """A link, which has faults."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._is_to_kafka = isinstance(link, KafkaLink | ClientLink)

    @property
    def trouble(self) -> Trouble | None:
        """Return its faults, None if it has none."""
        return None if self._link.faults.is_none else self._link.faults

    @property
    def choices(self) -> Sequence[Trouble]:
        """Return some faults of each kind."""
        return _OF_KAFKA if self._is_to_kafka else _OF_HTTP

    def takes(self, trouble: Trouble) -> bool:
        """Tell whether a link can have it: a broker does not answer with HTTP's 503."""
        is_http = isinstance(trouble, Faults) and trouble.error_share > 0
        return isinstance(trouble, Faults) and not (is_http and self._is_to_kafka)

    def let(self, trouble: Trouble | None) -> None:
        """Set its faults."""
        self._link.set(trouble if isinstance(trouble, Faults) else Faults())


class BreakableService(Breakable):
    """A service, which can be killed or frozen; `service` returns the one that has the name now."""

    def __init__(self, service: Callable[[], Service]) -> None:
        self._service = service

    @property
    def trouble(self) -> Trouble | None:
        """Return whether it is killed or frozen, None if it is neither."""
        state = self._service().state
        return state if state in ("killed", "frozen") else None

    @property
    def choices(self) -> Sequence[Trouble]:
        """Return both."""
        return ("killed", "frozen")

    def takes(self, trouble: Trouble) -> bool:
        """Tell whether a service can have it."""
        return trouble in self.choices

    def let(self, trouble: Trouble | None) -> None:
        """Kill it, freeze it, or let it go on, started again where it is not there."""
        service = self._service()
        if trouble == "killed":
            service.kill()
        elif trouble == "frozen":
            service.suspend()
        else:
            service.resume()
            service.start()


def require_breakable(schedule: FaultSchedule, found: Mapping[str, Breakable]) -> None:
    """Raise UsageError for an outage of what is not there, or that cannot happen to it."""
    for outage in schedule.outages:
        target = found.get(outage.target)
        if target is None:
            raise UsageError(
                f"There is no {outage.target!r} that could be broken",
                expected=" or ".join(map(repr, found)) or "a service of the lab, or a call",
                found=f"an outage of {outage.target!r}",
                remedy="Start the services first, or mend the name in the schedule.",
            )
        if not target.takes(outage.trouble):
            some = ", ".join(trouble_words(one) for one in target.choices)
            raise UsageError(
                f"This cannot happen to {outage.target!r}",
                expected=f"for example: {some}",
                found=trouble_words(outage.trouble),
                remedy="A link has Faults; a service is killed or frozen.",
            )
