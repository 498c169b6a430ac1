"""One log and one reader who comes and goes: what was read, what waits, and the place between."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Literal

import altair as alt
from confluent_kafka import Consumer, KafkaException

from eventlab.arguments import required_whole_number
from eventlab.checked import checked
from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.live.values import in_words
from eventlab.live.widget import Feed
from eventlab.log import Batch, Topic
from eventlab.log.messages import PlacedMessage, consumed
from eventlab.pictures.layers import Layers, only
from eventlab.pictures.picture import Picture
from eventlab.processes.background import Background

_LOOKS_PER_SECOND = 20
_AT_A_TIME = 10
_TURN_SECONDS = 0.05
_SETTLE_SECONDS = 30.0
_LOOK_SECONDS = 0.01
_LINES = {"words": 10, "log": 24, "end": 56, "mark": 68, "place": 88}  # pixels from the top
_HEIGHT = 225  # of it the legend and the axis take a half
_MOST_ORDERS = 100_000
_ROOM = 1.04  # of the strip, for the half of a triangle that stands at its end

READ = "read by you"
WAITING = "waiting for you"
LOST = "lost to you"
COME = "Come back"
LEAVE = "Walk away"


class Visit:
    """One stay of a reader: a plain consumer, which `come` makes, in a thread of its own.

    `got` is called with each message, and says whether it is a new one: after the broker was away
    some may come again. After `at_most` new ones the reader goes by itself. `stands_at` is called
    with the end of the log when the reader has come to it, whether or not it got anything.
    """

    def __init__(
        self,
        come: Callable[[], Consumer],
        got: Callable[[PlacedMessage], bool],
        stands_at: Callable[[int], None],
        at_most: int | None = None,
    ) -> None:
        self._come = come
        self._got = got
        self._stands_at = stands_at
        self._left = at_most
        self._background = Background("reader", self._read, on_end=lambda _error: None)
        self._background.start()

    @property
    def error(self) -> BaseException | None:
        """Return what ended it, None if nothing did."""
        return self._background.error

    @property
    def is_alive(self) -> bool:
        """Tell whether the reader is still there."""
        return self._background.is_alive

    def stop(self) -> bool:
        """Let the reader go; the consumer is closed, and so its place is kept if it keeps one."""
        return self._background.stop()

    def _read(self) -> None:
        consumer = self._come()
        try:
            while not self._background.stopping.is_set() and self._left != 0:
                self._take(consumer)
        finally:
            consumer.close()

    def _take(self, consumer: Consumer) -> None:
        at_most = _AT_A_TIME if self._left is None else min(_AT_A_TIME, self._left)
        end = _end_as_answered(consumer)
        messages = consumed(consumer, at_most, _TURN_SECONDS)
        for message in messages:
            if message.error() is None:
                is_new = self._got(message)
                if self._left is not None:
                    self._left -= is_new
        if not messages and end is not None:
            self._stands_at(end)


class Bookmark(Picture):
    """Draw a topic of one partition and what its reader has read, who can come and go.

    `come` makes the reader's consumer, subscribed, for each visit anew. The first visit ends by
    itself after `leaves_after` messages. `orders` is how many are expected, so that the log does
    not shrink while one looks; `words` says what a record is, for the newest of them. Raises what
    `eventlab.log.follow` raises.
    """

    @checked
    def __init__(
        self,
        topic: Topic,
        come: Callable[[], Consumer],
        *,
        orders: int,
        leaves_after: int | None = None,
        words: Callable[[dict[str, Any]], str] | None = None,
    ) -> None:
        self._topic = topic
        self._come = come
        self._orders = required_whole_number("orders", orders, at_least=1, at_most=_MOST_ORDERS)
        if leaves_after is not None:
            required_whole_number("leaves_after", leaves_after, at_least=1)
        self._leaves_after = leaves_after
        self._in_words = words or _type_of
        self._live = LiveChart(
            bookmark_chart(self._orders),
            alt=f"The log {topic} from left to right: what its reader has read, and what waits",
            key="id",
            keep=2 * self._orders + 10,
        )
        super().__init__(self._live)
        self._lock = threading.Lock()
        self._written = 0
        self._drawn: dict[int, str] = {}
        self._read: set[int] = set()
        self.messages: list[PlacedMessage] = []
        self.visits: list[list[int]] = []
        self._visit: Visit | None = None
        self._place = 0
        self._has_stood = False  # the visit of now has a place
        self._place_words = ""

    # -- what one can do ------------------------------------------------------------------------

    def walk_away(self) -> None:
        """Close the reader, if there is one."""
        if self._visit is not None:
            self._visit.stop()

    def come_back(self) -> None:
        """Begin another visit; one that goes on ends before."""
        self._begin_visit(None)

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what a stage offers buttons for."""
        return {LEAVE: self.walk_away, COME: self.come_back}

    def scores(self) -> dict[str, Any]:
        """Return how many records were read, wait, and are lost to the reader."""
        states = [self._state(offset) for offset in range(self._written)]
        return {name: states.count(name) for name in (READ, WAITING, LOST)}

    def settle(self) -> None:
        """Return when the reader has read all that it gets, or is away."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        end = self._topic.end_offsets()[0]
        while time.monotonic() < deadline and not self._has_settled(end):
            time.sleep(_LOOK_SECONDS)

    # -- how ------------------------------------------------------------------------------------

    def stop(self) -> None:
        """End it, and leave the picture in the output."""
        self.walk_away()
        super().stop()

    def _has_settled(self, end: int) -> bool:
        visit = self._visit
        if self._written < end:
            return False
        if visit is None or not visit.is_alive:
            return True
        return self._has_stood and self._place >= end

    def _feeds(self) -> Iterator[Feed]:
        self._begin_visit(self._leaves_after)
        yield self._follow(self._topic, self._draw_records)
        yield self._again(self._draw_states, _LOOKS_PER_SECOND)

    def _begin_visit(self, at_most: int | None) -> None:
        self.walk_away()
        offsets: list[int] = []
        self.visits.append(offsets)

        def got(message: PlacedMessage) -> bool:
            with self._lock:
                is_new = message.offset() not in self._read
                offsets.append(message.offset())
                self._read.add(message.offset())
                self.messages.append(message)
                self._stand(message.offset() + 1)
            return is_new

        self._has_stood = False
        self._visit = Visit(self._come, got, self._stand, at_most)

    def _stand(self, offset: int) -> None:
        self._place = offset
        self._has_stood = True

    def _draw_records(self, batch: Batch) -> None:
        if not len(batch):
            return
        newest = batch.rows[-1]
        self._written = newest["offset"] + 1
        self._live.push(
            id=["newest"],
            kind=["newest"],
            offset=[float(newest["offset"])],
            end=[0.0],
            state=[""],
            words=[self._in_words(newest)],
        )

    def _draw_states(self) -> None:
        visit = self._visit
        if visit is not None and visit.error is not None:
            self.chart.report(visit.error)
        states = {offset: self._state(offset) for offset in range(self._written)}
        changed = {o: state for o, state in states.items() if self._drawn.get(o) != state}
        if changed:
            self._drawn.update(changed)
            self._live.push(
                id=[f"order {offset}" for offset in changed],
                kind=["order"] * len(changed),
                offset=[float(offset) for offset in changed],
                end=[offset + 0.85 for offset in changed],
                state=list(changed.values()),
                words=[f"offset {offset}" for offset in changed],
            )
        self._draw_place(is_there=visit is not None and visit.is_alive)

    def _draw_place(self, *, is_there: bool) -> None:
        place = self._place
        you = "you are reading" if is_there else "you are away"
        place_words = f"{you}\nyour place: offset {place}"
        if self._place_words != place_words:
            self._place_words = place_words
            self._live.push(
                id=["place"],
                kind=["place"],
                offset=[float(place)],
                end=[0.0],
                state=[""],
                words=[place_words],
            )

    def _state(self, offset: int) -> str:
        is_passed = offset < self._place  # asked first: the place moves after what was read
        if offset in self._read:
            return READ
        return LOST if is_passed else WAITING


def _end_as_answered(consumer: Consumer) -> int | None:
    """Return where the log ended in the last answer that the reader got, None before the first.

    What lay before that end, and is to come to the reader, is in that answer too.
    """
    for mine in consumer.assignment():
        with suppress(KafkaException):  # it has the partition, and has not asked for anything yet
            _, end = consumer.get_watermark_offsets(mine, cached=True)
            return end if end >= 0 else None
    return None


def bookmark_chart(orders: int) -> Layers:
    """Return the chart: a strip of `orders` places, the newest order above, your place below."""
    live = alt.Chart(alt.NamedData("live"))
    across = alt.X(
        "offset:Q",
        scale=alt.Scale(domain=[0, orders * _ROOM], nice=False),
        axis=alt.Axis(title="offset: the place of an order in the log", format="d"),
    )
    states = [READ, WAITING, LOST]
    colours = [COLOURS["on_time"], COLOURS["muted"], COLOURS["lost"]]
    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=states, range=colours),
        legend=alt.Legend(orient="top", title=None, columns=alt.ExprRef("width < 300 ? 2 : 3")),
    )
    strip = (
        only(live, ["order"], field="kind")
        .mark_rect()
        .encode(
            x=across,
            x2="end:Q",
            y=alt.value(_LINES["log"]),
            y2=alt.value(_LINES["end"]),
            color=colour,
            tooltip="words:N",
        )
    )
    place = only(live, ["place"], field="kind").encode(x=across)
    mark = place.mark_point(
        shape="triangle-up", filled=True, size=130, stroke="white", strokeWidth=1, opacity=1
    ).encode(y=alt.value(_LINES["mark"]), color=alt.value(COLOURS["reader"]))
    parts: list[alt.Chart] = [strip, mark]
    for data, line in ((place, "place"), (only(live, ["newest"], field="kind"), "words")):
        for align, first, end in _thirds(orders):
            test = f"datum.offset >= {first} && datum.offset < {end}"
            words = data.transform_filter(test).mark_text(align=align, fontSize=13, lineBreak="\n")
            parts.append(words.encode(x=across, y=alt.value(_LINES[line]), text="words:N"))
    return alt.layer(*parts).properties(height=_HEIGHT)


_Third = tuple[Literal["left", "center", "right"], float, float]


def _thirds(orders: int) -> list[_Third]:
    """Return how words stand at a place in each third, so that none leaves a narrow picture."""
    third = orders / 3
    return [
        ("left", 0, third),
        ("center", third, 2 * third),
        ("right", 2 * third, 2 * orders),
    ]


def _type_of(row: dict[str, Any]) -> str:
    return in_words(row.get("type", "record"))
