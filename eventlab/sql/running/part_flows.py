"""The flow of a part of a standing query, and where that keeps what it knows."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from bytewax.dataflow import Dataflow

from eventlab.flows import Running
from eventlab.flows.launching import made
from eventlab.flows.recovery import forget
from eventlab.log import Start, Topic
from eventlab.sql.catalog import Source
from eventlab.sql.planning.splitting import repartition_of
from eventlab.sql.running.building import Builder
from eventlab.sql.running.counting import Counts
from eventlab.sql.running.standing import Begin, Standing
from eventlab.sql.running.tables_first import TablesFirst
from eventlab.sql.running.wires import Wires

Store: TypeAlias = Callable[[str], Path]


class PartFlows:
    """Make the flows of parts; `store` gives the folder of each by its name, None keeps nothing."""

    def __init__(self, wires: Wires, store: Store | None) -> None:
        self._wires = wires
        self._store = store

    def flow_of(self, query: Standing, part: int) -> Running:
        """Return the flow of a part of a query, which goes on where it was."""
        layout = query.layout
        task = query.tasks[part]
        flow = Dataflow(task)
        between = None if layout.is_behind(part) else repartition_of(query.plan)
        plan = between or query.plan
        first = TablesFirst(plan, self._wires.open_topic, lambda one: layout.is_in(part, one))

        def is_still(source: Source) -> bool:
            query.looks[source.name] += 1
            return query.reads_nothing(part) or first.holds(source)

        def start_of(topic: Topic) -> Start:
            offsets = _offsets(topic, layout.start)
            return {one: offset for one, offset in offsets.items() if layout.is_in(part, one)}

        wires = self._wires
        to = part - layout.parts
        builder = Builder(
            flow,
            task,
            wires.reading(start_of=start_of, is_paused=is_still, passed_to=to),
            wires.report,
            by_time=True,
            counts=query.counted.setdefault(part, Counts()),
            places_of=wires.places_of,
        )
        if between is None:
            wires.write(builder, query.plan, query.target)
        else:
            wires.pass_on(builder, between)
        first.flow = made(flow, recovery=None if self._store is None else self._store(task))
        return first.flow

    def forget(self, query: Standing) -> None:
        """Delete what the parts of a query know."""
        if self._store is not None:
            for task in query.tasks:
                forget(self._store(task))


def _offsets(topic: Topic, start: Begin) -> dict[int, int]:
    """Return where each partition of a topic is begun."""
    if start == "earliest":
        return topic.start_offsets()
    if start == "latest":
        return topic.end_offsets()
    assert isinstance(start, dict)
    said = start.get(topic.name, {})
    return {partition: said.get(partition, 0) for partition in topic.partitions}
