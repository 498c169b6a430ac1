"""Keys and values as they are on the wire, in topics and out of them."""

import pytest

from eventlab.log import Record, produce
from eventlab.log.reading import read
from tests.sql.engines import ORDERS, Topics, engine
from tests.waiting import until

pytestmark = pytest.mark.broker

WINDOWED = (
    "CREATE TABLE counts WITH (KAFKA_TOPIC='counts', KEY_FORMAT='{}') AS SELECT cents AS c,"
    " COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY cents;"
)


@pytest.fixture
def topics(new_topic):
    """Topics of the test's own, with two orders a second apart."""
    topics = Topics(new_topic)
    topics.orders(5, 5)
    return topics


@pytest.mark.parametrize("key_format", ["KAFKA", "JSON"])
def test_the_key_of_a_window_is_text_that_can_be_read_back(topics, key_format):
    """Whatever the format: the key's own text, and the window behind it."""
    with engine(topics, begins_anew=True) as one:
        one.execute(ORDERS + WINDOWED.format(key_format))
        until(lambda: len(read(topics("counts")).events) == 2)
        events = read(topics("counts")).events
        assert list(events["key"]) == ["5", "5"]
        assert list(events["start"]) == [1000, 2000]
        (push,) = one.execute("SELECT c, WINDOWSTART AS w, n FROM counts EMIT CHANGES LIMIT 2;")
        assert push.wait(2)
        assert push.rows == [(5, 1000, 1), (5, 2000, 1)]


def test_the_empty_key_of_a_window_is_read_like_the_others(topics):
    """It is a text, and no NULL."""
    records = [Record(key, b'{"CENTS": 1}', 1000) for key in ("", "ann", "a,b", " ", '"')]
    topics("orders").delete()
    produce(topics("orders").create(), records).require_all()
    counts = (
        "CREATE TABLE counts WITH (KAFKA_TOPIC='counts') AS SELECT customer, COUNT(*) AS n"
        " FROM orders WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY customer;"
    )
    with engine(topics, begins_anew=True) as one:
        one.execute(ORDERS + counts)
        (push,) = one.execute("SELECT customer, n FROM counts EMIT CHANGES LIMIT 5;")
        until(lambda: len(push.rows) == 5 or one.reports)
        assert one.reports == []
        assert sorted(push.rows) == [("", 1), (" ", 1), ('"', 1), ("a,b", 1), ("ann", 1)]


def test_all_windows_of_a_key_lie_in_one_partition(topics):
    """As those of a flow in Python do, so that a reader of one partition has all of a key."""
    counts = WINDOWED.format("KAFKA").replace("counts',", "counts', PARTITIONS=3,", 1)
    topics.orders(*[5, 6, 7, 8] * 5)
    with engine(topics, begins_anew=True) as one:
        one.execute(ORDERS + counts)
        until(lambda: len(read(topics("counts")).events) == 20)
        events = read(topics("counts")).events
        assert events["partition"].nunique() > 1
        assert list(events.groupby("key")["partition"].nunique()) == [1, 1, 1, 1]
        assert events["start"].nunique() == 20


def test_a_key_and_a_value_stay_what_they_were(topics):
    """A stream through another one is the same."""
    with engine(topics, begins_anew=True) as one:
        one.execute(ORDERS + "CREATE STREAM same AS SELECT * FROM orders;")
        until(lambda: len(read(topics("SAME")).events) == 2)
        before, after = read(topics("orders")).events, read(topics("SAME")).events
        for column in ("key", "GOOD", "CENTS", "timestamp"):
            assert list(after[column]) == list(before[column])
