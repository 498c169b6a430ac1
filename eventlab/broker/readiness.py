"""When a broker is up: a client sees it in the cluster's metadata, and groups have their offsets.

An open port alone proves nothing: Kafka listens a third of a second before it serves, and may load
the offsets of groups for seconds more.
"""

import logging
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeAlias

from eventlab.broker.node import FULL_BYTES
from eventlab.broker.node_log import failure_reason
from eventlab.broker.plan import START_SECONDS
from eventlab.broker.trouble import Cause, Trouble
from eventlab.errors import BrokerError, EventlabError
from eventlab.folders import cache_folder, full_disk, spoken_storage_error

if TYPE_CHECKING:  # it takes a tenth of a second to import
    from confluent_kafka import Consumer
    from confluent_kafka.admin import AdminClient

Settings: TypeAlias = Mapping[str, Any]

_TICK_SECONDS = 0.01
_FIRST_SECONDS = 0.2  # Kafka makes the topic of offsets in half of it
_OFFSETS = "__consumer_offsets"
_NOBODY = "eventlab-looks-whether-groups-are-served"

# librdkafka logs every connection it tries again; the caller's one error says it once.
_DROPPED = logging.getLogger("eventlab.librdkafka")
_DROPPED.addHandler(logging.NullHandler())
_DROPPED.propagate = False


def failed_java(what: str, output: str) -> EventlabError:
    """Return the one error that the `output` of a Java in our cache amounts to."""
    cache = cache_folder()
    if shutil.disk_usage(cache).free < FULL_BYTES:
        return full_disk(cache)
    return spoken_storage_error(cache, output) or BrokerError(
        f"{what} failed",
        expected="a Java that ends without an error",
        found=failure_reason(output),
        remedy="Run `eventlab doctor` to see what this machine lacks.",
    )


def await_ready(
    settings: Settings,
    seconds: float = START_SECONDS,
    worth_waiting: Callable[[], bool] = lambda: True,
) -> bool:
    """Return True when the cluster's metadata names a broker, False once waiting is in vain.

    Raises BrokerError when the time is up, and at once for settings with which nobody is let in.
    """
    trouble = Trouble()
    client = admin({**settings, "error_cb": trouble.note})
    cause = Cause()

    def why_not(rest_seconds: float) -> str:
        nonlocal cause
        failure = _unready(client, rest_seconds)
        if not failure:
            return ""
        news = trouble.of(client)  # there is none while librdkafka waits before it tries again
        cause = news if news.reason else cause
        return _passing(settings, cause) or failure

    return _await(settings, why_not, seconds, worth_waiting)


def await_groups(
    settings: Settings,
    seconds: float = START_SECONDS,
    worth_waiting: Callable[[], bool] = lambda: True,
) -> bool:
    """Return True when groups' offsets are served, False once waiting is in vain.

    While Kafka still loads them, a topic that is deleted leaves the offsets of its groups behind
    for good, and whoever makes it anew reads from there. Raises BrokerError when the time is up.
    """
    # Where Kafka makes the topic of offsets only now, whoever has asked for it asks again after a
    # second; who comes when it is made does not wait.
    with closing(_group_member(settings)) as first:
        if worth_waiting() and not _unloaded(first, _FIRST_SECONDS):
            return True
    with closing(_group_member(settings)) as client:
        return _await(settings, lambda rest: _unloaded(client, rest), seconds, worth_waiting)


def _await(
    settings: Settings,
    why_not: Callable[[float], str],
    seconds: float,
    worth_waiting: Callable[[], bool],
) -> bool:
    deadline = time.monotonic() + seconds
    while worth_waiting():
        reason = why_not(max(0.1, min(1.0, deadline - time.monotonic())))
        if not reason:
            return True
        if time.monotonic() > deadline:
            raise BrokerError(
                f"Kafka at {settings['bootstrap.servers']} does not answer",
                expected=f"an answer within {seconds:g} s",
                found=reason,
                remedy="Check that it is running, that the address is right, and that "
                "security.protocol is what its listener asks.",
            )
        time.sleep(_TICK_SECONDS)
    return False


def _passing(settings: Settings, cause: Cause) -> str:
    """Return the reason of what may pass; raise BrokerError for what does not."""
    if cause.remedy:
        raise BrokerError(
            f"Kafka at {settings['bootstrap.servers']} cannot be used with these settings",
            expected="settings that fit it",
            found=cause.reason,
            remedy=cause.remedy,
        )
    return cause.reason


def _unready(client: "AdminClient", timeout_seconds: float) -> str:
    """Return why the cluster is not ready, "" when it is."""
    from confluent_kafka import KafkaException

    try:
        metadata = client.list_topics(timeout=timeout_seconds)
    except KafkaException as error:  # not yet
        return str(error.args[0].str())
    return "" if metadata.brokers else "no broker in it"


def _unloaded(client: "Consumer", timeout_seconds: float) -> str:
    """Return why the offsets of groups are not served, "" when they are."""
    from confluent_kafka import KafkaException, TopicPartition

    # The question alone matters. On data without any group it lets Kafka make the topic of their
    # offsets, without which the first reader would wait for three seconds.
    try:
        client.committed([TopicPartition(_OFFSETS, 0)], timeout=timeout_seconds)
    except KafkaException as error:  # not yet
        return f"groups are not served yet, {error.args[0].str()}"
    return ""


def create_topic(settings: Settings, name: str) -> None:
    """Create a topic with one partition and return when it is there."""
    from confluent_kafka.cimpl import NewTopic

    client = admin(settings)  # kept: its end would take the request with it
    for future in client.create_topics([NewTopic(name, 1, 1)]).values():
        future.result(30)


def admin(settings: Settings) -> "AdminClient":
    """Return an admin client that keeps librdkafka's retries to itself."""
    from confluent_kafka.admin import AdminClient

    return AdminClient({**settings, "reconnect.backoff.ms": 10}, logger=_DROPPED)


def _group_member(settings: Settings) -> "Consumer":
    """Return a consumer that only asks what its group has committed, and never joins it."""
    from confluent_kafka import Consumer

    named = {"group.id": _NOBODY, "enable.auto.commit": False, "reconnect.backoff.ms": 10}
    return Consumer({**settings, **named}, logger=_DROPPED)
