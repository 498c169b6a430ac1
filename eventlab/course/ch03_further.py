"""Chapter 03, going further: a chain and its parts, parcels that take days, a service changed."""

import math
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import altair as alt

from eventlab.course.ch03 import overdue, require_length
from eventlab.events import Order, Shipment, ShipmentArrived, Shop
from eventlab.lab.verbs import Verbs
from eventlab.live import LiveChart
from eventlab.live.steps import StepSlider
from eventlab.live.theme import COLOURS
from eventlab.live.widget import Feed
from eventlab.log import Batch, Topic
from eventlab.pictures.layers import Layers, only
from eventlab.pictures.picture import Picture
from eventlab.services import Answer, Faults, Service

_LOOKS_PER_SECOND = 10
_LOOK_SECONDS = 0.01
_SETTLE_SECONDS = 60.0

# -- a chain and its parts ----------------------------------------------------------------------

CUSTOMERS = "customers"
WHOLE = "the chain"
PRODUCT = "product of the parts"
_SHARES = [0, 1, 2, 5, 10, 20]


@dataclass(frozen=True)
class Asked:
    """Where a request goes, and what that is called."""

    name: str
    url: str


class Parts(Picture):
    """Draw which share of the requests each service answers alone, and which the chain of them.

    Each call goes astray with the same `share`, whoever makes it: the links do that, by their seed.
    `asked` is where each order goes: to each service alone, at /alone, and to the first one. The
    slider changes the share while the orders go on.
    """

    def __init__(self, lab: Verbs, names: Sequence[str], *, share: float, seed: int) -> None:
        options = [(f"{one} of 100", one / 100) for one in _SHARES]
        self._share = StepSlider("calls that go astray", options, share)
        self._share.observe(lambda _change: self._use_share(), names="index")
        self._live = LiveChart(
            parts_chart([*names, PRODUCT, WHOLE]),
            alt="The share of requests that each service answers, their product, and the chain's",
            key="what",
            controls=[self._share],
        )
        super().__init__(self._live)
        outer = [lab.link(CUSTOMERS, name) for name in names]
        inner = [lab.link(caller, name) for caller, name in pairwise(names)]
        self._links = [*outer, *inner]
        self._seed = seed
        alone = [Asked(name, f"{link.url}/alone") for name, link in zip(names, outer, strict=True)]
        self.asked = [*alone, Asked(WHOLE, outer[0].url)]
        self._answers: dict[str, list[Answer]] = {}
        self._use_share()

    def _use_share(self) -> None:
        """Let as many calls go astray as the slider says, and begin to count anew."""
        for number, link in enumerate(self._links):
            seed = 100 * self._seed + number
            link.set(Faults(error_share=self._share.value, seed=seed))
        self._answers = {asked.name: [] for asked in self.asked}

    def answered(self, answer: Answer) -> None:
        """Take in what a service alone, or the chain, has answered."""
        self._answers[answer.service].append(answer)

    def figures(self) -> dict[str, float]:
        """Return shares and median latencies: of the worst and slowest part, and of the chain."""
        *alone, whole = self._answers.values()
        shares = [_share(answers) for answers in alone]
        seconds = [_median_seconds(answers) for answers in alone]
        return {
            "chain": round(_share(whole), 3),
            "product": round(math.prod(shares), 3),
            "worst_part": round(min(shares), 3),
            "chain_ms": round(1000 * _median_seconds(whole), 1),
            "sum_ms": round(1000 * sum(seconds), 1),
            "slowest_part_ms": round(1000 * max(seconds), 1),
        }

    def scores(self) -> dict[str, Any]:
        """Return how many requests were sent, and how many got through the chain."""
        whole = self._answers[WHOLE]
        through = sum(answer.is_accepted for answer in whole)
        return {"orders": len(whole), "through the chain": through}

    def _feeds(self) -> Iterator[Feed]:
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _draw(self) -> None:
        *alone, _ = self._answers.values()
        shares = {name: _share(answers) for name, answers in self._answers.items()}
        shares[PRODUCT] = math.prod(_share(answers) for answers in alone)
        self._live.push(what=list(shares), share=list(shares.values()))


def parts_chart(names: Sequence[str]) -> Layers:
    """Return bars, one for each of these, with their shares written on them."""
    bars = alt.Chart(alt.NamedData("live")).encode(
        x=alt.X(
            "share:Q",
            title="of 100 requests, how many get an answer",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format=".0%"),
        ),
        y=alt.Y("what:N", title=None, sort=list(names), scale=alt.Scale(domain=list(names))),
    )
    colour = alt.condition(
        f"datum.what == '{WHOLE}'", alt.value(COLOURS["late"]), alt.value(COLOURS["stream"])
    )
    words = bars.mark_text(align="left", dx=4).encode(text=alt.Text("share:Q", format=".1%"))
    return alt.layer(bars.mark_bar().encode(color=colour), words)


