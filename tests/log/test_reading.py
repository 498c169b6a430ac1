"""Reading a stretch of a topic, bounded by where it ends at the call."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from confluent_kafka import Message, Producer

from eventlab.errors import BrokerError, TopicError, UsageError
from eventlab.events import Shop
from eventlab.log import Cluster, Record, Topic, produce, read, reading
from eventlab.moments import milliseconds
from tests.conftest import FRAGILE
from tests.log.schemas.made import contracts, record
from tests.waiting import until

THEN = datetime(2025, 3, 3, 12, tzinfo=UTC)


def numbered(topic: Topic, count: int, **fields) -> None:
    produce(topic, [Record("k", b'{"n": %d}' % n, **fields) for n in range(count)])


def hours(topic: Topic, *numbers: int) -> None:
    """Write a record for each hour after THEN, in the order that is given."""
    moments = [(n, milliseconds(THEN + timedelta(hours=n))) for n in numbers]
    produce(topic, [Record("k", b'{"n": %d}' % n, at, None, 0) for n, at in moments])


def in_transaction(cluster: Cluster, name: str, topic: Topic, numbers, *, commit: bool) -> None:
    producer = Producer(cluster.settings | {"transactional.id": name})
    producer.init_transactions(30)
    producer.begin_transaction()
    for n in numbers:
        producer.produce(topic.name, b'{"n": %d}' % n, partition=0)
    producer.flush(10)
    (producer.commit_transaction if commit else producer.abort_transaction)(30)
    # Kafka answers when the outcome is decided; the marker that tells it to readers comes after.
    until(lambda: topic.end_offsets(committed=True) == topic.end_offsets())


def test_everything_comes_back_ordered_by_partition_and_offset(new_topic):
    """All that was written, each once, and nothing of what else the broker holds."""
    topic = new_topic(3)
    story = list(islice(Shop(seed=4).orders(), 3_000))
    produce(topic, story)
    events, unreadable = read(topic)
    places = [*zip(events["partition"], events["offset"], strict=True)]
    assert places == sorted(places)
    assert sorted(events["event_id"]) == sorted(event.event_id for event in story)
    assert events["at"].tolist() == events["timestamp"].tolist()
    assert len(unreadable) == 0


def test_an_empty_topic_has_the_columns(new_topic):
    """Nothing written yet is a frame without rows, which can be filtered like any other."""
    events, unreadable = read(new_topic(2))
    assert [*events.columns] == ["partition", "offset", "timestamp", "key"]
    assert events[events["timestamp"] > THEN].empty
    assert [*unreadable.columns] == [*events.columns, "value", "reason"]


def test_what_cannot_be_decoded_comes_back_apart(new_topic):
    """The frames share out the offsets, and the reason stands beside the raw value."""
    topic = new_topic()
    produce(topic, [("a", '{"n": 1}'), ("b", b"\xff{"), ("c", None), ("d", "[1]")])
    events, unreadable = read(topic)
    assert events["offset"].tolist() == [0, 2, 3]
    (row,) = unreadable.to_dict("records")
    assert (row["offset"], row["key"], row["value"]) == (1, "b", b"\xff{")
    assert "malformed" in row["reason"]


@pytest.mark.parametrize(
    ("stretch", "expected"),
    [
        ({"start": 3}, [*range(3, 10), *range(3, 10)]),
        ({"end": 2}, [0, 1, 0, 1]),
        ({"start": 3, "end": 5}, [3, 4, 3, 4]),
        ({"start": {1: 8}}, [8, 9]),
        ({"start": {0: 9, 1: 8}, "end": {1: 9}}, [8]),
        ({"start": 8, "end": {0: 9}}, [8]),
        ({"end": 99}, [*range(10), *range(10)]),
        ({"start": 10}, []),
        ({"start": 99}, []),
        ({"start": 5, "end": 5}, []),
        ({"start": 7, "end": 3}, []),
    ],
)
def test_a_range_of_offsets_is_read_exactly(new_topic, stretch, expected):
    """From `start` up to and without `end`; a dict chooses the partitions too."""
    topic = new_topic(2)
    numbered(topic, 10, partition=0)
    numbered(topic, 10, partition=1)
    assert read(topic, **stretch).events["offset"].tolist() == expected


@pytest.mark.parametrize(
    ("stretch", "expected"),
    [
        ({"since": 2}, [5, 2, 4, 3]),
        ({"until": 3}, [1, 2, 0]),
        ({"since": 2, "until": 4}, [2, 3]),
        ({"since": 5}, [5]),
        ({"until": 0}, []),
    ],
)
def test_a_range_of_time_is_read_though_time_does_not_grow(new_topic, stretch, expected):
    """Records that came out of order are judged one by one."""
    topic = new_topic(2)
    hours(topic, 1, 5, 2, 4, 0, 3)
    moments = {name: THEN + timedelta(hours=n) for name, n in stretch.items()}
    assert read(topic, **moments).events["n"].tolist() == expected


def test_a_time_after_the_last_record_reads_nothing(new_topic):
    """Where no record is so young, none is read."""
    topic = new_topic(2)
    hours(topic, 1, 5)
    assert len(read(topic, since=THEN + timedelta(hours=6)).events) == 0


def test_offsets_and_time_bound_together(new_topic):
    """Both ends of both ranges hold."""
    topic = new_topic()
    hours(topic, 1, 5, 2, 4, 0, 3)
    found = read(topic, start=2, end=5, since=THEN + timedelta(hours=1)).events
    assert found["n"].tolist() == [2, 4]


def test_a_time_before_1970_is_a_time(new_topic):
    """Kafka gives a meaning of its own to negative times; a reader need not know."""
    topic = new_topic()
    numbered(topic, 3)
    assert len(read(topic, since=datetime(1969, 12, 31, 23, 59, 59, 999_000, UTC)).events) == 3


def test_what_is_written_during_the_call_is_not_read(new_topic, monkeypatch):
    """The end is where the topic ended when it was asked for."""
    topic = new_topic()
    numbered(topic, 5)
    bounded = reading._bounds

    def then_written(*arguments):
        bounds = bounded(*arguments)
        numbered(topic, 5)
        return bounds

    monkeypatch.setattr(reading, "_bounds", then_written)
    assert len(read(topic).events) == 5
    assert topic.end_offsets() == {0: 10}


def test_the_markers_of_transactions_are_no_end(cluster, new_topic):
    """Offsets that no reader ever gets, at the end of the log, do not keep it waiting."""
    topic = new_topic()
    in_transaction(cluster, topic.name, topic, [1, 2], commit=True)
    assert topic.end_offsets() == {0: 3}
    assert read(topic).events["n"].tolist() == [1, 2]


def test_what_was_aborted_is_only_read_on_demand(cluster, new_topic):
    """A transaction that was aborted is as if it had never been, unless one asks."""
    topic = new_topic()
    in_transaction(cluster, topic.name, topic, [1], commit=True)
    in_transaction(cluster, topic.name, topic, [2, 3], commit=False)
    assert read(topic).events["n"].tolist() == [1]
    assert read(topic, uncommitted=True).events["n"].tolist() == [1, 2, 3]


def test_an_open_transaction_ends_what_is_committed(cluster, new_topic):
    """Reading stops before it instead of waiting for it."""
    topic = new_topic()
    numbered(topic, 2)
    producer = Producer(cluster.settings | {"transactional.id": topic.name})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic.name, b'{"n": 9}')
    producer.flush(10)
    numbered(topic, 2)
    assert topic.end_offsets() == {0: 5}
    assert topic.end_offsets(committed=True) == {0: 2}
    assert reading._bounds(topic, None, None, None, uncommitted=False) == {0: (0, 2)}
    assert read(topic).events["n"].tolist() == [0, 1]
    assert read(topic, uncommitted=True).events["n"].tolist() == [0, 1, 9, 0, 1]
    producer.abort_transaction(30)


def test_the_holes_of_compaction_are_passed_over(new_topic):
    """Of a compacted topic one reads what is left, with the offsets that it always had."""
    topic = new_topic(
        cleanup_policy="compact",
        segment_ms=100,
        min_cleanable_dirty_ratio="0.01",
        max_compaction_lag_ms=100,
    )
    produce(topic, [("a", "1"), ("b", "2")] * 10)

    def left() -> list[int]:
        produce(topic, [("tick", "0")])  # a later record makes Kafka close the segment
        return read(topic, end=20).events["offset"].tolist()

    until(lambda: left() == [18, 19], what="compaction")


def test_a_log_that_begins_later_is_read_from_there(new_topic):
    """What was deleted is left out; asking for exactly that is an error with where it begins."""
    topic = new_topic(retention_ms=1, segment_ms=1)
    hours(topic, 0, 0, 0)
    until(lambda: topic.start_offsets() == {0: 3}, what="deletion")
    assert len(read(topic).events) == 0
    assert len(read(topic, start=0).events) == 0
    with pytest.raises(TopicError, match=r"offset 2 of .* is gone.*3 or later"):
        read(topic, start=2)


def test_records_deleted_while_one_reads_are_no_error(new_topic, monkeypatch):
    """Between the look at the offsets and the reading, retention may take them."""
    topic = new_topic()
    numbered(topic, 3)
    bounded = reading._bounds

    def then_deleted(*arguments):
        bounds = bounded(*arguments)
        topic.reset()
        return bounds

    monkeypatch.setattr(reading, "_bounds", then_deleted)
    assert len(read(topic).events) == 0


@pytest.mark.parametrize("wrong", [{"start": {7: 0}}, {"end": {0: 1, 3: 1}}])
def test_a_partition_that_is_not_there_is_named(new_topic, wrong):
    """A slip in a partition's number is an error, not silence."""
    with pytest.raises(UsageError, match=r"has no partition [73]"):
        read(new_topic(2), **wrong)


