"""Run operators over a few events, and return what a user would see: in order, with its time."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main

from eventlab.streams import Arrival

MS = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)


def events(*rows: tuple, topic: str = "t") -> list[Arrival]:
    """Return (key, milliseconds, event[, partition]) as a source would, stamped."""
    newest: dict[int, int] = {}
    offsets: dict[int, int] = {}
    made = []
    for key, time, event, *rest in rows:
        partition = rest[0] if rest else 0
        newest[partition] = max(newest.get(partition, time), time)
        offset = offsets.get(partition, 0)
        offsets[partition] = offset + 1
        made.append(Arrival(event, key, topic, partition, offset, time, newest[partition]))
    return made


def keyed(name: str, flow: Dataflow, items: Iterable[Any], batch_size: int = 1) -> Any:
    """Return the items of a source of their own, by key; None is a key too."""
    arriving = op.input(name, flow, TestingSource(list(items), batch_size=batch_size))
    return op.map(f"{name}_key", arriving, lambda item: (item.key, item))


def flowed(build: Callable[[Dataflow], Any]) -> list[tuple[str | None, Any]]:
    """Return what leaves the stream that `build` makes of a new flow."""
    flow = Dataflow("flow")
    found: list[tuple[str | None, Any]] = []
    op.output("out", build(flow), TestingSink(found))
    run_main(flow)
    return found


def windows(found: Iterable[tuple[str, Any]]) -> list[tuple]:
    """Return windows as key, start, end, value and time."""
    return [(key, one.start, one.end, one.value, one.time) for key, one in found]


def joins(found: Iterable[tuple[str, Any]]) -> list[tuple]:
    """Return joins as key, left, right and time; a row that is no more is None, with its time."""
    return [
        (key, None, one.time) if one.event is None else (key, one.left, one.right, one.time)
        for key, one in found
    ]
