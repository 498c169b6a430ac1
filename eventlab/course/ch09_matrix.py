"""Chapter 09: the picture of who is connected to whom, and what it counts."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import altair as alt
import msgspec

from eventlab.course.ch09 import AHEAD, Row, Step
from eventlab.course.ch09_stores import Store
from eventlab.course.ch09_system import CALL, FILE, LOG, SYSTEMS
from eventlab.course.waiting import until
from eventlab.lab.verbs import Verbs
from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS, GREY
from eventlab.live.widget import Feed
from eventlab.log import Batch
from eventlab.log.committed import committed
from eventlab.pictures.layers import Layers, only
from eventlab.pictures.picture import Picture
from eventlab.services import Answer
from eventlab.services.tracing import Span

DIRECT = "point to point"
WRITES = "writes"
READS = "reads"
HUES = {CALL: COLOURS["table"], FILE: COLOURS["late"], LOG: COLOURS["stream"]}

_LOOKS_PER_SECOND = 4
_SETTLE_SECONDS = 20.0
_MOST = len(SYSTEMS)
_LABELS = 4.6  # the room for names, in cells
_GAP = 1.6
_STRIPE = _MOST + _GAP
_COLUMNS = {WRITES: _STRIPE, READS: _STRIPE + 1}

Pair = tuple[str, str]


class Matrix(Picture):
    """Draw who is connected to whom, point to point, and who is connected to the log.

    All is counted from outside: the calls from the spans of those that called, the files in the
    folder of the run, who writes to the log from the spans, and who reads from what its group has
    committed at the broker. `systems` are named in the order in which they come.
    """

    def __init__(
        self, lab: Verbs, folder: Path, steps: Sequence[Step], systems: Sequence[str]
    ) -> None:
        self._live = LiveChart(
            matrix_chart(),
            alt="Which systems are connected, point to point and through a log, and how many ways",
            key="id",
        )
        super().__init__(self._live)
        self._lab = lab
        self._folder = folder
        self._steps = steps
        self._systems = list(systems)
        self._topics = {lab.topic(name).name: name for name in systems}
        self._answers = 0
        self._called: set[Pair] = set()
        self._written: set[str] = set()
        self._read: dict[str, set[str]] = {name: set() for name in systems}
        self._drawn: dict[str, Row] = {}

    # -- what happens -----------------------------------------------------------------------------

    def story(self) -> Iterator[Step]:
        """Yield what happens, each step when every system has answered to the one before."""
        for number, step in enumerate(self._steps):
            if number >= AHEAD:
                self._until_answered(number)
            yield step

    def answered(self, _answer: Answer) -> None:
        """Count one more answer of a system."""
        self._answers += 1

    # -- what is there ----------------------------------------------------------------------------

    def connections(self) -> dict[Pair, str]:
        """Return the ways that lead from one system straight to another, each with its kind."""
        called = dict.fromkeys(self._called.copy(), CALL)
        return called | dict.fromkeys(self._files(), FILE)

    def log_connections(self) -> set[Pair]:
        """Return who writes to the log, and who reads from it."""
        writes = {(name, WRITES) for name in self._written.copy()}
        return writes | {(name, READS) for name, owners in self._read.items() if owners}

    def counted(self, number: int) -> Row:
        """Return how many connections the first so many systems have among them, in both ways."""
        first = set(self._systems[:number])
        return {
            DIRECT: sum(first.issuperset(pair) for pair in self.connections()),
            LOG: sum(name in first for name, _ in self.log_connections()),
        }

    def copies(self, *ways: str) -> int:
        """Return how many copies of another system's rows have come in these ways."""
        stores = [Store(self._folder, name) for name in self._systems]
        return sum(len(store.owners(way)) for store in stores for way in ways)

    def figures(self) -> Row:
        """Return what the chapter's claim needs: counts for all systems, and for half of them."""
        everybody = self.counted(len(self._systems))
        half = self.counted(len(self._systems) // 2)
        return {
            "systems": len(self._systems),
            "direct": everybody[DIRECT],
            "by_log": everybody[LOG],
            "direct_of_half": half[DIRECT],
            "by_log_of_half": half[LOG],
            "copies": self.copies(CALL, FILE),
            "copies_by_log": self.copies(LOG),
        }

    def scores(self) -> dict[str, Any]:
        """Return how many connections there are, and how many copies."""
        found = self.figures()
        return {
            f"connections {DIRECT}": found["direct"],
            f"connections {LOG}": found["by_log"],
            f"copies {DIRECT}": found["copies"],
            f"copies {LOG}": found["copies_by_log"],
        }

    def settle(self) -> None:
        """Return when everybody has everything, and all of it is known from outside."""
        self._until_answered(len(self._steps))
        until(self._is_complete, seconds=_SETTLE_SECONDS)
        self._draw()

    # -- how --------------------------------------------------------------------------------------

    def _until_answered(self, steps: int) -> None:
        until(lambda: self._answers >= steps * len(self._systems))

    def _is_complete(self) -> bool:
        self._look_at_groups()
        others = len(self._systems) - 1
        wanted = len(self._systems) * others
        has_read = all(len(owners) == others for owners in self._read.values())
        return has_read and len(self.connections()) == self.copies(LOG) == wanted

    def _files(self) -> list[Pair]:
        return [_ends(file) for file in self._folder.glob("*.csv")]

    def _look_at_groups(self) -> None:
        places = [(topic, 0) for topic in self._topics]
        for name, owners in self._read.items():
            if len(owners) < len(self._systems) - 1:
                found = committed(self._lab.cluster, self._lab.name(name), places)
                owners.update(self._topics[topic] for topic, _ in found)

    def _feeds(self) -> Iterator[Feed]:
        yield self._follow(self._lab.topic("spans"), self._note)
        yield self._again(self._look, _LOOKS_PER_SECOND)

    def _note(self, batch: Batch) -> None:
        for fields in batch.fields:
            for span in msgspec.convert(fields["value"], list[Span]):
                if span.kind == "client" and span.status == "ok":
                    self._called.add((span.service, span.peer))
                if span.kind == "producer" and span.status == "ok":
                    self._written.add(span.service)

    def _look(self) -> None:
        self._look_at_groups()
        self._draw()

    # -- the picture ------------------------------------------------------------------------------

    def _draw(self) -> None:
        rows = [*self._cells(), *self._stripe(), *self._names(), *self._curve()]
        new = [row for row in rows if self._drawn.get(row["id"]) != row]
        self._drawn |= {row["id"]: row for row in new}
        if new:
            self._live.push(**{name: [row[name] for row in new] for name in new[0]})

    def _cells(self) -> Iterator[Row]:
        for (owner, other), kind in self.connections().items():
            across = SYSTEMS.index(other)
            yield _row("cell", f"{owner} to {other}", across, SYSTEMS.index(owner), kind)

    def _stripe(self) -> Iterator[Row]:
        for name, what in self.log_connections():
            yield _row("cell", f"{name} {what}", _COLUMNS[what], SYSTEMS.index(name), LOG)

    def _names(self) -> Iterator[Row]:
        now = self.counted(len(self._systems))
        yield _row("title", f"{DIRECT}: {now[DIRECT]}", 0, -1, DIRECT, name=DIRECT)
        yield _row("title", f"log: {now[LOG]}", _STRIPE, -1, LOG, name=LOG)
        for name in self._systems:
            yield _row("name", name, -0.2, SYSTEMS.index(name), "")

    def _curve(self) -> Iterator[Row]:
        for number in range(2, len(self._systems) + 1):
            for way, count in self.counted(number).items():
                if count:
                    words = f"{number} systems, {way}: {count}"
                    yield _row("dot", words, number, count, way, name=f"{number} {way}")


def _ends(file: Path) -> Pair:
    owner, _, other = file.stem.partition(" to ")
    return owner, other


def _row(what: str, words: str, x: float, y: float, kind: str, name: str = "") -> Row:
    key = f"{what} {name or words}"
    return {"id": key, "what": what, "x": x, "y": y, "kind": kind, "words": words}


def matrix_chart() -> alt.VConcatChart:
    """Return the chart: the matrix and the log's stripe above, the two counts as curves below."""
    chart: alt.VConcatChart = alt.vconcat(_cells(), _curve(), spacing=10)
    return chart


def _cells() -> Layers:
    live = alt.Chart(alt.NamedData("live"))
    end = _STRIPE + len(_COLUMNS)
    scale = alt.Scale(domain=[-_LABELS, end + 1], nice=False)
    across = alt.X("x:Q", scale=scale, axis=None)
    down = alt.Y("y:Q", scale=alt.Scale(domain=[_MOST, -2], nice=False), axis=None)
    cells = (
        only(live, ["cell"])
        .transform_calculate(right="datum.x + 0.86", bottom="datum.y + 0.86")
        .mark_rect(cornerRadius=2)
        .encode(x=across, x2="right:Q", y=down, y2="bottom:Q", color=_colour(), tooltip="words:N")
    )
    names = only(live, ["name"]).mark_text(align="right", baseline="middle", dy=11, fontSize=11)
    titles = only(live, ["title"]).mark_text(align="left", fontSize=14, fontWeight="bold")
    return alt.layer(
        _frames(across, down),
        cells,
        names.encode(x=across, y=down, text="words:N"),
        titles.encode(x=across, y=down, text="words:N"),
    ).properties(height=300)


def _frames(across: alt.X, down: alt.Y) -> alt.Chart:
    """Return the room that there is for connections, before there are any."""
    rooms = [
        {"x": 0, "y": 0, "right": _MOST, "bottom": _MOST},
        {"x": _STRIPE, "y": 0, "right": _STRIPE + len(_COLUMNS), "bottom": _MOST},
    ]
    frames = alt.Chart(alt.InlineData(values=rooms)).mark_rect(color="#F2F2F2")
    drawn: alt.Chart = frames.encode(x=across, x2="right:Q", y=down, y2="bottom:Q")
    return drawn


def _colour() -> alt.Color:
    kinds = list(HUES)
    scale = alt.Scale(domain=kinds, range=[HUES[kind] for kind in kinds])
    return alt.Color("kind:N", scale=scale, legend=alt.Legend(orient="bottom", title=None))


def _curve() -> Layers:
    dots = only(alt.Chart(alt.NamedData("live")), ["dot"])
    across = alt.X(
        "x:Q",
        title="systems",
        scale=alt.Scale(domain=[1, _MOST + 1], nice=False),
        axis=alt.Axis(values=list(range(2, _MOST + 1, 2))),
    )
    most = _MOST * _MOST
    up = alt.Y("y:Q", title="connections", scale=alt.Scale(domain=[0, most]))
    hues = alt.Scale(domain=[DIRECT, LOG], range=[GREY, COLOURS["stream"]])
    colour = alt.Color("kind:N", scale=hues, legend=None)
    line = dots.mark_line(point=alt.OverlayMarkDef(size=50, filled=True))
    drawn = line.encode(x=across, y=up, color=colour, tooltip="words:N")
    return alt.layer(drawn).resolve_scale(color="independent").properties(height=150)
