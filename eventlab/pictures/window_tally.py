"""How much grace each event of a stream would have needed, and what each grace would have given."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from datetime import timedelta
from math import inf
from statistics import median
from typing import NamedTuple

from eventlab.pictures.window_values import Place

_MINUTE = 60_000
_STEPS_TO_A_WINDOW = 12
_MOST_GRACE = 8  # windows
_MOST_WINDOWS = 200  # whose delay is looked at
SHORTEST = timedelta(milliseconds=12)


class Seen(NamedTuple):
    """An event as it was read: its window, and how late it was, in milliseconds of stream time.

    `needs` is by how much stream time had passed the window's end when it came: a grace has to be
    longer for it to be counted. Below zero the window had not ended at all. `behind` is by how much
    stream time had passed the event itself; `moves_time` says that the event moved it.
    """

    place: Place
    needs: int
    behind: int
    moves_time: bool


class Offer(NamedTuple):
    """What a grace gives: events that are counted and missing, and a result's minutes of delay."""

    grace: int
    counted: int
    missing: int
    delay: float | None

    @property
    def share(self) -> float:
        """Return the share of the events that are counted; all of none."""
        came = self.counted + self.missing
        return self.counted / came if came else 1.0

    @property
    def share_words(self) -> str:
        """Return the share in words that never claim more than is counted."""
        return share_words(self.counted, self.counted + self.missing)


class WindowTally:
    """Judge events of tumbling windows by the stream time of their partition, as `windowed` does.

    `length` is that of the windows, in milliseconds. It holds `keep` events, and leaves out the
    earliest windows beyond that. Not safe between threads.
    """

    def __init__(self, length: int, keep: int) -> None:
        self._length = length
        self._keep = keep
        self._stream_times: dict[int, int] = {}
        self._needs: dict[Place, list[int]] = {}
        self._all_needs: list[int] = []
        self._passed: list[int] = []
        self._passed_when: list[float] = []

    @property
    def places(self) -> list[Place]:
        """Return the windows that are held."""
        return list(self._needs)

    @property
    def watermark(self) -> int | None:
        """Return the time that all partitions have passed, None before the first event."""
        return self._passed[-1] if self._passed else None

    def add(self, partition: int, at: int, arrived: float) -> Seen:
        """Take the next event of a partition in, which came at `arrived`."""
        before = self._stream_times.get(partition)
        stream_time = at if before is None else max(before, at)
        self._stream_times[partition] = stream_time
        start = at - at % self._length
        place = (start, start + self._length)
        seen = Seen(place, stream_time - place[1], stream_time - at, stream_time != before)
        self._hold(place, seen.needs)
        self._pass(min(self._stream_times.values()), arrived)
        return seen

    def counted(self, place: Place, grace: float) -> int:
        """Return how many events of a window come early enough with this grace."""
        return bisect_left(self._needs.get(place, []), grace)

    def missing(self, place: Place, grace: float) -> int:
        """Return how many events of a window come too late with this grace."""
        return len(self._needs.get(place, [])) - self.counted(place, grace)

    def closed_when(self, place: Place, grace: int) -> float | None:
        """Return when the event came that closed a window, None while it is open."""
        number = bisect_left(self._passed, place[1] + grace)
        return self._passed_when[number] if number < len(self._passed) else None

    def has_passed_a_window(self, grace: int) -> bool:
        """Tell whether a window is closed with this grace."""
        return bool(self._needs) and self.closed_when(min(self._needs), grace) is not None

    def offer(self, grace: int) -> Offer:
        """Return what a grace gives of all that came so far; the delay where arrivals are times."""
        counted = bisect_left(self._all_needs, grace)
        return Offer(grace, counted, len(self._all_needs) - counted, self._delay(grace))

    def _delay(self, grace: int) -> float | None:
        """Return the minutes from a window's end to its result, the median of the newest 200."""
        delays = []
        for place in list(self._needs)[-_MOST_WINDOWS:]:
            when = self.closed_when(place, grace)
            delays.append(inf if when is None else (when - place[1]) / _MINUTE)
        middle = median(delays) if delays else inf
        return None if middle == inf else middle

    def _pass(self, watermark: int, arrived: float) -> None:
        if not self._passed or watermark > self._passed[-1]:
            self._passed.append(watermark)
            self._passed_when.append(arrived)

    def _hold(self, place: Place, needs: int) -> None:
        if len(self._all_needs) >= self._keep:
            self._make_room()
        if len(self._all_needs) >= self._keep:
            return  # of a window that is alone and has more, the first ones count
        insort(self._needs.setdefault(place, []), needs)
        insort(self._all_needs, needs)

    def _make_room(self) -> None:
        left = len(self._all_needs)
        leaving = []
        for place in sorted(self._needs)[:-1]:
            if left <= self._keep * 3 // 4:
                break
            left -= len(self._needs[place])
            leaving.append(place)
        if leaving:
            self._drop(leaving)

    def _drop(self, places: list[Place]) -> None:
        for place in places:
            del self._needs[place]
        self._all_needs = sorted(need for needs in self._needs.values() for need in needs)
        self._passed = self._passed[-self._keep :]
        self._passed_when = self._passed_when[-self._keep :]


def share_words(counted: int, of: int) -> str:
    """Return a share as percent with two decimals, rounded down: all of none."""
    hundredths = 10_000 * counted // of if of else 10_000
    return f"{hundredths // 100}.{hundredths % 100:02}%"


def graces_of(length: int, grace: int) -> list[int]:
    """Return the graces to choose from: twelve to a window, up to eight windows, and this one."""
    step = length // _STEPS_TO_A_WINDOW
    return sorted({grace, *range(0, _MOST_GRACE * length + 1, step)})


class Extent(NamedTuple):
    """How far the axes reach: the times, the tallest bar, the least share and longest delay."""

    first: int
    last: int
    tallest: int
    least_share: float
    shortest_delay: float
    longest_delay: float


def extent_of(
    arrivals: Iterable[tuple[int, int]], length: int, graces: Iterable[int]
) -> Extent | None:
    """Return the extent of events, each with its time and arrival; None where there are none."""
    tally = WindowTally(length, keep=10**9)
    moments: list[int] = []
    for at, arrived in arrivals:
        tally.add(0, at, arrived)
        moments += [at, arrived]
    if not moments:
        return None
    offers = [tally.offer(grace) for grace in graces]
    delays = [offer.delay for offer in offers if offer.delay is not None]
    return Extent(
        first=min(moments) // length * length,
        last=-(-max(moments) // length) * length,
        tallest=max(tally.counted(place, inf) for place in tally.places),
        least_share=min(offer.share for offer in offers),
        shortest_delay=min(delays, default=0.0),
        longest_delay=max(delays, default=0.0),
    )
