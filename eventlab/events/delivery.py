"""An event on its way to the log: what is sent, and when it arrives."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from eventlab.arguments import is_moment, refused
from eventlab.checked import checked
from eventlab.errors import UsageError, shown
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

    def __post_init__(self) -> None:
        if not isinstance(self.event, Event):
            raise refused("event", self.event, "an event", "Order(...)")
        if not is_moment(self.arrives_at):
            found = self.arrives_at
            raise refused("arrives_at", found, "a datetime with its time zone", "event.at")

    @classmethod
    @checked
    def of(cls, event: Event, arrives_at: datetime | None = None) -> "Delivery":
        """Return an event's delivery; without `arrives_at` it arrives when it happens."""
        return cls(event, arrives_at or event.at, event.key, encode(event))

    @property
    def at(self) -> datetime:
        """Return when the event happened, whenever it may arrive."""
        return self.event.at


@checked
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
                found=shown(item),
                remedy="Give each fact a contract: class Click(Event).",
            )