@pytest.mark.parametrize("name", ["since", "until"])
def test_a_time_without_its_zone_is_refused(new_topic, name):
    """Nobody guesses which noon was meant."""
    with pytest.raises(UsageError, match=f"argument {name} is not valid"):
        read(new_topic(), **{name: datetime(2025, 3, 3)})


def test_messages_past_the_end_are_left_and_end_their_partition():
    """A hole at the end is noticed by the first message behind it."""
    open_ends = {0: 5, 1: 5}
    messages = [
        Message(topic="t", partition=partition, offset=offset, value=b"")
        for partition, offset in ((0, 3), (0, 7), (1, 4), (0, 8))
    ]
    kept = reading._kept(
        messages, open_ends, Topic(Cluster({"bootstrap.servers": "127.0.0.1:1"}), "t")
    )
    assert [(one.partition(), one.offset()) for one in kept] == [(0, 3), (1, 4)]
    assert open_ends == {}


@FRAGILE
def test_a_broker_that_goes_while_one_reads_is_one_error(fragile, monkeypatch):
    """It says how far it should have come, and how to go on; afterwards it can be read again."""
    topic = Topic(Cluster(fragile.client_settings), "read.away").reset()
    numbered(topic, 10)
    bounded = reading._bounds

    def then_stopped(*arguments):
        bounds = bounded(*arguments)
        fragile.stop()
        return bounds

    monkeypatch.setattr(reading, "_bounds", then_stopped)
    monkeypatch.setattr(reading, "ANSWER_SECONDS", 0.5)
    with pytest.raises(BrokerError, match=r"offset 10 of partition 0.*not running, start it"):
        read(topic)
    monkeypatch.undo()
    fragile.start()
    assert len(read(topic).events) == 10


