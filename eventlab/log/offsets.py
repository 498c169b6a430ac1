"""Where partitions begin and end, and where a time is found in them, as the broker says."""

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import ListOffsetsResultInfo, OffsetSpec

from eventlab.errors import BrokerError
from eventlab.log.cluster import ANSWER_SECONDS, Cluster

Place = tuple[str, int]  # a topic's name and a partition's number
Answers = Mapping[TopicPartition, "Future[ListOffsetsResultInfo]"]

# A broker that has just started knows less than its clients for a moment: who leads, since when.
_SETTLING = {
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.OFFSET_NOT_AVAILABLE,
}
_NO_SUCH_TIME = -1
_TICK_SECONDS = 0.01


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
    deadline = time.monotonic() + ANSWER_SECONDS
    answers = _asked(cluster, wanted, committed)
    while _is_settling(answers) and time.monotonic() < deadline:
        time.sleep(_TICK_SECONDS)
        answers = _asked(cluster, wanted, committed)
    found = {
        (place.topic, place.partition): cluster.answer("tell its offsets", answer).offset
        for place, answer in answers.items()
    }
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


def _asked(cluster: Cluster, wanted: dict[TopicPartition, OffsetSpec], committed: bool) -> Answers:
    isolation = IsolationLevel.READ_COMMITTED if committed else IsolationLevel.READ_UNCOMMITTED
    return cluster.admin.list_offsets(
        wanted, isolation_level=isolation, request_timeout=ANSWER_SECONDS
    )


def _is_settling(answers: Answers) -> bool:
    errors = [answer.exception(2 * ANSWER_SECONDS) for answer in answers.values()]
    return any(
        isinstance(error, KafkaException) and error.args[0].code() in _SETTLING for error in errors
    )
