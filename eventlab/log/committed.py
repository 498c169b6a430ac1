"""What groups have committed, asked and changed by one who is no member of them.

The admin client is not asked: where a coordinator answers that it is none any more, or not yet,
librdkafka's list_consumer_group_offsets ends the process with a segmentation fault (it looks for
the group that an admin client does not have). A consumer has one.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from confluent_kafka import Consumer, TopicPartition

from eventlab.log.cluster import ANSWER_SECONDS, Cluster
from eventlab.log.offsets import Place

_AT_ONCE = 20  # the connections of so many are made side by side


def committed(cluster: Cluster, group: str, places: Iterable[Place]) -> dict[Place, int]:
    """Return the offset that a group has committed of each of the places of which it has one."""
    with _outsider(cluster, group) as consumer:
        return _committed(cluster, group, consumer, places)


def rewind(cluster: Cluster, groups: Iterable[str], places: Iterable[Place]) -> list[str]:
    """Let groups that nobody is in begin anew with places that are new; return which had to.

    Kafka forgets what was committed of a topic that is deleted, unless it is deleted while the
    coordinator of the group still loads: then the group would never read what is written next.
    """
    new = list(places)
    names = list(groups)
    rewound = []
    for first in range(0, len(names), _AT_ONCE):
        some = names[first : first + _AT_ONCE]
        with ExitStack() as stack:
            asked = [(group, stack.enter_context(_outsider(cluster, group))) for group in some]
            rewound += [group for group, one in asked if _is_rewound(cluster, group, one, new)]
    return rewound


def _is_rewound(cluster: Cluster, group: str, consumer: Consumer, places: list[Place]) -> bool:
    found = _committed(cluster, group, consumer, places)
    stale = [TopicPartition(*place, 0) for place, offset in found.items() if offset > 0]
    if stale:
        commit = partial(consumer.commit, offsets=stale, asynchronous=False)
        cluster.asked(f"let the group {group} begin anew", commit)
    return bool(stale)


def _committed(
    cluster: Cluster, group: str, consumer: Consumer, places: Iterable[Place]
) -> dict[Place, int]:
    wanted = [TopicPartition(*place) for place in places]
    if not wanted:
        return {}
    found = cluster.asked_in_turns(
        f"tell the offsets of {group}", partial(consumer.committed, wanted), ANSWER_SECONDS
    )
    return {(one.topic, one.partition): one.offset for one in found if one.offset >= 0}


@contextmanager
def _outsider(cluster: Cluster, group: str) -> Iterator[Consumer]:
    settings = cluster.own_settings | {"group.id": group, "enable.auto.commit": False}
    consumer = cluster.asked("make a consumer", lambda: Consumer(settings))
    try:
        yield consumer
    finally:
        consumer.close()
