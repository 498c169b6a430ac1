"""Chapter 04: a story with a burst, what came of the guesses, the exercise."""

import math
from collections.abc import Iterable, Mapping
from itertools import islice, pairwise
from typing import Any

import msgspec

from eventlab.course.ch04_receivers import (
    ACCEPTED,
    DENIED,
    HELD_UP,
    IN_BURST,
    MOST,
    USUAL,
    burst_of,
)
from eventlab.events import Order
from eventlab.teach.exercises import Wrong, takes

SAME = "waits for nobody"
SLOWER = "waits for the slowest receiver, and refuses nobody"
BOTH = "waits for the slowest receiver, and refuses some orders"
REFUSES = "refuses some orders, and waits for nobody"
GUESSES = [SAME, SLOWER, BOTH, REFUSES]


# -- the story ------------------------------------------------------------------------------------


def with_a_burst(orders: Iterable[Order], count: int, factor: int = 10) -> list[Order]:
    """Return the first orders, those of the burst `factor` times as close to one another."""
    story = list(islice(orders, count))
    moment = story[0].at
    moved = [story[0]]
    for number, (earlier, later) in enumerate(pairwise(story), start=1):
        gap = later.at - earlier.at
        moment += gap / factor if number in burst_of(count) else gap
        moved.append(msgspec.structs.replace(later, at=moment))
    return moved


# -- what comes out -------------------------------------------------------------------------------


def outcome(counts: Mapping[str, Any]) -> str:
    """Return from a scoreboard which of the guesses came true for the sender."""
    waits = counts[HELD_UP] > counts[ACCEPTED] / 2
    if counts[DENIED]:
        return BOTH if waits else REFUSES
    return SLOWER if waits else SAME


def why(counts: Mapping[str, Any]) -> str:
    """Return in words what the burst did to the sender, and where it went."""
    return (
        f"In the burst a yes took {_number(counts[IN_BURST])} ms"
        f" (before it: {_number(counts[USUAL])} ms), and"
        f" {counts[HELD_UP]} answers waited for the slowest receiver. {counts[DENIED]} orders were"
        f" refused.{_in_the_log(counts)}"
    )


def _number(count: int | str) -> str:
    return f"{count:,}" if isinstance(count, int) else count  # a dash, where nothing was measured


def _in_the_log(counts: Mapping[str, Any]) -> str:
    return f" At most {counts[MOST]} waited in the log." if counts[MOST] else ""


# -- the exercise ---------------------------------------------------------------------------------


@takes("two whole numbers: how many consumers, and how many partitions")
def check_1(consumers: int, partitions: int, *, waiting: int, arriving: float, each: float) -> str:
    """Judge how many consumers drain a lag in a minute, and the fewest partitions for them."""
    wanted = math.ceil((waiting / 60 + arriving) / each)
    if consumers != wanted:
        raise Wrong(_why_not(consumers, wanted, waiting, arriving, each))
    if partitions < wanted:
        raise Wrong(
            "Each partition has one consumer:"
            f" with {partitions} only {partitions} of them have work."
        )
    if partitions > wanted:
        raise Wrong("Fewer partitions are enough: each consumer needs one.")
    left = wanted * each - arriving
    return f"{wanted} consumers gain {left:g} orders a second on the lag: {waiting / left:.0f} s."


def _why_not(consumers: int, wanted: int, waiting: int, arriving: float, each: float) -> str:
    if consumers == math.ceil(waiting / 60 / each):
        return "That would drain it if nothing new came in. New orders go on coming."
    if consumers == math.ceil(waiting / each):
        return "That is how many seconds one consumer needs for what waits now."
    if consumers < wanted:
        gain = consumers * each - arriving
        if gain <= 0:
            return f"{consumers} consumers do no more than what comes in: the lag never drains."
        return f"With {consumers} consumers it takes {waiting / gain:.0f} s."
    return f"It drains in a minute, and with {consumers - 1} it does too."
