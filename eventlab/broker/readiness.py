"""When a broker is up: a client sees it in the cluster's metadata.

An open port alone proves nothing: Kafka listens a third of a second before it serves.
"""

import logging
import shutil
import time
from collections.abc import Callable

from eventlab.broker.plan import START_SECONDS
from eventlab.broker.process import FULL_BYTES, failure_reason
from eventlab.errors import BrokerError, EventlabError
from eventlab.folders import cache_folder, full_disk, spoken_storage_error

_TICK_SECONDS = 0.01

# librdkafka tells of every connection it tries again; the caller's one error says it once.
_UNHEARD = logging.getLogger("eventlab.librdkafka")
_UNHEARD.addHandler(logging.NullHandler())
_UNHEARD.propagate = False


def failed_java(what: str, output: str) -> EventlabError:
    """Return the one error that the `output` of a Java in our cache amounts to."""
    cache = cache_folder()
    if shutil.disk_usage(cache).free < FULL_BYTES:
        return full_disk(cache)
    remedy = "Run `eventlab doctor` to see what this machine lacks."
    return spoken_storage_error(cache, output) or BrokerError(
        f"{what} failed", found=failure_reason(output), remedy=remedy
    )


def await_ready(
    settings: dict,
    seconds: float = START_SECONDS,
    worth_waiting: Callable[[], bool] = lambda: True,
) -> bool:
    """Return True when the cluster's metadata names a broker, False once waiting is in vain.

    Raises BrokerError when the time is up.
    """
    client, deadline = admin(settings), time.monotonic() + seconds
    while worth_waiting():
        reason = _unready(client, max(0.1, min(1.0, deadline - time.monotonic())))
        if not reason:
            return True
        if time.monotonic() > deadline:
            raise BrokerError(
                f"Kafka at {settings['bootstrap.servers']} does not answer",
                expected=f"an answer within {seconds:g} s",
                found=reason,
                remedy="Check that it is running, and that the address and the settings are right.",
            )
        time.sleep(_TICK_SECONDS)
    return False


def _unready(client, timeout_seconds: float) -> str:
    """Return why the cluster is not ready, "" when it is."""
    from confluent_kafka import KafkaException

    try:
        return "" if client.list_topics(timeout=timeout_seconds).brokers else "no broker in it"
    except KafkaException as error:  # not yet
        return error.args[0].str()


def create_topic(settings: dict, name: str) -> None:
    """Create a topic with one partition and return when it is there."""
    from confluent_kafka.admin import NewTopic

    client = admin(settings)  # kept: its end would take the request with it
    for future in client.create_topics([NewTopic(name, 1, 1)]).values():
        future.result(30)


def admin(settings: dict):
    """Return an admin client that keeps librdkafka's retries to itself."""
    from confluent_kafka.admin import AdminClient

    return AdminClient(settings | {"reconnect.backoff.ms": 10, "logger": _UNHEARD})
