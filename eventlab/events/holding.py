"""Hold deliveries back, so that others arrive before them; the memory of what faults put off."""

from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import Any, Generic, TypeVar

from msgspec.structs import replace

from eventlab.events.delivery import Delivery

Held = TypeVar("Held")
Entry = dict[str, Any]  # what one fault did, in its record
Note = Callable[[Delivery, Entry], None]


class HeldBack(Generic[Held]):
    """Keep what goes on later; the earliest goes first, and of equals the one that came first."""

    def __init__(self) -> None:
        self._heap: list[tuple[Any, int, Held]] = []
        self._places = count()

    def __iter__(self) -> Iterator[Held]:
        return (item for _, _, item in self._heap)

    def hold(self, item: Held, *, until: Any) -> None:
        """Keep an item until that time, or place: whatever can be compared with the others'."""
        heappush(self._heap, (until, next(self._places), item))

    def due(self, limit: Any) -> Iterator[Held]:
        """Yield, and forget, what is held until then or earlier."""
        while self._heap and self._heap[0][0] <= limit:
            yield heappop(self._heap)[2]

    def rest(self) -> Iterator[Held]:
        """Yield, and forget, all that is left."""
        while self._heap:
            yield heappop(self._heap)[2]


class Overtaking:
    """Hold deliveries back by places in their order, and count what overtakes each of them."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._sent = 0
        self._held: HeldBack[tuple[int, Delivery]] = HeldBack()

    def hold(self, place: int, delivery: Delivery, *, until: int) -> None:
        """Keep the delivery that stands at `place` until those at `until` have been passed on."""
        self._held.hold((place, delivery), until=until)

    def pass_on(self, delivery: Delivery) -> Delivery:
        """Return a delivery that goes on now."""
        self._sent += 1
        return delivery

    def release(self, place: float, arrives_at: datetime | None) -> Iterator[Delivery]:
        """Yield what was held until `place`; it arrives now; the record says what overtook it."""
        for own_place, delivery in self._held.due(place):
            put_off = replace(delivery, arrives_at=arrives_at)
            overtaken_by = self._sent - self._sent_before(own_place)
            if overtaken_by or put_off != delivery:
                self._note(delivery, {"arrives_at": arrives_at, "overtaken_by": overtaken_by})
            yield self.pass_on(put_off)

    def _sent_before(self, place: int) -> int:
        return place - sum(earlier < place for earlier, _ in self._held)
