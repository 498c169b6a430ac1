"""Where partitions begin and end, and where a time is found in them, as the broker says."""

from collections.abc import Iterable
from functools import partial

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec

from eventlab.errors import BrokerError
from eventlab.log.cluster import ANSWER_SECONDS, Cluster
from eventlab.log.settling import settled

Place = tuple[str, int]  # a topic's name and a partition's number

_NO_SUCH_TIME = -1


def offsets(
    cluster: Cluster, places: Iterable[Place], which: OffsetSpec, *, committed: bool = False
) -> dict[Place, int]:
    """Return the offset of each place that `which` names; -1 where no record is of that time.

    With `committed`, the end is that of a reader of committed transactions. A broker that has just
    started is asked again. Raises TopicError, LogError and BrokerError.
    """
    wanted = {TopicPartition(topic, number): which for topic, number in places}
    if not wanted:
        return {}
    ask = partial(_listed_if_led, cluster, wanted, committed)
    found = cluster.asked("tell its offsets", lambda: settled(ask, ANSWER_SECONDS))
    for place, offset in found.items():
        if offset < _NO_SUCH_TIME:  # librdkafka's word for a leader that it did not reach
            raise _unreached(cluster, place)
    return found


def _unreached(cluster: Cluster, place: Place) -> BrokerError:
    topic, number = place
    metadata = cluster.metadata()
    leader = metadata.brokers.get(metadata.topics[topic].partitions[number].leader)
    address = f"{leader.host}:{leader.port}" if leader else "no broker"
    cause = cluster.trouble()
    return BrokerError(
        f"Kafka did not tell the offsets of {topic} partition {number}",
        expected=f"an answer from the broker that leads it, which the cluster says is at {address}",
        found=cause.reason or "none",
        remedy=cause.remedy,
    )


def _listed_if_led(
    cluster: Cluster, wanted: dict[TopicPartition, OffsetSpec], committed: bool
) -> dict[Place, int]:
    """Return the offsets; a topic that has just been made may have no leader yet.

    librdkafka has one word for that and for a topic that is not there.
    """
    try:
        return _listed(cluster, wanted, committed)
    except KafkaException as error:
        is_led_by_nobody = error.args[0].code() == KafkaError._NOENT
        if is_led_by_nobody and {place.topic for place in wanted} <= set(cluster.metadata().topics):
            raise KafkaException(KafkaError(KafkaError.LEADER_NOT_AVAILABLE)) from error
        raise


def _listed(
    cluster: Cluster, wanted: dict[TopicPartition, OffsetSpec], committed: bool
) -> dict[Place, int]:
    isolation = IsolationLevel.READ_COMMITTED if committed else IsolationLevel.READ_UNCOMMITTED
    answers = cluster.admin.list_offsets(
        wanted, isolation_level=isolation, request_timeout=ANSWER_SECONDS
    )
    return {
        (place.topic, place.partition): answer.result(2 * ANSWER_SECONDS).offset
        for place, answer in answers.items()
    }
