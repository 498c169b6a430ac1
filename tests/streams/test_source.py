from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from confluent_kafka import Producer

from eventlab.errors import EventError, TopicError, UsageError
from eventlab.events import Order, Shop, decode
from eventlab.log import Record, Topic, produce, read
from eventlab.streams import TopicSource
from tests.waiting import until

pytestmark = pytest.mark.broker

NOON = int(datetime(2025, 3, 3, 12, tzinfo=UTC).timestamp() * 1000)


def numbered(*times: int, partition: int = 0) -> list[Record]:
    """Return records that are so many milliseconds after noon, in this order."""
    return [Record("k", b'{"n": %d}' % n, NOON + at, None, partition) for n, at in enumerate(times)]


def arrivals(part) -> list:
    """Return all that a bounded partition gives, and close it."""
    came = []
    with suppress(StopIteration):
        until(lambda: came.extend(part.next_batch()))
    part.snapshot()
    part.close()
    return came


def whole(source: TopicSource) -> list:
    """Return all of a bounded source, partition by partition."""
    return [
        one for part in source.list_parts() for one in arrivals(source.build_part("in", part, None))
    ]


def test_an_arrival_has_its_place_and_its_times(new_topic):
    """Key, partition, offset, time, headers, and the stream time of its partition so far."""
    topic = new_topic(2)
    produce(topic, [Record("k", b'{"a": 1}', NOON, [("trace", b"7")], 1)])
    produce(topic, numbered(5, 2, 9))
    (first, second, third, other) = whole(TopicSource(topic, bounded=True))
    assert (other.event, other.key, other.topic) == ({"a": 1}, "k", topic.name)
    assert (other.partition, other.offset, other.headers) == (1, 0, (("trace", b"7"),))
    assert [one.time - NOON for one in (first, second, third, other)] == [5, 2, 9, 0]
    assert [one.stream_time - NOON for one in (first, second, third, other)] == [5, 5, 9, 0]


def test_a_contract_makes_events_of_it(new_topic):
    """With a contract the events are its structs, as the shop made them."""
    topic, orders = new_topic(3), list(islice(Shop(seed=1).orders(), 100))
    produce(topic, orders)
    found = [one.event for one in whole(TopicSource(topic, bounded=True, contract=Order))]
    assert sorted(found, key=lambda order: order.event_id) == sorted(
        orders, key=lambda order: order.event_id
    )


def test_what_cannot_be_decoded_is_set_apart_with_the_reason(new_topic):
    """The rest goes on; nothing is lost, and a dead letter is as it came."""
    topic = new_topic()
    produce(topic, [("a", b"{}"), ("b", b"{bad"), Record(b"\xff", b"{}", NOON), ("c", None)])
    assert [one.key for one in whole(TopicSource(topic, bounded=True))] == ["a", "c"]
    dead = Topic(topic.cluster, f"{topic}.dead-letters")
    malformed, strange = read(dead)[::-1]
    assert malformed[["key", "value"]].values.tolist() == [["b", b"{bad"]]
    assert strange["key"].tolist() == [b"\xff"]
    assert strange["timestamp"].tolist() == [datetime.fromtimestamp(NOON / 1000, UTC)]
    dead.delete()


def test_a_broken_contract_is_a_dead_letter_too(new_topic):
    """The reason names the field."""
    topic = new_topic()
    produce(topic, [("a", {"type": "order", "order_id": 5})])
    assert whole(TopicSource(topic, bounded=True, contract=Order)) == []
    dead = Topic(topic.cluster, f"{topic}.dead-letters")
    (letter,) = whole(TopicSource(dead, bounded=True))
    headers = dict(letter.headers)
    with pytest.raises(EventError) as caught:
        decode(b'{"type": "order", "order_id": 5}', Order)
    assert headers["dead-letter.reason"].decode() == str(caught.value)
    assert headers["dead-letter.topic"].decode() == topic.name
    assert (headers["dead-letter.partition"], headers["dead-letter.offset"]) == (b"0", b"0")
    dead.delete()


@pytest.mark.parametrize(
    ("start", "found"),
    [("earliest", [0, 1, 2, 3]), (2, [2, 3]), ({0: 3}, [3]), ("latest", [])],
)
def test_it_begins_where_it_is_told(new_topic, start, found):
    """Any offset, and nothing before it."""
    topic = new_topic()
    produce(topic, numbered(0, 1, 2, 3))
    source = TopicSource(topic, start=start, bounded=True)
    assert [one.offset for one in whole(source)] == found


