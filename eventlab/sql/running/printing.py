"""PRINT: the records of a topic as they are, whatever stream or table is over it."""

from collections.abc import Callable

import bytewax.operators as op
from bytewax.dataflow import Dataflow

from eventlab.log import Topic
from eventlab.sql.planning.rows import Field, Shape
from eventlab.sql.running.collecting import Collector
from eventlab.sql.running.pushing import Push, Row
from eventlab.sql.syntax import Print
from eventlab.sql.types import INTEGER, STRING, TIMESTAMP
from eventlab.streams import Arrival
from eventlab.streams.raw_source import RawSource

COLUMNS = (
    Field("ROWTIME", TIMESTAMP),
    Field("KEY", STRING),
    Field("VALUE", STRING),
    Field("PARTITION", INTEGER),
)


def printing(name: str, limit: int | None) -> Push:
    """Return what gives the rows of PRINT, and is not started yet."""
    return Push(name, Shape("stream", COLUMNS, ()), limit)


def printing_flow(push: Push, topic: Topic, statement: Print) -> Dataflow:
    """Return the flow that reads them. Raises TopicError where there is no such topic."""
    _ = topic.partitions  # raises
    flow = Dataflow(push.query_id)
    start = "earliest" if statement.from_beginning else "latest"
    arriving = op.input("in", flow, RawSource(topic, start=start))
    kept = op.filter("every", arriving, _every(statement.interval or 1))
    op.output("out", op.map("texts", kept, _shown), Collector(push.take))
    return flow


def _every(interval: int) -> Callable[[Arrival], bool]:
    """Return what keeps the first of so many records, and of those that follow."""
    number = -1

    def is_kept(_: Arrival) -> bool:
        nonlocal number
        number += 1
        return number % interval == 0

    return is_kept


def _shown(arrival: Arrival) -> tuple[None, Arrival]:
    key, value = arrival.event
    row: Row = (arrival.time, _text(key), _text(value), arrival.partition)
    place = (arrival.topic, arrival.partition, arrival.offset)
    return None, Arrival(row, None, *place, arrival.time, arrival.stream_time)


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode(errors="backslashreplace")
