"""Play events into a topic in the background, at the pace of their own time."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from eventlab.errors import LogError, UsageError
from eventlab.events import Delivery, Event, deliveries
from eventlab.log.pace import Pace
from eventlab.log.producing import Report, Writer
from eventlab.log.records import Key, records
from eventlab.log.topics import Topic

# Short enough that a chart moves smoothly, long enough that the kernel has the time in between.
TICK_SECONDS = 0.02
_AT_A_TIME = 500
_RATE_SECONDS = 2.0
_ROOM_SECONDS = 0.1

State = Literal["playing", "paused", "stopped", "finished", "failed"]


@dataclass(frozen=True)
class PlayerStatus:
    """How a player fares: counts of records, its virtual time, and its rate over two seconds."""

    state: State
    sent: int
    acknowledged: int
    failed: int
    virtual_time: datetime | None
    events_per_second: float
    error: Exception | None


class Player:
    """Play events or deliveries into a topic, each at its (virtual) time of arrival.

    A daemon thread writes what is due and never the one that called. `speed` is virtual seconds per
    second, 0 as fast as the machine can; it may be set while playing. What is due is reckoned from
    where the pace began, not from the event before, so it does not drift. While the broker is away
    the records wait, and go on when it is back; after two minutes they count as failed. Nothing is
    lost from the count: `status` has what was sent and what was acknowledged. Methods may be called
    from any thread.
    """

    def __init__(
        self,
        topic: Topic,
        events: Iterable[Event | Delivery],
        *,
        speed: float = 1.0,
        key: Key = None,
        clock: Callable[[], float] = time.monotonic,
        settings: dict | None = None,
    ):
        _require_iterable(events)
        self.topic = topic
        self._key, self._clock, self._pace = key, clock, Pace(speed)
        self._waiting: Iterator[Delivery] = deliveries(events)
        self._next: Delivery | None = None
        patient = {"message.timeout.ms": 120_000, "linger.ms": 5}
        self._writer = Writer(topic, patient | (settings or {}))
        self._state: State = "playing"
        self._error: Exception | None = None
        self._lock, self._woken, self._halt = threading.Lock(), threading.Event(), threading.Event()
        self._marks: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._thread = threading.Thread(target=self._run, name=f"play {topic}", daemon=True)
        self._thread.start()

    # -- what one sees --------------------------------------------------------------------------

    @property
    def status(self) -> PlayerStatus:
        """Return how it fares now."""
        report = self._writer.report
        with self._lock:
            virtual_time = self._pace.virtual_time(self._clock())
        return PlayerStatus(
            state=self._state,
            sent=report.sent,
            acknowledged=report.acknowledged,
            failed=report.failed,
            virtual_time=virtual_time,
            events_per_second=self._rate(report.sent),
            error=self._error,
        )

    @property
    def report(self) -> Report:
        """Return what became of the records so far."""
        return self._writer.report

    @property
    def error(self) -> Exception | None:
        """Return what ended it, None if nothing did."""
        return self._error

    @property
    def speed(self) -> float:
        """Return or set how many virtual seconds pass in one second; 0 is as fast as it can."""
        return self._pace.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._change(speed=speed)

    # -- what one can do ------------------------------------------------------------------------

    def play(self) -> None:
        """Go on after a pause."""
        self._change(paused=False)

    def pause(self) -> None:
        """Let virtual time stand still until `play`."""
        self._change(paused=True)

    def stop(self) -> Report:
        """End it for good, and return the report when what was sent has its answer."""
        self._halt.set()
        self._woken.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()
        return self._writer.report

    def wait(self, seconds: float | None = None) -> Report:
        """Return the report when the last event is acknowledged; raise what ended it before.

        An interrupt of the kernel ends the wait, not the player. Raises LogError when `seconds`
        have passed.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while self._thread.is_alive() and (deadline is None or time.monotonic() < deadline):
            self._thread.join(0.1)
        if self._thread.is_alive():
            raise LogError(
                f"{self.topic} is still being played",
                expected=f"the end within {seconds:g} s",
                found=f"{self._writer.report.sent} events sent",
                remedy="Wait longer, set a higher speed, or stop() it.",
            )
        if self._error is not None:
            raise self._error
        return self._writer.report

    # -- how ------------------------------------------------------------------------------------

    def _change(self, **what) -> None:
        with self._lock:
            self._pace.change(self._clock(), **what)
            if self._state in ("playing", "paused"):
                self._state = "paused" if self._pace.paused else "playing"
        self._woken.set()

    def _run(self) -> None:
        try:
            while not self._halt.is_set() and self._write_due():
                self._woken.wait(self._seconds_to_next())
                self._woken.clear()
            self._end()
        except Exception as error:
            self._error, self._state = error, "failed"
            self._writer.abandon()

    def _write_due(self) -> bool:
        """Write some of what is due; False when there is nothing left at all."""
        for _ in range(_AT_A_TIME):
            delivery = self._peek()
            if delivery is None:
                return False
            if self._seconds_left(delivery) > 0:
                break
            if not self._write(delivery):
                break
        self._writer.serve()
        self._mark()
        return True

    def _peek(self) -> Delivery | None:
        if self._next is None:
            self._next = next(self._waiting, None)
            if self._next is not None and not self._pace.started:
                self._pace.start(self._next.arrives_at, self._clock())
        return self._next

    def _write(self, delivery: Delivery) -> bool:
        (record,) = records([delivery], self._key)
        if not self._writer.offer(record, _ROOM_SECONDS):
            return False  # the broker is away and the queue is full: look again after a tick
        with self._lock:
            self._pace.reached(delivery.arrives_at, self._clock())
        self._next = None
        if self._writer.report.failed:
            self._writer.report.require_all()
        return True

    def _seconds_left(self, delivery: Delivery) -> float:
        with self._lock:
            return self._pace.seconds_until(delivery.arrives_at, self._clock())

    def _seconds_to_next(self) -> float:
        left = 0.0 if self._next is None else self._seconds_left(self._next)
        # A short rest even at full speed: the kernel's own thread gets its turn.
        return min(max(left, 0.0005), TICK_SECONDS)

    def _end(self) -> None:
        self._state = "stopped" if self._halt.is_set() else self._state
        report = self._writer.flush()
        self._mark()
        if report.acknowledged != report.sent:
            self._writer.abandon()
            report.require_all()
        self._state = "stopped" if self._halt.is_set() else "finished"

    def _mark(self) -> None:
        now = self._clock()
        self._marks.append((now, self._writer.report.sent))
        while len(self._marks) > 2 and self._marks[1][0] < now - _RATE_SECONDS:
            self._marks.popleft()

    def _rate(self, sent: int) -> float:
        then, before = self._marks[0]
        seconds = self._clock() - then
        return (sent - before) / seconds if seconds > 0 and self._state == "playing" else 0.0


def _require_iterable(events: Any) -> None:
    if not isinstance(events, Iterable) or isinstance(events, str | bytes | dict):
        raise UsageError(
            "This cannot be played",
            expected="events, such as Shop(seed=7).orders()",
            found=f"{type(events).__name__} {events!r:.60}",
        )
