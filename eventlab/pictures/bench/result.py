"""What a run made of the events: windows or pairs, what was late, and where the watermark was."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import pandas

from eventlab.pictures.bench.scenario import Scenario

ON_TIME = "on time"
LATE = "late"
PARTLY = "partly too late"
TOO_LATE = "too late"
STATUSES = [ON_TIME, LATE, PARTLY, TOO_LATE]


class Filled(msgspec.Struct, frozen=True):
    """A window with what it came to; times are milliseconds since 1970.

    `closes` is the watermark at which it took nothing more, and `closed_by` the place of the
    arrival that brought the watermark there; None if the input ended before.
    """

    key: str
    start: int
    end: int
    value: float
    events: tuple[str, ...]
    closes: int
    closed_by: int | None


class Missed(msgspec.Struct, frozen=True):
    """An event that came when a window of its time had closed; times as in Filled."""

    id: str
    key: str
    start: int
    end: int
    closed: int
    watermark: int
    reason: str


class Pair(msgspec.Struct, frozen=True):
    """What a join made: the ids of both sides' events, None for a side that has nothing."""

    key: str
    left: str | None
    right: str | None


class Outcome(msgspec.Struct, frozen=True):
    """What became of one event, in the order of arrival.

    `watermark` is where it stood once the event was there, in milliseconds since 1970. Late is an
    event behind it; one that was counted nowhere is too late, one that missed some of its windows
    is partly too late.
    """

    id: str
    status: str
    watermark: int
    words: str


@dataclass(frozen=True)
class Result:
    """What one run of the flow gave; the frames are made when they are first asked for."""

    scenario: Scenario
    filled: tuple[Filled, ...]
    missed: tuple[Missed, ...]
    outcomes: tuple[Outcome, ...]
    joined: tuple[Pair, ...] = ()

    @cached_property
    def windows(self) -> pandas.DataFrame:
        """Return the windows: key, start, end, value, events (ids), closes, closed_by."""
        return _frame(Filled, self.filled, times=["start", "end", "closes"]).astype(
            {"closed_by": "Int64"}
        )

    @cached_property
    def late(self) -> pandas.DataFrame:
        """Return what came too late, one row for each event and window: with the reason."""
        frame = _frame(Missed, self.missed, times=["start", "end", "closed", "watermark"])
        frame.insert(6, "missed_by", frame["watermark"] - frame["closed"])
        return frame

    @cached_property
    def pairs(self) -> pandas.DataFrame:
        """Return what was joined: key, left and right (ids, None for nothing)."""
        frame = _frame(Pair, self.joined, times=[]).astype(object)
        return frame.where(frame.notna(), None)

    @cached_property
    def events(self) -> pandas.DataFrame:
        """Return the events in the order of arrival: id, key, side, time, watermark, status."""
        frame = _frame(Outcome, self.outcomes, times=["watermark"])
        events = self.scenario.events
        frame.insert(1, "key", [event.key for event in events])
        frame.insert(2, "side", [event.side for event in events])
        frame.insert(3, "time", _moments([event.milliseconds for event in events]))
        return frame

    def count(self, status: str) -> int:
        """Return how many events have a status."""
        return sum(one.status == status for one in self.outcomes)

    def to_builtins(self) -> dict[str, Any]:
        """Return scenario and result as JSON knows them, times in milliseconds since 1970."""
        made: dict[str, Any] = msgspec.to_builtins(
            {
                "scenario": self.scenario,
                "windows": self.filled,
                "late": self.missed,
                "pairs": self.joined,
                "events": self.outcomes,
            }
        )
        return made

    def __repr__(self) -> str:
        counts = ", ".join(f"{self.count(status)} {status}" for status in STATUSES)
        made = (
            f"{len(self.joined)} joined" if self.scenario.is_join else f"{len(self.filled)} windows"
        )
        return f"Result({made}; {counts})"


def _frame(
    kind: type[msgspec.Struct], rows: Sequence[Any], *, times: list[str]
) -> pandas.DataFrame:
    columns = {name: [getattr(row, name) for row in rows] for name in kind.__struct_fields__}
    return pandas.DataFrame(columns | {name: _moments(columns[name]) for name in times})


def _moments(times: list[int]) -> "pandas.Series[pandas.Timestamp]":
    return pandas.to_datetime(pandas.Series(times, dtype="int64"), unit="ms", utc=True)
