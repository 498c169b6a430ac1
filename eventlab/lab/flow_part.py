"""Flows as a lab offers them: bytewax between the chapter's topics, in the background."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas

from eventlab import log
from eventlab.folders import data_folder
from eventlab.lab.part import LabPart

if TYPE_CHECKING:
    from bytewax.dataflow import Dataflow

    from eventlab.streams import Running, Table, TopicSink, TopicSource


class FlowPart(LabPart):
    """Sources and sinks for flows, and a place for them to run."""

    def source(self, topic: log.Topic | str, **options: Any) -> "TopicSource":
        """Return a bytewax source that reads a topic; see streams.TopicSource for its options."""
        from eventlab.streams import TopicSource

        return TopicSource(self._topic(topic), **options)

    def sink(self, topic: log.Topic | str, partitions: int = 1) -> "TopicSink":
        """Return a bytewax sink that writes to a topic, which is made if it is not there."""
        from eventlab.streams import TopicSink

        return TopicSink(self._topic(topic).made(partitions))

    def run(self, flow: "Dataflow", *, recovery: bool = False, **options: Any) -> "Running":
        """Run a bytewax flow in the background; what ran under its name before is stopped.

        With `recovery` it keeps what it knows, and goes on there when it is run again;
        `lab.forget(name)` lets it begin anew. `where="process"` gives it a process of its own,
        `processes=2` two of them that share the work. See streams.run, and streams.Running for
        what one sees and can do.
        """
        from eventlab.streams import run
        from eventlab.streams.hand import require_runnable

        require_runnable(flow)  # before what runs under its name is stopped
        self._opened.close_at(f"flow {flow.flow_id}")
        store = self._store(flow.flow_id) if recovery else None
        running = run(flow, recovery=store, **options)
        self._opened.add(running.stop, f"flow {flow.flow_id}")
        return running

    def table(self, topic: log.Topic | str) -> "Table":
        """Return a topic as a table that follows it: the last value of each key, up to date."""
        from eventlab.streams import Table

        name = f"table of {self._topic(topic)}"
        self._opened.close_at(name)
        table = Table(self._topic(topic))
        self._opened.add(table.stop, name)
        return table.catch_up()

    def table_at(self, topic: log.Topic | str, **moment: Any) -> pandas.DataFrame:
        """Return a topic's table as it was: `end` (an offset or offsets) or `until` (a moment)."""
        from eventlab.streams import table_at

        return table_at(self._topic(topic), **moment)

    def forget(self, flow: str) -> None:
        """Delete what a flow keeps, so that it begins anew; it is stopped if it runs."""
        from eventlab.streams.recovery import forget

        self._opened.close_at(f"flow {flow}")
        forget(self._store(flow))

    def _store(self, flow: str) -> Path:
        return data_folder() / "flows" / self.name(flow)
