"""A Kafka cluster as its clients see it: settings, an admin client, and errors in plain words."""

import logging
import math
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar
from weakref import WeakSet

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient, ClusterMetadata

from eventlab.arguments import refused
from eventlab.broker.away import Away
from eventlab.broker.trouble import Cause, Trouble
from eventlab.checked import checked
from eventlab.errors import BrokerError, EventlabError, LogError, TopicError
from eventlab.log.client_settings import ClientSettings, client_settings
from eventlab.log.interrupts import in_turns
from eventlab.processes.closing import after_fork

ANSWER_SECONDS = 10.0
_WHEN_AWAY = "If it is not running, start it; else look at the address and the settings."

_ADDRESSES = {"bootstrap.servers", "metadata.broker.list"}

Settings = dict[str, Any]  # librdkafka's own, by their names with dots

# librdkafka writes to stderr of every connection it tries again, and a kernel shows stderr in the
# notebook. What matters comes as an error of ours.
_DISCARDED = logging.getLogger("eventlab.librdkafka")
_DISCARDED.addHandler(logging.NullHandler())
_DISCARDED.propagate = False

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

    `when_away` is the remedy where it does not answer, as a whole sentence; `away` tells why it is
    known not to, and then nobody waits for it. May be used from any thread.
    """

    @checked
    def __init__(
        self,
        settings: Settings,
        when_away: str = _WHEN_AWAY,
        away: Callable[[], Away | None] = lambda: None,
    ) -> None:
        if not _ADDRESSES.intersection(settings):
            raise refused("settings", settings, "bootstrap.servers among them", "lab.kafka")
        self._settings = dict(settings)
        self.when_away = when_away
        self._away = away
        self._trouble = Trouble()
        self._idle: dict[frozenset[tuple[str, Any]], list[Producer]] = {}
        _CLUSTERS.add(self)

    @property
    def settings(self) -> ClientSettings:
        """Return a copy of the settings for plain clients: Producer(cluster.settings)."""
        return client_settings(self._settings)

    @property
    def own_settings(self) -> Settings:
        """Return the settings of the clients of this room, which keep librdkafka's log away."""
        return self.settings | {"logger": _DISCARDED}

    @cached_property
    def admin(self) -> AdminClient:
        """Return the cluster's one admin client."""
        return AdminClient(self.own_settings | {"error_cb": self._trouble.note})

    def borrow_producer(self, settings: Settings) -> Producer:
        """Return a producer that nobody else has, an idle one if there is one.

        An idempotent producer needs half a second before its first record leaves (librdkafka asks
        for its id on a timer of 500 ms), so they are kept.
        """
        with suppress(KeyError, IndexError):
            return self._idle[frozenset(settings.items())].pop()
        return self.asked("make a producer", lambda: Producer(self.own_settings | settings))

    def give_back_producer(self, producer: Producer, settings: Settings) -> None:
        """Keep a producer that has nothing to do for whoever asks next."""
        idle = self._idle.setdefault(frozenset(settings.items()), [])
        if len(idle) < _IDLE_PRODUCERS:
            idle.append(producer)

    def metadata(self) -> ClusterMetadata:
        """Return brokers and topics as the cluster names them now. Raises BrokerError."""
        return self.asked_in_turns(
            "name its topics",
            lambda seconds: self.admin.list_topics(timeout=seconds),
            ANSWER_SECONDS,
        )

    def asked(self, what: str, question: Callable[[], Answer]) -> Answer:
        """Return the answer to `question`; what Kafka objects becomes one of our errors.

        Where the broker is known to be away, it is not asked.
        """
        self.require_up(what)
        try:
            return question()
        except KafkaException as error:
            raise plain_error(what, error.args[0], self) from None
        except TimeoutError:  # of a Future, whose answer librdkafka owes
            raise plain_error(what, KafkaError(KafkaError._TIMED_OUT), self) from None

    def asked_in_turns(
        self, what: str, question: Callable[[float], Answer], seconds: float
    ) -> Answer:
        """Do as `asked` does with a question that takes a timeout; an interrupt is heard."""
        return self.asked(what, lambda: in_turns(question, seconds))

    def require_up(self, what: str) -> None:
        """Raise BrokerError where the broker is known to be away: nobody waits for it."""
        known = self._away()
        if isinstance(known, Away):
            raise BrokerError(
                f"Kafka did not {what}",
                expected="a broker that answers",
                found=known.reason,
                remedy=known.remedy,
            )

    def answer(self, what: str, answer: "Future[Answer]") -> Answer:
        """Return what an admin client's answer holds; what Kafka objects becomes one of ours."""
        return self.asked(what, lambda: answer.result(2 * ANSWER_SECONDS))

    def trouble(self, within_seconds: float = math.inf) -> Cause:
        """Return why its admin client has reached nobody lately, as far as known, and a remedy."""
        cause = self._trouble.of(self.admin, within_seconds)
        return cause if cause.remedy else Cause(cause.reason, self.when_away)

    def forget_clients(self) -> list[Any]:
        """Return the clients that it has, and make new ones from now on: in a forked child."""
        clients: list[Any] = list(chain.from_iterable(self._idle.values()))
        self._idle.clear()
        if "admin" in self.__dict__:
            clients.append(self.__dict__.pop("admin"))
        return clients

    def __reduce__(self) -> tuple[type["Cluster"], tuple[Settings, str]]:
        # Its clients do not go to another process; they are made anew there.
        return Cluster, (self._settings, self.when_away)

    def __repr__(self) -> str:
        return f"Cluster({self._settings.get('bootstrap.servers')!r})"


