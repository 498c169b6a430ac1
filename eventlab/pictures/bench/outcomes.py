"""From what a flow gave to what the bench shows: windows, pairs, and each event's outcome."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from eventlab.pictures.bench.result import (
    LATE,
    ON_TIME,
    PARTLY,
    TOO_LATE,
    Filled,
    Missed,
    Outcome,
    Pair,
)
from eventlab.pictures.bench.scenario import MILLISECOND, Scenario
from eventlab.pictures.bench.words import Words
from eventlab.streams import Arrival, Joined, Late, Window


def filled_of(
    scenario: Scenario,
    windows: Iterable[tuple[str, tuple[Window, float]]],
    watermarks: Sequence[int],
) -> tuple[Filled, ...]:
    """Return the windows, ordered by key and time, and which arrival closed each."""
    patience = scenario.grace // MILLISECOND
    is_past = 0
    if scenario.kind == "session":
        # Events of a session may be a whole gap apart: it closes when more than that is past.
        patience += scenario.gap // MILLISECOND
        is_past = 1
    filled = [
        Filled(
            key,
            window.start,
            window.end,
            value,
            tuple(event.id for event in window.value),
            window.end + patience,
            _first_at(watermarks, window.end + patience + is_past),
        )
        for key, (window, value) in windows
    ]
    return tuple(sorted(filled, key=lambda one: (one.key, one.start, one.end)))


def missed_of(late: Iterable[tuple[str, Late]], words: Words) -> tuple[Missed, ...]:
    """Return what came too late, with the reason, in the order of arrival."""
    by_arrival = sorted((one for _, one in late), key=lambda one: (one.arrival.offset, one.start))
    return tuple(_missed(one, words) for one in by_arrival)


def pairs_of(joined: Iterable[tuple[str, Joined]]) -> tuple[Pair, ...]:
    """Return what was joined, ordered by key, the time of the pair, and who is in it."""
    made = [
        (one.time, Pair(key, one.left and one.left.id, one.right and one.right.id))
        for key, one in joined
    ]
    ordered = sorted(
        made, key=lambda one: (one[1].key, one[0], one[1].left or "", one[1].right or "")
    )
    return tuple(pair for _, pair in ordered)


def outcomes_of(
    stamped: Sequence[Arrival],
    filled: Iterable[Filled],
    missed: Iterable[Missed],
    joined: Iterable[Pair],
    words: Words,
) -> tuple[Outcome, ...]:
    """Return what became of each event, in the order of arrival."""
    windows = _windows_of_events(filled)
    partners = _partners_of_events(joined)
    late: dict[str, list[Missed]] = defaultdict(list)
    for one in missed:
        late[one.id].append(one)
    outcomes = []
    for arrival in stamped:
        name = arrival.event.id
        is_join = words.scenario.is_join
        where = words.partners(partners[name]) if is_join else words.windows(windows[name])
        outcomes.append(_outcome(arrival, where, bool(windows[name]), late[name], words))
    return tuple(outcomes)


def _windows_of_events(filled: Iterable[Filled]) -> dict[str, list[Filled]]:
    windows: dict[str, list[Filled]] = defaultdict(list)
    for window in filled:
        for event_id in window.events:
            windows[event_id].append(window)
    return windows


def _partners_of_events(joined: Iterable[Pair]) -> dict[str, list[str | None]]:
    partners: dict[str, list[str | None]] = defaultdict(list)
    for pair in joined:
        if pair.left is not None:
            partners[pair.left].append(pair.right)
        if pair.right is not None:
            partners[pair.right].append(pair.left)
    return partners


def _outcome(
    arrival: Arrival, where: str, is_counted: bool, missed: list[Missed], words: Words
) -> Outcome:
    watermark = arrival.stream_time
    time = arrival.time
    if missed:
        status = PARTLY if is_counted else TOO_LATE
        said = words.missed(missed) + (f"; {where}" if is_counted else "")
    elif time < watermark:
        status = LATE
        said = f"{words.behind(watermark, time)}; {where}"
    else:
        status = ON_TIME
        said = f"{words.arrived(watermark)}; {where}"
    return Outcome(arrival.event.id, status, watermark, said)


def _missed(late: Late, words: Words) -> Missed:
    arrival = late.arrival
    return Missed(
        arrival.event.id,
        arrival.event.key,
        late.start,
        late.end,
        late.closed,
        arrival.stream_time,
        words.too_late(arrival.stream_time, late.start, late.end, late.closed),
    )


def _first_at(watermarks: Sequence[int], time: int) -> int | None:
    return next((place for place, mark in enumerate(watermarks) if mark >= time), None)
