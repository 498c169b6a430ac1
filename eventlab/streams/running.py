"""A flow that runs in the background, beside the notebook."""

import threading
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bytewax.dataflow import Dataflow
from bytewax.testing import run_main

from eventlab.errors import EventlabError
from eventlab.log import background
from eventlab.streams.failure import failure
from eventlab.streams.quiet import keep_quiet
from eventlab.streams.recovery import recovery_config
from eventlab.streams.source import TopicPart
from eventlab.streams.wiring import Control, take_in_hand

EPOCH = timedelta(seconds=1)
_STOP_SECONDS = 30.0
_RATE_SECONDS = 2.0
_MARKS = 20


class Running:
    """Run a flow in a thread of its own; every method may be called from any thread.

    With `recovery`, a folder, what it knows is kept there at the end of each epoch, and the next
    run of the same flow goes on from there. What ends it by itself stays in `error`, and `wait`
    raises it. It is stopped when the process ends. Raises UsageError and RecoveryError.
    """

    def __init__(self, flow: Dataflow, *, recovery: Path | None = None, epoch: timedelta = EPOCH):
        self.name = flow.flow_id
        keep_quiet()
        self._control = Control()
        take_in_hand(flow, self._control)
        config = None if recovery is None else recovery_config(recovery, flow)
        self._error: EventlabError | None = None
        self._marks = deque([(time.monotonic(), 0)], _MARKS)
        self._thread = background.run(
            f"flow {self.name}",
            lambda: self._run(flow, epoch, config),
            lambda: self._control.stop(close_windows=False),
        )

    # -- what one sees --------------------------------------------------------------------------

    @property
    def is_alive(self) -> bool:
        """Tell whether it still runs."""
        return self._thread.is_alive()

    @property
    def error(self) -> EventlabError | None:
        """Return what ended it, in the learner's own terms; None if nothing did."""
        return self._error

    @property
    def count(self) -> int:
        """Return how many items came in."""
        return self._control.count

    @property
    def rate(self) -> float:
        """Return how many items a second came in lately."""
        now, count = time.monotonic(), self.count
        marks = self._marks
        if now - marks[-1][0] > _RATE_SECONDS / _MARKS:
            marks.append((now, count))
        since = next(mark for mark in marks if now - mark[0] <= _RATE_SECONDS or mark is marks[-1])
        return (count - since[1]) / max(now - since[0], 1e-9)

    @property
    def lag(self) -> int | None:
        """Return how many records of its topics it has not read yet; None while nobody knows."""
        lags = [part.lag for part in self._topic_parts]
        return None if not lags or None in lags else sum(lags)

    @property
    def positions(self) -> dict[tuple[str, int], int]:
        """Return for each topic and partition the offset of the next record to be read."""
        return {part.place: part.next_offset for part in self._topic_parts}

    @property
    def stream_times(self) -> dict[tuple[str, int], datetime | None]:
        """Return for each topic and partition the greatest time it has shown; None before."""
        return {
            part.place: datetime.fromtimestamp(part.stream_time / 1000, UTC)
            if part.stream_time >= 0
            else None
            for part in self._topic_parts
        }

    @property
    def _topic_parts(self) -> list[TopicPart]:
        return [part for part in self._control.parts if isinstance(part, TopicPart)]

    # -- what one can do ------------------------------------------------------------------------

    def stop(self, *, close_windows: bool = False) -> None:
        """End it; open windows stay for a resume, or are closed as if the input had ended."""
        self._control.stop(close_windows=close_windows)
        if threading.current_thread() is not self._thread:
            self._thread.join(_STOP_SECONDS)

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Return True when it has ended, False when the time is up before; raise its error."""
        self._thread.join(timeout_seconds)
        if self._error is not None:
            raise self._error
        return not self.is_alive

    def __repr__(self) -> str:
        state = "running" if self.is_alive else "failed" if self._error else "ended"
        return f"Running({self.name!r}, {state}, {self.count:,} events)"

    # -- how ------------------------------------------------------------------------------------

    def _run(self, flow: Dataflow, epoch: timedelta, config) -> None:
        try:
            run_main(flow, epoch_interval=epoch, recovery_config=config)
        except BaseException as error:  # a panic of bytewax is no Exception
            self._error = failure(flow, error)
