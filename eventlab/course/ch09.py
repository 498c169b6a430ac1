"""Chapter 09: the systems of a business, what happens in them, and the words of the claims.

The pictures are in ch09_matrix and ch09_ages, a system as a service in ch09_system.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from random import Random
from typing import Any

from eventlab.course.ch09_system import CALL as CALL
from eventlab.course.ch09_system import FILE as FILE
from eventlab.course.ch09_system import LOG as LOG
from eventlab.course.ch09_system import SYSTEMS as SYSTEMS
from eventlab.course.ch09_system import agreed as agreed
from eventlab.course.ch09_system import both as both
from eventlab.course.ch09_system import system as system
from eventlab.course.run_folder import run_folder as run_folder
from eventlab.events import Event, Shop
from eventlab.services import FaultSchedule, Outage
from eventlab.teach.exercises import Wrong, takes

Row = dict[str, Any]
Names = str | Sequence[str]

SOURCE = "stock"
TARGET = "shop"

AHEAD = 10  # whoever plays looks at so many steps before the first: these may come in any order

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_HOURS = 84  # from Monday morning until Thursday evening
_NIGHT_HOURS = 19  # from the story's start at eight in the morning until three at night


class Change(Event, frozen=True):
    """Say what a row of a system is from now on; `there` are the systems that there are."""

    owner: str
    row: str
    value: int
    there: tuple[str, ...]

    @property
    def key(self) -> str:
        """Return the row, so that a table keeps the newest value for each."""
        return self.row


class Night(Event, frozen=True):
    """Say that it is time to write files."""

    there: tuple[str, ...]


class Hour(Event, frozen=True):
    """Say that it is time to look for files."""

    there: tuple[str, ...]


Step = Change | Night | Hour


# -- what happens -------------------------------------------------------------------------------


def growing(seed: int, systems: Sequence[str]) -> list[Step]:
    """Return the story of a business to which a system comes each day, after the first two.

    Those two open with five rows each. On each day a row of every system changes; then comes a
    night, and an hour to load its files.
    """
    chance = Random(seed)
    start = Shop(seed=seed).start
    steps: list[Step] = [
        Change(f"open-{owner}-{number}", start, owner, f"{owner}-{number}", number, (*systems[:2],))
        for number in range(1, AHEAD // 2 + 1)
        for owner in systems[:2]
    ]
    for day, there in enumerate(_there(systems)):
        morning = start + day * _DAY
        for number, owner in enumerate(there):
            at = morning + (number + 1) * _HOUR
            value = chance.randrange(1_000)
            steps.append(Change(f"{day}-{owner}", at, owner, f"{owner}-1", value, there))
        steps.append(Night(f"{day}-night", morning + _NIGHT_HOURS * _HOUR, there))
        steps.append(Hour(f"{day}-hour", morning + (_NIGHT_HOURS + 1) * _HOUR, there))
    return steps


def _there(systems: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for count in range(2, len(systems) + 1):
        yield tuple(systems[:count])


def four_days(seed: int, interval_hours: int) -> list[Step]:
    """Return four days of the stock as it changes, with files every so many hours from three on.

    They begin with every product. Every full hour somebody looks for files.
    """
    shop = Shop(seed=seed, products=40, orders_per_hour=1.2)
    there = (SOURCE, TARGET)
    end = shop.start + _HOURS * _HOUR
    sold = takewhile(lambda one: one.at < end, shop.stock())
    steps: list[Step] = [
        Change(one.event_id, one.at, SOURCE, one.product_id, one.on_hand, there) for one in sold
    ]
    for number in range(1, _HOURS):
        at = shop.start + number * _HOUR
        if (number - _NIGHT_HOURS) % interval_hours == 0:
            steps.append(Night(f"night {number}", at, there))
        steps.append(Hour(f"hour {number}", at, there))
    return sorted(steps, key=_in_order)


def _in_order(step: Step) -> tuple[datetime, bool]:
    return step.at, isinstance(step, Hour)


def outages(steps: Sequence[Step]) -> FaultSchedule:
    """Return what happens in these days: the system that keeps the copies is down for most of one.

    It misses the file of its second night.
    """
    began, ended = (moment - steps[0].at for moment in outage_of(steps))
    return FaultSchedule([Outage(began.total_seconds(), ended.total_seconds(), TARGET, "killed")])


def outage_of(steps: Sequence[Step]) -> tuple[datetime, datetime]:
    """Return when that system goes down, and when it is back."""
    nights = [step.at for step in steps if isinstance(step, Night) and step.at.hour == 3]
    return nights[1] - _HOUR, nights[1] + 19 * _HOUR


# -- what was guessed ---------------------------------------------------------------------------

FEWER = "fewer connections"
SAME = "about as many"
TWICE = "two to three times as many"
MORE = "more than three times as many"
GUESSES = [FEWER, SAME, TWICE, MORE]
_BOUNDS = [(0.8, FEWER), (1.3, SAME), (3.0, TWICE)]

ALL = "all three"
ALL_BUT_CALLS = "the second and the third"
THIRD = "the third alone"
NONE = "none of them"
RIGHT = [ALL, ALL_BUT_CALLS, THIRD, NONE]


def outcome(found: Row) -> str:
    """Return which of the guesses of connections came true."""
    factor = found["direct"] / max(1, found["by_log"])
    return next((words for bound, words in _BOUNDS if factor < bound), MORE)


def outcome_of_counts(counts: Row) -> str:
    """Return which of them came true by what a stage has counted."""
    direct = counts["connections point to point"]
    return outcome({"direct": direct, "by_log": counts[f"connections {LOG}"]})


def why(found: Row) -> str:
    """Return how many connections there were, in a sentence."""
    return (
        f"{found['systems']} systems have {found['direct']} connections point to point, and"
        f" {found['by_log']} through the log, for {found['copies']} copies in both. Among the first"
        f" half of them there are {found['direct_of_half']} and {found['by_log_of_half']}."
    )


def why_two(kept: Row, broken: Row) -> str:
    """Return how many connections two systems have in both ways, in a sentence."""
    direct = "connections point to point"
    by_log = f"connections {LOG}"
    return (
        f"Two systems have {broken[direct]} connections point to point and {broken[by_log]} through"
        f" the log. In the run beside it there are {kept[direct]} and {kept[by_log]}."
    )


def right_again(lanes: Collection[str]) -> str:
    """Return which of the guesses of copies came true, from the copies that are right."""
    if len(lanes) == 3:
        return ALL
    if list(lanes) == ["third copy"]:
        return THIRD
    return ALL_BUT_CALLS if lanes else NONE


def why_right(found: Row) -> str:
    """Return in how many hours each copy was old, in a sentence."""
    return (
        f"In {found['hours']} hours the shop was there. The first copy was older than a minute in"
        f" {found['calls_old']} of them, the second in {found['file_old']}, the third in"
        f" {found['third_old']}."
    )


def why_file(kept: Row, broken: Row) -> str:
    """Return for how many hours the third copy was old in either run."""
    old = "third copy: hours old"
    return (
        f"By the nightly file the third copy is old in {broken[old]} hours, in the run beside it in"
        f" {kept[old]}. It cannot be younger than the last file."
    )


# -- the exercise -------------------------------------------------------------------------------

THURSDAY_EVENING = datetime(2025, 3, 6, 18, tzinfo=UTC)
_FRESH_MINUTES = 1
_WHY = {"first copy": "b", "second copy": "a"}
_REASONS = {
    "a": "what has changed since the last file waits for the next one",
    "b": "the calls failed while the shop was down, and nobody repeats them",
    "c": "a reader of the log is slower than its writer",
    "d": "the shop is down",
}


@takes('the names of the copies as ["...", "..."], a letter for each, and what was measured')
def check_1(stale: Names, because: Names, measured: Mapping[str, float]) -> str:
    """Judge which copies are older than a minute, and for which reason."""
    names = [stale] if isinstance(stale, str) else stale
    named = [one.strip().lower() for one in names]
    letters = [one.lower() for one in because if one.strip(" ,;()")]
    for name in named:
        if name not in measured:
            some = ", ".join(measured)
            raise Wrong(f"There is no copy {name!r}: expected some of {some}.")
    _require_stale(named, measured)
    if len(letters) != len(named):
        raise Wrong(f"Give each copy a letter: {len(named)} copies, {len(letters)} letters.")
    for name, letter in zip(named, letters, strict=True):
        _require_reason(name, letter)
    return " ".join(f"The {name}: {_REASONS[_WHY[name]]}." for name in named)


def _require_stale(named: Sequence[str], measured: Mapping[str, float]) -> None:
    for name, minutes in measured.items():
        is_old = minutes > _FRESH_MINUTES
        if is_old and name not in named:
            raise Wrong(f"Look at the {name} again: {minutes:g} minutes are more than one.")
        if not is_old and name in named:
            raise Wrong(f"The {name} is {minutes:g} minutes old: that is not more than one.")


def _require_reason(name: str, letter: str) -> None:
    if letter not in _REASONS:
        raise Wrong(f"There is no reason {letter!r}: expected letters from a to d.")
    if letter == "d":
        raise Wrong("On Thursday evening the shop is there again. Look at the grey band.")
    if letter == "c":
        raise Wrong(f"The {name} does not come through the log.")
    if letter != _WHY[name]:
        other = "When does it hear of a change?" if name == "second copy" else "It comes by calls."
        raise Wrong(f"For the {name} it is not ({letter}). {other}")
