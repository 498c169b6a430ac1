"""The push queries that run, PRINT among them: each for as long as somebody looks."""

from collections.abc import Iterable

import bytewax.operators as op
from bytewax.dataflow import Dataflow

from eventlab.errors import SqlError
from eventlab.flows import Running
from eventlab.flows.launching import made
from eventlab.log import Start
from eventlab.sql.catalog import near
from eventlab.sql.planning.plans import Step
from eventlab.sql.running.building import Builder
from eventlab.sql.running.collecting import Collector
from eventlab.sql.running.printing import printing, printing_flow
from eventlab.sql.running.pushing import Push
from eventlab.sql.running.tables_first import TablesFirst
from eventlab.sql.running.wires import Wires
from eventlab.sql.syntax import Print


class Pushes:
    """Begin push queries on the topics of a cluster, and end those that still run."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        self._running: list[Push] = []
        self._number = 0

    def push(self, plan: Step, limit: int | None, start: Start) -> Push:
        """Begin a query, and return what gives its rows."""
        name = self._next_name("transient")
        push = Push(name, plan.shape, limit)
        flow = Dataflow(name)
        first = TablesFirst(plan, self._wires.open_topic)
        reading = self._wires.reading(start_of=lambda _: start, is_paused=first.holds)
        builder = Builder(flow, name, reading, self._wires.report, by_time=True)
        op.output("out", builder.build(plan), Collector(push.take))
        first.flow = made(flow)
        return self._started(push, first.flow)

    def print(self, statement: Print, known: Iterable[str]) -> Push:
        """Begin PRINT, and return what gives its rows; `known` are topics that one could mean.

        Raises SqlError where there is no such topic.
        """
        push = printing(self._next_name("print"), statement.limit)
        topic = self._wires.open_topic(statement.topic)
        if not topic.exists:
            raise SqlError(
                f"There is no topic {statement.topic}",
                expected="a topic that is there",
                found=near(statement.topic, dict.fromkeys(known)) or statement.topic,
                remedy="SHOW TOPICS lists those that are there.",
                position=statement.position,
            )
        return self._started(push, made(printing_flow(push, topic, statement)))

    def close(self) -> None:
        """End those that still run."""
        for push in self._running:
            push.stop()
        self._running.clear()

    def _next_name(self, kind: str) -> str:
        self._number += 1
        return f"{kind}_{self._number}"

    def _started(self, push: Push, flow: Running) -> Push:
        push.start(flow)
        self._running = [one for one in self._running if one.is_alive]
        self._running.append(push)
        return push