def _share(answers: Sequence[Answer]) -> float:
    answered = sum(answer.is_accepted for answer in answers)
    return answered / len(answers) if answers else 0.0


def _median_seconds(answers: Sequence[Answer]) -> float:
    taken = [answer.seconds for answer in answers if answer.is_accepted]
    return statistics.median(taken) if taken else 0.0


def why_product(parts: Parts) -> str:
    """Return how many got through, beside what each part does alone."""
    found = parts.figures()
    counts = parts.scores()
    return (
        f"Of {counts['orders']} orders {counts['through the chain']} got through."
        f" The worst service alone answers {found['worst_part']:.1%}; the product of all of them is"
        f" {found['product']:.1%}."
    )


# -- parcels that take days ---------------------------------------------------------------------

ON_ITS_WAY = "on its way"
CALL = "call open"
_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Parcel:
    """One parcel of the story: the event with which it leaves, and how many days it travels."""

    shipment: Shipment
    days: float


def parcels(shop: Shop, number: int) -> list[Parcel]:
    """Return the first parcels of a shop's story."""
    left: dict[str, Shipment] = {}
    found: list[Parcel] = []
    for event in shop.only(Shipment, ShipmentArrived):
        if isinstance(event, Shipment):
            left[event.order_id] = event
        elif isinstance(event, ShipmentArrived):
            shipment = left.pop(event.order_id)
            days = (event.at - shipment.at).total_seconds() / _DAY_SECONDS
            found.append(Parcel(shipment, days))
        if len(found) == number:
            break
    return sorted(found, key=lambda parcel: parcel.shipment.at)


class Parcels(Picture):
    """Draw how long each parcel travels, and how long the call is open that has sent it.

    `arrived` is the topic of those that are there; a day takes `day_seconds`.
    """

    def __init__(self, sent: Sequence[Parcel], arrived: Topic, *, day_seconds: float) -> None:
        most_days = max(parcel.days for parcel in sent) + 0.5
        self._live = LiveChart(
            parcels_chart(len(sent), most_days),
            alt="Each parcel as a bar from its call to its arrival, and how long its call is open",
            key="id",
        )
        super().__init__(self._live)
        self._arrived_topic = arrived
        self._day_seconds = day_seconds
        self._numbers = {one.shipment.order_id: number for number, one in enumerate(sent)}
        self._sent_at: dict[int, float] = {}
        self._calls: dict[int, float] = {}  # days that each was open
        self._journeys: dict[int, float] = {}

    def sending(self, sent: Sequence[Parcel]) -> Iterator[Shipment]:
        """Yield the parcels' events, and note when each goes."""
        for number, parcel in enumerate(sent):
            self._sent_at[number] = time.monotonic()
            yield parcel.shipment

    def answered(self, answer: Answer) -> None:
        """Take in the end of a call."""
        self._calls[answer.number] = answer.seconds / self._day_seconds

    def figures(self) -> dict[str, float]:
        """Return how many parcels there are and have arrived, and the longest call in days."""
        return {
            "parcels": len(self._numbers),
            "arrived": len(self._journeys),
            "longest_call_days": round(max(self._calls.values(), default=0.0), 2),
            "longest_journey_days": round(max(self._journeys.values(), default=0.0), 2),
        }

    def scores(self) -> dict[str, Any]:
        """Return how many calls are open, and how many parcels have arrived."""
        return {"calls open": len(self._sent_at) - len(self._calls), **self.figures()}

    def settle(self) -> None:
        """Return when all parcels are there."""
        _until(lambda: len(self._journeys) == len(self._numbers))

    def _feeds(self) -> Iterator[Feed]:
        yield self._follow(self._arrived_topic, self._note_arrived)
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _note_arrived(self, batch: Batch) -> None:
        for row in batch.fields:
            number = self._numbers[row["order_id"]]
            self._journeys.setdefault(number, self._days_since(number))

    def _days_since(self, number: int) -> float:
        return (time.monotonic() - self._sent_at[number]) / self._day_seconds

    def _draw(self) -> None:
        for number in list(self._sent_at):
            now = self._days_since(number)
            for what, ends in ((ON_ITS_WAY, self._journeys), (CALL, self._calls)):
                self._live.push(
                    id=[f"{what} {number}"],
                    parcel=[number + 1],
                    what=[what],
                    days=[ends.get(number, now)],
                )


def parcels_chart(number: int, most_days: float) -> Layers:
    """Return bars over days: light ones for the journeys, and on them the calls."""
    live = alt.Chart(alt.NamedData("live"))
    kinds = [ON_ITS_WAY, CALL]
    colour = alt.Color(
        "what:N",
        scale=alt.Scale(domain=kinds, range=[COLOURS["muted"], COLOURS["late"]]),
        legend=alt.Legend(orient="top", title=None),
    )
    across = alt.X(
        "days:Q", title="days since the parcel left", scale=alt.Scale(domain=[0, most_days])
    )
    down = alt.Y("parcel:O", title="parcel", scale=alt.Scale(domain=[*range(1, number + 1)]))
    bars = [
        only(live, [kind], field="what").mark_bar(size=size).encode(x=across, y=down, color=colour)
        for kind, size in zip(kinds, (14, 6), strict=True)
    ]
    return alt.layer(*bars).properties(height=220)


