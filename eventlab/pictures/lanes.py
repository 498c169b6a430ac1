"""The lanes of a topic, with those who read it, each at its own pace and place."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from numbers import Integral
from typing import TYPE_CHECKING, Any, Protocol

import ipywidgets
from confluent_kafka import Consumer

from eventlab.arguments import required_number, required_whole_number
from eventlab.checked import checked
from eventlab.errors import UsageError
from eventlab.live import LiveChart
from eventlab.live.steps import StepSlider
from eventlab.live.values import in_words
from eventlab.live.widget import Feed
from eventlab.log import Batch, Topic, follow
from eventlab.pictures.lane_places import Place, ids, places_of_all, places_of_one
from eventlab.pictures.lanes_chart import CHOSEN, END, OTHERS, lanes_chart
from eventlab.pictures.picture import Picture
from eventlab.pictures.readers import PacedReader

if TYPE_CHECKING:  # flows are half a second of imports, and not every chart shows one
    from eventlab.flows import Running

BACK = "Set the reader back to 0"

_PLACES_PER_SECOND = 10
_MOST_READERS = 100  # each is a consumer with a thread
_MOST_OFFSETS = 1_000_000_000
_SLOWEST = 8.0  # records a second; the others read two, three, four times as fast
KEEP = 20_000  # so many records and places are held, the newest
_SHARES = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]  # percent of each partition
_LETTERS = 40  # so many of a label fit in a lane, where two runs stand side by side
# Once nothing more is written, the last of them has read on to the end after some seconds.
_CATCH_UP_SECONDS = 4.0
_IDLE_SECONDS = 2.0
_SETTLE_SECONDS = 60.0
_LOOK_SECONDS = 0.01


class Reader(Protocol):
    """What reads the topic, and has a place in it."""

    @property
    def position(self) -> dict[int, int]:
        """Return for each of its partitions the offset that comes next."""

    @property
    def is_alive(self) -> bool:
        """Tell whether it still reads."""

    def seek(self, start: Any, /) -> None:
        """Go on from these offsets."""


class Lanes(Picture):
    """Draw a topic's records as they come, and the places of those who read it.

    `readers` is how many readers of the picture's own read the topic, the first `pace` records a
    second, the second twice as many, and so on; a pace of 0 is as fast as they can. `come` makes
    the consumer of each, subscribed. A hand that drags a reader's triangle, the controls, and
    `rewind(reader)` set one back. Or `readers` is a running flow that reads the topic. `by` names a
    field; the records with the values in `highlight` are coloured, under the names that it gives
    them if it is a dict; those with the value `joined` are joined by a line in the order of their
    `at`. `extent` is how many offsets a lane has room for from the start. Raises UsageError, and
    TopicError where there is no such topic.
    """

    @checked
    def __init__(
        self,
        topic: Topic,
        *,
        readers: "int | Running",
        come: Callable[[], Consumer] | None = None,
        pace: float = _SLOWEST,
        by: str | None = None,
        highlight: Sequence[str] | Mapping[str, str] = (),
        joined: str | None = None,
        extent: int = 0,
    ) -> None:
        self._topic = topic
        self._come = come
        self._pace = required_number("pace", pace, at_least=0)
        self._by = by
        self._names = _names(highlight)
        self._joined = joined
        self._extent = required_whole_number("extent", extent, at_least=0, at_most=_MOST_OFFSETS)
        self._flow = None if isinstance(readers, int | Integral | str) else readers
        self._count = 0 if self._flow is not None else _required(readers)
        self._places: list[Place] = []
        self._ends: dict[int, int] = {}
        self._which = _choice(self._count)
        self._share = StepSlider("its place", [(f"{share} %", share) for share in _SHARES], 0)
        self._following_thread: int | None = None
        self._live = self._chart()
        super().__init__(self._live)
        self.readers: list[Reader] = []

    # -- what one can do ------------------------------------------------------------------------

    @checked
    def rewind(self, reader: int, to: float = 0.0) -> None:
        """Set one of the picture's own readers back to the first offset of every partition.

        The first reader is 1; `to` is the part of each partition before its new place, from 0 to 1.
        Raises UsageError for a reader that is not there; a flow has none here.
        """
        if self._flow is not None:
            raise UsageError(
                "This picture has no readers of its own",
                expected="lanes with a number of readers",
                found=f"the lanes of the flow {self._flow.name}",
                remedy="Show Lanes(topic, readers=3) to set a reader back.",
            )
        last = len(self.readers)
        number = required_whole_number("reader", reader, at_least=1, at_most=last)
        share = min(required_number("to", to, at_least=0), 1.0)
        ends = self._topic.end_offsets()
        self._which.value = number  # the one that goes is the one to look at
        self._send(number, {partition: int(share * end) for partition, end in ends.items()})

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what a stage offers buttons for."""
        return {BACK: self._set_back} if self._count else {}

    def scores(self) -> dict[str, Any]:
        """Return how many of its readers have read every record."""
        if self._come is None:
            return {}
        written = sum(self._topic.end_offsets().values())
        complete = sum(reader.covered >= written > 0 for reader in self._own())
        return {"readers who have read it all": f"{complete} of {self._count}"}

    def settle(self) -> None:
        """Return when its readers have read all that they get."""
        self._ends = self._topic.end_offsets()
        records = sum(self._ends.values())
        deadline = time.monotonic() + _SETTLE_SECONDS
        for reader in self._own():
            reader.hurry(records / _CATCH_UP_SECONDS)
        while time.monotonic() < deadline and not self._has_settled():
            time.sleep(_LOOK_SECONDS)
        self._try_to(self._draw_places)

    # -- how ------------------------------------------------------------------------------------

    def _own(self) -> list[PacedReader]:
        return [reader for reader in self.readers if isinstance(reader, PacedReader)]

    def _has_settled(self) -> bool:
        alive = [reader for reader in self._own() if reader.is_alive]
        if all(reader.position == self._ends for reader in alive):
            return True
        return all(reader.idle_seconds > _IDLE_SECONDS for reader in alive)

    def _send(self, reader: int, offsets: dict[int, int]) -> None:
        chosen = self.readers[reader - 1]
        if isinstance(chosen, PacedReader):
            chosen.hurry(sum(self._ends.values()) / (2 * _CATCH_UP_SECONDS))
        chosen.seek(offsets)

    def _dragged(self, row: str, to: float) -> None:
        """Send the reader whose triangle was dragged there, in this partition alone."""
        place = next((one for one in self._places if one.id == row), None)
        if place is None or place.reader is None:  # it has left the partition meanwhile
            return
        end = self._ends.get(place.partition, 0)
        wanted = required_number("to", to, at_least=-math.inf)
        offset = round(min(max(wanted, 0), end))
        self._which.value = place.reader
        self._send(place.reader, {place.partition: offset})

    def _set_back(self) -> None:
        self.rewind(self._chosen + 1)

    @property
    def _chosen(self) -> int:
        return int(self._which.value) - 1

    def _feeds(self) -> Iterator[Feed]:
        for number in range(1, self._count + 1):
            reader = self._reader(number)
            self.readers.append(reader)
            yield reader
        self._share.observe(self._send_chosen, "index")
        self._draw_end()
        yield self._follow(self._topic, self._draw_records)
        yield self._again(self._draw_places, _PLACES_PER_SECOND)

    def _reader(self, number: int) -> Any:
        pace = self._pace * number
        if self._come is not None:
            return PacedReader(self._topic, self._come, pace, f"reader {number} of {self._topic}")
        return follow(
            self._topic,
            _read_on,
            start="earliest",
            per_second=pace or None,
            on_error=self.chart.report,
        )

    def _chart(self) -> LiveChart:
        whose = f"{self._count} readers" if self._flow is None else f"the flow {self._flow.name}"
        partitions = len(self._topic.partitions)
        joined = self._names.get(self._joined, "") if self._joined is not None else ""
        return LiveChart(
            lanes_chart(partitions, list(self._names.values()), joined=joined),
            alt=f"The partitions of {self._topic} as lanes, with the places of {whose}",
            key="id",
            keep=KEEP,
            moved=self._dragged,
            controls=[ipywidgets.HBox([self._which, self._share])] if self._count else [],
        )

    def _send_chosen(self, _change: object) -> None:
        # What the learner moves meanwhile is moved by them.
        if threading.get_ident() != self._following_thread:
            self._try_to(partial(self.rewind, self._chosen + 1, self._share.value / 100))

    def _draw_end(self) -> None:
        if self._extent:
            self._live.push(
                id=["end"],
                partition=[0],
                offset=[self._extent],
                group=[END],
                label=[""],
                what=[""],
                at=[None],
            )

    def _draw_records(self, batch: Batch) -> None:
        columns = batch.columns
        partitions = columns["partition"]
        offsets = columns["offset"]
        self._ends |= {n: at + 1 for n, at in zip(partitions, offsets, strict=True)}
        values = columns.get(self._by or "", [None] * len(batch))
        self._live.push(
            id=[f"{number}-{offset}" for number, offset in zip(partitions, offsets, strict=True)],
            partition=partitions,
            offset=offsets,
            group=[self._group(value) for value in values],
            label=[""] * len(batch),
            what=[
                self._words(value, offset) for value, offset in zip(values, offsets, strict=True)
            ],
            at=columns.get("at", [None] * len(batch)),
        )

    def _group(self, value: object) -> str:
        return self._names.get(value, OTHERS) if isinstance(value, str) else OTHERS

    def _words(self, value: object, offset: int) -> str:
        if self._by is None:
            return f"offset {offset}"
        name = self._names.get(value) if isinstance(value, str) else None
        return f"{name or f'{self._by} {in_words(value)}'}, offset {offset}"

    def _draw_places(self) -> None:
        places = self._places_now()
        if places == self._places:
            return
        self._live.remove(ids(self._places) - ids(places))
        self._places = places
        self._live.push(
            id=[place.id for place in places],
            partition=[place.partition for place in places],
            offset=[place.offset for place in places],
            group=[place.group for place in places],
            label=[place.label for place in places],
            what=[f"{place.name}, next offset {place.offset}" for place in places],
            at=[None] * len(places),
            movable=[place.reader is not None for place in places],
            name=[place.name for place in places],
        )
        self._follow_chosen()

    def _follow_chosen(self) -> None:
        """Let the slider stand where the chosen reader stands."""
        ends = sum(self._ends.values())
        here = sum(p.offset for p in self._places if p.group == CHOSEN)
        share = 100 * here / ends if ends else 0
        self._following_thread = threading.get_ident()
        try:
            self._share.value = min(_SHARES, key=lambda step: abs(step - share))
        finally:
            self._following_thread = None

    def _places_now(self) -> list[Place]:
        if self._flow is not None:
            positions = {
                partition: offset
                for (topic, partition), offset in self._flow.positions.items()
                if topic == self._topic.name
            }
            return places_of_one(f"flow {self._flow.name}", positions)
        positions_of_all = [reader.position for reader in self.readers]
        longest = max([self._extent, *self._ends.values()])
        return places_of_all(positions_of_all, self._chosen, longest / _LETTERS)


def _names(highlight: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    if isinstance(highlight, Mapping):
        return dict(highlight)
    return {value: value for value in highlight}


def _choice(readers: int) -> StepSlider:
    numbers = range(1, max(readers, 1) + 1)
    return StepSlider("reader", [(str(number), number) for number in numbers], min(4, numbers[-1]))


def _required(readers: object) -> int:
    return required_whole_number("readers", readers, at_least=1, at_most=_MOST_READERS)


def _read_on(_batch: Batch) -> None:
    """Do nothing: a reader of the lanes only has a place."""
