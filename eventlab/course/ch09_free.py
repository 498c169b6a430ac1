"""Chapter 09, going further: a page that is made from a copy of one's own, or by asking."""

from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt

from eventlab.course.ch09 import Row
from eventlab.course.ch09_stores import until
from eventlab.course.outages import outage
from eventlab.events import Order
from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.live.widget import Feed
from eventlab.pictures.layers import only
from eventlab.pictures.picture import Picture
from eventlab.services import Answer, FaultSchedule

SHOWN = "page shown"
AWAY = "page shown, the stock is down"
FAILED = "no page"
_STATES = [SHOWN, AWAY, FAILED]
_HUES = [COLOURS["table"], COLOURS["watermark"], COLOURS["lost"]]

_SOURCE = "stock"
_ACROSS = 20
_LOOKS_PER_SECOND = 8


class Pages(Picture):
    """Draw which pages a customer got, one for each order; in the `outages` the stock is down."""

    def __init__(self, story: Sequence[Order]) -> None:
        self._live = LiveChart(
            pages_chart(len(story)),
            alt="Each page as a square: shown, shown while the stock is down, or not shown",
            key="id",
        )
        super().__init__(self._live)
        self._count = len(story)
        self._away = range(len(story) // 3, 2 * len(story) // 3)
        self._answers: dict[int, Answer] = {}
        self._drawn: set[int] = set()
        self.outages = FaultSchedule([outage(story, self._away, _SOURCE, "killed")])

    def answered(self, answer: Answer) -> None:
        """Take in what the shop has answered to one customer."""
        self._answers[answer.number] = answer

    def figures(self) -> Row:
        """Return what the claim needs: pages, how many were shown, and how many in the outage."""
        states = [self._state(answer) for answer in self._answers.copy().values()]
        return {
            "pages": self._count,
            "shown": states.count(SHOWN) + states.count(AWAY),
            "in_outage": len(self._away),
            "shown_in_outage": states.count(AWAY),
        }

    def scores(self) -> dict[str, Any]:
        """Return how many pages are in each state."""
        states = [self._state(answer) for answer in self._answers.copy().values()]
        return {state: states.count(state) for state in _STATES}

    def settle(self) -> None:
        """Return when every customer has an answer."""
        until(lambda: len(self._answers) >= self._count)
        self._draw()

    def _state(self, answer: Answer) -> str:
        if not answer.is_accepted:
            return FAILED
        return AWAY if answer.number in self._away else SHOWN

    def _feeds(self) -> Iterator[Feed]:
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _draw(self) -> None:
        for number, answer in self._answers.copy().items():
            if number not in self._drawn:
                self._drawn.add(number)
                x = number % _ACROSS
                y = number // _ACROSS
                state = self._state(answer)
                self._live.push(id=[number], what=["page"], x=[x], y=[y], state=[state])


def pages_chart(pages: int) -> alt.Chart:
    """Return a block of squares, one for each page."""
    live = only(alt.Chart(alt.NamedData("live")), ["page"])
    rows = -(-pages // _ACROSS)
    scale = alt.Scale(domain=_STATES, range=_HUES)
    legend = alt.Legend(orient="bottom", title=None, columns=1, labelLimit=0)  # none is cut off
    chart: alt.Chart = (
        live.transform_calculate(right="datum.x + 0.85", bottom="datum.y + 0.85")
        .mark_rect()
        .encode(
            x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, _ACROSS], nice=False)),
            x2="right:Q",
            y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[rows, 0], nice=False)),
            y2="bottom:Q",
            color=alt.Color("state:N", scale=scale, legend=legend),
            tooltip="state:N",
        )
        .properties(height=40 * rows)
    )
    return chart
