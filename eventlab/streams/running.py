"""A flow that runs beside the notebook: what one sees of it, and what one can do."""

import time
from abc import ABC, abstractmethod
from collections import deque
from datetime import UTC, datetime, timedelta

from bytewax.dataflow import Dataflow

from eventlab.errors import EventlabError
from eventlab.streams.shards import NEVER
from eventlab.streams.status import Status, watermark

EPOCH = timedelta(seconds=1)
_RATE_SECONDS = 2.0
_MARKS = 20
_LOOK_SECONDS = 0.005


class Running(ABC):
    """A flow that runs in a thread or in processes of its own; `run` makes one.

    Every method may be called from any thread. What ends it by itself stays in `error`, and `wait`
    raises it. It is stopped when the process ends that started it.
    """

    def __init__(self, flow: Dataflow):
        self.name = flow.flow_id
        self._error: EventlabError | None = None
        self._marks = deque([(time.monotonic(), 0)], _MARKS)

    # -- what one sees --------------------------------------------------------------------------

    @property
    @abstractmethod
    def is_alive(self) -> bool:
        """Tell whether it still runs."""

    @property
    @abstractmethod
    def status(self) -> Status:
        """Return how far it is, as plain data."""

    @property
    def error(self) -> EventlabError | None:
        """Return what ended it, in the learner's own terms; None if nothing did."""
        return self._error

    @property
    def count(self) -> int:
        """Return how many items came in."""
        return self.status.count

    @property
    def rate(self) -> float:
        """Return how many items a second came in lately."""
        now, count = time.monotonic(), self.count
        lately = [mark for mark in self._marks if now - mark[0] <= _RATE_SECONDS]
        since, before = lately[0] if lately else self._marks[-1]
        if now - self._marks[-1][0] > _RATE_SECONDS / _MARKS:
            self._marks.append((now, count))
        return (count - before) / max(now - since, 1e-9)

    @property
    def lag(self) -> int | None:
        """Return how many records of its topics it has not read yet; None while nobody knows."""
        lags = [part.lag for part in self.status.parts]
        return None if not lags or None in lags else sum(lags)

    @property
    def positions(self) -> dict[tuple[str, int], int]:
        """Return for each topic and partition the offset of the next record to be read."""
        return {(part.topic, part.partition): part.next_offset for part in self.status.parts}

    @property
    def stream_times(self) -> dict[tuple[str, int], datetime | None]:
        """Return for each topic and partition the greatest time it has shown; None before."""
        return {
            (part.topic, part.partition): None if part.stream_time == NEVER else _moment(part)
            for part in self.status.parts
        }

    @property
    def watermark(self) -> datetime | None:
        """Return the time that all partitions have passed; None before each has shown one.

        In a flow with `watermarked` it is what that stamps, else the least stream time.
        """
        passed = watermark(self.status)
        return None if passed is None else datetime.fromtimestamp(passed / 1000, UTC)

    @property
    def state_bytes(self) -> dict[str, int]:
        """Return the bytes of state that each step kept at the end of the last epoch."""
        return self.status.state_bytes

    # -- what one can do ------------------------------------------------------------------------

    @abstractmethod
    def stop(self, *, close_windows: bool = False) -> None:
        """End it; open windows stay for a resume, or are closed as if the input had ended."""

    @abstractmethod
    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Return True when it has ended, False when the time is up before; raise its error."""

    def until(self, count: int, timeout_seconds: float = 30.0) -> bool:
        """Return True when so many items have come in, False when it ended or time is up before."""
        deadline = time.monotonic() + timeout_seconds
        while self.count < count and self.is_alive and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        return self.count >= count

    def __repr__(self) -> str:
        state = "running" if self.is_alive else "failed" if self._error else "ended"
        return f"Running({self.name!r}, {state}, {self.count:,} events)"


def _moment(part) -> datetime:
    return datetime.fromtimestamp(part.stream_time / 1000, UTC)
