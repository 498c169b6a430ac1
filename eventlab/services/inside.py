"""What the code of a service may use: call another, publish an event, say what it is about.

All know the service that they run in: its name, whom it may call and how, and where the log is.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from eventlab.checked import checked
from eventlab.errors import (
    BrokerError,
    DeliveryError,
    LogError,
    TopicError,
    UsageError,
    shown,
)
from eventlab.log.records import Key, Record, listed, recorder
from eventlab.log.topics import require_topic_name
from eventlab.processes.background import Background
from eventlab.services.calling import Caller
from eventlab.services.policies import CallPolicy
from eventlab.services.recording import Recording, SpanTopic
from eventlab.services.tracing import Headers

if TYPE_CHECKING:  # whoever writes JSON needs none of this
    from eventlab.log.schemas import Contract

# An event that the log has not taken after so long is said to be lost; a topic that is not there
# is told sooner than by librdkafka itself.
_PRODUCER = {
    "enable.idempotence": True,
    "linger.ms": 2,
    "message.timeout.ms": 30_000,
    "topic.metadata.propagation.max.ms": 3_000,
}
_AWAY = {KafkaError._MSG_TIMED_OUT, KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN}
_NO_TOPIC = {KafkaError._UNKNOWN_TOPIC, KafkaError.UNKNOWN_TOPIC_OR_PART}
_POLL_SECONDS = 0.1
_FLUSH_SECONDS = 0.001


@dataclass(frozen=True)
class Peer:
    """Another service, as one that calls it knows it."""

    url: str
    policy: CallPolicy


@dataclass(frozen=True)
class Place:
    """Where a service stands: its name, whom it may call, and the log with its topics' prefix.

    Where it is traced, `spans` is where its spans go.
    """

    name: str
    peers: Mapping[str, Peer] = field(default_factory=dict)
    kafka: Mapping[str, Any] = field(default_factory=dict)
    prefix: str = ""
    has_log_link: bool = False
    spans: SpanTopic | None = None


class Here:
    """What one service process has: its callers, and its producer; made when they are needed.

    `recording` has its tracer. Make it in the process itself, never before a fork.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.recording = Recording(place.name, place.spans)
        self._callers: dict[str, Caller] = {}
        self._producer: Producer | None = None
        self._making = threading.Lock()
        self.failed = 0  # events that nobody waited for, and the log has not taken
        self._polling = Background("producer", self._poll)

    def caller(self, name: str) -> Caller:
        """Return what calls another service. Raises UsageError where it may not be called."""
        if name not in self._callers:
            peer = self.place.peers.get(name)
            if peer is None:
                raise UsageError(
                    f"{self.place.name} does not know whom to call",
                    expected=" or ".join(map(repr, self.place.peers)) or "no call at all",
                    found=shown(name),
                    remedy=f'Name it where the service is started: calls=["{name}"].',
                )
            self._callers[name] = Caller(name, peer.url, peer.policy, self.recording.tracer)
        return self._callers[name]

    @property
    def producer(self) -> Producer:
        """Return the one producer of this process; may be called from any thread."""
        with self._making:
            if self._producer is None:
                self._producer = Producer(dict(self.place.kafka) | _PRODUCER)
            return self._producer

    def take_answers(self) -> None:
        """Let the log's answers be taken as they come, in a thread, and not only by `flush`."""
        if not self._polling.is_alive:
            self._polling.start()

    def offer(
        self,
        topic: str,
        record: Record,
        headers: Headers,
        on_delivery: "OnDelivery | None" = None,
    ) -> bool:
        """Give an event to the producer, or return False where its queue is full.

        Without an `on_delivery` what the log does not take is counted. Raises LogError and
        BrokerError for what cannot be written at all.
        """
        if record.headers:
            headers = listed(record.headers) + headers
        try:
            self.producer.produce(
                topic,
                record.value,
                record.key,
                timestamp=record.timestamp,
                headers=headers or None,  # a list, even an empty one, takes half as long again
                on_delivery=on_delivery or self.count_failure,
            )
        except BufferError:  # the log is slower than this service
            return False
        except KafkaException as error:
            raise _not_written(topic, error.args[0]) from None
        return True

    def count_failure(self, error: KafkaError | None, _message: Message) -> None:
        """Count an event that nobody waits for, if the log has not taken it."""
        if error is not None:
            self.failed += 1

    def flush(self, seconds: float) -> int:
        """Wait until all that was published has an answer; return how many have none."""
        if self._producer is None:
            return 0
        # In turns: where the answers are taken by another thread, librdkafka looks up from one turn
        # only after ten milliseconds.
        deadline = time.monotonic() + seconds
        turn = _FLUSH_SECONDS
        left = self._producer.flush(min(turn, seconds))
        while left and time.monotonic() < deadline:
            turn = min(2 * turn, _POLL_SECONDS)
            left = self._producer.flush(turn)
        return int(left)

    def require_written(self, seconds: float) -> None:
        """Wait until all that was published has arrived. Raises DeliveryError where it has not."""
        waiting = self.flush(seconds)
        if waiting or self.failed:
            raise DeliveryError(
                "Not every event was written",
                expected="the log's acknowledgement of each",
                found=f"{waiting} without an answer, {self.failed} refused",
                remedy="Start the service again when the log is there.",
            )

    async def close(self) -> None:
        """End what was made, and write the last spans."""
        try:
            for caller in self._callers.values():
                await caller.close()
        finally:
            self._polling.ask_to_stop()
            self._producer = None
            await asyncio.to_thread(self.recording.stop)

    def _poll(self) -> None:
        producer = self.producer
        while not self._polling.stopping.is_set():
            producer.poll(_POLL_SECONDS)


