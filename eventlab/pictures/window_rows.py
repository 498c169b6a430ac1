"""What is drawn of windows and their events, as rows that `windows_chart` takes."""

from collections.abc import Iterator
from typing import NamedTuple

from eventlab.moments import duration_words, from_milliseconds
from eventlab.pictures.window_tally import Offer, Seen
from eventlab.pictures.window_values import Place
from eventlab.pictures.windows_chart import (
    CHOSEN,
    CLOSED,
    LATE,
    MISSING,
    NOTE,
    OFFER,
    ON_TIME,
    OPEN,
    SHUT,
    TOO_LATE,
)

_MINUTE = 60_000
_AN_HOUR = 60  # minutes
_GAP = 25  # between two bars, a part of a window
_NOT_DRAWN = ""


class Row(NamedTuple):
    """What is drawn: its kind, and what that has of the rest."""

    id: str
    what: str
    at: float | None = None
    arrived: float | None = None
    until: float | None = None
    low: float | None = None
    value: float | None = None
    partition: int | None = None
    delay: float | None = None
    share: float | None = None
    words: str | None = None


class Dot(NamedTuple):
    """An event that is drawn: its time, its arrival, how late it was, and words for it."""

    id: str
    at: int
    arrived: float
    seen: Seen
    words: str


class Bar(NamedTuple):
    """A window: what is counted and missing, whether it is closed, and when it was."""

    place: Place
    counted: float
    missing: int
    is_closed: bool
    closed_when: float | None


def dot_row(dot: Dot, grace: int, reason: str | None) -> Row:
    """Return an event's row: with this grace it is counted, or missing for a reason."""
    if dot.seen.needs >= grace:
        words = f"{dot.words}: {reason or _too_late(dot.seen.needs - grace)}"
        return Row(dot.id, TOO_LATE, dot.at, dot.arrived, words=words)
    what = LATE if dot.seen.behind > 0 else ON_TIME
    return Row(dot.id, what, dot.at, dot.arrived, words=dot.words)


def bar_rows(bar: Bar) -> Iterator[Row]:
    """Yield the rows of a window: its bar, what is missing from it, and where it is closed."""
    start, end = bar.place
    whole, gone, shut = names(bar.place)
    until = end - (end - start) / _GAP
    state = CLOSED if bar.is_closed else OPEN
    length = f"{clock_minute(start)} to {clock_minute(end)}"
    words = f"{length}: {bar.counted:g} counted, {bar.missing} missing, {state}"
    top = bar.counted + bar.missing
    yield Row(whole, state, start, until=until, low=0, value=bar.counted, words=words)
    yield Row(gone, MISSING, start, until=until, low=bar.counted, value=top, words=words)
    shade = SHUT if bar.closed_when is not None else _NOT_DRAWN
    yield Row(shut, shade, start, bar.closed_when, until=end)


def note_rows(offer: Offer, *, has_delay: bool, has_closed: bool) -> Iterator[Row]:
    """Yield what the grace gives in words, and what the shade means once there is one."""
    words = f"counted {offer.share_words}, missing {offer.missing:,}"
    yield Row("note 0", NOTE, value=0, words=words)
    if has_delay:
        end = "" if offer.delay is None else " the end"
        yield Row("note 1", NOTE, value=1, words=f"result {delay(offer)}{end}")
    if has_closed:
        yield Row("note 2", NOTE, value=2, words="closed: too late, missing")


def offer_rows(offers: list[Offer], chosen: Offer) -> Iterator[Row]:
    """Yield what each grace gives, and what the chosen one does."""
    for offer in offers:
        yield _offer_row(f"offer {offer.grace}", OFFER, offer)
    yield _offer_row(CHOSEN, CHOSEN, chosen)


def names(place: Place) -> tuple[str, str, str]:
    """Return the ids of a window's rows: its bar, what is missing, and where it is closed."""
    start, end = place
    return f"window {start} {end}", f"missing {start} {end}", f"shut {start} {end}"


def clock_minute(at: int) -> str:
    """Return a moment in UTC, to the minute."""
    return f"{from_milliseconds(at):%d %b %H:%M}"


def delay(offer: Offer) -> str:
    """Return how long after the end of its window a result comes, or how long before it.

    A scoreboard has little room, so the words leave out what it comes after, and from an hour on
    what is less than a minute.
    """
    if offer.delay is None:
        return "not yet"
    minutes = abs(offer.delay)
    size = duration_words(round((minutes if minutes < _AN_HOUR else int(minutes)) * _MINUTE))
    return f"{size} before" if offer.delay < 0 else f"{size} after"


def _too_late(missed: int) -> str:
    return f"{duration_words(missed)} too late for its window" if missed else "just too late"


def _offer_row(name: str, what: str, offer: Offer) -> Row:
    words = f"grace {duration_words(offer.grace)}: {offer.share_words}"
    kind = what if offer.delay is not None else _NOT_DRAWN
    return Row(name, kind, delay=offer.delay, share=offer.share, words=words)
