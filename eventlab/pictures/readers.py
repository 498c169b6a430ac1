"""A reader in a thread of its own: a plain consumer that reads at its pace, and can be set back."""

import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from eventlab.log import Topic
from eventlab.log.messages import PlacedMessage, consumed
from eventlab.processes.background import Background

_TURN_SECONDS = 0.05
_MOST_AT_A_TIME = 500
_SEEK_SECONDS = 10.0
_ANSWER_SECONDS = 5.0


class PacedReader:
    """Read a topic with the consumer that `come` makes, until it is stopped.

    `per_second` is how many records it takes in a second, 0 as many as come; it may be set at any
    time. `readings` has the messages that it got, a list for each time that it was sent somewhere.
    What ends it stays in `error`. All methods may be called from any thread.
    """

    def __init__(
        self, topic: Topic, come: Callable[[], Consumer], per_second: float, name: str
    ) -> None:
        self.per_second = per_second
        self.readings: list[list[PlacedMessage]] = [[]]
        self.position: dict[int, int] = {}
        self._furthest: dict[int, int] = {}
        self._got: set[tuple[int, int]] = set()
        self._topic = topic
        self._come = come
        self._target: dict[int, int] | None = None
        self._has_sought = threading.Event()
        self._woken = threading.Event()
        self._busy_at = time.monotonic()
        self._is_member = False
        self._background = Background(
            name, self._read, halt=self._woken.set, on_end=lambda _error: None
        )
        self._background.start()

    @property
    def error(self) -> BaseException | None:
        """Return what ended it, None if nothing did."""
        return self._background.error

    @property
    def is_alive(self) -> bool:
        """Tell whether it still reads."""
        return self._background.is_alive

    @property
    def idle_seconds(self) -> float:
        """Return for how long nothing has come; 0 before it is in its group and knows its place."""
        return max(0.0, time.monotonic() - self._busy_at) if self._is_member else 0.0

    @property
    def covered(self) -> int:
        """Return how many of the topic's records it has read, each counted once."""
        return len(self._got)

    def stop(self) -> None:
        """Let it go; its consumer is closed."""
        self._background.stop()

    def seek(self, offsets: Mapping[int, int]) -> None:
        """Go on from these offsets, and return once it stands there; other partitions stay.

        It goes back, and forward to where it has been: what it has not read it does not leap over.
        """
        self._has_sought.clear()
        self._target = {n: min(at, self._furthest.get(n, 0)) for n, at in offsets.items()}
        self._woken.set()
        self._has_sought.wait(_SEEK_SECONDS if self.is_alive else 0)

    def hurry(self, per_second: float) -> None:
        """Read at least so many records a second from now on."""
        if 0 < self.per_second < per_second:
            self.per_second = per_second
            self._woken.set()

    def _read(self) -> None:
        consumer = self._come()
        try:
            while not self._background.stopping.is_set():
                self._woken.clear()
                self._look_where_it_is(consumer)
                self._go(consumer)
                self._take(consumer)
        finally:
            consumer.close()

    def _look_where_it_is(self, consumer: Consumer) -> None:
        if not self._is_member and consumer.memberid():
            self._busy_at = time.monotonic()  # its partitions are on their way
            self._is_member = True
        mine = [place.partition for place in consumer.assignment()]
        if set(mine) != set(self.position):
            self._busy_at = math.inf  # a busy broker may take its time to answer
            taken_over = self._kept_places(consumer, set(mine) - set(self.position))
            known = {number: at for number, at in self.position.items() if number in mine}
            self._stand(taken_over | known)
            self._busy_at = time.monotonic()

    def _kept_places(self, consumer: Consumer, numbers: Iterable[int]) -> dict[int, int]:
        """Return where its group stood in these partitions, 0 where nobody has read."""
        asked = [TopicPartition(self._topic.name, number) for number in numbers]
        try:
            kept = consumer.committed(asked, timeout=_ANSWER_SECONDS) if asked else []
        except KafkaException:  # the broker is away: the next record tells the place
            kept = [TopicPartition(place.topic, place.partition, 0) for place in asked]
        return {place.partition: max(0, place.offset) for place in kept}

    def _stand(self, position: dict[int, int]) -> None:
        self.position = position
        furthest = {n: max(at, self._furthest.get(n, 0)) for n, at in position.items()}
        self._furthest = self._furthest | furthest

    def _go(self, consumer: Consumer) -> None:
        target = self._target
        if target is None:
            return
        reachable = {number: target[number] for number in target if number in self.position}
        try:
            for number, offset in reachable.items():
                consumer.seek(TopicPartition(self._topic.name, number, offset))
        except KafkaException as error:
            if error.args[0].code() != KafkaError._STATE:
                raise
            return  # its partitions are on their way to it: it goes in the next turn
        self._target = None
        self._busy_at = time.monotonic()
        self.readings.append([])
        self._stand(self.position | reachable)
        self._has_sought.set()

    def _take(self, consumer: Consumer) -> None:
        began = time.monotonic()
        pace = self.per_second
        at_most = max(1, min(_MOST_AT_A_TIME, int(pace * _TURN_SECONDS) if pace else 10**9))
        messages = consumed(consumer, at_most, _TURN_SECONDS)
        good = [message for message in messages if message.error() is None]
        if not good:
            return
        self._busy_at = began
        self.readings[-1] += good
        self._got.update((message.partition(), message.offset()) for message in good)
        ends = {message.partition(): message.offset() + 1 for message in good}
        self._stand(self.position | ends)
        if pace:
            self._woken.wait(max(0.0, began + len(good) / pace - time.monotonic()))
