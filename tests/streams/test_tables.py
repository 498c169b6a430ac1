from datetime import UTC, datetime, timedelta

import pandas
import pytest
from confluent_kafka import Producer
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import BrokerError, UsageError
from eventlab.log import Record, produce
from eventlab.log.decoding import Tombstone
from eventlab.streams import Table, table_at
from eventlab.streams.tables import apply
from tests.streams.histories import NOON
from tests.waiting import until

pytestmark = pytest.mark.broker


def change(key: str, number: int | None, seconds: int = 0) -> Record:
    """Return a change of one row, None to delete it, at a time."""
    value = None if number is None else b'{"n": %d}' % number
    return Record(key, value, NOON + 1000 * seconds)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 9))))
def test_a_table_is_the_fold_of_its_stream(history):
    """By pandas: the last value of each key, and no key whose last is a tombstone."""
    rows: dict = {}
    fields = [Tombstone() if number is None else {"n": number} for _, number in history]
    apply(rows, [key for key, _ in history], fields)
    frame = pandas.DataFrame(history, columns=["key", "n"]).drop_duplicates("key", keep="last")
    assert {key: row["n"] for key, row in rows.items()} == dict(frame.dropna().values.tolist())


def test_a_value_without_fields_is_no_tombstone():
    """Only a record without a value deletes."""
    rows = {"a": {"n": 1}, "b": {"n": 1}}
    apply(rows, ["a", "b"], [{}, Tombstone()])
    assert rows == {"a": {}}


def test_it_follows_its_topic(new_topic):
    """Rows change as the changelog grows, and whoever wants to know is told which."""
    topic, told = new_topic(2), []
    produce(topic, [change("a", 1), change("b", 1), change("a", 2)])
    with Table(topic, told.extend) as table:
        table.catch_up()
        assert (table.rows(), len(table)) == ({"a": {"n": 2}, "b": {"n": 1}}, 2)
        produce(topic, [change("b", None), change("c", 5)])
        table.catch_up()
        assert table.frame().to_dict("index") == {"a": {"n": 2}, "c": {"n": 5}}
        assert (table.get("b"), table.get("c")) == (None, {"n": 5})
    assert set(told) == {"a", "b", "c"}
    assert table.error is None


def test_restored_from_its_changelog_it_is_the_same(new_topic):
    """Two tables of one topic agree, whenever they began, also after compaction."""
    topic = new_topic(1, cleanup_policy="compact", segment_ms=100, min_cleanable_dirty_ratio=0)
    with Table(topic) as first:
        for number in range(20):
            produce(topic, [change(key, number) for key in "abc"])
        produce(topic, [change("a", None), change("z", 0)])
        before = first.catch_up().rows()
    with Table(topic) as second:
        assert (
            second.catch_up().rows()
            == before
            == {k: {"n": n} for k, n in zip("bcz", (19, 19, 0), strict=True)}
        )


def test_it_catches_up_behind_the_marker_of_a_transaction(new_topic, cluster):
    """The last offset of the topic is no record."""
    topic = new_topic()
    producer = Producer(cluster.settings | {"transactional.id": topic.name})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce(topic.name, b'{"n": 1}', "a")
    producer.commit_transaction(20)
    until(lambda: topic.end_offsets(committed=True) == {0: 2})  # the marker comes a little later
    with Table(topic) as table:
        assert table.catch_up().rows() == {"a": {"n": 1}}


def test_one_that_is_stopped_is_never_up_to_date(new_topic):
    """It says so, and keeps its rows."""
    topic = new_topic()
    produce(topic, [change("a", 1)])
    table = Table(topic).catch_up()
    table.stop()
    produce(topic, [change("a", 2)])
    with pytest.raises(BrokerError, match="is not up to date"):
        table.catch_up(5)
    assert table.rows() == {"a": {"n": 1}}


def test_what_fails_in_the_listener_is_kept(new_topic):
    """The following ends with it."""

    def fail(_keys):
        raise RuntimeError("the listener's own")

    topic = new_topic()
    produce(topic, [change("a", 1)])
    with Table(topic, fail) as table:
        until(lambda: table.error is not None)
    assert str(table.error) == "the listener's own"


def test_the_table_as_it_was(new_topic):
    """Up to an offset, up to a moment, or now."""
    topic = new_topic()
    produce(
        topic, [change("a", 1, 0), change("b", 1, 60), change("a", 2, 120), change("b", None, 180)]
    )
    noon = datetime.fromtimestamp(NOON / 1000, UTC)
    assert table_at(topic).to_dict("index") == {"a": {"n": 2}}
    assert table_at(topic, end=2).to_dict("index") == {"a": {"n": 1}, "b": {"n": 1}}
    then = table_at(topic, until=noon + timedelta(seconds=121))
    assert then.to_dict("index") == {"a": {"n": 2}, "b": {"n": 1}}
    assert (len(table_at(topic, end=0)), then.index.name) == (0, "key")
    with pytest.raises(UsageError, match="argument until is not valid"):
        table_at(topic, until=datetime(2025, 3, 3))
