"""Chapter 03, going further: a service changed while the others work."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import altair as alt

from eventlab.course.ch03 import overdue, require_length
from eventlab.course.waiting import LONGEST_SECONDS, until
from eventlab.events import Order
from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.live.widget import Feed
from eventlab.log import Batch, Topic
from eventlab.pictures.picture import Picture
from eventlab.services import Answer, Service

_LOOKS_PER_SECOND = 10

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
        until(lambda: all(self._state(number) != WAITING for number in range(self._asked)))

    def _orders_until(self, number: int) -> Iterator[Order]:
        while self._asked < number:
            order = self._story[self._asked]
            self._asked += 1
            yield order
        if not until(lambda: len(self._answers) >= number):
            raise overdue(LONGEST_SECONDS)

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
