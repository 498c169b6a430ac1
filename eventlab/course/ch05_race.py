"""Chapter 05: the picture of two ways to ask that race, and what it counts."""

import math
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import altair as alt

from eventlab.course.ch05 import Row, lookup_figures, until
from eventlab.errors import CallError
from eventlab.events import Customer
from eventlab.lab.verbs import Verbs
from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.live.widget import Feed
from eventlab.log import Batch
from eventlab.pictures.layers import Layers, only
from eventlab.pictures.picture import Picture
from eventlab.services import HttpService

_LOOKS_PER_SECOND = 8
SHOP = "the shop"
TOPICS = "through two topics"
LEFT = "records left by the shop"
AWAY = "Service away"
BACK = "Service back"

_BINS_A_DECADE = 8
_LEAST_MS = 10 ** (-6 / _BINS_A_DECADE)
_MOST_MS = 10 ** (19 / _BINS_A_DECADE)
_PATIENCE_SECONDS = 0.5  # a question that waits longer is said to
_LOWEST_FULL = 12  # one answer alone is not to look like a mountain

Ask = Callable[[str], Any]


class Race(Picture):
    """Draw how long look-ups take: as the shop asks, and the same question through two topics.

    For each order it asks for the row of its customer: in that of the `ways` that `lookup` names,
    and "through topics", in turns. `people` are the customers as the shop knows them: what the
    answers should be.
    """

    def __init__(
        self,
        lab: Verbs,
        ways: Mapping[str, Ask],
        lookup: str,
        *,
        people: Sequence[Customer],
        count: int,
        service: HttpService,
    ) -> None:
        self._live = LiveChart(
            race_chart(),
            alt="Two histograms: how long the shop's look-ups take, and those through two topics",
            key="id",
        )
        super().__init__(self._live)
        self._orders = lab.topic("orders")
        self._ways = {SHOP: ways[lookup], TOPICS: ways["through topics"]}
        self._captions = {SHOP: f"{SHOP}, {lookup}", TOPICS: TOPICS}
        self._hues = {SHOP: lookup, TOPICS: "through topics"}
        self._count = count
        self._names = {person.customer_id: person.name for person in people}
        self._service = service
        self._traffic = [lab.topic("questions"), lab.topic("answers")]
        self._drawn: dict[str, Any] = {}
        self._written_before: list[int] = []
        self._stopping = threading.Event()
        self._under_way = ""
        self._began = 0.0
        self._wrong = 0
        self.seconds: dict[str, list[float]] = {SHOP: [], TOPICS: []}
        self.unanswered: Counter[str] = Counter()

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what a stage offers buttons for."""
        return {AWAY: self._service.kill, BACK: self._service.start}

    def scores(self) -> dict[str, Any]:
        """Return what the look-ups took, and what they left behind."""
        return {
            f"{SHOP}: median ms": self._median(SHOP),
            f"{TOPICS}: median ms": self._median(TOPICS),
            "without an answer": self.unanswered[SHOP],
            LEFT: self.records(),
        }

    def figures(self) -> Row:
        """Return what the chapter's claim needs."""
        found = lookup_figures(self.seconds[SHOP], self.seconds[TOPICS], self._wrong)
        return found | {"records": self.records()}

    def records(self) -> int:
        """Return how many records the shop's own questions cost, and their answers."""
        if not self._written_before:
            return 0
        written = self._written()  # first: what is asked meanwhile is then not taken for the shop's
        compared = self._asked(TOPICS) + (self._under_way == TOPICS)
        pairs = zip(written, self._written_before, strict=True)
        questions, answers = [max(0, now - before - compared) for now, before in pairs]
        # What a service answers twice, since it was killed in between, the shop has asked once.
        return questions + min(questions, answers)

    def stop(self) -> None:
        """End it after the question that waits for its answer: those behind it are not asked."""
        self._stopping.set()
        super().stop()

    def settle(self) -> None:
        """Return when every order has been asked for."""
        until(lambda: min(self._asked(way) for way in self._ways) >= self._count)

    # -- how ------------------------------------------------------------------------------------

    def _asked(self, way: str) -> int:
        return len(self.seconds[way]) + self.unanswered[way]

    def _written(self) -> list[int]:
        return [topic.end_offsets()[0] for topic in self._traffic]

    def _median(self, way: str) -> float:
        return float(f"{1000 * statistics.median(self.seconds[way] or [0.0]):.2g}")

    def _feeds(self) -> Iterator[Feed]:
        yield self._follow(self._orders, self._ask_for_all)
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _ask_for_all(self, batch: Batch) -> None:
        for order in batch.fields:
            customer = order["customer_id"]
            if not self._written_before:  # the first call connects
                for ask in self._ways.values():
                    with suppress(Exception):
                        ask(customer)
                self._written_before = self._written()
            ways = list(self._ways)
            for way in ways if self._asked(SHOP) % 2 else reversed(ways):
                if self._stopping.is_set():
                    return
                self._ask(way, customer)

    def _ask(self, way: str, customer: str) -> None:
        self._began = began = time.perf_counter()
        self._under_way = way
        try:
            answer = self._ways[way](customer)
        except Exception as error:  # what asks is the learner's own code
            answer = None
            if not isinstance(error, CallError) and not self._stopping.is_set():
                self.chart.report(error)
        taken = time.perf_counter() - began
        if answer is None:
            self.unanswered[way] += 1
        else:
            self._wrong += answer["name"] != self._names[customer]
            self.seconds[way].append(taken)
        self._under_way = ""

    def _draw(self) -> None:
        bars = {way: Counter(map(_bin, self.seconds[way])) for way in self._ways}
        highest = max([_LOWEST_FULL, *(max(bar.values(), default=0) for bar in bars.values())])
        for lane, (way, bar) in enumerate(bars.items()):
            for number, count in bar.items():
                self._push(f"{way} {number}", way, "bar", lane, number, count / highest)
            taken = self.seconds[way]
            median = self._median(way)
            words = f"{self._captions[way]}: {median:.4g} ms" if taken else self._captions[way]
            self._push(f"words {way}", way, "words", lane, 0, 0.0, words)
            self._push(f"without {way}", way, "without", lane, 0, 0.0, self._without(way))
        self._draw_records(self.records())

    def _without(self, way: str) -> str:
        """Return how many questions have got no answer, and whether one still waits."""
        parts = []
        if self.unanswered[way]:
            parts.append(f"{self.unanswered[way]} unanswered")
        if self._under_way == way and time.perf_counter() - self._began > _PATIENCE_SECONDS:
            parts.append("1 waits")
        return ", ".join(parts)

    def _draw_records(self, records: int) -> None:
        if self._drawn.get(LEFT) == records:
            return
        self._drawn[LEFT] = records
        share = records / (2 * self._count)
        row = {"id": LEFT, "kind": "records", "way": self._hues[SHOP], "left": share}
        row |= {"right": 0.0, "base": 0.0, "top": 0.0, "words": f"{LEFT}: {records}"}
        self._live.push(**{name: [value] for name, value in row.items()})

    def _push(
        self, name: str, way: str, kind: str, lane: int, number: int, height: float, words: str = ""
    ) -> None:
        if self._drawn.get(name) == (height, words):
            return
        self._drawn[name] = (height, words)
        left = 10 ** (number / _BINS_A_DECADE)
        right = 10 ** ((number + 0.9) / _BINS_A_DECADE)
        self._live.push(
            id=[name],
            kind=[kind],
            way=[self._hues[way]],
            left=[left],
            right=[right],
            base=[float(lane)],
            top=[lane - 0.7 * height],
            words=[words],
        )


