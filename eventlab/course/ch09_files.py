"""Chapter 09, going further: files with their classic faults, and what became of each order."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import altair as alt

from eventlab.course.ch09 import Row
from eventlab.course.ch09_stores import until
from eventlab.events import Order
from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.live.widget import Feed
from eventlab.log import Batch, Topic
from eventlab.pictures.layers import only
from eventlab.pictures.picture import Picture

NIGHTS = ["as it should", "half-written", "late", "twice"]
FIELDS = ["order_id", "product_id", "quantity"]

WAITING = "not loaded yet"
ONCE = "loaded once"
TWICE = "loaded twice"
LOST = "lost"
_STATES = [WAITING, ONCE, TWICE, LOST]
_HUES = ["#DDDDDD", COLOURS["table"], COLOURS["late"], COLOURS["lost"]]

_LOOKS_PER_SECOND = 8
_ROW_PIXELS = 44

Write = Callable[[Path, Sequence[Row], Callable[[], object]], object]
Read = Callable[[Path, set[str]], Iterable[Row]]


class Nights(Picture):
    """Draw what becomes of each order whose sale comes by a file, night by night.

    Each night a share of the story is written by `write(file, rows, at_half)`, to the name that
    `named` has for the night; `read(folder, loaded)` gives the rows that it loads when it looks.
    One night is as it should be. In the second the reader looks while half of the file is written,
    in the third before it is written at all, and in the fourth the file is written once more after
    it was read. The next hour it looks again if it `looks_again`.
    """

    def __init__(
        self,
        orders: Topic,
        story: Sequence[Order],
        folder: Path,
        *,
        write: Write,
        read: Read,
        named: Callable[[int], str],
        looks_again: bool,
    ) -> None:
        self._per_night = len(story) // len(NIGHTS)
        self._live = LiveChart(
            nights_chart(self._per_night),
            alt="Each order as a square, a row for each night: loaded once, twice, or lost",
            key="id",
        )
        super().__init__(self._live)
        self._orders = orders
        self._folder = folder
        self._write = write
        self._read = read
        self._named = named
        self._looks_again = looks_again
        self._rows: list[Row] = []  # as they come out of the log
        self._loaded: set[str] = set()
        self._times: Counter[str] = Counter()
        self._nights = 0
        self._drawn: dict[str, str] = {}

    def figures(self) -> Row:
        """Return how many orders the log had, and how many of them the files lost or doubled."""
        counts = Counter(self.states().values())
        in_log = len({row["order_id"] for row in self._rows})
        return {
            "orders": self._per_night * len(NIGHTS),
            "in_log": in_log,
            "loaded": counts[ONCE],
            "lost": counts[LOST],
            "doubled": counts[TWICE],
        }

    def scores(self) -> dict[str, Any]:
        """Return how many orders are in each state."""
        counts = Counter(self.states().values())
        return {state: counts[state] for state in _STATES[1:]}

    def settle(self) -> None:
        """Return when the last night is over."""
        until(lambda: self._nights == len(NIGHTS))
        self._draw()

    def states(self) -> dict[str, str]:
        """Return what became of each order that has come, by its id."""
        rows = self._rows.copy()
        return {
            row["order_id"]: self._state(row["order_id"], number) for number, row in enumerate(rows)
        }

    # -- how --------------------------------------------------------------------------------------

    def _state(self, order: str, number: int) -> str:
        times = self._times[order]
        if times:
            return ONCE if times == 1 else TWICE
        is_over = self._nights == len(NIGHTS) or number < self._per_night * (self._nights - 1)
        return LOST if is_over else WAITING

    def _feeds(self) -> Iterator[Feed]:
        yield self._follow(self._orders, self._take)
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _take(self, batch: Batch) -> None:
        for fields in batch.fields:
            self._rows.append(fields)
            if len(self._rows) % self._per_night == 0 and self._nights < len(NIGHTS):
                self._night(self._rows[-self._per_night :])

    def _night(self, rows: Sequence[Row]) -> None:
        file = self._folder / self._named(self._nights)
        fault = NIGHTS[self._nights]
        wanted = [{name: row[name] for name in FIELDS} for row in rows]
        if fault == "late":
            self._look()
        self._write(file, wanted, self._look if fault == "half-written" else _nothing)
        if fault in ("as it should", "twice"):
            self._look()
        if fault == "twice":
            self._write(file, wanted, _nothing)
            self._look()
        if self._looks_again:
            self._look()
        self._nights += 1

    def _look(self) -> None:
        self._times.update(row["order_id"] for row in self._read(self._folder, self._loaded))

    def _draw(self) -> None:
        for number, (order, state) in enumerate(self.states().items()):
            if self._drawn.get(order) != state and number < self._per_night * len(NIGHTS):
                self._drawn[order] = state
                night = NIGHTS[number // self._per_night]
                place = number % self._per_night
                self._live.push(id=[order], what=["order"], night=[night], x=[place], state=[state])


def _nothing() -> None:
    """Happen not at all."""


def nights_chart(per_night: int) -> alt.Chart:
    """Return a row of squares for each night."""
    live = only(alt.Chart(alt.NamedData("live")), ["order"])
    across = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, per_night], nice=False))
    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=_STATES, range=_HUES),
        legend=alt.Legend(orient="bottom", title=None, columns=alt.ExprRef("width < 230 ? 1 : 2")),
    )
    chart: alt.Chart = (
        live.transform_calculate(right="datum.x + 0.85")
        .mark_rect(height={"band": 0.8})
        .encode(
            x=across,
            x2="right:Q",
            y=alt.Y("night:N", title=None, scale=alt.Scale(domain=NIGHTS)),
            color=colour,
            tooltip=["night:N", "state:N"],
        )
        .properties(height=_ROW_PIXELS * len(NIGHTS))
    )
    return chart


def why_files(kept: Row, broken: Row) -> str:
    """Return what careless files lost and doubled, and what careful ones did, in a sentence."""
    return (
        f"The careless file lost {broken[LOST]} orders and doubled {broken[TWICE]}. In the run"
        f" beside it {kept[LOST]} were lost and {kept[TWICE]} doubled."
    )
