from datetime import UTC, datetime

import pytest

from eventlab.errors import DeliveryError, TopicError, UsageError
from eventlab.log import Cluster, Record, Topic, produce, read
from eventlab.streams import Arrival, Joined, Late, TopicSink, TopicSource, Window, sink
from tests.conftest import FRAGILE
from tests.streams.test_source import NOON, whole

pytestmark = pytest.mark.broker


def write(topic: Topic, *batches: list) -> None:
    """Write batches as a flow's worker does."""
    part = TopicSink(topic).build("out", 0, 1)
    for batch in batches:
        part.write_batch(batch)
    part.close()


def test_pairs_records_and_tombstones_are_written(new_topic):
    """A pair is key and value; None is a tombstone; a record says all of it."""
    topic = new_topic(2)
    write(topic, [("a", {"n": 1}), ("b", None)], [Record("c", b"3", NOON, [("h", b"1")], 1)])
    rows = {one.key: one for one in whole(TopicSource(topic, bounded=True))}
    assert rows["a"].event == {"n": 1}
    assert rows["b"].event is None
    assert (rows["c"].partition, rows["c"].time, rows["c"].headers) == (1, NOON, (("h", b"1"),))


def test_results_keep_their_time_and_what_was_late_its_reason(new_topic):
    """A window has that of its newest event, a join the later one, a late event its own."""
    topic = new_topic()
    arrival = Arrival({"n": 1}, "k", "t", 0, 0, NOON + 3, NOON + 9000)
    results = [
        Window(NOON, NOON + 10, 4, NOON + 1),
        Joined({"n": 1}, None, NOON + 2, None, NOON + 2),
        Late(arrival, NOON, NOON + 10, NOON + 10, arrival.time),
    ]
    write(topic, [("k", result) for result in results])
    window, both, late = whole(TopicSource(topic, bounded=True))
    assert [one.time - NOON for one in (window, both, late)] == [1, 2, 3]
    assert window.event == {"start": NOON, "end": NOON + 10, "value": 4, "time": NOON + 1}
    assert both.event == {
        "left": {"n": 1},
        "right": None,
        "left_time": NOON + 2,
        "right_time": None,
    }
    assert late.event["arrival"]["event"] == {"n": 1}
    assert late.event["reason"] == results[2].reason


def test_a_copy_of_a_topic_is_its_equal(new_topic):
    """Key, value, time, headers, and partition where there is one."""
    one, two, narrow = new_topic(3), new_topic(3), new_topic(1)
    produce(one, [Record(f"k{n}", b'{"n": %d}' % n, NOON + n, [("h", b"x")], n) for n in range(3)])
    came = whole(TopicSource(one, bounded=True))
    write(two, came)
    write(narrow, came)

    def facts(arrival: Arrival) -> tuple:
        return arrival.key, arrival.event, arrival.time, arrival.headers, arrival.partition

    assert list(map(facts, whole(TopicSource(two, bounded=True)))) == list(map(facts, came))
    assert len(whole(TopicSource(narrow, bounded=True))) == 3


def test_a_batch_is_acknowledged_when_it_returns(new_topic):
    """Before the sink is closed, or anything else happens."""
    topic = new_topic()
    part = TopicSink(topic).build("out", 0, 1)
    part.write_batch([("k", n) for n in range(500)])
    assert topic.end_offsets() == {0: 500}
    part.close()


def test_what_cannot_be_written_is_named(new_topic):
    """The learner's own item, and what was expected."""
    with pytest.raises(UsageError, match="found int 5"):
        write(new_topic(), [5])
    with pytest.raises(TopicError, match="There is no topic"):
        write(Topic(new_topic().cluster, "no-such-topic"), [("k", 1)])


@FRAGILE
def test_a_broker_that_stays_away_is_an_error_and_no_loss(fragile, monkeypatch):
    """What was not acknowledged is told, and never taken for written."""
    topic = Topic(Cluster(fragile.client_settings), "sink.away").reset()
    part = TopicSink(topic).build("out", 0, 1)
    part.write_batch([("k", 1)])
    fragile.stop()
    monkeypatch.setattr(sink, "PATIENCE_SECONDS", 0.5)
    with pytest.raises(DeliveryError, match="expected 2 acknowledged, found 1"):
        part.write_batch([("k", 2)])
    part.close()
    fragile.start()
    assert read(topic).events["value"].tolist() == [1]


def test_event_time_is_kept(new_topic):
    """Not the time of writing."""
    topic = new_topic()
    write(topic, [Arrival({}, "k", "elsewhere", 7, 3, NOON, NOON)])
    assert read(topic).events["timestamp"].tolist() == [datetime.fromtimestamp(NOON / 1000, UTC)]
