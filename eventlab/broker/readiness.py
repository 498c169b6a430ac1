"""When a broker is up: alive, its port known, and a client sees it in the cluster's metadata.

An open port alone proves nothing: Kafka listens a third of a second before it serves.
"""

import logging
import subprocess
import time
from pathlib import Path

from eventlab.broker.process import START_SECONDS, broker_port, failure_reason
from eventlab.errors import BrokerError, EventlabError
from eventlab.folders import cache_folder, full_disk

_TICK_SECONDS = 0.01

# librdkafka tells of every connection it tries again; the caller's one error says it once.
_UNHEARD = logging.getLogger("eventlab.librdkafka")
_UNHEARD.addHandler(logging.NullHandler())
_UNHEARD.propagate = False


def await_port(process: subprocess.Popen, output: Path) -> int:
    """Return the port when `process` has said it in `output`. Raises BrokerError."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        port = broker_port(output.read_bytes())
        if port is not None:
            return port
        time.sleep(_TICK_SECONDS)
    raise failed_java("Starting Kafka", output.read_text(errors="replace"))


def failed_java(what: str, output: str) -> EventlabError:
    """Return the one error that a Java's `output` amounts to."""
    reason = failure_reason(output)
    if "No space left on device" in output:
        return full_disk(cache_folder())
    remedy = "Run `eventlab doctor` to see what this machine lacks."
    return BrokerError(f"{what} failed", found=reason, remedy=remedy)


def await_ready(settings: dict, seconds: float = START_SECONDS) -> None:
    """Return when the cluster's metadata names a broker. Raises BrokerError."""
    client, deadline = admin(settings), time.monotonic() + seconds
    while not (answer := _brokers(client, max(0.1, min(1.0, deadline - time.monotonic())))):
        if time.monotonic() > deadline:
            raise BrokerError(
                f"Kafka at {settings['bootstrap.servers']} does not answer",
                expected=f"an answer within {seconds:g} s",
                found="none",
                remedy="Check that it is running and that the address is right.",
            )
        time.sleep(_TICK_SECONDS)
    return answer


def _brokers(client, timeout_seconds: float) -> dict:
    from confluent_kafka import KafkaException

    try:
        return client.list_topics(timeout=timeout_seconds).brokers
    except KafkaException:  # not yet
        return {}


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
