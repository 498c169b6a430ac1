"""Wait for librdkafka so that an interrupt of the kernel is heard: it hears none while it waits.

Python acts on a signal when the call into C is over, and that may wait for ten seconds. So whatever
waits there does so in turns, through here. (poll and flush of confluent_kafka take turns of their
own; what answers by a Future waits in Python.)
"""

import time
from collections.abc import Callable
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException

TURN_SECONDS = 0.8
_TICK_SECONDS = 0.01

# What an answer that did not come within one turn is called.
_NOT_YET = {
    KafkaError._TIMED_OUT,
    KafkaError._TIMED_OUT_QUEUE,
    KafkaError._TRANSPORT,
    KafkaError._WAIT_COORD,
    KafkaError._RESOLVE,
    KafkaError._ALL_BROKERS_DOWN,
}

Answer = TypeVar("Answer")


def in_turns(ask: Callable[[float], Answer], seconds: float) -> Answer:
    """Return what `ask(timeout_seconds)` returns, asked again and again until the time is up.

    An interrupt is heard within a turn. Raises the KafkaException of the last turn.
    """
    deadline = time.monotonic() + seconds
    while True:
        left = max(0.0, deadline - time.monotonic())
        try:
            return ask(min(TURN_SECONDS, left))
        except KafkaException as error:
            if left <= TURN_SECONDS or error.args[0].code() not in _NOT_YET:
                raise
        time.sleep(_TICK_SECONDS)  # it may have failed at once