OnDelivery = Callable[[KafkaError | None, Message], None]


_here: ContextVar[Here] = ContextVar("service")


def enter(here: Here) -> None:
    """Let what runs in this context from now on be the code of a service."""
    _here.set(here)


def here() -> Here:
    """Return what the service that runs here has. Raises UsageError outside of one."""
    ours = _here.get(None)
    if ours is None:
        raise UsageError(
            "There is no service here",
            expected="a call from the code of a service",
            found="a call from the notebook",
            remedy='Start the service with lab.serve("name", app), and ask it: service.ask("/").',
        )
    return ours


@checked
async def call(
    service: str, path: str = "/", *, json: Any = None, method: str | None = None
) -> Any:
    """Call another service by its name, and return what its answer's JSON holds.

    `json` is sent as the body, by POST; without it the call is a GET. What the service's
    `calls` say of the other one is its CallPolicy. Raises CallError when all tries have failed.
    """
    return await here().caller(service).call(path, method=method, json=json)


@checked
async def publish(
    topic: str,
    event: Any,
    *,
    key: Key = None,
    contract: "Contract | None" = None,
    acknowledged: bool = True,
) -> None:
    """Write an event to a topic, and return when the log has it; `key` names the field to key by.

    What an event may be, and what a `contract` does, stands at `eventlab.log.records`. With
    `acknowledged=False` it returns at once: what is on its way is lost when this process dies.
    Raises EventError for what breaks the contract, LogError or BrokerError when the log has not
    taken it.
    """
    require_topic_name(topic)
    prefix = here().place.prefix
    name = prefix + topic.removeprefix(prefix)
    await write(name, event, key=key, contract=contract, acknowledged=acknowledged)


@checked
def about(key: str) -> None:
    """Say what the request or event is about that is answered here: an order's id.

    Its span has the key then, by which `story` finds it. In a service that is not traced it does
    nothing.
    """
    tracer = here().recording.tracer
    if tracer is not None:
        tracer.about(key)


async def write(
    topic: str,
    event: Any,
    *,
    key: Key,
    contract: "Contract | None" = None,
    acknowledged: bool,
) -> None:
    """Write an event as `publish` does, to the topic that has exactly this name."""
    record = recorder(key, contract)(event)
    here().take_answers()
    if not acknowledged:
        await produced(topic, record, offering(topic, record))
        return
    with producing(topic, record) as headers:
        answered = _Answered()
        await produced(topic, record, headers, answered.take)
        refusal = await answered.future
        if refusal is not None:
            raise _not_written(topic, refusal)


async def produced(
    topic: str, record: Record, headers: Headers, on_delivery: OnDelivery | None = None
) -> None:
    """Give a record to the producer, when there is room for it. Raises as `publish` does."""
    ours = here()
    while not ours.offer(topic, record, headers, on_delivery):
        ours.take_answers()
        await asyncio.sleep(_POLL_SECONDS)


def producing(topic: str, record: Record) -> AbstractContextManager[Headers]:
    """Return the span of a record whose answer is waited for; it gives the headers to send."""
    tracer = here().recording.tracer
    return nullcontext([]) if tracer is None else tracer.producing(topic, _key_text(record.key))


def offering(topic: str, record: Record) -> Headers:
    """Return the headers of a record that is published here, and not waited for."""
    tracer = here().recording.tracer
    return [] if tracer is None else tracer.offering(topic, _key_text(record.key))


def _key_text(key: str | bytes | None) -> str | None:
    return key.decode(errors="replace") if isinstance(key, bytes) else key


class _Answered:
    """What the log says to one event, for who waits for it in this event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[KafkaError | None] = self._loop.create_future()

    def take(self, error: KafkaError | None, _message: Message) -> None:
        """Take the answer, in the producer's thread."""
        self._loop.call_soon_threadsafe(_settle, self.future, error)


def _settle(answered: "asyncio.Future[KafkaError | None]", error: KafkaError | None) -> None:
    if not answered.done():  # whoever asked may have gone
        answered.set_result(error)


def _not_written(topic: str, error: KafkaError) -> LogError | BrokerError:
    summary = f"The event is not in {topic}"
    found = str(error.str())
    expected = "the log's acknowledgement"
    if error.code() in _NO_TOPIC:
        remedy = f'Make it first: lab.new_topic("{topic}").'
        return TopicError(summary, expected=expected, found=found, remedy=remedy)
    kind = BrokerError if error.retriable() or error.code() in _AWAY else LogError
    remedy = "Publish it again when the log is there."
    return kind(summary, expected=expected, found=found, remedy=remedy)
