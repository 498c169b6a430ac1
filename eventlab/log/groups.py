"""Consumer groups: who is in them, what each member reads, and how far behind it is."""

import difflib
from typing import TYPE_CHECKING

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec

from eventlab.errors import LogError
from eventlab.log.cluster import ANSWER_SECONDS, Cluster, plain_error

if TYPE_CHECKING:  # 55 MB that a process which only runs a flow never needs
    import pandas


def groups(cluster: Cluster, prefix: str = "") -> "pandas.DataFrame":
    """Return the cluster's groups, one row each: group, state, type."""
    import pandas

    listing = _answered(
        cluster,
        "list its groups",
        cluster.admin.list_consumer_groups(request_timeout=ANSWER_SECONDS),
    )
    for error in listing.errors:  # of brokers whose groups would be missing
        raise plain_error("list its groups", error, cluster)
    rows = [
        {"group": group.group_id, "state": group.state.name, "type": group.type.name}
        for group in sorted(listing.valid, key=lambda group: group.group_id)
        if group.group_id.startswith(prefix)
    ]
    return pandas.DataFrame(rows, columns=["group", "state", "type"])


def members(cluster: Cluster, group: str) -> "pandas.DataFrame":
    """Return who is in a group and what it reads: member, client, topic, partition.

    A member without partitions has one row, with neither topic nor partition. Raises LogError for
    an unknown group.
    """
    import pandas

    described = _described(cluster, group)
    rows = [
        {
            "member": member.member_id,
            "client": member.client_id,
            "topic": topic,
            "partition": number,
        }
        for member in described.members
        for topic, number in _assigned(member)
    ]
    frame = pandas.DataFrame(rows, columns=["member", "client", "topic", "partition"])
    return frame.astype({"partition": "Int64"})


def lag(cluster: Cluster, group: str) -> "pandas.DataFrame":
    """Return how far a group is behind: topic, partition, committed, end, lag (in offsets).

    Every partition of the topics that it reads has a row. One of which nothing is committed yet has
    no `committed`; its lag is all that the partition holds. Raises LogError for an unknown group.
    """
    import pandas

    committed = _committed(cluster, group)
    members = _described(cluster, group).members
    assigned = {place for member in members for place in _assigned(member)}
    places = _all_partitions(cluster, {topic for topic, _ in {*committed, *assigned}})
    starts = _offsets(cluster, places, OffsetSpec.earliest())
    ends = _offsets(cluster, places, OffsetSpec.latest())
    rows = [
        {
            "topic": place[0],
            "partition": place[1],
            "committed": committed.get(place),
            "end": ends[place],
            "lag": ends[place] - committed.get(place, starts[place]),
        }
        for place in places
    ]
    frame = pandas.DataFrame(rows, columns=["topic", "partition", "committed", "end", "lag"])
    return frame.astype({"committed": "Int64"})


def _all_partitions(cluster: Cluster, topics: set[str | None]) -> list[tuple[str, int]]:
    known = cluster.metadata().topics  # a group may outlive a topic that it has read
    return [
        (topic, number)
        for topic in sorted(topics & set(known), key=str)
        for number in sorted(known[topic].partitions)
    ]


def _assigned(member) -> list[tuple[str | None, int | None]]:
    places = member.assignment.topic_partitions if member.assignment else []
    return [(place.topic, place.partition) for place in places] or [(None, None)]


def _described(cluster: Cluster, group: str):
    futures = cluster.admin.describe_consumer_groups([group], request_timeout=ANSWER_SECONDS)
    try:
        described = futures[group].result(2 * ANSWER_SECONDS)
    except KafkaException as error:
        if error.args[0].name() != "GROUP_ID_NOT_FOUND":
            raise plain_error(f"describe the group {group}", error.args[0], cluster) from None
        raise _unknown(cluster, group) from None
    if described.state.name == "DEAD":  # what Kafka says of a classic group it has never seen
        raise _unknown(cluster, group)
    return described


def _unknown(cluster: Cluster, group: str) -> LogError:
    near = difflib.get_close_matches(group, groups(cluster)["group"], n=3)
    return LogError(
        f"There is no group {group}",
        expected=f"perhaps {' or '.join(near)}" if near else "",
        remedy="A group is there once a consumer with its group.id has subscribed.",
    )


def _committed(cluster: Cluster, group: str) -> dict[tuple[str, int], int]:
    futures = cluster.admin.list_consumer_group_offsets(
        [ConsumerGroupTopicPartitions(group)], request_timeout=ANSWER_SECONDS
    )
    answer = _answered(cluster, f"tell the offsets of {group}", futures[group])
    places = answer.topic_partitions
    return {(place.topic, place.partition): place.offset for place in places if place.offset >= 0}


def _offsets(cluster: Cluster, places: list, which: OffsetSpec) -> dict[tuple[str, int], int]:
    if not places:
        return {}
    asked = {TopicPartition(topic, number): which for topic, number in places}
    futures = cluster.admin.list_offsets(asked, request_timeout=ANSWER_SECONDS)
    return {
        (place.topic, place.partition): _answered(cluster, "tell its offsets", future).offset
        for place, future in futures.items()
    }


def _answered(cluster: Cluster, what: str, future):
    return cluster.asked(what, lambda: future.result(2 * ANSWER_SECONDS))
