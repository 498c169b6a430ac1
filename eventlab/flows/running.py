"""A flow that runs beside the notebook: what one sees of it, and what one can do."""

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from bytewax.dataflow import Dataflow

from eventlab.checked import checked
from eventlab.errors import EventlabError
from eventlab.flows.failure import failure
from eventlab.flows.status import Status, watermark
from eventlab.moments import from_milliseconds
from eventlab.processes.background import Background
from eventlab.streams.arrivals import NEVER

EPOCH = timedelta(seconds=1)
_RATE_SECONDS = 2.0
_MARKS = 20
_LOOK_SECONDS = 0.005

OnError: TypeAlias = Callable[[EventlabError], object]


class Running(ABC):
    """A flow that runs in a thread or in processes of its own; `run` makes one and starts it.

    Every method may be called from any thread. What ends it by itself stays in `error`, `wait`
    raises it, and `on_error` is called with it in a thread of ours. It is stopped when the process
    ends that started it.
    """

    def __init__(
        self, flow: Dataflow, on_error: OnError | None = None, store: Path | None = None
    ) -> None:
        self.name = flow.flow_id
        self._flow = flow
        self._store = store
        self._on_error = on_error
        self._error: EventlabError | None = None
        self._marks = deque([(time.monotonic(), 0)], _MARKS)
        self._background = Background(
            f"flow {self.name}", self._run, halt=self._halt, on_end=self._ended
        )

    # -- what one sees --------------------------------------------------------------------------

    @property
    def is_alive(self) -> bool:
        """Tell whether it still runs."""
        return self._background.is_alive

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
    def epochs(self) -> int:
        """Return how many epochs all its inputs have ended; what the last but one knew is kept."""
        return self.status.epochs

    @property
    def rate(self) -> float:
        """Return how many items a second came in lately."""
        now = time.monotonic()
        count = self.count
        lately = [mark for mark in self._marks if now - mark[0] <= _RATE_SECONDS]
        since, before = lately[0] if lately else self._marks[-1]
        if now - self._marks[-1][0] > _RATE_SECONDS / _MARKS:
            self._marks.append((now, count))
        return (count - before) / max(now - since, 1e-9)

    @property
    def lag(self) -> int | None:
        """Return how many records of its topics it has not read yet; None while nobody knows."""
        parts = self.status.parts
        known = [part.lag for part in parts if part.lag is not None]
        return sum(known) if parts and len(known) == len(parts) else None

    @property
    def positions(self) -> dict[tuple[str, int], int]:
        """Return for each topic and partition the offset of the next record to be read."""
        return {(part.topic, part.partition): part.next_offset for part in self.status.parts}

    @property
    def stream_times(self) -> dict[tuple[str, int], datetime | None]:
        """Return for each topic and partition the greatest time it has shown; None before."""
        return {
            (part.topic, part.partition): _moment(part.stream_time) for part in self.status.parts
        }

    @property
    def watermark(self) -> datetime | None:
        """Return the time that all partitions have passed; None before each has shown one.

        In a flow with `watermarked` it is what that stamps, else the least stream time.
        """
        passed = watermark(self.status)
        return None if passed is None else _moment(passed)

    @property
    def state_bytes(self) -> dict[str, int]:
        """Return the bytes of state that each step kept at the end of the last epoch."""
        return self.status.state_bytes

    # -- what one can do ------------------------------------------------------------------------

    def start(self) -> None:
        """Begin, once; a second call does nothing."""
        self._background.start()

    @abstractmethod
    @checked
    def stop(self, *, close_windows: bool = False) -> None:
        """End it; open windows stay for a resume, or are closed as if the input had ended."""

    def ask_to_stop(self) -> None:
        """Let it end soon, and return at once: for whoever its own steps call."""
        self._halt()

    @checked
    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Return True when it has ended, False when the time is up before; raise its error."""
        has_ended = self._background.join(timeout_seconds)
        if self._error is not None:
            raise self._error
        return has_ended

    @checked
    def until(self, count: int, timeout_seconds: float = 30.0) -> bool:
        """Return True when so many items have come in, False when it ended or time is up before."""
        deadline = time.monotonic() + timeout_seconds
        while self.count < count and self.is_alive and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        return self.count >= count

    def __repr__(self) -> str:
        state = "running" if self.is_alive else "failed" if self._error else "ended"
        return f"Running({self.name!r}, {state}, {self.count:,} events)"

    # -- in the background ----------------------------------------------------------------------

    @abstractmethod
    def _run(self) -> None:
        """Run to the end; raise what ended it."""

    @abstractmethod
    def _halt(self) -> None:
        """Let `_run` end soon, and return at once."""

    def _ended(self, error: BaseException | None) -> None:
        if error is None:
            return
        self._error = failure(self._flow, error, self._store)
        if self._on_error is not None:
            self._on_error(self._error)


def _moment(stream_time: int) -> datetime | None:
    return None if stream_time == NEVER else from_milliseconds(stream_time)
