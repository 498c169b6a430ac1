"""A join of two streams: pairs of events that happened close to each other.

The semantics are those that Kafka Streams documents for JoinWindows: a pair's times differ by no
more than the window, and an event is late when stream time has passed the end of its own window by
more than the grace. Here stream time is that of the event's own partition, so the pairs do not
depend on how the two topics were interleaved; and an event that found no partner leaves alone,
once, when any partner that still comes would be late.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from bytewax.operators import KeyedStream

from eventlab.arguments import required_duration, required_milliseconds, required_one_of
from eventlab.errors import UsageError
from eventlab.streams.arrivals import Place, Timed
from eventlab.streams.operators import operator
from eventlab.streams.pairing import LEFT, RIGHT, Pairing, PairingSettings, TaskPairing
from eventlab.streams.results import Joined, Late
from eventlab.streams.steps import late_of, results_of, stepped
from eventlab.streams.upstream import Clock, clock_of

NOTHING = timedelta(0)
IDLE = timedelta(milliseconds=500)
# Which sides leave alone when they found no partner.
ALONE = {"inner": frozenset[int](), "left": frozenset({LEFT}), "outer": frozenset({LEFT, RIGHT})}


Both = tuple[Collection[Place], Collection[Place]]


@dataclass(frozen=True)
class Joins:
    """Both streams of a join: what it joined by key, and what came too late for it."""

    joined: KeyedStream[Joined]
    late: KeyedStream[Late]


@operator
def join_streams(
    step_id: str,
    left: KeyedStream[Timed],
    right: KeyedStream[Timed],
    *,
    within: timedelta,
    before: timedelta | None = None,
    how: Literal["inner", "left", "outer"] = "inner",
    grace: timedelta = NOTHING,
    alone: Literal["over", "at once"] = "over",
    one_time: bool = False,
    idle: timedelta | None = IDLE,
    partitions: Both | None = None,
) -> Joins:
    """Join the events of two streams whose times are no more than `within` apart.

    The right event may be up to `within` after the left one, and as much before it, or `before`;
    below zero, either keeps the window on the other side. Every pair comes once, when the later of
    its two events comes; with "left" or "outer" an event that found no partner comes once too,
    alone, when the other side's time has passed everything that could still be its partner, or when
    the input ends. An event without a value joins nothing; one without a key has no partner
    (KIP-962). `partitions` are those of the left and of the right side whose stream time is waited
    for, by default all of the flow's topics above this step. One that was silent for `idle`, by the
    wall clock, holds back nothing that has waited as long (Kafka Streams' max.task.idle.ms); with
    None it is waited for until the input ends.

    With `alone` "at once" an event leaves alone as soon as it comes and no partner is there, and
    once more with each that comes later (Kafka Streams before KAFKA-10847; ksqlDB where no grace is
    said). With `one_time` partitions of one number are a task, as in Kafka Streams: the newest time
    of both sides counts for both, nothing waits for another task, and what is late still leaves
    alone where its side may; the answer then depends on which side is read first. Raises
    UsageError.

    Examples:
        >>> orders = events("orders", ("ann", 1, "pen"), ("bob", 20, "ink"))
        >>> payments = events("payments", ("ann", 4, "paid"))
        >>> show(join_streams("paid", orders, payments, within=seconds(5), how="left").joined)
        ann pen + paid at 4
        bob ink + None at 20
    """
    after = required_milliseconds("within", within, at_least=timedelta.min)
    if idle is not None:
        required_duration("idle", idle)
    earlier = within if before is None else before
    earliest = required_milliseconds("before", earlier, at_least=timedelta.min)
    if after + earliest < 0:
        raise UsageError(
            "No two events can be so far apart",
            expected="a window that ends no earlier than it begins",
            found=f"within={within!r}, before={before!r}",
            remedy="Make within and before longer; either may be below zero, not their sum.",
        )
    settings = PairingSettings(
        after=after,
        before=earliest,
        grace=required_milliseconds("grace", grace, at_least=NOTHING),
        alone=ALONE[required_one_of("join", how, list(ALONE))],
        is_at_once=required_one_of("alone", alone, ["over", "at once"]) == "at once",
        idle=idle,
        clocks=clocks_of([left, right], partitions),
    )
    pairing = TaskPairing if one_time else Pairing
    worked = stepped(step_id, [left, right], lambda state: pairing(step_id, settings, state))
    return Joins(joined=results_of("joined", worked), late=late_of(worked))


def clocks_of(sides: list[KeyedStream[Any]], partitions: Both | None) -> list[Clock]:
    """Return the clock of each side of a join."""
    named: list[Iterable[Place] | None] = [None, None] if partitions is None else [*partitions]
    return [clock_of(up, mine) for up, mine in zip(sides, named, strict=True)]
