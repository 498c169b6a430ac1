"""Consumer groups: who is in them, what each member reads, and how far behind it is."""

import difflib
from functools import partial
from typing import TYPE_CHECKING

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    ConsumerGroupDescription,
    ConsumerGroupListing,
    MemberDescription,
    OffsetSpec,
)

from eventlab.checked import checked
from eventlab.errors import LogError
from eventlab.log.cluster import ANSWER_SECONDS, Cluster, plain_error
from eventlab.log.committed import committed, rewind
from eventlab.log.offsets import Place, offsets
from eventlab.log.settling import settled
from eventlab.log.topics import Topic

if TYPE_CHECKING:  # 55 MB that a process which only runs a flow never needs
    import pandas

_LONGEST_NAME = 249  # what is longer is no slip of the pen
_MOST_LETTERS = 8_000  # Kafka drops the connection at more than 32,767 bytes


@checked
def groups(cluster: Cluster, prefix: str = "") -> "pandas.DataFrame":
    """Return the cluster's groups, one row each: group, state, type."""
    import pandas

    ask = partial(_listed, cluster)
    listed = cluster.asked("list its groups", lambda: settled(ask, ANSWER_SECONDS))
    rows = [
        {"group": group.group_id, "state": group.state.name, "type": group.type.name}
        for group in sorted(listed, key=lambda group: group.group_id)
        if group.group_id.startswith(prefix)
    ]
    return pandas.DataFrame(rows, columns=["group", "state", "type"])


@checked
def members(cluster: Cluster, group: str) -> "pandas.DataFrame":
    """Return who is in a group and what it reads: member, client, topic, partition.

    A member without partitions has one row, with neither topic nor partition. Raises LogError for
    an unknown group.
    """
    import pandas

    described = _described(cluster, group)
    rows = [row for member in described.members for row in _reading(member)]
    frame = pandas.DataFrame(rows, columns=["member", "client", "topic", "partition"])
    return frame.astype({"partition": "Int64"})


@checked
def lag(cluster: Cluster, group: str) -> "pandas.DataFrame":
    """Return how far a group is behind: topic, partition, committed, end, lag (in offsets).

    Every partition of the topics that it reads has a row. One of which nothing is committed yet has
    no `committed`; its lag is all that the partition holds. Raises LogError for an unknown group.
    """
    import pandas

    members = _described(cluster, group).members
    assigned = {place for member in members for place in _assigned(member)}
    there = _all_partitions(cluster)
    known = committed(cluster, group, there)
    read = {topic for topic, _ in {*known, *assigned}}
    places = [place for place in there if place[0] in read]
    starts = offsets(cluster, places, OffsetSpec.earliest())
    ends = offsets(cluster, places, OffsetSpec.latest())
    rows = [
        {
            "topic": place[0],
            "partition": place[1],
            "committed": known.get(place),
            "end": ends[place],
            "lag": ends[place] - known.get(place, starts[place]),
        }
        for place in places
    ]
    frame = pandas.DataFrame(rows, columns=["topic", "partition", "committed", "end", "lag"])
    return frame.astype({"committed": "Int64"})


@checked
def begin_anew(topic: Topic, prefix: str) -> list[str]:
    """Let the groups begin anew with a topic that was made anew; return which had offsets of it.

    Those whose names begin with `prefix`, and that nobody is in: members commit for themselves.
    """
    listed = groups(topic.cluster, prefix)
    idle = listed[(listed["state"] == "EMPTY") & listed["type"].isin(["CLASSIC", "CONSUMER"])]
    return rewind(topic.cluster, idle["group"], [(topic.name, n) for n in topic.partitions])


def _all_partitions(cluster: Cluster) -> list[Place]:
    topics = cluster.metadata().topics
    return [(name, number) for name in sorted(topics) for number in sorted(topics[name].partitions)]


def _reading(member: MemberDescription) -> list[dict[str, object]]:
    """Return a row for each partition that a member reads, one row if it reads none."""
    who = {"member": member.member_id, "client": member.client_id}
    places = [{"topic": topic, "partition": number} for topic, number in _assigned(member)]
    return [who | place for place in places or [{"topic": None, "partition": None}]]


def _assigned(member: MemberDescription) -> list[Place]:
    places = member.assignment.topic_partitions if member.assignment else []
    return [(place.topic, place.partition) for place in places]


def _listed(cluster: Cluster) -> list[ConsumerGroupListing]:
    answer = cluster.admin.list_consumer_groups(request_timeout=ANSWER_SECONDS)
    listing = answer.result(2 * ANSWER_SECONDS)
    for error in listing.errors:  # of brokers whose groups would be missing
        raise KafkaException(error)
    valid: list[ConsumerGroupListing] = listing.valid
    return valid


def _described(cluster: Cluster, group: str) -> ConsumerGroupDescription:
    if not 0 < len(group) <= _MOST_LETTERS:
        raise _unknown(cluster, group)
    cluster.require_up(f"describe the group {group:.100}")
    try:
        described = settled(partial(_description, cluster, group), ANSWER_SECONDS)
    except KafkaException as error:
        if error.args[0].name() != "GROUP_ID_NOT_FOUND":
            raise plain_error(f"describe the group {group}", error.args[0], cluster) from None
        raise _unknown(cluster, group) from None
    if described.state.name == "DEAD":  # what Kafka says of a classic group it has never seen
        raise _unknown(cluster, group)
    return described


def _description(cluster: Cluster, group: str) -> ConsumerGroupDescription:
    futures = cluster.admin.describe_consumer_groups([group], request_timeout=ANSWER_SECONDS)
    description: ConsumerGroupDescription = futures[group].result(2 * ANSWER_SECONDS)
    return description


def _unknown(cluster: Cluster, group: str) -> LogError:
    near = difflib.get_close_matches(group[:_LONGEST_NAME], groups(cluster)["group"], n=3)
    return LogError(
        f"There is no group {group:.100}",
        expected=f"perhaps {' or '.join(near)}" if near else "a group that the cluster knows",
        found="none of that name",
        remedy="A group is there once a consumer with its group.id has subscribed.",
    )
