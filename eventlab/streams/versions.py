"""The rows that a table had, by key and in the order of their times."""

from bisect import bisect_right, insort
from heapq import heapify, heappop, heappush

from eventlab.streams.arrivals import Timed


class Versions:
    """Keep every row that an event may still need; tombstones are rows too.

    A row counts at a time if it is not newer, and came before the table's stream time had passed
    that time by more than the grace: a versioned table (KIP-889, KIP-914).
    """

    def __init__(self, grace: int, rows: dict[str, list[Timed]]):
        self.rows = rows
        self._grace = grace
        self._deleted = [(row.time, key) for key in rows for row in rows[key] if row.event is None]
        heapify(self._deleted)

    def put(self, key: str, row: Timed, forget_before: int) -> None:
        """Take a row in; rows that no event from `forget_before` on can see are dropped."""
        insort(self.rows.setdefault(key, []), row, key=_order)
        self._forget(key, forget_before)
        if row.event is None:
            heappush(self._deleted, (row.time, key))

    def at(self, key: str, time: int) -> Timed | None:
        """Return the row that was valid at a time, None if there was none."""
        rows = self.rows.get(key, [])
        place = self._place(rows, time)
        row = None if place is None else rows[place]
        return None if row is None or row.event is None else row

    def forget_deleted(self, before: int) -> None:
        """Drop the tombstones older than any event or row that still comes."""
        while self._deleted and self._deleted[0][0] < before:
            time, key = heappop(self._deleted)
            self._forget(key, before)
            rows = self.rows.get(key, [])
            if rows and rows[0].event is None and rows[0].time <= time:
                del rows[0]
            if not rows:
                self.rows.pop(key, None)

    def _forget(self, key: str, before: int) -> None:
        rows = self.rows.get(key, [])
        del rows[: self._place(rows, before) or 0]

    def _place(self, rows: list[Timed], time: int) -> int | None:
        for place in range(bisect_right(rows, time, key=_time) - 1, -1, -1):
            if rows[place].stream_time <= time + self._grace:
                return place
        return None


def _order(row: Timed) -> tuple[int, int, int]:
    return row.time, row.partition, row.offset


def _time(row: Timed) -> int:
    return row.time
