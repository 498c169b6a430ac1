"""A bytewax source that reads a topic: decoded events with their place, bounded or endless."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from confluent_kafka import KafkaError, TopicPartition

from eventlab.arguments import required_whole_number
from eventlab.checked import checked
from eventlab.errors import EventError, RecoveryError, TopicError
from eventlab.events import decode
from eventlab.events.codec import Contract
from eventlab.log import Start, Topic
from eventlab.log.cluster import is_passing, plain_error
from eventlab.log.messages import MOST_AT_ONCE, PlacedMessage, consumed, wrong_time
from eventlab.log.reading import reader
from eventlab.log.starting import resolved
from eventlab.log.watching import TopicWatch
from eventlab.log.window_keys import window_key
from eventlab.moments import CALENDAR_MILLISECONDS
from eventlab.streams.arrivals import Arrival
from eventlab.streams.dead_letters import DeadLetters

# Twice as many leave the processor's cache before they are written, and cost a flow more than the
# half of its batches that it saves.
AT_MOST = 500
# Compared with both ends: a range would subtract and divide for each record.
_FIRST_TIME = CALENDAR_MILLISECONDS.start
_PAST_LAST_TIME = CALENDAR_MILLISECONDS.stop
_REST = timedelta(milliseconds=10)  # between two looks at a partition that has nothing new

_json = msgspec.json.Decoder().decode
UNDECODABLE = (EventError, msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Place(NamedTuple):
    """Where a partition's reader goes on after a crash, what its stream time was, and of what."""

    offset: int
    stream_time: int
    topic_id: str


class TopicSource(FixedPartitionedSource[Arrival, Place]):
    """Read a topic's events into a flow, each an Arrival.

    `start` is "earliest", "latest", an offset, a dict of offsets by partition, or an aware
    datetime; where a flow is resumed, its recovery store says it instead. `bounded` ends the flow
    at the offsets at which the topic ends when the flow starts; otherwise it waits for more.
    `contract` is the events' class (Order, or Order | Payment); without one an event is a dict.
    What cannot be decoded, or has a time in another unit than milliseconds, goes to the topic
    `dead_letters` ("<topic>.dead-letters") with the reason, before its epoch counts. What
    transactions aborted is never read. Raises TopicError, BrokerError and UsageError; a flow that
    runs ends with TopicError when the topic gets another partition or is made anew, since bytewax
    asks for partitions only once.
    """

    @checked
    def __init__(
        self,
        topic: Topic,
        *,
        start: Start = "earliest",
        bounded: bool = False,
        contract: Contract | None = None,
        dead_letters: str | None = None,
        at_most: int = AT_MOST,
    ):
        self.topic = topic
        self._bounded = bounded
        self._at_most = required_whole_number("at_most", at_most, at_least=1, at_most=MOST_AT_ONCE)
        self._starts = resolved(topic, start)
        self._contract = contract
        self._dead_letters = Topic(
            topic.cluster, f"{topic}.dead-letters" if dead_letters is None else dead_letters
        )

    def list_parts(self) -> list[str]:
        """Return the partitions that are read, as bytewax names them."""
        return [str(number) for number in sorted(self._starts)]

    def build_part(self, step_id: str, for_part: str, resume_state: Place | None) -> "TopicPart":
        """Return the reader of one partition, at its start or where it was."""
        return TopicPart(**self._part_options(for_part, resume_state))

    def _part_options(self, for_part: str, resume_state: Place | None) -> dict[str, Any]:
        """Return what the reader of one partition is made of. Raises RecoveryError."""
        number = int(for_part)
        watch = TopicWatch(self.topic)
        place = resume_state or Place(self._starts[number], -1, watch.identity)
        if place.topic_id != watch.identity:
            raise RecoveryError(
                f"The topic {self.topic} was made anew since this flow ran",
                expected="the topic that its recovery store knows",
                found="another of the same name",
                remedy="Let the flow begin anew: lab.forget(its name), or delete the store.",
            )
        end = self.topic.end_offsets(committed=True)[number] if self._bounded else None
        return {
            "topic": self.topic,
            "number": number,
            "place": place,
            "end": end,
            "at_most": self._at_most,
            "decode": decoder(self._contract),
            "dead_letters": DeadLetters(self._dead_letters),
            "watch": watch if number == min(self._starts) else None,
        }


def decoder(contract: Contract | None) -> Callable[[bytes], Any]:
    """Return what makes an event of a record's value: a dict, or what the contract says."""
    return _json if contract is None else lambda value: decode(value, contract)


