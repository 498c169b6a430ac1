"""Follow a topic as it grows, from any offset, in a thread of its own."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from queue import Empty, SimpleQueue

from confluent_kafka import TopicPartition

from eventlab.errors import UsageError
from eventlab.log.cluster import ANSWER_SECONDS
from eventlab.log.decoding import Batch
from eventlab.log.reading import reader
from eventlab.log.records import milliseconds
from eventlab.log.topics import Topic

_TURN_SECONDS = 0.05

Start = str | int | datetime | dict[int, int]


class Follower:
    """Read a topic on and on, and hand each batch to `on_batch` in a daemon thread of its own.

    It commits nothing and disturbs nobody. While the broker is away it waits, with the reason in
    `trouble`. What `on_batch` raises ends it and stays in `error`. `seek`, `pause`, `resume` and
    `stop` may be called from any thread.
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
        self.topic, self.trouble, self.error = topic, "", None
        self._on_batch, self._at_most, self._per_second = on_batch, at_most, per_second
        self._wishes: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._halt = threading.Event()
        self._position: dict[int, int] = {}
        self._taken = 0
        self._consumer = reader(topic.cluster, **{"auto.offset.reset": "earliest"})
        try:
            self._assign(start)
        except BaseException:
            self._consumer.close()
            raise
        self._thread = threading.Thread(target=self._run, name=f"follow {topic}", daemon=True)
        self._thread.start()

    @property
    def position(self) -> dict[int, int]:
        """Return for each partition the offset of the next record to be read."""
        return dict(self._position)

    @property
    def is_alive(self) -> bool:
        """Tell whether it still follows."""
        return self._thread.is_alive()

    def seek(self, start: Start) -> None:
        """Go on from somewhere else: "earliest", "latest", a moment, an offset, or a dict."""
        offsets = self._resolved(start)
        self._wishes.put(lambda: self._move(offsets))

    def pause(self) -> None:
        """Read nothing until `resume`, and keep the position."""
        self._wishes.put(lambda: self._consumer.pause(self._consumer.assignment()))

    def resume(self) -> None:
        """Go on where it paused."""
        self._wishes.put(lambda: self._consumer.resume(self._consumer.assignment()))

    def stop(self) -> None:
        """End the thread; its last batch is done when this returns."""
        self._halt.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(ANSWER_SECONDS)

    # -- where ----------------------------------------------------------------------------------

    def _assign(self, start: Start) -> None:
        self._position = self._resolved(start)
        self._consumer.assign(self._places(self._position))

    def _move(self, offsets: dict[int, int]) -> None:
        self._position |= offsets
        for place in self._places(offsets):
            self._consumer.seek(place)

    def _places(self, offsets: dict[int, int]) -> list[TopicPartition]:
        return [TopicPartition(self.topic.name, n, offset) for n, offset in offsets.items()]

    def _resolved(self, start: Start) -> dict[int, int]:
        if start == "earliest":
            return self.topic.start_offsets()
        if start == "latest":
            return self.topic.end_offsets()
        if isinstance(start, dict):
            return dict(start)
        if isinstance(start, datetime) and start.tzinfo is not None:
            return self._offsets_at(start)
        if isinstance(start, int) and not isinstance(start, bool):
            return dict.fromkeys(self.topic.partitions, start)
        raise UsageError(
            f"{self.topic} cannot be followed from there",
            expected='"earliest", "latest", an offset, a dict of offsets or an aware datetime',
            found=repr(start),
        )

    def _offsets_at(self, moment: datetime) -> dict[int, int]:
        asked = self._places(dict.fromkeys(self.topic.partitions, milliseconds(moment)))
        cluster, ends = self.topic.cluster, self.topic.end_offsets()
        found = cluster.asked(
            "look up a moment", lambda: self._consumer.offsets_for_times(asked, ANSWER_SECONDS)
        )
        return {
            place.partition: place.offset if place.offset >= 0 else ends[place.partition]
            for place in found
        }

    # -- how ------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._halt.is_set():
                self._heed_wishes()
                self._take()
        except Exception as error:
            self.error = error
        finally:
            self._consumer.close()

    def _heed_wishes(self) -> None:
        try:
            while True:
                self._wishes.get_nowait()()
        except Empty:
            return

    def _take(self) -> None:
        started, share = time.monotonic(), self._share()
        messages = self._consumer.consume(share, _TURN_SECONDS)
        good = [message for message in messages if message.error() is None]
        self._note_trouble(messages, good)
        if good:
            batch = Batch(good)
            for message in good:
                self._position[message.partition()] = message.offset() + 1
            self._on_batch(batch)
            self._keep_pace(started, len(good))

    def _share(self) -> int:
        if self._per_second is None:
            return self._at_most
        return max(1, min(self._at_most, int(self._per_second * _TURN_SECONDS)))

    def _keep_pace(self, started: float, taken: int) -> None:
        if self._per_second is not None:
            self._halt.wait(max(0.0, started + taken / self._per_second - time.monotonic()))

    def _note_trouble(self, messages: list, good: list) -> None:
        errors = [message.error() for message in messages if message.error() is not None]
        if errors:
            self.trouble = errors[-1].str()
        elif good:
            self.trouble = ""


def follow(
    topic: Topic,
    on_batch: Callable[[Batch], object],
    *,
    start: Start = "latest",
    per_second: float | None = None,
) -> Follower:
    """Hand every batch of a topic to `on_batch`, from `start` on, until the follower is stopped.

    `start` is "earliest", "latest", an offset, a dict of offsets by partition, or an aware
    datetime; `per_second` bounds how many records it takes. Raises TopicError and UsageError.
    """
    return Follower(topic, on_batch, start=start, per_second=per_second)
