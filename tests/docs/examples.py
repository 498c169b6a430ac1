"""The examples of docstrings: which there are, and the names that they use without saying so.

`docs/reference/index.md` tells the reader of those names.
"""

import doctest
import inspect
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.operators import KeyedStream
from bytewax.testing import TestingSink, TestingSource, run_main

from eventlab import streams
from eventlab.lab import Lab
from eventlab.streams import Arrival, Joined, Late, Window

_MILLISECONDS = 1000


class Example:
    """One flow over events from lists, whose results are printed."""

    def __init__(self) -> None:
        self._flow = Dataflow("example")

    @property
    def names(self) -> dict[str, Any]:
        """Return what an example of an operator may use."""
        room = {name: getattr(streams, name) for name in streams.__all__}
        return {**room, "events": self.events, "show": self.show, "seconds": seconds}

    def events(self, name: str, *rows: tuple[str, int, Any]) -> KeyedStream[Arrival]:
        """Return a stream of events by key, as it comes from a topic of that name."""
        newest = 0
        arrivals = []
        for offset, (key, second, event) in enumerate(rows):
            time = second * _MILLISECONDS
            newest = max(newest, time)
            arrivals.append(Arrival(event, key, name, 0, offset, time, newest))
        arriving = op.input(name, self._flow, TestingSource(arrivals))
        return op.key_on(f"{name} key", arriving, lambda event: event.key)

    def show(self, stream: KeyedStream[Any]) -> None:
        """Run the flow, and print what leaves the stream."""
        found: list[tuple[str, Any]] = []
        op.output("shown", stream, TestingSink(found))
        run_main(self._flow)
        for key, one in found:
            print(key, said(one), "at", in_seconds(one.time))


def seconds(number: int) -> timedelta:
    """Return so many seconds."""
    return timedelta(seconds=number)


def in_seconds(milliseconds: int) -> str:
    """Return milliseconds as seconds, with no more digits than needed."""
    return f"{milliseconds / _MILLISECONDS:g}"


def said(one: Any) -> str:
    """Return what an event or a result says."""
    if isinstance(one, Late):
        return f"{one.event} is {one.missed_by.total_seconds():g} s too late"
    if one.event is None:
        return "is no more"
    if isinstance(one, Window):
        return f"[{in_seconds(one.start)}, {in_seconds(one.end)}] {one.value}"
    return f"{one.left} + {one.right}" if isinstance(one, Joined) else str(one.event)


def operators() -> Iterator[str]:
    """Yield the public names of streams that are functions, and the kinds of windows."""
    for name in streams.__all__:
        value = getattr(streams, name)
        is_kind = isinstance(value, type) and issubclass(value, streams.windows.Windows)
        if inspect.isfunction(value) or is_kind or value in (streams.Fold, streams.TableFold):
            yield name


def verbs() -> Iterator[str]:
    """Yield the public methods of a lab."""
    for name, value in vars(Lab).items():
        if inspect.isfunction(value) and not name.startswith("_"):
            yield name


def example_in(name: str, docstring: str, names: dict[str, Any]) -> doctest.DocTest:
    """Return what a docstring has its reader type, with the names that are there."""
    return doctest.DocTestParser().get_doctest(docstring, names, name, name, 0)


def faults_of(example: doctest.DocTest) -> str:
    """Run an example; return what came out otherwise than it says, "" if nothing did."""
    reported: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=reported.append)
    return "".join(reported)


def lines_of(example: doctest.DocTest) -> int:
    """Return how many lines a reader sees."""
    return sum(one.source.count("\n") + one.want.count("\n") for one in example.examples)
