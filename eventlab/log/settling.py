"""Ask again what a broker that has just started does not know yet: who leads, who coordinates."""

import time
from collections.abc import Callable
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException

# Kafka's protocol calls each of them retriable; librdkafka's admin client leaves that to its user.
_SETTLING = {
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.OFFSET_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
}
_TICK_SECONDS = 0.01

Answer = TypeVar("Answer")


def settled(ask: Callable[[], Answer], seconds: float) -> Answer:
    """Return what `ask` returns, asked again while Kafka says that it only does not know it yet.

    Raises the KafkaException of the last time once the time is up.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except KafkaException as error:
            if error.args[0].code() not in _SETTLING or time.monotonic() > deadline:
                raise
        time.sleep(_TICK_SECONDS)