class TopicPart(StatefulSourcePartition[Arrival, Place]):
    """Read one partition; made by TopicSource in the thread of the flow that reads it.

    `next_offset`, `stream_time` and `lag` (how many records are not read yet, None before the
    broker has told) may be asked for from any thread.
    """

    def __init__(
        self,
        topic: Topic,
        number: int,
        place: Place,
        *,
        end: int | None,
        at_most: int,
        decode: Callable[[bytes], Any],
        dead_letters: DeadLetters,
        watch: TopicWatch | None,
    ):
        self._topic = topic
        self._number = number
        self._end = end
        self._at_most = at_most
        self.next_offset, self.stream_time, self._topic_id = place
        self._decode = decode
        self._dead_letters = dead_letters
        self._watch = watch
        self._consumer = reader(topic.cluster, **{"enable.partition.eof": True})
        self._assigned = TopicPartition(topic.name, number, place.offset)
        self._consumer.assign([self._assigned])
        self._at_end = end is not None and place.offset >= end
        self._awake: datetime | None = None
        self.lag: int | None = None

    @property
    def place(self) -> tuple[str, int]:
        """Return topic and partition."""
        return self._topic.name, self._number

    def next_batch(self) -> list[Arrival]:
        """Return what came, in order; end at the bound."""
        if self._at_end:
            raise StopIteration
        self._require_same_topic()
        messages = consumed(self._consumer, self._at_most, 0)
        arrivals = self._arrivals(messages)
        self._awake = None if messages else datetime.now(UTC) + _REST
        self.lag = self._known_lag()
        return arrivals

    def next_awake(self) -> datetime | None:
        """Return when to look again: at once, or after a rest where nothing was new."""
        return self._awake

    def snapshot(self) -> Place:
        """Return where to go on; what was set apart has arrived there by then."""
        self._dead_letters.flush()
        return Place(self.next_offset, self.stream_time, self._topic_id)

    def close(self) -> None:
        """Leave the broker."""
        self._dead_letters.close()
        self._consumer.close()

    def _known_lag(self) -> int | None:
        _, end = self._consumer.get_watermark_offsets(self._assigned, cached=True)
        return None if end < 0 else max(0, end - self.next_offset)

    def _require_same_topic(self) -> None:
        if self._watch is not None:
            self._require_same(self._topic, self._watch)

    def _require_same(self, topic: Topic, watch: TopicWatch) -> None:
        if watch.look(datetime.now(UTC).timestamp()):
            raise TopicError(
                f"{topic} has other partitions than when this flow began",
                expected="the same ones for as long as it runs",
                found=f"{len(topic.partitions)} now",
                remedy="Run the flow again: it reads all of them, and goes on where it was if it"
                " has a recovery store.",
            )

    def _arrivals(self, messages: list[PlacedMessage]) -> list[Arrival]:
        topic = self._topic.name
        number = self._number
        end = self._end
        stream_time = self.stream_time
        next_offset = self.next_offset
        decode = self._decode
        arrivals: list[Arrival] = []
        for message in messages:
            error = message.error()
            if error is not None:
                self._take_error(error, message)
                continue
            offset = message.offset()
            if end is not None and offset >= end:
                self._at_end = True
                break
            next_offset = offset + 1
            time = message.timestamp()[1]
            if not _FIRST_TIME <= time < _PAST_LAST_TIME:
                self._dead_letters.put(message, wrong_time(time))
                continue
            key = message.key()
            value = message.value()
            try:
                text = None if key is None else key.decode()
                event = None if value is None else decode(value)
            except UNDECODABLE as reason:
                self._dead_letters.put(message, str(reason))
                continue
            if time > stream_time:
                stream_time = time
            found = message.headers()
            headers: Any = tuple(found) if found else ()
            if text is None or "@" not in text:
                arrived = Arrival(event, text, topic, number, offset, time, stream_time, headers)
            else:
                key_alone, window = _parted(text)
                place = (topic, number, offset)
                arrived = Arrival(event, key_alone, *place, time, stream_time, headers, window)
            arrivals.append(arrived)
        self.next_offset = next_offset
        self.stream_time = stream_time
        self._at_end = self._at_end or (end is not None and next_offset >= end)
        return arrivals

    def _take_error(self, error: KafkaError, message: PlacedMessage) -> None:
        if error.code() == KafkaError._PARTITION_EOF:
            # Offsets have holes: behind the last record may stand a transaction's marker.
            self._at_end = self._end is not None and message.offset() >= self._end
        elif not is_passing(error):
            raise plain_error(f"give the records of {self._topic}", error, self._topic.cluster)


def _parted(text: str) -> tuple[str, tuple[int, int] | None]:
    """Return the key that a record's key names, and the window if it names one."""
    named = window_key(text)
    return (text, None) if named is None else (named.key, (named.start, named.end))
