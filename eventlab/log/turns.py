"""Let several consumers of one notebook read in turn, as separate programs would at once."""

import time
from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaError

from eventlab.arguments import required_number
from eventlab.checked import checked
from eventlab.log.cluster import is_passing, refusal
from eventlab.log.messages import PlacedMessage, consumed

_AT_A_TIME = 500
_TURN_SECONDS = 0.005

# What may still come: more records, and a topic that another broker has just made.
_TO_COME = {
    KafkaError._PARTITION_EOF,
    KafkaError._UNKNOWN_TOPIC,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
}


@checked
def take_turns(
    consumers: Sequence[Consumer], *, up_to: int, seconds: float
) -> list[list[PlacedMessage]]:
    """Return what each consumer has read once each has `up_to` messages, or when the time is up.

    One after the other takes a few thousandths of a second, so that all stay members of their
    groups. Errors that librdkafka tries again by itself are passed over, and so is a topic that is
    not known yet. Raises LogError.
    """
    required_number("seconds", seconds, at_least=0)
    taken: list[list[PlacedMessage]] = [[] for _ in consumers]
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(len(messages) < up_to for messages in taken):
        for consumer, messages in zip(consumers, taken, strict=True):
            share = min(_AT_A_TIME, up_to - len(messages))
            if share > 0:
                messages += _records(consumed(consumer, share, _TURN_SECONDS))
    return taken


def _records(messages: list[PlacedMessage]) -> list[PlacedMessage]:
    records = []
    for message in messages:
        error = message.error()
        if error is None:
            records.append(message)
        elif not is_passing(error) and error.code() not in _TO_COME:
            raise refusal("give a consumer its records", error)
    return records
