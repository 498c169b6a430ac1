"""Play events into a topic in the background, at the pace of their own time."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from eventlab.arguments import required_items
from eventlab.checked import checked
from eventlab.errors import EventlabError, LogError
from eventlab.events import Delivery, Event, deliveries
from eventlab.log.cluster import Settings
from eventlab.log.pace import NEVER, Pace
from eventlab.log.producing import Report, Writer
from eventlab.log.records import Key, Record, recorder
from eventlab.log.topics import Topic
from eventlab.processes.background import Background

if TYPE_CHECKING:  # whoever writes JSON needs none of this
    from eventlab.log.schemas import Contract

# Short enough that a chart moves smoothly, long enough that the kernel has the time in between.
TICK_SECONDS = 0.02
_TURN_SECONDS = 0.005
_REST_SECONDS = 0.0005
_AT_A_TIME = 500
_RATE_SECONDS = 2.0
_ROOM_SECONDS = 0.1
_FLUSH_SECONDS = 1.0
_STOP_SECONDS = 5.0

_END: Any = object()

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
    error: BaseException | None


class Sink(Protocol):
    """Where what is played goes: `producing.Writer`, or what sends it elsewhere."""

    @property
    def report(self) -> Report:
        """Return what became of the records so far."""

    @property
    def sent(self) -> int:
        """Return how many were taken."""

    @property
    def failed(self) -> int:
        """Return how many will never arrive, which ends the play."""

    def offer(self, record: Record, seconds: float, /) -> bool:
        """Take one, or return False if there is no room for it within so many seconds."""

    def serve(self) -> None:
        """Take in answers."""

    def flush(self, seconds: float, /) -> Report:
        """Return the report when all have their answer, or the time is up."""

    def close(self, seconds: float, /) -> Report:
        """Flush, give up what has no answer by then, and return the report."""


class Interludes(Protocol):
    """What happens between the events that are played."""

    def before(self, due: datetime, waiting: int, /) -> bool:
        """Let happen what does before the event that arrives then, or return False: not yet.

        At full speed `waiting` is how many events have no answer yet, else 0.
        """

    def end(self) -> None:
        """Let nothing go on: the last event was sent, or the play was stopped."""


class Playing:
    """Play events or deliveries into a sink, each at its (virtual) time of arrival.

    `into` says in words where they go, `place` names that for whatever is to play there alone, and
    `topics` are those that they are in then. `start` begins it: a
    daemon thread writes what is due and never the one that called. `speed` is virtual seconds per
    second, 0 as fast as the machine can; it may be set while playing. What is due is counted from
    where the pace began, not from the event before, so it does not drift. Nothing is lost from the
    count: `status` has what was sent and what was acknowledged. What ends it stays in `error`, and
    `wait` raises it. Methods may be called from any thread.
    """

    topics: Sequence[Topic] = ()
    interludes: Interludes | None = None  # to be set before the start

    def __init__(
        self,
        into: str,
        events: Iterable[Event | Delivery],
        sink: Callable[[], Sink],
        *,
        speed: float,
        key: Key,
        clock: Callable[[], float],
        contract: "Contract | None" = None,
    ) -> None:
        self.into = into
        self.place = into
        self._record = recorder(key, contract)
        self._clock = clock
        self._pace = Pace(speed)
        self._items = iter(required_items("events", events, example="[order]"))
        self._next: Event | Delivery | None = None
        self._due = NEVER
        self._played: datetime | None = None
        self._writer = sink()
        self._state: State = "playing"
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._marks: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._background = Background(
            f"play {into}", self._run, halt=self._woken.set, on_end=self._end_with
        )

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
            error=self.error,
        )

    @property
    def report(self) -> Report:
        """Return what became of the records so far."""
        return self._writer.report

    @property
    def error(self) -> BaseException | None:
        """Return what ended it, None if nothing did."""
        return self._background.error

    @property
    def speed(self) -> float:
        """Return or set how many virtual seconds pass in one second; 0 is as fast as it can."""
        return self._pace.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._change(speed=speed)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.into!r}, {self._state}, {self._writer.sent:,} events)"

    # -- what one can do ------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to play; a second call does nothing."""
        self._background.start()

    def play(self) -> None:
        """Go on after a pause."""
        self._change(paused=False)

    def pause(self) -> None:
        """Let virtual time stand still until `play`."""
        self._change(paused=True)

    def stop(self) -> Report:
        """End it for good, and return the report; what has no answer after a second has failed."""
        has_ended = self._background.stop(_STOP_SECONDS)
        if has_ended and self._state in ("playing", "paused"):  # it never began
            self._state = "stopped"
        return self._writer.report

    @checked
    def ends_within(self, seconds: float) -> bool:
        """Wait at most so long, and tell whether it has ended; raise what ended it before."""
        return self._background.wait(seconds)

    @checked
    def wait(self, seconds: float | None = None) -> Report:
        """Return the report when the last event is acknowledged; raise what ended it before.

        An interrupt of the kernel ends the wait, not the player. Raises LogError when `seconds`
        have passed.
        """
        if self._background.wait(seconds):
            return self._writer.report
        raise LogError(
            f"{self.into} is still being played",
            expected=f"the end within {seconds:g} s",
            found=f"{self._writer.report.sent} events sent",
            remedy="Wait longer, set a higher speed, or stop() it.",
        )

    # -- how ------------------------------------------------------------------------------------

    def _change(self, *, speed: float | None = None, paused: bool | None = None) -> None:
        with self._lock:
            self._pace.change(self._clock(), speed=speed, paused=paused)
            if self._state in ("playing", "paused"):
                self._state = "paused" if self._pace.paused else "playing"
        self._woken.set()

    def _run(self) -> None:
        try:
            while not self._background.stopping.is_set() and self._write_due():
                self._woken.wait(self._seconds_of_rest())
        finally:
            self._end_interludes()
        self._finish()

    def _write_due(self) -> bool:
        """Write some of what is due; False when there is nothing left at all."""
        if self._peek() is None:
            return False
        due_until = self._due_until()
        for _ in range(_AT_A_TIME):
            item = self._peek()
            if item is None or self._due > due_until or self._woken.is_set():
                break
            if not self._may_go_on():
                break  # what was sent before is to meet nothing that comes after it
            if not self._writer.offer(self._record(item), _ROOM_SECONDS):
                break  # the broker is away and the queue is full: look again after a rest
            self._played = self._due
            self._next = None
        self._take_stock()
        return True

    def _may_go_on(self) -> bool:
        if self.interludes is None:
            return True
        return self.interludes.before(self._due, 0 if self.speed else self._writer.report.waiting)

    def _end_interludes(self) -> None:
        if self.interludes is None:
            return
        try:
            self.interludes.end()
        except EventlabError:
            if not self._background.stopping.is_set():
                raise  # else what is to be mended is being closed too

    def _peek(self) -> Event | Delivery | None:
        if self._next is None:
            item = next(self._items, _END)
            if item is _END:
                return None
            self._due = arrival(item)  # refuses what is no event, and None is none
            self._next = item
            self._begin()
        return self._next

    def _begin(self) -> None:
        if not self._pace.started:
            with self._lock:
                self._pace.start(self._due, self._clock())

    def _due_until(self) -> datetime:
        with self._lock:
            if self._woken.is_set():
                # A slower speed is to be felt at once, however far it had fallen behind a fast one.
                self._woken.clear()
                self._pace.hold_back(self._due)
            return self._pace.due_until(self._clock())

    def _take_stock(self) -> None:
        self._writer.serve()
        self._mark()
        if self._played is not None:
            with self._lock:
                self._pace.reached(self._played, self._clock())
        if self._writer.failed:
            self._writer.report.require_all()

    def _seconds_of_rest(self) -> float:
        """Return how long to leave the machine to others, the kernel's own thread above all."""
        if self._next is None:
            return _REST_SECONDS
        with self._lock:
            left = self._pace.seconds_until(self._due, self._clock())
        # Many small wakings cost more than what they do, and no eye sees them.
        return min(max(left, _TURN_SECONDS), TICK_SECONDS) if left else _REST_SECONDS

    def _finish(self) -> None:
        with self._lock:  # the story is over, and its clock stands
            self._pace.change(self._clock(), paused=True)
        stopping = self._background.stopping
        while self._writer.report.waiting and not stopping.is_set():
            self._writer.flush(TICK_SECONDS)
        if stopping.is_set():
            self._state = "stopped"
            self._writer.close(_FLUSH_SECONDS)
        else:
            self._writer.serve()  # what came with the last answer
            self._writer.close(0).require_all()
            self._state = "finished"

    def _end_with(self, error: BaseException | None) -> None:
        if error is not None:
            self._state = "failed"
            self._writer.close(_FLUSH_SECONDS)  # what was sent before may still arrive

    def _mark(self) -> None:
        now = self._clock()
        self._marks.append((now, self._writer.sent))
        while len(self._marks) > 2 and self._marks[1][0] < now - _RATE_SECONDS:
            self._marks.popleft()

    def _rate(self, sent: int) -> float:
        then, before = self._marks[0]
        seconds = self._clock() - then
        return (sent - before) / seconds if seconds > 0 and self._state == "playing" else 0.0


