"""An event on its way to the log: what is sent, and when it arrives."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from eventlab.errors import UsageError
from eventlab.events.codec import encode
from eventlab.events.contracts import Event


class Delivery(msgspec.Struct, frozen=True):
    """Hold one event on its way: its bytes, its key, and the time at which it arrives.

    `value` is what arrives, which faults may have damaged; `event` is always what was meant.
    """

    event: Event
    arrives_at: datetime
    key: str | None
    value: bytes

    @classmethod
    def of(cls, event: Event, arrives_at: datetime | None = None) -> "Delivery":
        """Return an event's delivery; without `arrives_at` it arrives when it happens."""
        return cls(event, arrives_at or event.at, event.key, encode(event))

    @property
    def at(self) -> datetime:
        """Return when the event happened, whenever it may arrive."""
        return self.event.at


def deliveries(events: Iterable[Event | Delivery]) -> Iterator[Delivery]:
    """Yield each event as a delivery that arrives when it happens; deliveries pass unchanged.

    Lazy. Raises UsageError at the first item that is neither an event nor a delivery.
    """
    for item in events:
        if isinstance(item, Delivery):
            yield item
        elif isinstance(item, Event):
            yield Delivery.of(item)
        else:
            raise UsageError(
                "only events can be delivered",
                expected="an Event or a Delivery",
                found=f"{item!r:.60}",
                remedy="Give each fact a contract: class Click(Event).",
            )