def test_a_record_whose_time_is_in_another_unit_is_set_apart(new_topic):
    """By a bounded stretch too: it has no time by which it could be left out."""
    topic = new_topic()
    hours(topic, 1)
    produce(topic, [Record("k", b"{}", 1_790_000_000_000_000_000)])
    hours(topic, 2)
    events, unreadable = read(topic)
    assert events["n"].tolist() == [1, 2]
    assert unreadable["offset"].tolist() == [1]
    events, unreadable = read(topic, since=THEN, until=THEN + timedelta(hours=2))
    assert events["n"].tolist() == [1]
    assert unreadable["offset"].tolist() == [1]


def test_a_topic_is_read_by_a_contract(new_topic):
    """Its fields are columns, and moments are moments; what is no event of it stands apart."""
    topic = new_topic()
    moment = {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}}
    (contract,) = contracts(record(moment, {"name": "cents", "type": "int"}))
    produce(topic, [("ann", {"at": THEN, "cents": 20}), ("bob", b"{}")][:1], contract=contract)
    produce(topic, [Record("bob", b"{}")])
    events, unreadable = read(topic, contract=contract)
    assert events[["key", "cents"]].values.tolist() == [["ann", 20]]
    assert events["at"][0] == THEN
    assert list(unreadable["key"]) == ["bob"]
