"""Let several consumers of one notebook read in turn, as separate programs would at once."""

import time
from collections.abc import Sequence

from confluent_kafka import Consumer, Message

_AT_A_TIME = 500
_TURN_SECONDS = 0.005


def take_turns(consumers: Sequence[Consumer], *, up_to: int, seconds: float) -> list[list[Message]]:
    """Return what each consumer has read once each has `up_to` messages, or when the time is up.

    One after the other takes a few thousandths of a second, so that all stay members of their
    groups. Errors that librdkafka tries again by itself are passed over.
    """
    taken: list[list[Message]] = [[] for _ in consumers]
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(len(messages) < up_to for messages in taken):
        for consumer, messages in zip(consumers, taken, strict=True):
            share = min(_AT_A_TIME, up_to - len(messages))
            came = consumer.consume(share, _TURN_SECONDS) if share > 0 else []
            messages += [message for message in came if message.error() is None]
    return taken