# One hook for all of them: each may have clients when its process forks.
_CLUSTERS: "WeakSet[Cluster]" = WeakSet()


def _forget_clients() -> list[Any]:
    return [client for cluster in list(_CLUSTERS) for client in cluster.forget_clients()]


after_fork(_forget_clients)


def plain_error(what: str, error: KafkaError, cluster: Cluster) -> EventlabError:
    """Return what a KafkaError means for someone who wanted Kafka to do `what`."""
    if error.code() in _UNREACHABLE:
        cause = _why_away(error, cluster)
        return BrokerError(
            f"Kafka at {cluster.settings.get('bootstrap.servers')} did not {what}",
            expected=f"an answer within {ANSWER_SECONDS:g} s",
            found=cause.reason,
            remedy=cause.remedy,
        )
    return refusal(what, error)


def refusal(what: str, error: KafkaError) -> LogError:
    """Return what it means that Kafka answered, and would not do `what`."""
    if error.code() in _TOPIC:
        return TopicError(
            f"Kafka did not {what}",
            expected="a topic and settings that it takes",
            found=_words(error),
            remedy="Look at the name, the settings and the partitions that were asked for.",
        )
    return LogError(
        f"Kafka did not {what}",
        expected="what it allows and knows",
        found=_words(error),
        remedy="Look the error up in Kafka's documentation, change the call and run it again.",
    )


def in_brief(error: EventlabError) -> str:
    """Return what happened and what was found, without the remedy: for a line of status."""
    return f"{error.summary}: {error.found}" if error.found else error.summary


def is_passing(error: KafkaError) -> bool:
    """Tell whether a consumer's error only says that the broker is away for the moment."""
    return error.code() in _PASSING


def _why_away(error: KafkaError, cluster: Cluster) -> Cause:
    # Of a broker that is only slow an earlier trouble would tell a story that is over.
    cause = cluster.trouble(math.inf if error.code() in _PASSING else ANSWER_SECONDS)
    reason = f"{error.name()}, {cause.reason}" if cause.reason else _words(error)
    return Cause(reason, cause.remedy)


def _words(error: KafkaError) -> str:
    return f"{error.name()}, {error.str().rstrip('.')}"