class Player(Playing):
    """Play events or deliveries into a topic, each at its (virtual) time of arrival; see `Playing`.

    While the broker is away the records wait, and go on when it is back; after ten minutes they
    count as failed, which ends the play.

    Events older than a day can be written twice when the broker dies and comes back: it has then
    forgotten what it took from this producer, and takes the batch again whose answer was lost
    (Kafka's producer.id.expiration.ms). Whoever needs each once plays events of today, writes them
    in transactions (log.Transactions), or drops at reading the event_id that came before.
    """

    @checked
    def __init__(
        self,
        topic: Topic,
        events: Iterable[Event | Delivery],
        *,
        speed: float = 1.0,
        key: Key = None,
        contract: "Contract | None" = None,
        clock: Callable[[], float] = time.monotonic,
        settings: Settings | None = None,
    ) -> None:
        self.topic = topic
        self.topics = [topic]

        def sink() -> Writer:
            return Writer(topic, settings)

        super().__init__(
            topic.name, events, sink, speed=speed, key=key, clock=clock, contract=contract
        )


@checked
def play(
    topic: Topic,
    events: Iterable[Event | Delivery],
    *,
    speed: float = 1.0,
    key: Key = None,
    contract: "Contract | None" = None,
) -> Player:
    """Play events or deliveries into a topic from now on, and return the player.

    `speed` is virtual seconds per second, 0 as fast as the machine can; items, `key` and `contract`
    as in `records`. Raises TopicError, BrokerError and UsageError.
    """
    player = Player(topic, events, speed=speed, key=key, contract=contract)
    player.start()
    return player


def arrival(item: Event | Delivery) -> datetime:
    """Return when an event or delivery arrives. Raises UsageError for what is neither."""
    # An event on its own needs no Delivery made for it; deliveries() refuses what is neither.
    return item.at if isinstance(item, Event) else next(deliveries([item])).arrives_at
