"""Chapter 09: the picture of who is connected to whom, and what it counts."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eventlab.course.ch09 import AHEAD, Row, Step
from eventlab.course.ch09_charts import DIRECT, READS, WRITES, matrix_chart, row_drawn
from eventlab.course.ch09_stores import Store, until
from eventlab.course.ch09_system import CALL, FILE, LOG
from eventlab.lab.verbs import Verbs
from eventlab.live import LiveChart
from eventlab.live.widget import Feed
from eventlab.log import Batch
from eventlab.log.committed import committed
from eventlab.pictures.picture import Picture
from eventlab.services import Answer
from eventlab.services.span import spans_in

_LOOKS_PER_SECOND = 4
_SETTLE_SECONDS = 20.0
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
            matrix_chart(len(systems)),
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
        self._come = 0  # how many of the systems are there
        self._called: set[Pair] = set()
        self._written: set[str] = set()
        self._read: dict[str, set[str]] = {name: set() for name in systems}
        self._drawn: dict[str, Row] = {}
        self._drawing = threading.Lock()  # it is drawn by a ticker, and when all has settled

    # -- what happens -----------------------------------------------------------------------------

    def story(self) -> Iterator[Step]:
        """Yield what happens, each step when every system has answered to the one before."""
        for number, step in enumerate(self._steps):
            if number >= AHEAD:
                self._until_answered(number)
            self._come = len(step.there)
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
        until(self._is_complete, _SETTLE_SECONDS)
        self._draw()

    # -- how --------------------------------------------------------------------------------------

    def _until_answered(self, steps: int) -> None:
        until(lambda: self._answers >= steps * len(self._systems))

    def _is_complete(self) -> bool:
        self._look_at_groups()
        others = len(self._systems) - 1
        wanted = len(self._systems) * others
        has_read = all(len(owners) == others for owners in self._read.values())
        has_written = len(self._written) == len(self._systems)
        return has_read and has_written and len(self.connections()) == self.copies(LOG) == wanted

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
            for span in spans_in(fields["value"]):
                if span.kind == "client" and span.status == "ok" and span.peer:
                    self._called.add((span.service, span.peer))
                if span.kind == "producer" and span.status == "ok":
                    self._written.add(span.service)

    def _look(self) -> None:
        self._look_at_groups()
        self._draw()

    # -- the picture ------------------------------------------------------------------------------

    def _draw(self) -> None:
        with self._drawing:
            rows = [*self._cells(), *self._words(), *self._curve()]
            new = [row for row in rows if self._drawn.get(row["id"]) != row]
            self._drawn |= {row["id"]: row for row in new}
            if new:
                self._live.push(**{name: [row[name] for row in new] for name in new[0]})

    def _cells(self) -> Iterator[Row]:
        places = {name: place for place, name in enumerate(self._systems)}
        for (owner, other), kind in self.connections().items():
            yield row_drawn("cell", f"{owner} to {other}", places[other], places[owner], kind)
        for name, what in self.log_connections():
            column = [WRITES, READS].index(what)
            yield row_drawn("log", f"{name} {what}", column, places[name], LOG)

    def _words(self) -> Iterator[Row]:
        for way, count in self.counted(len(self._systems)).items():
            yield row_drawn("count", str(count), 0, 0, way, name=way)
        for place, name in enumerate(self._systems):
            yield row_drawn("name", name, 0, place)

    def _curve(self) -> Iterator[Row]:
        for number in range(2, self._come + 1):
            for way, count in self.counted(number).items():
                if count:
                    words = f"{number} systems, {way}: {count}"
                    yield row_drawn("dot", words, number, count, way, name=f"{number} {way}")


def _ends(file: Path) -> Pair:
    owner, _, other = file.stem.partition(" to ")
    return owner, other
