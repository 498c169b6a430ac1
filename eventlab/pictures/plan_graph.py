"""The plan of a query as a graph, with what flows along its edges while the query runs."""

import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from eventlab.checked import checked
from eventlab.live import LiveChart
from eventlab.live.widget import Feed
from eventlab.pictures.picture import Picture
from eventlab.pictures.plan_chart import plan_chart
from eventlab.pictures.plan_rows import COLUMNS, Flowing, PlanRows, Row
from eventlab.pictures.plan_words import plan_words
from eventlab.sql.answers import Explained
from eventlab.sql.planning.graphs import graph_of

if TYPE_CHECKING:
    from pandas import DataFrame

_PER_SECOND = 4.0
_MARKS = 13  # of which the rates are taken: three seconds
_LEAST_SECONDS = 0.2  # of less nobody knows a rate
_SAYS = {
    "running": "is running",
    "paused": "is paused",
    "failed": "has failed",
    "ended": "has ended",
}
_HINT = ("at an arrow: rows a second, and in all", "hint")
_STATEMENT = "The plan of a statement"


class PlanGraph(Picture):
    """Draw the plan of a query: its topics, its steps, and the state that steps keep.

    Beside each edge of a query that runs stand how many rows go along it a second, over the last
    three, and how many have since it began. What ended it is said under the picture. The plan of a
    statement that is not run stands still. `rows` are the same plan as a DataFrame.
    """

    @checked
    def __init__(self, explained: Explained) -> None:
        self._explained = explained
        self._query = explained.query
        graph = graph_of(explained.plan, explained.target)
        has_query = self._query is not None
        self._drawing = PlanRows(graph, heads=2 if has_query else 1, has_counts=has_query)
        self._marks: deque[tuple[float, dict[int, int]]] = deque(maxlen=_MARKS)
        self._drawn: dict[str, Row] = {}
        self._has_said = False
        self._words = plan_words(graph)
        self._live = _PlanChart(
            plan_chart(self._drawing.columns, self._drawing.height),
            self._alt(),
            "\n".join(f"{number}. {what}: {columns}" for number, what, columns in explained.rows),
        )
        super().__init__(self._live)

    @property
    def rows(self) -> "DataFrame":
        """Return the plan as rows: the number of each step, what it does, and what it gives."""
        return self._explained.frame()

    def scores(self) -> dict[str, Any]:
        """Return how many rows the query has written."""
        query = self._query
        return {} if query is None else {"rows written": list(query.counts.values())[-1]}

    def settle(self) -> None:
        """Draw what has been counted."""
        self._try_to(self._draw)

    def _feeds(self) -> Iterator[Feed]:
        self._draw()
        if self._query is not None:
            yield self._again(self._draw, _PER_SECOND)

    def _draw(self) -> None:
        """Draw what has changed."""
        rows = {row["id"]: row for row in self._rows()}
        changed = [row for name, row in rows.items() if self._drawn.get(name) != row]
        if changed:
            self._drawn = rows
            self._live.push(**{name: [row.get(name) for row in changed] for name in COLUMNS})

    def _rows(self) -> list[Row]:
        query = self._query
        if query is None:
            return self._drawing.rows({}, [(_STATEMENT, "name")])
        state = query.state
        self._say(query.error)
        self._live.alt = self._alt()
        heads = [(f"{query.query_id} {_SAYS[state]}", state), _HINT]
        return self._drawing.rows(self._flowing(is_running=state == "running"), heads)

    def _alt(self) -> str:
        query = self._query
        head = _STATEMENT if query is None else f"{query.query_id} {_SAYS[query.state]}"
        return f"{head}. {self._words}"

    def _flowing(self, *, is_running: bool) -> dict[int, Flowing]:
        assert self._query is not None
        counts = self._query.counts
        now = time.monotonic()
        if not is_running:
            self._marks.clear()
            return {step: Flowing(count, None) for step, count in counts.items()}
        self._marks.append((now, counts))
        since, before = self._marks[0]
        seconds = now - since
        if seconds < _LEAST_SECONDS:
            return {step: Flowing(count, None) for step, count in counts.items()}
        return {
            step: Flowing(count, (count - before[step]) / seconds) for step, count in counts.items()
        }

    def _say(self, error: BaseException | None) -> None:
        """Let the line under the picture say what ended the query, as long as it is so."""
        if error is not None:
            self._live.report(error)
        elif self._has_said:
            self._live.trouble = ""
        self._has_said = error is not None


class _PlanChart(LiveChart):
    """The chart of a plan, whose text is the plan in words."""

    def __init__(self, chart: Any, alt: str, text: str) -> None:
        self._text = text
        super().__init__(chart, alt=alt, key="id")

    def __repr__(self) -> str:
        return self._text