def _bin(seconds: float) -> int:
    milliseconds = min(max(1000 * seconds, _LEAST_MS), 0.99 * _MOST_MS)
    return math.floor(_BINS_A_DECADE * math.log10(milliseconds))


def race_chart() -> alt.VConcatChart:
    """Return the chart: two lanes of bars above one axis, and below it a bar of records."""
    live = alt.Chart(alt.NamedData("live"))
    chart: alt.VConcatChart = alt.vconcat(_hills(live), _records(live), spacing=4)
    return chart


def _records(live: alt.Chart) -> Layers:
    """Return a bar as long as the share of all records that the shop could have left."""
    mine = only(live, ["records"], field="kind")
    across = alt.X("left:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None)
    bar = mine.mark_bar(color=COLOURS["late"], size=16).encode(x=across, y=alt.value(34))
    words = mine.mark_text(align="left", baseline="top", fontSize=13, fontWeight="bold")
    return alt.layer(bar, words.encode(x=alt.value(2), y=alt.value(4), text="words:N")).properties(
        height=46
    )


def _hills(live: alt.Chart) -> Layers:
    scale = alt.Scale(type="log", domain=[_LEAST_MS, _MOST_MS], nice=False)
    axis = alt.Axis(title="milliseconds until the answer", values=[0.3, 1, 3, 10, 30, 100])
    across = alt.X("left:Q", scale=scale, axis=axis)
    down = alt.Y("top:Q", scale=alt.Scale(domain=[1.05, -1], nice=False), axis=None)
    colour = alt.Color(
        "way:N",
        scale=alt.Scale(
            domain=["by request", "through topics"], range=[COLOURS["table"], COLOURS["late"]]
        ),
        legend=None,
    )
    bars = (
        only(live, ["bar"], field="kind")
        .mark_rect()
        .encode(x=across, x2="right:Q", y=down, y2="base:Q", color=colour)
    )
    ground = (
        only(live, ["words"], field="kind")
        .mark_rule(color="#DDDDDD")
        .encode(y=alt.Y("base:Q", scale=alt.Scale(domain=[1.05, -1], nice=False), axis=None))
    )
    parts: list[alt.Chart] = [ground, bars]
    words = _words(live, "words", 0.86).mark_text(align="left", fontSize=13, fontWeight="bold")
    without = _words(live, "without", 0.73).mark_text(
        align="right", fontSize=13, color=COLOURS["lost"]
    )
    parts += [words.encode(x=alt.value(2)), without.encode(x=alt.value("width"))]
    return alt.layer(*parts).properties(height=250)


def _words(live: alt.Chart, kind: str, above: float) -> alt.Chart:
    """Return the rows that are words, so much above the ground of their lane."""
    return (
        only(live, [kind], field="kind")
        .transform_calculate(place=f"datum.base - {above}")
        .encode(y=alt.Y("place:Q", axis=None), text="words:N")
    )
