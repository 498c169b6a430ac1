"""The real flow behind the bench: bytewax runs, once, over the events in their order of arrival."""

from collections.abc import Callable
from datetime import timedelta
from operator import add
from statistics import fmean
from typing import Any, Literal, NamedTuple

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Stream
from bytewax.testing import TestingSink, TestingSource, run_main

from eventlab.flows.failure import failure
from eventlab.flows.stderr_filter import filter_stderr
from eventlab.pictures.bench.outcomes import filled_of, missed_of, outcomes_of, pairs_of
from eventlab.pictures.bench.result import Result
from eventlab.pictures.bench.scenario import Event, Scenario
from eventlab.pictures.bench.words import Words
from eventlab.streams import (
    Arrival,
    Fold,
    Hopping,
    Joined,
    Late,
    Session,
    Sliding,
    Tumbling,
    Window,
    join_streams,
    watermarked,
    windowed,
)

_PLACE = ("bench", 0)
_ONE_EPOCH = timedelta(days=1)  # a run lasts milliseconds, and is never resumed

_KINDS: dict[str, Callable[[Scenario], Any]] = {
    "tumbling": lambda scenario: Tumbling(scenario.length),
    "hopping": lambda scenario: Hopping(scenario.length, scenario.hop),
    "sliding": lambda scenario: Sliding(scenario.length),
    "session": lambda scenario: Session(scenario.gap),
}
_HOW: dict[str, Literal["inner", "left", "outer"]] = {
    "inner join": "inner",
    "left join": "left",
    "outer join": "outer",
}
# A window holds its events, so that the picture can show which they are.
_HELD = Fold(tuple, lambda held, arrival: (*held, arrival.event), add)


class Taken(NamedTuple):
    """What the sinks of one run took, in the order in which it came."""

    stamped: list[Arrival]
    windows: list[tuple[str, tuple[Window, float]]]
    joined: list[tuple[str, Joined]]
    late: list[tuple[str, Late]]


def run(scenario: Scenario, *, batch_size: int | None = None) -> Result:
    """Run a bytewax flow over a scenario's events, and return what came out.

    Any thread may call it. `batch_size` is how many events the flow gets at once, by default all;
    the result does not depend on it. Raises FlowError.
    """
    taken = Taken([], [], [], [])
    flow = flow_of(scenario, taken, batch_size or len(scenario.events))
    filter_stderr()
    try:
        run_main(flow, epoch_interval=_ONE_EPOCH)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a panic of bytewax is no Exception
        raise failure(flow, error) from None
    return _result_of(scenario, taken)


def flow_of(scenario: Scenario, taken: Taken, batch_size: int) -> Dataflow:
    """Return the flow that puts a scenario's events into its windows, or joins them."""
    flow = Dataflow("bench")
    arrivals = [
        Arrival(event, event.key, *_PLACE, place, event.milliseconds, event.milliseconds)
        for place, event in enumerate(scenario.events)
    ]
    arriving = op.input("arrivals", flow, TestingSource(arrivals, batch_size=batch_size))
    # One watermark for both sides of a join, as Kafka Streams has one stream time for a task.
    stamped = watermarked("watermark", arriving, bound=scenario.bound, partitions={_PLACE})
    op.output("stamped", stamped, TestingSink(taken.stamped))
    (_join if scenario.is_join else _put_into_windows)(scenario, stamped, taken)
    return flow


def _put_into_windows(scenario: Scenario, stamped: Stream[Arrival], taken: Taken) -> None:
    keyed = op.key_on("key", stamped, _key_of)
    put = windowed(
        "windows",
        keyed,
        _KINDS[scenario.kind](scenario),
        _HELD,
        grace=scenario.grace,
        emit="final",
        partitions={_PLACE},
    )
    measure = _MEASURES[scenario.measure]
    measured = op.map_value("measure", put.windows, lambda one: (one, measure(one.value)))
    op.output("measured", measured, TestingSink(taken.windows))
    op.output("late", put.late, TestingSink(taken.late))


def _join(scenario: Scenario, stamped: Stream[Arrival], taken: Taken) -> None:
    keyed = op.key_on("key", stamped, _key_of)
    sides = op.branch("sides", keyed, lambda pair: pair[1].event.side == "left")
    put = join_streams(
        "join",
        sides.trues,
        sides.falses,
        within=scenario.length,
        how=_HOW[scenario.kind],
        grace=scenario.grace,
        partitions=({_PLACE}, {_PLACE}),
    )
    op.output("joined", put.joined, TestingSink(taken.joined))
    op.output("late", put.late, TestingSink(taken.late))


def _key_of(arrival: Arrival) -> str:
    key: str = arrival.event.key
    return key


def _values(held: tuple[Event, ...]) -> list[float]:
    return [event.value for event in held if event.value is not None]


_MEASURES: dict[str, Callable[[tuple[Event, ...]], float]] = {
    "count": len,
    "sum": lambda held: sum(_values(held)),
    "mean": lambda held: fmean(_values(held)) if _values(held) else 0.0,
}


def _result_of(scenario: Scenario, taken: Taken) -> Result:
    words = Words.of(scenario)
    watermarks = [arrival.stream_time for arrival in taken.stamped]
    filled = filled_of(scenario, taken.windows, watermarks)
    missed = missed_of(taken.late, words)
    joined = pairs_of(taken.joined)
    outcomes = outcomes_of(taken.stamped, filled, missed, joined, words)
    return Result(scenario, filled, missed, outcomes, joined)
