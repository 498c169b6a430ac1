"""From what a flow gave to what the bench tells: windows, pairs, and each event's fate."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from eventlab.bench.result import DROPPED, LATE, ON_TIME, PARTLY, Fate, Filled, Missed, Pair
from eventlab.bench.scenario import MILLISECOND, Scenario
from eventlab.bench.words import Words
from eventlab.streams import Arrival, Joined, Late, Window


def filled_of(
    scenario: Scenario,
    windows: Iterable[tuple[str, tuple[Window, float]]],
    watermarks: Sequence[int],
) -> tuple[Filled, ...]:
    """Return the windows, ordered by key and time, and which arrival closed each."""
    patience, is_past = scenario.grace // MILLISECOND, 0
    if scenario.kind == "session":
        # Events of a session may be a whole gap apart: it closes when more than that is past.
        patience, is_past = patience + scenario.gap // MILLISECOND, 1
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


def fates_of(
    stamped: Sequence[Arrival],
    filled: Iterable[Filled],
    missed: Iterable[Missed],
    joined: Iterable[Pair],
    words: Words,
) -> tuple[Fate, ...]:
    """Return what became of each event, in the order of arrival."""
    windows, late, pairs = defaultdict(list), defaultdict(list), defaultdict(list)
    for window in filled:
        for event_id in window.events:
            windows[event_id].append(window)
    for one in missed:
        late[one.id].append(one)
    for pair in joined:
        for one, other in ((pair.left, pair.right), (pair.right, pair.left)):
            if one is not None:
                pairs[one].append(other)
    told = []
    for arrival in stamped:
        name = arrival.event.id
        is_join = words.scenario.is_join
        where = words.partners(pairs[name]) if is_join else words.windows(windows[name])
        told.append(_fate(arrival, where, bool(windows[name]), late[name], words))
    return tuple(told)


def _fate(
    arrival: Arrival, where: str, is_counted: bool, missed: list[Missed], words: Words
) -> Fate:
    watermark, time = arrival.stream_time, arrival.time
    if missed:
        status = PARTLY if is_counted else DROPPED
        told = words.missed(missed) + (f"; {where}" if is_counted else "")
    elif time < watermark:
        status, told = LATE, f"{words.behind(watermark, time)}; {where}"
    else:
        status, told = ON_TIME, f"{words.arrived(watermark)}; {where}"
    return Fate(arrival.event.id, status, watermark, told)


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
