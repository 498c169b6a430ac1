"""Chapter 03, going further: parcels that take days."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from eventlab.course.waiting import until
from eventlab.events import Shipment, ShipmentArrived, Shop
from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.live.widget import Feed
from eventlab.log import Batch, Topic
from eventlab.pictures.layers import Layers, only
from eventlab.pictures.picture import Picture
from eventlab.services import Answer

_LOOKS_PER_SECOND = 10

ON_ITS_WAY = "on its way"
CALL = "call open"
_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Parcel:
    """One parcel of the story: the event with which it leaves, and how many days it travels."""

    shipment: Shipment
    days: float


def parcels(shop: Shop, number: int) -> list[Parcel]:
    """Return the first parcels that leave in a shop's story."""
    left: dict[str, Shipment] = {}
    found: list[Parcel] = []
    for event in shop.only(Shipment, ShipmentArrived):
        if isinstance(event, Shipment) and len(left) < number:
            left[event.order_id] = event
        elif isinstance(event, ShipmentArrived) and event.order_id in left:
            shipment = left[event.order_id]
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
        until(lambda: len(self._journeys) == len(self._numbers))

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
