"""Write the spans of a service to a topic, beside the service's own work."""

import threading
from collections.abc import Callable

import msgspec
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from eventlab.arguments import required_whole_number
from eventlab.checked import checked
from eventlab.log.cluster import Settings, plain_error
from eventlab.log.topics import Topic
from eventlab.processes.background import Background
from eventlab.services.span import Span

_EVERY_SECONDS = 0.2
_SPANS_A_RECORD = 500
_AT_MOST = 50_000  # some 15 MB: a minute of a thousand requests a second
_END_SECONDS = 1.0
_LONGEST_SECONDS = 3600.0
_EXIT_SECONDS = 0.2  # no longer is waited for a thread when a process ends

# A name of its own: a fault on the service's way to Kafka is not to hit what reports of it.
_SETTINGS: Settings = {"client.id": "spans", "linger.ms": 0, "message.timeout.ms": 600_000}

_encode = msgspec.json.Encoder().encode


class SpanSink:
    """Keep finished spans, and write them in a thread, five times a second: lists of JSON.

    A full list of 500 is written at once: what waits longer has left the processor's cache, and is
    then dearer to the service, whose spans come to new memory, than to be written.
    It never blocks and never raises where spans are made. While Kafka is away it keeps `at_most`
    spans; what comes then is dropped and counted, and so is what is not written within ten minutes.
    A process that is killed loses the spans of its last fifth of a second. Start it after
    a fork. Any setting of librdkafka's producer may be given. The topic has to exist. May be used
    from any thread.
    """

    @checked
    def __init__(
        self, topic: Topic, *, at_most: int = _AT_MOST, settings: Settings | None = None
    ) -> None:
        self._topic = topic
        self._at_most = required_whole_number("at_most", at_most, at_least=1)
        self._settings = _SETTINGS | (settings or {})
        self._spans: list[Span] = []
        self._unanswered = 0
        self._written = 0
        self._dropped = 0
        self._producer: Producer | None = None
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._background = Background("spans", self._write_on, halt=self._woken.set)

    def __call__(self, span: Span) -> None:
        """Take a span; it is written soon, or dropped if too many wait."""
        # In the service's own path: no lock as long as there is room.
        spans = self._spans
        if len(spans) + self._unanswered < self._at_most:
            spans.append(span)
            if len(spans) == _SPANS_A_RECORD:
                self._woken.set()
            return
        with self._lock:
            self._dropped += 1

    @property
    def waiting(self) -> int:
        """Return how many spans are neither in the topic nor dropped."""
        return len(self._spans) + self._unanswered

    @property
    def written(self) -> int:
        """Return how many spans the broker has acknowledged."""
        return self._written

    @property
    def dropped(self) -> int:
        """Return how many spans nobody will see."""
        return self._dropped

    def start(self) -> None:
        """Begin to write; a second call does nothing. Raises LogError for a wrong setting."""
        if self._producer is not None:
            return
        try:
            self._producer = Producer(self._topic.cluster.own_settings | self._settings)
        except KafkaException as error:
            raise plain_error("make a producer", error.args[0], self._topic.cluster) from None
        self._background.start()

    @checked
    def flush(self, seconds: float = _END_SECONDS) -> bool:
        """Write what waits now; return whether all of it arrived within some seconds."""
        producer = self._producer
        if producer is not None:
            self._write(producer)
            producer.flush(min(max(0.0, seconds), _LONGEST_SECONDS))
        return self.waiting == 0

    @checked
    def stop(self, seconds: float = _END_SECONDS) -> None:
        """Flush, for at most some seconds, and drop what Kafka has not taken by then."""
        self._background.stop()
        if self.flush(seconds):
            return
        if self._producer is not None:
            self._producer.purge()
            self._producer.flush(_END_SECONDS)
        self._count_lost(len(self._take(len(self._spans))))

    # -- in the background ----------------------------------------------------------------------

    def _write_on(self) -> None:
        producer = self._producer
        assert producer is not None  # start made it
        while not self._background.stopping.is_set():
            self._woken.wait(_EVERY_SECONDS)
            self._woken.clear()
            self._write(producer)
            producer.poll(0)
        self._write(producer)
        producer.flush(_EXIT_SECONDS)

    def _write(self, producer: Producer) -> None:
        while spans := self._take(_SPANS_A_RECORD):
            self._send(producer, spans)

    def _take(self, at_most: int) -> list[Span]:
        with self._lock:
            # Two steps, each in one piece: what is appended between them stays.
            spans = self._spans[:at_most]
            self._unanswered += len(spans)
            del self._spans[: len(spans)]
        return spans

    def _send(self, producer: Producer, spans: list[Span]) -> None:
        value = _encoded(spans)
        if value is None:
            good = [span for span in spans if _encoded([span]) is not None]
            self._count_lost(len(spans) - len(good))
            spans = good
            value = _encode(spans)
        try:
            producer.produce(self._topic.name, value, on_delivery=self._counting(len(spans)))
        except (BufferError, KafkaException):  # its queue is full, or a record is too large
            self._count_lost(len(spans))

    def _counting(self, number: int) -> Callable[[KafkaError | None, Message], None]:
        def answered(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                self._count_lost(number)
                return
            with self._lock:
                self._unanswered -= number
                self._written += number

        return answered

    def _count_lost(self, number: int) -> None:
        with self._lock:
            self._unanswered -= number
            self._dropped += number


def _encoded(spans: list[Span]) -> bytes | None:
    """Return spans as JSON, None if one of them cannot be written: its name is no text."""
    try:
        return _encode(spans)
    except Exception:
        return None
