from datetime import UTC, datetime, timedelta

import pytest

from eventlab.errors import TopicError, UsageError
from eventlab.log import Record, Topic, produce
from eventlab.log.starting import resolved
from eventlab.moments import milliseconds

pytestmark = pytest.mark.broker

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def hourly(new_topic):
    """A topic of two partitions with a record for each of three hours, all in the first."""
    topic = new_topic(2)
    hours = [milliseconds(NOON + timedelta(hours=n)) for n in range(3)]
    produce(topic, [Record("k", b"1", at, None, 0) for at in hours])
    return topic


@pytest.mark.parametrize(
    ("start", "offsets"),
    [
        ("earliest", {0: 0, 1: 0}),
        ("latest", {0: 3, 1: 0}),
        (2, {0: 2, 1: 0}),
        ({0: 99}, {0: 3}),
        (NOON + timedelta(minutes=30), {0: 1, 1: 0}),
    ],
    ids=["earliest", "latest", "offset", "dict", "moment"],
)
def test_every_way_to_say_it_is_an_offset_of_each_partition(hourly, start, offsets):
    """Beyond the end is the end; a dict chooses the partitions."""
    assert resolved(hourly, start) == offsets


@pytest.mark.parametrize("start", ["newest", -1, True, 1.5, None, datetime(2025, 3, 3), {7: 0}])
def test_what_says_no_place_is_refused(hourly, start):
    """One clear error, before anything is read."""
    with pytest.raises(UsageError, match="expected"):
        resolved(hourly, start)


def test_a_topic_that_is_not_there_is_named(cluster):
    """It is the topic's own error."""
    with pytest.raises(TopicError, match="no-such-topic"):
        resolved(Topic(cluster, "no-such-topic"), "earliest")
