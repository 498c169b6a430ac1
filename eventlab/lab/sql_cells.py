"""The statements that cells have run, and what became of them: a cell that runs again replaces it.

What other cells have made of that begins anew with it, since the topic that it reads is emptied.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from eventlab.errors import EventlabError, SqlError
from eventlab.lab.notebook import Cell, running_cell
from eventlab.sql.answers import Answer
from eventlab.sql.catalog import Source
from eventlab.sql.engine import Engine
from eventlab.sql.grammar.parsing import Parsed
from eventlab.sql.running.standing import Standing
from eventlab.sql.syntax import AlterSource, Select


@dataclass
class _Made:
    """What a cell has made: the ids of its queries, the names of its streams and tables.

    `altered` has what it found and what it made of each that it altered.
    """

    cell: Cell
    queries: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    altered: list[tuple[Source, Source]] = field(default_factory=list)


class SqlCells:
    """Run the statements of cells on one engine; `say` is given what goes wrong besides."""

    def __init__(self, engine: Engine, say: Callable[[str], object]) -> None:
        self.engine = engine
        self._say = say
        self._made: list[_Made] = []

    def run(self, text: str) -> Iterator[Answer]:
        """Yield what each statement answers; what this cell had made before is ended first.

        Where one is not understood nothing is ended, and none is run. An INSERT INTO … SELECT that
        is there as it was goes on: run again, it would double its rows. Raises SqlError, with the
        text, and what else `Engine.execute` does.
        """
        try:
            yield from self._replacing(self.engine.parsed(text))
        except SqlError as error:
            error.text = text
            raise

    def _replacing(self, parsed: list[Parsed]) -> Iterator[Answer]:
        made = _Made(running_cell())
        going = self._going(made.cell)
        kept = self._kept(going, {one.text for one in parsed})
        below = self._below(going)
        self._end(going, kept, below)
        made.queries |= set(kept)
        self._made.append(made)
        try:
            for one in parsed:
                if one.text not in kept.values():
                    yield self._noted(made, one)
        finally:
            for query in below:
                self._make_again(query)

    def _going(self, cell: Cell) -> _Made:
        """Return all that earlier runs of a cell have made, and forget that they have."""
        going = _Made(cell)
        for one in [one for one in self._made if cell.is_again(one.cell)]:
            going.queries |= one.queries
            going.sources |= one.sources
            going.altered += one.altered
            self._made.remove(one)
        return going

    def _kept(self, going: _Made, texts: set[str]) -> dict[str, str]:
        """Return the texts of those insertions, by their queries, that go on as they are."""
        return {
            query.query_id: query.text
            for query in self.engine.queries.values()
            if query.query_id in going.queries
            and query.inserts
            and query.text in texts
            and query.state == "running"
            and not going.sources & _names(query)
        }

    def _below(self, going: _Made) -> list[Standing]:
        """Return the queries of other cells whose topics are emptied, in the order they began."""
        queries = list(self.engine.queries.values())
        own = [one for one in queries if one.query_id in going.queries]
        emptied = {one.target.name for one in own if not one.inserts}
        emptied |= {name for name in going.sources if self.engine.has_made_topic_of(name)}
        below = []
        for query in [one for one in queries if one.query_id not in going.queries]:
            if emptied & _names(query):
                below.append(query)
                emptied |= set() if query.inserts else {query.target.name}
        return below

    def _end(self, going: _Made, kept: dict[str, str], below: list[Standing]) -> None:
        queries = {one.query_id for one in below} | going.queries - set(kept)
        sources = {one.target.name for one in below if not one.inserts} | going.sources
        self.engine.take_back(queries, sources)
        known = self.engine.catalog.sources
        for before, after in reversed(going.altered):
            if known.get(after.name) is after:
                known[after.name] = before

    def _make_again(self, query: Standing) -> None:
        """Let a query of another cell begin anew, and stay that cell's own."""
        owners = [one for one in self._made if query.query_id in one.queries]
        try:
            for parsed in self.engine.parsed(query.text):
                self._noted(owners[0] if owners else _Made(Cell(None, 0)), parsed)
        except EventlabError as error:
            self._say(f"{query.query_id} could not begin anew: {error}")

    def _say_why_not_settled(self, name: str) -> None:
        """Say which queries of a stream or a table have failed, or are behind; not those paused."""
        for query in self.engine.queries.values():
            if query.target.name != name:
                continue
            if query.error is not None:
                self._say(f"{query.query_id} has failed, and {name} stands still: {query.error}")
            elif query.state == "running":
                self._say(f"{query.query_id} has not read all that is there: {name} may change")

    def _noted(self, made: _Made, parsed: Parsed) -> Answer:
        """Run a statement, and note what it has made, also where it fails after that."""
        match parsed.statement:
            case Select(query) if query.emit is None:
                if not self.engine.queries.settle(query.source.name):
                    self._say_why_not_settled(query.source.name)
        queries = set(self.engine.queries)
        sources = dict(self.engine.catalog.sources)
        try:
            return self.engine.answer(parsed)
        finally:
            made.queries |= set(self.engine.queries) - queries
            others = {
                name: one
                for name, one in self.engine.catalog.sources.items()
                if sources.get(name) is not one
            }
            if isinstance(parsed.statement, AlterSource):
                made.altered += [(sources[name], one) for name, one in others.items()]
            else:
                made.sources |= set(others)


def _names(query: Standing) -> set[str]:
    """Return the names of what a query reads, and of what it inserts into."""
    return query.reads | {query.target.name} if query.inserts else query.reads