def test_it_begins_at_a_moment(new_topic):
    """The first record of that time or later."""
    topic = new_topic()
    produce(topic, numbered(0, 60_000, 120_000))
    moment = datetime.fromtimestamp(NOON / 1000, UTC) + timedelta(seconds=30)
    assert [one.offset for one in whole(TopicSource(topic, start=moment, bounded=True))] == [1, 2]


def test_it_goes_on_where_its_snapshot_was(new_topic):
    """Offset and stream time outlive the reader."""
    topic = new_topic()
    produce(topic, numbered(500, 1, 2, 3))
    source = TopicSource(topic, bounded=True, at_most=1)
    part = source.build_part("in", "0", None)
    until(lambda: part.next_batch())
    state = part.snapshot()
    part.close()
    rest = arrivals(source.build_part("in", "0", state))
    assert [one.offset for one in rest] == [1, 2, 3]
    assert [one.stream_time - NOON for one in rest] == [500] * 3


def test_a_bounded_one_ends_where_the_topic_ended(new_topic):
    """What comes afterwards is for the next run."""
    topic = new_topic()
    produce(topic, numbered(0, 1))
    part = TopicSource(topic, bounded=True).build_part("in", "0", None)
    produce(topic, numbered(2, 3))
    assert [one.offset for one in arrivals(part)] == [0, 1]


def test_what_was_aborted_is_never_read(new_topic, cluster):
    """Neither it nor the marker behind it holds up the end."""
    topic = new_topic()
    producer = Producer(cluster.settings | {"transactional.id": topic.name})
    producer.init_transactions(20)
    for value, end in ((b'"kept"', "commit"), (b'"gone"', "abort")):
        producer.begin_transaction()
        producer.produce(topic.name, value)
        producer.flush(20)
        getattr(producer, f"{end}_transaction")(20)
    assert [one.event for one in whole(TopicSource(topic, bounded=True))] == ["kept"]


def test_a_bounded_one_ends_behind_a_hole_too(new_topic, cluster):
    """Its last offsets are a marker's, and what stands behind them came later."""
    topic = new_topic()
    producer = Producer(cluster.settings | {"transactional.id": topic.name})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce(topic.name, b'"first"')
    producer.commit_transaction(20)
    until(lambda: topic.end_offsets(committed=True) == {0: 2})  # the marker comes a little later
    part = TopicSource(topic, bounded=True).build_part("in", "0", None)
    produce(topic, numbered(0, 1, 2))
    assert [one.event for one in arrivals(part)] == ["first"]


def test_an_endless_one_waits_for_more_and_knows_its_lag(new_topic):
    """It rests while nothing is new, and then goes on."""
    topic = new_topic()
    produce(topic, numbered(0, 1))
    part = TopicSource(topic).build_part("in", "0", None)
    came = []
    until(lambda: came.extend(part.next_batch()) or (len(came) == 2 and part.lag == 0))
    assert part.next_batch() == []
    assert part.next_awake() > datetime.now(UTC)
    produce(topic, numbered(2))
    assert until(part.next_batch)[0].offset == 2
    part.close()


def test_another_partition_ends_the_flow_with_a_word(new_topic):
    """bytewax asks for partitions once; to read on without the new one would lose it."""
    topic = new_topic()
    part = TopicSource(topic).build_part("in", "0", None)
    topic.add_partitions(2)
    with pytest.raises(TopicError, match=r"other partitions.*Run the flow again"):
        until(part.next_batch)
    part.close()


def test_what_it_cannot_read_is_refused_at_once(cluster, new_topic):
    """The flow need not run for it."""
    with pytest.raises(TopicError, match="There is no topic"):
        TopicSource(Topic(cluster, "no-such-topic"))
    with pytest.raises(UsageError, match="expected a topic"):
        TopicSource("orders")
    with pytest.raises(UsageError, match="cannot be read from there"):
        TopicSource(new_topic(), start="newest")


def test_a_time_in_another_unit_is_set_apart_and_moves_no_stream_time(new_topic):
    """The flow goes on, and the letter can be read: it has the time of its writing."""
    topic = new_topic()
    produce(topic, [Record("k", b'{"n": 1}', 1_790_000_000_000_000_000), *numbered(5)])
    (arrival,) = whole(TopicSource(topic, bounded=True))
    assert (arrival.offset, arrival.stream_time) == (1, NOON + 5)
    dead = Topic(topic.cluster, f"{topic}.dead-letters")
    (letter,) = whole(TopicSource(dead, bounded=True))
    assert letter.event == {"n": 1}
    assert b"1790000000000000000" in dict(letter.headers)["dead-letter.reason"]
    dead.delete()
