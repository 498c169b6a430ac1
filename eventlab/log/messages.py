"""Messages as they come out of a partition: their place is known."""

import time
from collections.abc import Iterator
from typing import Protocol, cast

from confluent_kafka import Consumer, KafkaError
from confluent_kafka._types import HeadersType

from eventlab.log.interrupts import TURN_SECONDS
from eventlab.moments import is_in_calendar

_PIECE = 200
MOST_AT_ONCE = 1_000_000  # librdkafka gives no more messages in one list


class PlacedMessage(Protocol):
    """A message of confluent_kafka that was read from a partition, or written to one.

    Its own type allows for messages without a place, which no consumer ever gives.
    """

    def topic(self) -> str:
        """Return the topic's name."""

    def partition(self) -> int:
        """Return the partition's number."""

    def offset(self) -> int:
        """Return the offset."""

    def key(self) -> bytes | None:
        """Return the key, None if there is none."""

    def value(self) -> bytes | None:
        """Return the value, None for a tombstone."""

    def timestamp(self) -> tuple[int, int]:
        """Return the kind of the time, and the time in milliseconds since 1970."""

    def headers(self) -> HeadersType | None:
        """Return the headers, None if there are none."""

    def error(self) -> KafkaError | None:
        """Return what Kafka says in place of a record, None for a record."""


def consumed(consumer: Consumer, at_most: int, seconds: float) -> list[PlacedMessage]:
    """Return the messages that come within some seconds, as `Consumer.consume` does.

    Unlike that one it hears an interrupt of the kernel before the time is up.
    """
    deadline = time.monotonic() + seconds
    messages = consumer.consume(at_most, min(TURN_SECONDS, seconds))
    while len(messages) < at_most and (left := deadline - time.monotonic()) > 0:
        messages += consumer.consume(at_most - len(messages), min(TURN_SECONDS, left))
    return cast("list[PlacedMessage]", messages)


def pieces(consumer: Consumer, at_most: int, seconds: float) -> Iterator[list[PlacedMessage]]:
    """Yield what is there, in short lists, at most so many messages in all; wait for the first.

    Whoever is done with each list before the next spends half the time on them: Python's garbage
    collector goes through those that are alive again and again, and they stay in the processor's
    cache.
    """
    # consume() alone would wait its whole time for a last list that never gets full.
    first = polled(consumer, seconds)
    if first is None:
        return
    yield [first]
    left = at_most - 1
    while left:
        asked = min(_PIECE, left)
        messages = consumed(consumer, asked, 0)
        if messages:
            yield messages
        if len(messages) < asked:  # the rest is not there yet
            return
        left -= asked


def polled(consumer: Consumer, seconds: float) -> PlacedMessage | None:
    """Return the next message, None when none comes within some seconds."""
    return cast("PlacedMessage | None", consumer.poll(seconds))


def wrong_time(milliseconds: int) -> str:
    """Return why a record's time can be none, "" if it is one."""
    if is_in_calendar(milliseconds):
        return ""
    return (
        f"Its time {milliseconds} is not in milliseconds since 1970, the unit of Kafka:"
        " time.time_ns() // 1_000_000 is"
    )
