"""What may happen to events on their way: late, out of order, twice, lost, malformed.

Each fault wraps an iterable of events or deliveries and is one itself, so they can be put into each
other in any order: `late(duplicated(shop, seed=1), seed=1)`. What comes out is in order of arrival,
as what goes in must be. A fault is lazy and keeps only what it holds back; iterating it again
begins anew. The same seed gives the same faults, and a higher probability strikes the same events
and more; different faults with one seed strike independently of each other.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from math import inf, log
from random import Random

from msgspec.structs import replace

from eventlab.arguments import (
    required_duration,
    required_items,
    required_probability,
    required_seed,
    required_whole_number,
)
from eventlab.checked import checked
from eventlab.errors import UsageError
from eventlab.events.codec import encode
from eventlab.events.contracts import Event
from eventlab.events.damage import damaged
from eventlab.events.delivery import Delivery, deliveries
from eventlab.events.holding import Entry, HeldBack, Note, Overtaking
from eventlab.moments import MILLISECOND

Chances = Iterator[tuple[Delivery, bool, float]]
Arrivals = Callable[[Iterator[Delivery], Note], Iterator[Delivery]]

_LONGEST_MEAN = timedelta(days=365)
_LONGEST_IN_MEANS = 10  # longer delays have a chance of 1 in 20,000, and would fill the buffer


class Fault:
    """Wrap events so that something happens to some of their deliveries, and keep a record of it.

    Iterating yields deliveries in order of arrival. Raises UsageError while iterating when what
    goes in is not in order of arrival.
    """

    @checked
    def __init__(self, events: Iterable[Event | Delivery], arrivals: Arrivals) -> None:
        self._events = required_items("events", events, example="[order]")
        self._arrivals = arrivals
        self._record: list[Entry] = []

    @property
    def record(self) -> list[Entry]:
        """Return what was done so far, by the newest iteration: one dict for each fault.

        Each has the event's `event_id`, its `at`, when it was `due_at`, and what this fault adds.
        It may run a little ahead of what was sent. May be read from any thread.
        """
        return list(self._record)

    def __iter__(self) -> Iterator[Delivery]:
        record: list[Entry] = []
        self._record = record

        def note(delivery: Delivery, found: Entry) -> None:
            event = delivery.event
            due = {"event_id": event.event_id, "at": event.at, "due_at": delivery.arrives_at}
            record.append(due | found)

        arriving = self._arrivals(_in_order(deliveries(self._events)), note)
        return iter(required_items("arrivals", arriving, example="lambda incoming, note: incoming"))


@checked
def late(
    events: Iterable[Event | Delivery],
    *,
    seed: int,
    probability: float = 0.1,
    mean_delay: timedelta = timedelta(minutes=10),
) -> Fault:
    """Put off the arrival of some events, most of them a little and a few by a lot.

    The delays are exponential about `mean_delay`, ten times that at most. The record adds
    `arrives_at` and `delay`. Raises UsageError for arguments out of range.
    """
    chances = _chances("late", seed, probability)
    mean_delay = required_duration("mean_delay", mean_delay, at_most=_LONGEST_MEAN)

    def arrivals(incoming: Iterator[Delivery], note: Note) -> Iterator[Delivery]:
        held: HeldBack[Delivery] = HeldBack()
        for delivery, is_struck, size in chances(incoming):
            yield from held.due(delivery.arrives_at)
            if is_struck:
                delay = _delay(mean_delay, size)
                put_off = replace(delivery, arrives_at=delivery.arrives_at + delay)
                note(delivery, {"arrives_at": put_off.arrives_at, "delay": delay})
                held.hold(put_off, until=put_off.arrives_at)
            else:
                yield delivery
        yield from held.rest()

    return Fault(events, arrivals)


@checked
def duplicated(
    events: Iterable[Event | Delivery],
    *,
    seed: int,
    probability: float = 0.1,
    mean_delay: timedelta = timedelta(seconds=10),
) -> Fault:
    """Let some events arrive twice: the same id, the same bytes, some time later.

    The delays are exponential about `mean_delay`, ten times that at most. The record adds
    `again_at` and `delay`. Raises UsageError for arguments out of range.
    """
    chances = _chances("duplicated", seed, probability)
    mean_delay = required_duration("mean_delay", mean_delay, at_most=_LONGEST_MEAN)

    def arrivals(incoming: Iterator[Delivery], note: Note) -> Iterator[Delivery]:
        held: HeldBack[Delivery] = HeldBack()
        for delivery, is_struck, size in chances(incoming):
            yield from held.due(delivery.arrives_at)
            yield delivery
            if is_struck:
                delay = _delay(mean_delay, size)
                again = replace(delivery, arrives_at=delivery.arrives_at + delay)
                note(delivery, {"again_at": again.arrives_at, "delay": delay})
                held.hold(again, until=again.arrives_at)
        yield from held.rest()

    return Fault(events, arrivals)


@checked
def lost(events: Iterable[Event | Delivery], *, seed: int, probability: float = 0.1) -> Fault:
    """Let some events never arrive; the record says which.

    Raises UsageError for arguments out of range.
    """
    chances = _chances("lost", seed, probability)

    def arrivals(incoming: Iterator[Delivery], note: Note) -> Iterator[Delivery]:
        for delivery, is_struck, _ in chances(incoming):
            if is_struck:
                note(delivery, {})
            else:
                yield delivery

    return Fault(events, arrivals)


@checked
def malformed(events: Iterable[Event | Delivery], *, seed: int, probability: float = 0.1) -> Fault:
    """Damage the bytes of some events so that no reader of the contract can decode them.

    The record adds `reason`: truncated, another encoding, no event id, or no time zone. The
    delivery's `event` stays what was meant. Raises UsageError for arguments out of range.
    """
    chances = _chances("malformed", seed, probability)

    def arrivals(incoming: Iterator[Delivery], note: Note) -> Iterator[Delivery]:
        for delivery, is_struck, size in chances(incoming):
            if is_struck:
                reason, value = damaged(encode(delivery.event), size)
                note(delivery, {"reason": reason})
                yield replace(delivery, value=value)
            else:
                yield delivery

    return Fault(events, arrivals)


@checked
def out_of_order(
    events: Iterable[Event | Delivery], *, seed: int, probability: float = 0.1, places: int = 5
) -> Fault:
    """Let some events be overtaken by those that follow, by up to `places` of them.

    An overtaken event arrives together with the one that it let pass last. The record adds
    `arrives_at` and `overtaken_by`, a number of events. Raises UsageError for arguments out of
    range.
    """
    chances = _chances("out of order", seed, probability)
    places = required_whole_number("places", places, at_least=1)

    def arrivals(incoming: Iterator[Delivery], note: Note) -> Iterator[Delivery]:
        overtaking = Overtaking(note)
        newest = None
        for place, (delivery, is_struck, size) in enumerate(chances(incoming)):
            if is_struck:
                overtaking.hold(place, delivery, until=place + 1 + int(size * places))
            else:
                yield overtaking.pass_on(delivery)
            newest = delivery.arrives_at
            yield from overtaking.release(place, newest)
        yield from overtaking.release(inf, newest)

    return Fault(events, arrivals)


def _chances(fault: str, seed: int, probability: float) -> Callable[[Iterable[Delivery]], Chances]:
    """Return what tells, for each delivery, whether the fault strikes, and a size from 0 to 1."""
    seed = required_seed(seed)
    probability = required_probability(probability)

    def chances(incoming: Iterable[Delivery]) -> Chances:
        draw = Random(f"{fault} {seed}").random
        for delivery in incoming:
            # Two draws in any case: what happens to one event does not hang on another.
            number = draw()
            size = draw()
            yield delivery, number < probability, size

    return chances


def _delay(mean: timedelta, size: float) -> timedelta:
    means = min(-log(1 - size), _LONGEST_IN_MEANS)
    return max(MILLISECOND, round(mean / MILLISECOND * means) * MILLISECOND)


def _in_order(incoming: Iterator[Delivery]) -> Iterator[Delivery]:
    newest: datetime | None = None
    for delivery in incoming:
        if newest is not None and delivery.arrives_at < newest:
            raise UsageError(
                "events must come in order of arrival",
                expected=f"nothing before {newest.isoformat()}",
                found=f"{delivery.event.event_id} at {delivery.arrives_at.isoformat()}",
                remedy="Sort them first: sorted(events, key=lambda event: event.at).",
            )
        newest = delivery.arrives_at
        yield delivery