# -- a service changed while the others work ----------------------------------------------------

FIRST = "version 1"
SECOND = "version 2"
WAITING = "waits"
REFUSED = "refused"
_STATES = [FIRST, WAITING, SECOND, REFUSED]
_HUES = [COLOURS["stream"], COLOURS["muted"], COLOURS["table"], COLOURS["late"]]
_ACROSS = 20


class Versions(Picture):
    """Draw which version of a service has done each order, while its team changes it.

    `deploy(version)` starts one. While `changed` is yielded, the first one is stopped after a third
    of the orders, and the second one started after two thirds. `packed` is the topic of what was
    done; None where the shop calls, and the version that runs is the one that answers.
    """

    def __init__(
        self,
        story: Sequence[Order],
        deploy: Callable[[str], Service],
        *,
        packed: Topic | None,
    ) -> None:
        require_length(story)
        self._live = LiveChart(
            versions_chart(len(story)),
            alt="Each order as a square: which version of the service has done it",
            key="id",
        )
        super().__init__(self._live)
        self._story = story
        self._deploy = deploy
        self._packed = packed
        self._numbers = {order.order_id: number for number, order in enumerate(story)}
        self._asked = 0
        self._answers: dict[int, Answer] = {}
        self._versions: dict[int, str] = {}
        self._running = FIRST
        self._drawn: dict[int, str] = {}

    def changed(self) -> Iterator[Order]:
        """Yield the orders, and between them let the team change its service."""
        third = len(self._story) // 3
        service = self._deploy(FIRST)
        yield from self._orders_until(third)
        self.settle()  # what came before is the first version's
        service.stop()
        yield from self._orders_until(2 * third)
        self._deploy(SECOND)
        self._running = SECOND
        yield from self._orders_until(len(self._story))

    def answered(self, answer: Answer) -> None:
        """Take in what the shop has answered to one order."""
        self._answers[answer.number] = answer
        if answer.is_accepted and self._packed is None:
            self._versions[answer.number] = self._running

    def figures(self) -> dict[str, int]:
        """Return how many orders were refused, how many done, and by how many versions."""
        return {
            "orders": len(self._story),
            "refused": sum(not answer.is_accepted for answer in self._answers.values()),
            "packed": len(self._versions),
            "versions": len(set(self._versions.values())),
        }

    def scores(self) -> dict[str, Any]:
        """Return how many orders are in each state."""
        counts = Counter(map(self._state, range(self._asked)))
        return {state: counts[state] for state in _STATES}

    def settle(self) -> None:
        """Return when all that was accepted is done."""
        _until(lambda: all(self._state(number) != WAITING for number in range(self._asked)))

    def _orders_until(self, number: int) -> Iterator[Order]:
        while self._asked < number:
            order = self._story[self._asked]
            self._asked += 1
            yield order
        if not _until(lambda: len(self._answers) >= number):
            raise overdue(_SETTLE_SECONDS)

    def _state(self, number: int) -> str:
        answer = self._answers.get(number)
        if answer is not None and not answer.is_accepted:
            return REFUSED
        return self._versions.get(number, WAITING)

    def _feeds(self) -> Iterator[Feed]:
        if self._packed is not None:
            yield self._follow(self._packed, self._note_packed)
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _note_packed(self, batch: Batch) -> None:
        for row in batch.fields:
            self._versions.setdefault(self._numbers[row["order_id"]], row["packed_by"])

    def _draw(self) -> None:
        for number in range(self._asked):
            state = self._state(number)
            if self._drawn.get(number) != state:
                self._drawn[number] = state
                row = number // _ACROSS
                self._live.push(id=[number], column=[number % _ACROSS], row=[row], state=[state])


def versions_chart(orders: int) -> alt.Chart:
    """Return a block of squares, one for each order."""
    rows = -(-orders // _ACROSS)
    chart: alt.Chart = (
        alt.Chart(alt.NamedData("live"))
        .transform_calculate(right="datum.column + 0.85", bottom="datum.row + 0.85")
        .mark_rect()
        .encode(
            x=alt.X("column:Q", scale=alt.Scale(domain=[0, _ACROSS], nice=False), axis=None),
            x2="right:Q",
            y=alt.Y("row:Q", scale=alt.Scale(domain=[rows, 0], nice=False), axis=None),
            y2="bottom:Q",
            color=alt.Color(
                "state:N",
                scale=alt.Scale(domain=_STATES, range=_HUES),
                legend=alt.Legend(orient="bottom", title=None, columns=2),
            ),
            tooltip="state:N",
        )
        .properties(height=220)
    )
    return chart


def _until(condition: Callable[[], bool]) -> bool:
    """Return whether it has come true in time."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    return condition()
