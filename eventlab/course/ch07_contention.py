"""Chapter 07: more and more services handle the same orders, in two designs; and their picture."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from eventlab.course.ch07_charts import (
    as_columns,
    contention_chart,
    measured_rows,
    panel_tops,
    queue_rows,
)
from eventlab.course.ch07_load import (
    Handled,
    count_waited,
    mean_waited_seconds,
    median_per_second,
    nothing,
)
from eventlab.course.ch07_orders import EachOrder
from eventlab.course.ch07_queue import Edge
from eventlab.course.ch07_table import DESIGNS, OWN, SERVICES, SHARED, Both, is_written
from eventlab.database.locks import WAITS
from eventlab.errors import CallError, DatabaseError
from eventlab.events import Order
from eventlab.lab.verbs import Verbs
from eventlab.live import LiveChart
from eventlab.live.widget import Feed

A_SECOND = "handled a second"
WAITED = "had to wait at the end"
WRONG = "wrong amounts"
AGAIN = "work done again at the end"

# A row is waited for by its tuple, or by the transaction that holds it.
_LOCKS_OF_ROWS = {"tuple", "transactionid"}
_LOOKS_PER_SECOND = 8
_LOOKS = 12  # at most, six while one of them works
_HELD_UP = 0.5  # of the work of one: who waits for longer has waited for another


class Contention(EachOrder):
    """Draw what services get done together, and how long they wait, against their number.

    They handle each order at the same moment: those at the shared table, and then those with views
    of their own. With the orders they become more, from one to all. `work` are the seconds of
    each one's own work; `writes` of 100 orders are written, and the others only read.
    """

    def __init__(
        self, lab: Verbs, both: Both, story: Sequence[Order], *, work: float, writes: int = 100
    ) -> None:
        chart = LiveChart(
            contention_chart(len(SERVICES), work),
            alt="What services get done a second, and how long they wait, against their number",
            key="id",
        )
        super().__init__(lab, both, story, chart)
        self._work = work
        self._writes = writes
        self._line = both.database.connect(autocommit=True, name="picture")
        self._edges: list[Edge] = []
        self._wanted = ""
        self._tops = panel_tops(len(SERVICES), work)
        self._wrong: int | None = None
        self.most = len(both.names)
        self.handled: dict[tuple[str, int], list[Handled]] = {
            (design, number): [] for design in DESIGNS for number in range(1, self.most + 1)
        }

    # -- what came of it --------------------------------------------------------------------------

    def waited(self, design: str) -> int:
        """Return how often a service waited for another one, of the time when all were there."""
        return count_waited(self.handled[design, self.most], _HELD_UP * self._work)

    def per_second(self, design: str, number: int) -> float:
        """Return how many orders a second so many services handled, all together."""
        return median_per_second(self.handled[design, number])

    def grown(self) -> float:
        """Return how many times as much all services get done at the shared table as one alone.

        One alone is taken in its better design: the first orders of a play come to cold caches.
        """
        alone = max(self.per_second(design, 1) for design in DESIGNS)
        return self.per_second(SHARED, self.most) / alone if alone else 0.0

    def done_again(self) -> int:
        """Return how often work at the shared table was done in vain, as its services count."""
        last = self.handled[SHARED, self.most]
        return sum(max(0, one.works - len(one.waited_seconds)) for one in last)

    def figures(self) -> dict[str, Any]:
        """Return what the chapter's claim needs, of the time when all services were there."""
        shared = self.per_second(SHARED, self.most)
        own = self.per_second(OWN, self.most)
        last = self.handled[SHARED, self.most]
        return {
            "services": self.most,
            "handled": sum(len(one.waited_seconds) for one in last),
            "shared_waited": self.waited(SHARED),
            "own_waited": self.waited(OWN),
            "shared_a_second": round(shared, 1),
            "own_a_second": round(own, 1),
            "factor": round(own / shared, 2) if shared else 0.0,
            "wrong": self._wrong or 0,
        }

    def scores(self) -> dict[str, Any]:
        """Return what a stage's scoreboard shows: the rates of as many services as there are now.

        What is counted at the end is of the time when all of them are there.
        """
        rates = {f"{one}: {A_SECOND}": self.per_second(one, self._now(one)) for one in DESIGNS}
        shown: dict[str, Any] = {name: round(rate) if rate else "–" for name, rate in rates.items()}
        last = {f"{one}: {WAITED}": self.waited(one) for one in DESIGNS}
        last[AGAIN] = self.done_again()
        has_ended = bool(self.handled[SHARED, self.most])
        shown |= last if has_ended else dict.fromkeys(last, "–")
        return shown | {WRONG: "–" if self._wrong is None else self._wrong}

    def settle(self) -> None:
        """Return when all orders are handled, and what they come to was compared."""
        super().settle()
        if self._wrong is None:
            self._compare()
        self._draw()

    # -- how --------------------------------------------------------------------------------------

    def _feeds(self) -> Iterator[Feed]:
        for design in DESIGNS:  # the first query connects
            self._load.handle(self._both.services(design), self._story[0], writes=False)
        yield from super()._feeds()
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _take(self, order: Order) -> None:
        """Let as many services as there are by now handle an order, in both designs."""
        number = self._services_at(self._number)
        writes = is_written(self._number, self._writes)
        for design in DESIGNS if self._number % 2 else reversed(DESIGNS):
            services = self._both.services(design)[:number]
            meanwhile = partial(self._look, number) if design == SHARED else nothing
            handled = self._load.handle(services, order, writes=writes, meanwhile=meanwhile)
            self.handled[design, number].append(handled)
        if self._number + 1 == len(self._story):
            with suppress(CallError, DatabaseError):  # broken by hand: who waits for it hears it
                self._compare()

    def _compare(self) -> None:
        """Compare all amounts with the shop's own list of orders."""
        self._wrong = self._both.wrong(self._written())

    def _now(self, design: str) -> int:
        """Return how many services there were at the last order that was handled."""
        there = [number for number in range(1, self.most + 1) if self.handled[design, number]]
        return max(there, default=1)

    def _services_at(self, order: int) -> int:
        """Return how many services there are when the order of this number comes."""
        return order * self.most // len(self._story) + 1

    def _written(self) -> dict[str, list[Order]]:
        """Return the orders that each service has written."""
        orders = [
            (self._services_at(number), order)
            for number, order in enumerate(self._story)
            if is_written(number, self._writes)
        ]
        return {
            name: [order for services, order in orders if services > place]
            for place, name in enumerate(self._both.names)
        }

    def _look(self, services: int) -> None:
        """Ask the database who waits for whom, until it is all but one, or for a while."""
        seen: list[Any] = []
        for _ in range(_LOOKS):
            time.sleep(2 * self._work / _LOOKS)
            seen = max(seen, self._line.execute(WAITS.encode()).fetchall(), key=len)
            if len({row[0] for row in seen}) >= services - 1:
                break
        if seen:
            self._edges = [(row[1], row[3]) for row in seen]
            self._wanted = _wanted(seen)

    def _draw(self) -> None:
        rows = queue_rows(self._edges, self._wanted)
        for number in range(1, self.most + 1):
            found = {design: self.handled[design, number] for design in DESIGNS}
            measured = {design: _measured(handled) for design, handled in found.items() if handled}
            rows += measured_rows(number, measured, self._tops)
        self._live.replace(**as_columns(rows))


def _measured(handled: Sequence[Handled]) -> dict[str, float]:
    waited = 1000 * mean_waited_seconds(handled)
    return {"per_second": median_per_second(handled), "waited_ms": waited}


def _wanted(rows: Sequence[Any]) -> str:
    """Return what those of `WAITS` wait for, in words."""
    table = next((row[4] for row in rows if row[4]), "a table")
    is_row = all(row[5] in _LOCKS_OF_ROWS for row in rows)
    return f"a row of {table}" if is_row else str(table)
