"""Follow a topic as it grows, from any offset, in a thread of its own."""

import threading
import time
from collections.abc import Callable
from numbers import Real
from queue import Empty, SimpleQueue

from confluent_kafka import KafkaError, TopicPartition

from eventlab.errors import UsageError
from eventlab.log import background
from eventlab.log.cluster import ANSWER_SECONDS
from eventlab.log.decoding import Batch
from eventlab.log.reading import reader
from eventlab.log.starting import Start, resolved
from eventlab.log.topics import Topic
from eventlab.log.watching import TopicWatch

_TURN_SECONDS = 0.05


class Follower:
    """Read a topic on and on, and hand each batch to `on_batch` in a daemon thread of its own.

    It commits nothing and disturbs nobody. While the broker is away it waits, with the reason in
    `trouble`, and so it does while there is no such topic. A topic made anew is followed from its
    beginning (the records of its first second may come twice), and so are new partitions. What
    `on_batch` raises ends it and stays in `error`. `seek`, `pause`, `resume`, `stop` and
    `per_second` may be used from any thread.
    """

    def __init__(
        self,
        topic: Topic,
        on_batch: Callable[[Batch], object],
        *,
        start: Start = "latest",
        at_most: int = 1000,
        per_second: float | None = None,
    ):
        self.topic, self._on_batch, self._at_most = topic, on_batch, at_most
        self._per_second = _checked_rate(per_second)
        self._error, self._paused = None, False
        self._wishes: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._woken, self._halt = threading.Event(), threading.Event()
        self._watch = TopicWatch(topic)
        self._position = resolved(self.topic, start)
        self._follows_new_partitions = not isinstance(start, dict)
        self._consumer = reader(topic.cluster, **{"enable.partition.eof": True})
        self._assign()
        self._thread = background.run(f"follow {topic}", self._run, self._end_soon)

    # -- what one sees --------------------------------------------------------------------------

    @property
    def position(self) -> dict[int, int]:
        """Return for each partition where it is: all before this offset was handed over."""
        return dict(self._position)

    @property
    def is_alive(self) -> bool:
        """Tell whether it still follows."""
        return self._thread.is_alive()

    @property
    def paused(self) -> bool:
        """Tell whether it rests until `resume`."""
        return self._paused

    @property
    def trouble(self) -> str:
        """Return why nothing can be read just now, "" if nothing is wrong."""
        return self._watch.trouble

    @property
    def error(self) -> BaseException | None:
        """Return what ended it, None if nothing did."""
        return self._error

    @property
    def per_second(self) -> float | None:
        """Return or set how many records it takes in a second; None as many as come."""
        return self._per_second

    @per_second.setter
    def per_second(self, per_second: float | None) -> None:
        self._per_second = _checked_rate(per_second)
        self._woken.set()

    # -- what one can do ------------------------------------------------------------------------

    def seek(self, start: Start) -> None:
        """Go on from somewhere else: "earliest", "latest", a moment, an offset, or a dict."""
        offsets = resolved(self.topic, start)
        self._wish(lambda: self._move(offsets))

    def pause(self) -> None:
        """Read nothing until `resume`, and keep the position."""
        self._wish(lambda: self._set_paused(True))

    def resume(self) -> None:
        """Go on where it paused."""
        self._wish(lambda: self._set_paused(False))

    def stop(self) -> None:
        """End the thread; its last batch is done when this returns."""
        self._end_soon()
        if threading.current_thread() is not self._thread:
            self._thread.join(ANSWER_SECONDS)

    # -- where ----------------------------------------------------------------------------------

    def _assign(self) -> None:
        places = [TopicPartition(self.topic.name, n, at) for n, at in self._position.items()]
        self._consumer.assign(places)
        (self._consumer.pause if self._paused else self._consumer.resume)(places)

    def _move(self, offsets: dict[int, int]) -> None:
        self._position = self._position | offsets
        self._assign()

    def _set_paused(self, paused: bool) -> None:
        self._paused = paused
        self._assign()

    def _heed_new_partitions(self) -> None:
        new = self._watch.look(time.monotonic())
        if not self._follows_new_partitions:
            new &= set(self._position)
        if new:
            kept = {n: at for n, at in self._position.items() if n in self._watch.partitions}
            self._position = kept | dict.fromkeys(new, 0)
            self._assign()

    # -- how ------------------------------------------------------------------------------------

    def _wish(self, wish: Callable[[], None]) -> None:
        self._wishes.put(wish)
        self._woken.set()

    def _end_soon(self) -> None:
        self._halt.set()
        self._woken.set()

    def _run(self) -> None:
        try:
            while not self._halt.is_set():
                self._woken.clear()
                self._heed_wishes()
                self._heed_new_partitions()
                self._take()
        except BaseException as error:  # SystemExit of a learner's function too
            self._error = error
        finally:
            self._consumer.close()

    def _heed_wishes(self) -> None:
        try:
            while True:
                self._wishes.get_nowait()()
        except Empty:
            return

    def _take(self) -> None:
        started, rate = time.monotonic(), self._per_second
        share = self._at_most
        if rate is not None:
            share = max(1, min(share, int(rate * _TURN_SECONDS)))
        messages = self._consumer.consume(share, _TURN_SECONDS)
        good = [message for message in messages if message.error() is None]
        if good:
            self._on_batch(Batch(good))
        self._position = self._position | {
            message.partition(): message.offset() + (message.error() is None)
            for message in messages
            if message.error() is None or message.error().code() == KafkaError._PARTITION_EOF
        }
        if good and rate is not None:
            self._woken.wait(max(0.0, started + len(good) / rate - time.monotonic()))


def follow(
    topic: Topic,
    on_batch: Callable[[Batch], object],
    *,
    start: Start = "latest",
    per_second: float | None = None,
) -> Follower:
    """Hand every batch of a topic to `on_batch`, from `start` on, until the follower is stopped.

    `start` is "earliest", "latest", an offset, a dict of offsets by partition (which chooses the
    partitions too), or an aware datetime; `per_second` bounds how many records it takes. Raises
    TopicError, BrokerError and UsageError.
    """
    return Follower(topic, on_batch, start=start, per_second=per_second)


def _checked_rate(per_second: float | None) -> float | None:
    if per_second is None:
        return None
    if isinstance(per_second, Real) and not isinstance(per_second, bool) and per_second > 0:
        return float(per_second)
    raise UsageError(
        "Records cannot be taken at this rate",
        expected="records a second, more than 0, or None for as many as come",
        found=repr(per_second),
        remedy="To take none for a while, use pause().",
    )
