"""Chapter 05: the picture of orders that their customers look at right after placing them."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import altair as alt

from eventlab.course.ch05 import Row, until
from eventlab.course.outages import outage
from eventlab.errors import CallError
from eventlab.events import Order
from eventlab.lab.verbs import Verbs
from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.live.widget import Feed
from eventlab.pictures.layers import Layers
from eventlab.pictures.picture import Picture
from eventlab.services import Answer, Faults, FaultSchedule, HttpService

_LOOKS_PER_SECOND = 8
SHOWN = "their order"
NOT_YET = "“safe, will show soon”"
UNKNOWN = "“no such order”"
FAILED = "an error"
_SEEN = {"200": SHOWN, "202": NOT_YET, "404": UNKNOWN}
_MOST_MS = 1_200.0
HOLD = "Hold the view back"
GO_ON = "Let it go on"
LATE = Faults(latency_seconds=0.05)
HANG = Faults(mode="hang")


class OwnWrites(Picture):
    """Draw what each customer sees who looks at an order right after having placed it.

    What happens to the view's way to the log meanwhile is in `outages`.
    """

    def __init__(self, lab: Verbs, story: Sequence[Order]) -> None:
        self._live = LiveChart(
            own_writes_chart(len(story)),
            alt="Each order as a bar: how long its customer waited for the page, and what it said",
            key="number",
        )
        super().__init__(self._live)
        self._lab = lab
        self._story = story
        self._answers: dict[int, Answer] = {}
        self._drawn: set[int] = set()

    def answered(self, answer: Answer) -> None:
        """Take in what one customer saw."""
        self._answers[answer.number] = answer

    def hold(self) -> None:
        """Let nothing of the log reach the view."""
        self._lab.link("pages", "log").set(HANG)

    def go_on(self) -> None:
        """Let the log reach the view, as late as ever."""
        self._lab.link("pages", "log").set(LATE)

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what a stage offers buttons for."""
        return {HOLD: self.hold, GO_ON: self.go_on}

    def scores(self) -> dict[str, Any]:
        """Return how many customers saw what."""
        counts = Counter(map(_seen, list(self._answers.values())))
        return {seen: counts[seen] for seen in (SHOWN, NOT_YET, UNKNOWN)}

    def figures(self) -> Row:
        """Return what the claim needs: what customers saw, and how long they waited for it."""
        answers = list(self._answers.values())
        counts = Counter(map(_seen, answers))
        seconds = [answer.seconds for answer in answers if _seen(answer) == SHOWN]
        return {
            "orders": len(answers),
            "shown": counts[SHOWN],
            "not_yet": counts[NOT_YET],
            "stale": counts[UNKNOWN],
            "median_wait_ms": round(1000 * statistics.median(seconds or [0.0])),
        }

    def settle(self) -> None:
        """Return when every customer has an answer."""
        until(lambda: len(self._answers) >= len(self._story))

    # -- how ------------------------------------------------------------------------------------

    def _feeds(self) -> Iterator[Feed]:
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _draw(self) -> None:
        fresh = [one for one in list(self._answers.values()) if one.number not in self._drawn]
        self._drawn.update(one.number for one in fresh)
        if fresh:
            self._live.push(
                number=[one.number for one in fresh],
                end=[one.number + 0.8 for one in fresh],
                milliseconds=[min(1000 * one.seconds, _MOST_MS) for one in fresh],
                seen=[_seen(one) for one in fresh],
            )


def warm_up(front: HttpService) -> None:
    """Send an order ahead that is not in the story, so that none of the story's opens connections.

    It is written and looked for as any other, and nobody counts it.
    """
    with suppress(CallError):  # as for any other, there may be no such order yet
        front.ask("/", json={"order_id": "ahead of the story"})


def outages(story: Sequence[Order]) -> FaultSchedule:
    """Return what happens to the view's way to the log: it is late, and halfway it hangs."""
    held = held_of(story)
    parts = [
        (range(held.start), LATE),
        (held, HANG),
        (range(held.stop, len(story)), LATE),
    ]
    return FaultSchedule([outage(story, part, "pages to log", faults) for part, faults in parts])


def held_of(story: Sequence[Order]) -> range:
    """Return the numbers of the orders for which the view is held back."""
    return range(len(story) // 2, len(story) // 2 + len(story) // 4)


def _seen(answer: Answer) -> str:
    return _SEEN.get(answer.outcome, FAILED)


def own_writes_chart(orders: int) -> Layers:
    """Return the chart: a bar for each order, as long as its customer waited, and its end."""
    seen = alt.Scale(
        domain=[SHOWN, NOT_YET, UNKNOWN],
        range=[COLOURS["table"], COLOURS["late"], COLOURS["lost"]],
    )
    legend = alt.Legend(orient="top", title=None, columns=alt.ExprRef("width < 300 ? 1 : 3"))
    live = alt.Chart(alt.NamedData("live")).encode(
        x=alt.X(
            "milliseconds:Q",
            # Where a title is wider than the page, less and less is left for the bars.
            title=["milliseconds until", "the customer sees a page"],
            scale=alt.Scale(domain=[0, _MOST_MS], nice=False),
        ),
        color=alt.Color("seen:N", scale=seen, legend=legend),
        tooltip="seen:N",
    )
    down = alt.Y(
        "number:Q",
        title="orders, one after the other",
        scale=alt.Scale(domain=[orders, 0], nice=False),
    )
    bars = live.mark_rect().encode(x2=alt.datum(0), y=down, y2="end:Q")
    # A page that is there at once has hardly a bar: its end is what one sees.
    middle = alt.Y("middle:Q", scale=alt.Scale(domain=[orders, 0], nice=False))
    ends = live.transform_calculate(middle="datum.number + 0.4").mark_circle(size=45, opacity=1)
    return alt.layer(bars, ends.encode(y=middle)).properties(height=280)
