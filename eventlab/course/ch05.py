"""Chapter 05: what the claims compare, the words for it, and the exercise.

The pictures are in ch05_race, ch05_copies and ch05_reads, the service with a view in ch05_view.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

from eventlab.course.ch05_view import keep_copy as keep_copy
from eventlab.course.ch05_view import with_view as with_view
from eventlab.course.ch05_view import written as written
from eventlab.events import Stock
from eventlab.teach.exercises import Wrong, takes

Row = dict[str, Any]
Letters = str | Sequence[str] | Set[str]

_MINUTE_SECONDS = 60.0
_LOOK_SECONDS = 0.002


def until(condition: Callable[[], bool]) -> None:
    """Return when a condition has come true, or after a minute."""
    deadline = time.monotonic() + _MINUTE_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)


# -- look-ups -------------------------------------------------------------------------------------

SAME = "about as fast"
SLOWER = "several times as slow"
FAR = "a hundred times as slow"
GUESSES = [SAME, SLOWER, FAR]
_BOUNDS = [(1.5, SAME), (40, SLOWER)]  # far apart: the factor is another one in each run


def lookup_figures(asked: Sequence[float], compared: Sequence[float], wrong: int) -> Row:
    """Return the medians of both ways in milliseconds, and the factor between them."""
    ours = 1000 * statistics.median(asked or [0.0])
    theirs = 1000 * statistics.median(compared or [0.0])
    return {
        "look_ups": len(asked),
        "wrong_answers": wrong,
        "shop_ms": round(ours, 2),
        "topics_ms": round(theirs, 2),
        "factor": round(theirs / ours, 2) if ours else 0.0,
    }


def outcome(factor: float) -> str:
    """Return which of the guesses came true."""
    return next((words for bound, words in _BOUNDS if factor < bound), FAR)


def why(found: Row) -> str:
    """Return what both ways took, in a sentence."""
    return (
        f"In the middle the shop's own way took {found['shop_ms']:.2g} ms, and the way through"
        f" two topics {found['topics_ms']:.2g} ms: {found['factor']:.1f} times as long."
    )


def why_records(left: int, look_ups: int) -> str:
    """Return what look-ups through topics leave behind, in a sentence."""
    return (
        f"Each of {look_ups} look-ups wrote a question, and its answer: {left} records that"
        " nobody will read again. A request leaves none."
    )


# -- copies ---------------------------------------------------------------------------------------

COPIES = ["web shop", "support", "purchasing"]
CUT_OFF = "support"


def amounts_after(changes: Sequence[Stock]) -> dict[str, int]:
    """Return what is on hand of each product after these changes, by the shop's own list."""
    return {change.product_id: change.on_hand for change in changes}


def wrong_products(found: Mapping[str, int], right: Mapping[str, int]) -> list[str]:
    """Return the products of which a copy has another amount than it should have."""
    return [product for product, amount in right.items() if found.get(product) != amount]


def why_copies(kept: Row, broken: Row) -> str:
    """Return how many products one copy has wrong in either run."""
    wrong = f"wrong in {CUT_OFF}"
    return (
        f"In the run with calls {broken[wrong]} of 12 are wrong, in the run beside it"
        f" {kept[wrong]}. A call that failed is not made again later."
    )


# -- the exercise ---------------------------------------------------------------------------------

REQUEST = "a request"
EVENT = "an event"
_SORTED: dict[str, tuple[str, str]] = {
    "a": (REQUEST, "the customer looks at the page and waits for it; nothing changes"),
    "b": (EVENT, "it has happened, and several others act on it, each in its own time"),
    "c": (EVENT, "it is a fact, and whoever keeps the address must not be missed"),
    "d": (REQUEST, "one asks, one answers, and nobody else needs to know"),
    "e": (REQUEST, "it is a look-up, one that waits for its own write"),
    "f": (EVENT, "it is a fact, and the warehouse need not know who cares"),
    "g": (REQUEST, "the till cannot go on without a yes or no"),
    "h": (EVENT, "who wants everything follows the log, in place of asking again and again"),
}


@takes('the letters of the requests, and those of the events, each as a text such as "xyz"')
def check_1(requests: Letters, events: Letters) -> str:
    """Judge which of eight interactions are best asked as requests, and which told as events."""
    placed = {REQUEST: _letters(requests), EVENT: _letters(events)}
    _require_each_once(placed)
    for letter, (kind, reason) in _SORTED.items():
        if letter not in placed[kind]:
            other = EVENT if kind == REQUEST else REQUEST
            raise Wrong(f"Look at ({letter}) again: is it {other}? Think of this: {reason}.")
    return " ".join(f"({letter}) {kind}: {why}." for letter, (kind, why) in _SORTED.items())


def _letters(given: Letters) -> list[str]:
    return [one.strip().lower() for one in given if one.strip(" ,;()")]


def _require_each_once(placed: Mapping[str, Sequence[str]]) -> None:
    all_of_them = [letter for letters in placed.values() for letter in letters]
    unknown = sorted(set(all_of_them) - set(_SORTED))
    if unknown:
        raise Wrong(f"There is no interaction {unknown[0]!r}: expected letters from a to h.")
    for kind, letters in placed.items():
        if len(letters) == len(_SORTED):
            raise Wrong(f"Not everything is {kind}. Who waits for an answer, and who else cares?")
    for letter in _SORTED:
        times = all_of_them.count(letter)
        if times != 1:
            raise Wrong(f"Put ({letter}) in one of the two: it is in {times or 'none'} of them.")
