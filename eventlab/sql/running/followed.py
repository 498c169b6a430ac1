"""The topics of streams and tables that are followed: for pull queries, and for ASSERT VALUES."""

from collections.abc import Callable
from typing import TypeVar

import bytewax.operators as op
from bytewax.dataflow import Dataflow

from eventlab.flows.launching import made
from eventlab.log import Topic
from eventlab.sql.catalog import Source
from eventlab.sql.planning.plans import Read
from eventlab.sql.planning.rows import shape_of
from eventlab.sql.running.building import Builder
from eventlab.sql.running.collecting import Collector
from eventlab.sql.running.materialised import Materialised
from eventlab.sql.running.succession import Succession
from eventlab.sql.running.wires import Wires

Rows = TypeVar("Rows", bound=Materialised)


class Followed:
    """Follow a topic from the first time that it is asked for, until it is forgotten."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        self._tables: dict[str, Materialised] = {}
        self._successions: dict[str, Succession] = {}
        self._number = 0

    def table(self, source: Source) -> Materialised:
        """Return the rows of a table as they are now."""
        return self._followed(self._tables, source, Materialised)

    def in_order(self, source: Source) -> Succession:
        """Return the rows of a source one after the other, from the first one on."""
        return self._followed(self._successions, source, Succession)

    def forget(self, name: str) -> None:
        """End what follows a source that is another one from now on."""
        for rows in (self._tables.pop(name, None), self._successions.pop(name, None)):
            if rows is not None:
                rows.stop()

    def close(self) -> None:
        """End all that follows."""
        for name in {*self._tables, *self._successions}:
            self.forget(name)

    def _followed(
        self, known: dict[str, Rows], source: Source, make: Callable[[Topic], Rows]
    ) -> Rows:
        if source.name not in known:
            rows = make(self._wires.topic(source))
            self._follow(source, rows)
            known[source.name] = rows
        return known[source.name]

    def _follow(self, source: Source, rows: Materialised) -> None:
        """Let what a source's topic holds be taken in, and what comes."""
        self._number += 1
        name = f"materialised_{self._number}"
        step = Read(source, source.name, shape_of(source, source.name))
        flow = Dataflow(name)
        reading = self._wires.reading(is_paused=rows.look)
        builder = Builder(flow, name, reading, self._wires.report)
        op.output("out", builder.build(step), Collector(rows.take))
        rows.start(made(flow))
