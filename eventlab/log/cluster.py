"""A Kafka cluster as its clients see it: settings, an admin client, and errors in plain words."""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient, ClusterMetadata

from eventlab.errors import BrokerError, EventlabError, LogError, TopicError

ANSWER_SECONDS = 10.0

# librdkafka tells stderr of every connection it tries again, and a kernel shows stderr in the
# notebook. What matters comes as an error of ours.
_UNHEARD = logging.getLogger("eventlab.librdkafka")
_UNHEARD.addHandler(logging.NullHandler())
_UNHEARD.propagate = False

# With the default of a second, poll() stalls as soon as 100,000 messages wait: 150,000 messages
# a second in place of 650,000. A producer passes over it; at log level 0 it does so in silence.
# By default a client waits up to ten seconds before it looks whether the broker is back.
_TEACHING = {"fetch.queue.backoff.ms": 10, "reconnect.backoff.max.ms": 500, "log_level": 0}

_IDLE_PRODUCERS = 4

_UNREACHABLE = {
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._TIMED_OUT,
    KafkaError._TIMED_OUT_QUEUE,
    KafkaError._RESOLVE,
    KafkaError.REQUEST_TIMED_OUT,
}
_TOPIC = {
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_TOPIC,
    KafkaError._UNKNOWN_PARTITION,
    KafkaError.TOPIC_ALREADY_EXISTS,
    KafkaError.TOPIC_EXCEPTION,
    KafkaError.INVALID_PARTITIONS,
    KafkaError.INVALID_REPLICATION_FACTOR,
    KafkaError.INVALID_CONFIG,
    KafkaError.POLICY_VIOLATION,
}

# While the broker is away librdkafka says so, and tries again by itself.
_PASSING = {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._RESOLVE}

Answer = TypeVar("Answer")


class Cluster:
    """Reach a cluster with librdkafka's settings; opens no connection until it is asked something.

    May be used from any thread.
    """

    def __init__(self, settings: dict):
        self._settings = dict(settings)
        self._idle: dict[frozenset, list[Producer]] = {}

    @property
    def settings(self) -> dict:
        """Return a copy of the settings for plain clients: Producer(cluster.settings)."""
        return _TEACHING | self._settings

    @property
    def own_settings(self) -> dict:
        """Return the settings of the clients of this room, which keep librdkafka's log away."""
        return self.settings | {"logger": _UNHEARD}

    @cached_property
    def admin(self) -> AdminClient:
        """Return the cluster's one admin client."""
        return AdminClient(self.own_settings)

    def borrow_producer(self, settings: dict) -> Producer:
        """Return a producer that nobody else has, an idle one if there is one.

        An idempotent producer needs half a second before its first record leaves (librdkafka asks
        for its id on a timer of 500 ms), so they are kept.
        """
        with suppress(KeyError, IndexError):
            return self._idle[frozenset(settings.items())].pop()
        return self.asked("make a producer", lambda: Producer(self.own_settings | settings))

    def give_back_producer(self, producer: Producer, settings: dict) -> None:
        """Keep a producer that has nothing to do for whoever asks next."""
        idle = self._idle.setdefault(frozenset(settings.items()), [])
        if len(idle) < _IDLE_PRODUCERS:
            idle.append(producer)

    def metadata(self) -> ClusterMetadata:
        """Return brokers and topics as the cluster names them now. Raises BrokerError."""
        return self.asked("name its topics", lambda: self.admin.list_topics(timeout=ANSWER_SECONDS))

    def asked(self, what: str, question: Callable[[], Answer]) -> Answer:
        """Return the answer to `question`; what Kafka objects becomes one of our errors."""
        try:
            return question()
        except KafkaException as error:
            raise plain_error(what, error.args[0], self) from None

    def __reduce__(self):
        # Its clients do not go to another process; they are made anew there.
        return Cluster, (self._settings,)

    def __repr__(self) -> str:
        return f"Cluster({self._settings.get('bootstrap.servers')!r})"


def plain_error(what: str, error: KafkaError, cluster: Cluster) -> EventlabError:
    """Return what a KafkaError means for someone who wanted Kafka to do `what`."""
    if error.code() in _UNREACHABLE:
        return BrokerError(
            f"Kafka at {cluster.settings.get('bootstrap.servers')} did not {what}",
            expected=f"an answer within {ANSWER_SECONDS:g} s",
            found=_words(error),
            remedy="If the broker is stopped, start it with lab.broker.start().",
        )
    kind = TopicError if error.code() in _TOPIC else LogError
    return kind(f"Kafka did not {what}", found=_words(error))


def is_passing(error: KafkaError) -> bool:
    """Tell whether a consumer's error only says that the broker is away for the moment."""
    return error.code() in _PASSING


def _words(error: KafkaError) -> str:
    return f"{error.name()}, {error.str().rstrip('.')}"
