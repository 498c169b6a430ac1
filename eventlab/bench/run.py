"""The real flow behind the bench: bytewax runs, once, over the events in their order of arrival."""

from collections.abc import Callable
from datetime import timedelta
from operator import add
from statistics import fmean
from typing import Any, NamedTuple

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.operators import Stream
from bytewax.testing import TestingSink, TestingSource, run_main

from eventlab.bench.fates import fates_of, filled_of, missed_of, pairs_of
from eventlab.bench.result import Result
from eventlab.bench.scenario import Event, Scenario
from eventlab.bench.words import Words
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
from eventlab.streams.failure import failure
from eventlab.streams.quiet import keep_quiet

_PLACE = ("bench", 0)
_ONE_EPOCH = timedelta(days=1)  # a run lasts milliseconds, and is never resumed

_KINDS: dict[str, Callable[[Scenario], Any]] = {
    "tumbling": lambda scenario: Tumbling(scenario.length),
    "hopping": lambda scenario: Hopping(scenario.length, scenario.hop),
    "sliding": lambda scenario: Sliding(scenario.length),
    "session": lambda scenario: Session(scenario.gap),
}
_HOW = {"inner join": "inner", "left join": "left", "outer join": "outer"}
# A window holds its events, so that the picture can show which they are.
_HELD = Fold(tuple, lambda held, arrival: (*held, arrival.event), add)


class Outcome(NamedTuple):
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
    outcome = Outcome([], [], [], [])
    flow = flow_of(scenario, outcome, batch_size or len(scenario.events))
    keep_quiet()
    try:
        run_main(flow, epoch_interval=_ONE_EPOCH)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a panic of bytewax is no Exception
        raise failure(flow, error) from None
    return _told(scenario, outcome)


def flow_of(scenario: Scenario, outcome: Outcome, batch_size: int) -> Dataflow:
    """Return the flow that puts a scenario's events into its windows, or joins them."""
    flow = Dataflow("bench")
    arrivals = [
        Arrival(event, event.key, *_PLACE, place, event.milliseconds, event.milliseconds)
        for place, event in enumerate(scenario.events)
    ]
    arriving = op.input("arrivals", flow, TestingSource(arrivals, batch_size=batch_size))
    # One watermark for both sides of a join, as Kafka Streams has one stream time for a task.
    stamped = watermarked("watermark", arriving, bound=scenario.bound, partitions={_PLACE})
    op.output("stamped", stamped, TestingSink(outcome.stamped))
    (_join if scenario.is_join else _put_into_windows)(scenario, stamped, outcome)
    return flow


def _put_into_windows(scenario: Scenario, stamped: Stream[Arrival], outcome: Outcome) -> None:
    keyed = op.key_on("key", stamped, lambda arrival: arrival.key)
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
    op.output("measured", measured, TestingSink(outcome.windows))
    op.output("late", put.late, TestingSink(outcome.late))


def _join(scenario: Scenario, stamped: Stream[Arrival], outcome: Outcome) -> None:
    keyed = op.key_on("key", stamped, lambda arrival: arrival.key)
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
    op.output("joined", put.joined, TestingSink(outcome.joined))
    op.output("late", put.late, TestingSink(outcome.late))


def _values(held: tuple[Event, ...]) -> list[float]:
    return [event.value for event in held if event.value is not None]


_MEASURES: dict[str, Callable[[tuple[Event, ...]], float]] = {
    "count": len,
    "sum": lambda held: sum(_values(held)),
    "mean": lambda held: fmean(_values(held)) if _values(held) else 0.0,
}


def _told(scenario: Scenario, outcome: Outcome) -> Result:
    words = Words.of(scenario)
    watermarks = [arrival.stream_time for arrival in outcome.stamped]
    filled = filled_of(scenario, outcome.windows, watermarks)
    missed = missed_of(outcome.late, words)
    joined = pairs_of(outcome.joined)
    fates = fates_of(outcome.stamped, filled, missed, joined, words)
    return Result(scenario, filled, missed, fates, joined)
