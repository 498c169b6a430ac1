"""Follow a topic as it grows, from any offset, in a thread of its own."""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from confluent_kafka import KafkaError, TopicPartition

from eventlab.arguments import required_positive_number, required_whole_number
from eventlab.checked import checked
from eventlab.log.cluster import ANSWER_SECONDS, in_brief, is_passing, refusal
from eventlab.log.decoding import Batch
from eventlab.log.messages import MOST_AT_ONCE, PlacedMessage, consumed
from eventlab.log.reading import reader
from eventlab.log.starting import Start, resolved
from eventlab.log.topics import Topic
from eventlab.log.watching import TopicWatch
from eventlab.processes.background import Background

if TYPE_CHECKING:  # whoever reads JSON needs none of this
    from eventlab.log.schemas import Contract

_TURN_SECONDS = 0.05


class Follower:
    """Read a topic on and on, and pass each batch to `on_batch` in a daemon thread of its own.

    `start` begins it. It commits nothing and disturbs nobody. While the broker is away it waits,
    with the reason in `trouble`, and so it does while there is no such topic. A topic made anew is
    followed from its beginning (the records of its first second may come twice), and so are new
    partitions. What `on_batch` raises ends it, stays in `error` and is passed to `on_error`;
    without an `on_error` it is logged. All methods may be called from any thread.
    """

    @checked
    def __init__(
        self,
        topic: Topic,
        on_batch: Callable[[Batch], object],
        *,
        start: Start = "latest",
        at_most: int = 1000,
        per_second: float | None = None,
        contract: "Contract | None" = None,
        on_error: Callable[[BaseException], object] | None = None,
    ) -> None:
        self.topic = topic
        self._on_batch = on_batch
        self._at_most = required_whole_number("at_most", at_most, at_least=1, at_most=MOST_AT_ONCE)
        self._per_second = _required_rate(per_second)
        self._contract = contract
        self._paused = False
        self._commands: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._woken = threading.Event()
        self._watch = TopicWatch(topic)
        self._refusal = ""
        self._position = resolved(topic, start)
        self._follows_new_partitions = not isinstance(start, dict)
        self._consumer = reader(topic.cluster, **{"enable.partition.eof": True})
        self._assign()
        self._background = Background(
            f"follow {topic}",
            self._run,
            halt=self._woken.set,
            on_end=None if on_error is None else _only_errors(on_error),
        )

    # -- what one sees --------------------------------------------------------------------------

    @property
    def position(self) -> dict[int, int]:
        """Return for each partition where it is: all before this offset was passed on."""
        return dict(self._position)

    @property
    def is_alive(self) -> bool:
        """Tell whether it still follows."""
        return self._background.is_alive

    @property
    def paused(self) -> bool:
        """Tell whether it rests until `resume`."""
        return self._paused

    @property
    def trouble(self) -> str:
        """Return why nothing can be read just now, "" if nothing is wrong."""
        return self._watch.trouble or self._refusal

    @property
    def error(self) -> BaseException | None:
        """Return what ended it, None if nothing did."""
        return self._background.error

    @property
    def per_second(self) -> float | None:
        """Return or set how many records it takes in a second; None as many as come."""
        return self._per_second

    @per_second.setter
    def per_second(self, per_second: float | None) -> None:
        self._per_second = _required_rate(per_second)
        self._woken.set()

    # -- what one can do ------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to follow; a second call does nothing."""
        self._background.start()

    @checked
    def seek(self, start: Start) -> None:
        """Go on from somewhere else: "earliest", "latest", a moment, an offset, or a dict."""
        offsets = resolved(self.topic, start)
        self._command(lambda: self._move(offsets))

    def pause(self) -> None:
        """Read nothing until `resume`, and keep the position."""
        self._command(lambda: self._set_paused(True))

    def resume(self) -> None:
        """Go on where it paused."""
        self._command(lambda: self._set_paused(False))

    def stop(self) -> None:
        """End the thread; its last batch is done when this returns."""
        self._background.stop(ANSWER_SECONDS)

    # -- where ----------------------------------------------------------------------------------

    def _assign(self) -> None:
        places = [TopicPartition(self.topic.name, n, at) for n, at in self._position.items()]
        self._consumer.assign(places)
        if self._paused:
            self._consumer.pause(places)
        else:
            self._consumer.resume(places)

    def _move(self, offsets: dict[int, int]) -> None:
        self._position = self._position | offsets
        self._assign()

    def _set_paused(self, paused: bool) -> None:
        self._paused = paused
        self._assign()

    def _take_in_new_partitions(self) -> None:
        new = self._watch.look(time.monotonic())
        if not self._follows_new_partitions:
            new &= set(self._position)
        if new:
            kept = {n: at for n, at in self._position.items() if n in self._watch.partitions}
            self._position = kept | dict.fromkeys(new, 0)
            self._assign()

    def _advance(self, messages: list[PlacedMessage]) -> None:
        position = dict(self._position)
        for message in messages:
            error = message.error()
            if error is None:
                position[message.partition()] = message.offset() + 1
                self._refusal = ""
            elif error.code() == KafkaError._PARTITION_EOF:
                position[message.partition()] = message.offset()
                self._refusal = ""
            elif not is_passing(error):
                self._refusal = in_brief(refusal(f"give the records of {self.topic}", error))
        self._position = position

    # -- how ------------------------------------------------------------------------------------

    def _command(self, command: Callable[[], None]) -> None:
        self._commands.put(command)
        self._woken.set()

    def _run(self) -> None:
        try:
            while not self._background.stopping.is_set():
                self._woken.clear()
                self._obey_commands()
                self._take_in_new_partitions()
                self._take()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        # Until it is freed, a closed client holds one of the process's thread keys (Linux has
        # 1,024), and a stopped follower lives on in the picture that still shows what it read.
        self._consumer.close()
        del self._consumer

    def _obey_commands(self) -> None:
        try:
            while True:
                command = self._commands.get_nowait()
                command()
        except Empty:
            return

    def _take(self) -> None:
        started = time.monotonic()
        rate = self._per_second
        messages = consumed(self._consumer, self._share(rate), _TURN_SECONDS)
        good = [message for message in messages if message.error() is None]
        if good:
            self._on_batch(Batch(good, self._contract))
        self._advance(messages)
        if good and rate is not None:
            self._woken.wait(max(0.0, started + len(good) / rate - time.monotonic()))

    def _share(self, rate: float | None) -> int:
        """Return how many records to take in one turn."""
        if rate is None:
            return self._at_most
        return max(1, min(self._at_most, int(rate * _TURN_SECONDS)))


@checked
def follow(
    topic: Topic,
    on_batch: Callable[[Batch], object],
    *,
    start: Start = "latest",
    per_second: float | None = None,
    contract: "Contract | None" = None,
    on_error: Callable[[BaseException], object] | None = None,
) -> Follower:
    """Pass every batch of a topic to `on_batch`, from `start` on, until the follower is stopped.

    `start` is "earliest", "latest", an offset, a dict of offsets by partition (which chooses the
    partitions too), or an aware datetime; `per_second` bounds how many records it takes, and a
    `contract` says how they are read. What
    `on_batch` raises ends it and is passed to `on_error`, or logged without one. Raises TopicError,
    BrokerError and UsageError.
    """
    follower = Follower(
        topic,
        on_batch,
        start=start,
        per_second=per_second,
        contract=contract,
        on_error=on_error,
    )
    follower.start()
    return follower


def _only_errors(
    on_error: Callable[[BaseException], object],
) -> Callable[[BaseException | None], None]:
    def on_end(error: BaseException | None) -> None:
        if error is not None:
            on_error(error)

    return on_end


def _required_rate(per_second: float | None) -> float | None:
    if per_second is None:
        return None
    return required_positive_number("per_second", per_second)
