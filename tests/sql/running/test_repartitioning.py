"""Rows that go through a topic: what they come to, and what is read once."""

import math
import random
from decimal import Decimal
from itertools import pairwise

import pytest
from confluent_kafka import TopicPartition

from eventlab.errors import RecoveryError
from eventlab.log import Topic, produce
from eventlab.sql.planning.plans import Read, Repartition
from eventlab.sql.planning.rows import Field, Shape
from eventlab.sql.running.repartitioning import PassedSource, make_topic, passing_on
from eventlab.sql.types import BIGINT, STRING, ArrayType, DecimalType
from eventlab.streams import Arrival
from tests.waiting import until

pytestmark = pytest.mark.broker

PARTITIONS = 3
PLAIN = Shape("stream", (Field("K", STRING), Field("N", BIGINT)), (0,))
EXACT = Shape("stream", (Field("D", ArrayType(DecimalType(4, 2))), Field("N", BIGINT)), ())


@pytest.fixture
def topic(cluster, new_topic):
    """A topic to pass rows on through."""
    found = Topic(cluster, new_topic().name)
    make_topic(found, PARTITIONS)
    return found


def step(shape=PLAIN, *, is_grouped=True, tells_time=False):
    """Return a step that passes rows on by groups, or by their own keys."""
    groups = (lambda row: row[0],) if is_grouped else ()
    return Repartition(Read(None, "S", shape), "t", groups, (STRING,), tells_time, shape)


def item(row, offset, partition=0, time=5, stream_time=7):
    """Return a row with its place in the source."""
    return Arrival(row, None, "source", partition, offset, time, stream_time)


def passed(topic, batch, of=None):
    """Pass rows on, as a part does that begins."""
    reports = []
    produce(topic, passing_on(of or step(), PARTITIONS, reports.append)(batch)).require_all()
    assert reports == []


class Reader:
    """Read all partitions, from where states say, or from the first record on."""

    def __init__(self, topic, states=None):
        self.topic = topic
        self.states = states or [None] * PARTITIONS
        self.came = []

    def read(self):
        """Return what came, up to the end that the topic has now."""
        ends = self.topic.end_offsets()
        for partition, state in enumerate(self.states):
            source = PassedSource(self.topic, partition, source=self.topic, is_paused=lambda: False)
            part = source.build_part("in", str(partition), state)
            try:
                while part.next_offset < ends[partition]:
                    self.came += part.next_batch()
                self.states[partition] = part.snapshot()
            finally:
                part.close()
        return self.came


@pytest.mark.parametrize(
    ("shape", "row"),
    [
        (PLAIN, ("a", 2**63 - 1)),
        (PLAIN, (None, None)),
        (PLAIN, ("ä", {"x": [1, {"y": b"\xff"}], "z": math.inf})),
        (EXACT, ([Decimal("1.50"), None], 5)),
        (EXACT, ([Decimal("0.00")], {"d": [Decimal("-3.10")]})),
    ],
)
def test_a_row_comes_as_it_went(topic, shape, row):
    """With the place and the times that it had, and its new key."""
    passed(topic, [('["k"]', item(row, 4, 2))], step(shape))
    assert Reader(topic).read() == [Arrival(row, '["k"]', topic.name, 2, 4, 5, 7)]


def test_equal_keys_are_in_one_partition(topic):
    """Whichever partition of the source they are of."""
    passed(topic, [(f'["{n % 5}"]', item((str(n % 5), n), n, n % 2)) for n in range(40)])
    places = {}
    for partition in range(PARTITIONS):
        source = PassedSource(topic, partition, source=topic, is_paused=lambda: False)
        part = source.build_part("in", str(partition), None)
        end = topic.end_offsets()[partition]
        while part.next_offset < end:
            for one in part.next_batch():
                places.setdefault(one.key, set()).add(partition)
        part.close()
    assert len(places) == 5
    assert all(len(found) == 1 for found in places.values())


def test_rows_without_a_group_are_left_out_and_those_that_a_join_may_keep_are_not(topic):
    """As they would be if they went through no topic."""
    batch = [(None, item((None, 1), 0)), ('["a"]', item(("a", 2), 1)), (None, item(None, 2))]
    passed(topic, batch)
    reader = Reader(topic)
    assert [one.event for one in reader.read()] == [("a", 2)]
    passed(
        topic,
        [(key, item(one.event, 5 + one.offset)) for key, one in batch],
        step(is_grouped=False),
    )
    reader.came.clear()
    assert sorted((one.key or "", one.event) for one in reader.read()) == [
        ("", (None, 1)),
        ('["a"]', ("a", 2)),
    ]


def test_each_partition_is_told_how_far_the_source_is(topic):
    """Where that is needed, also by rows that have no group; and once."""
    of = step(tells_time=True)
    pass_on = passing_on(of, PARTITIONS, [].append)
    first = pass_on([('["a"]', item(("a", 1), 0)), (None, item(None, 1, stream_time=9))])
    again = pass_on([('["a"]', item(("a", 1), 2, stream_time=9))])
    produce(topic, first + again).require_all()
    times = [one for one in Reader(topic).read() if one.event is None]
    assert [(one.key, one.partition, one.stream_time) for one in times] == [(None, 0, 9)] * 3


def test_what_is_passed_on_again_is_read_once(topic):
    """A part that was killed begins at an earlier record, at any; also in the middle of others."""
    chance = random.Random(4)
    made = {}
    for partition in range(2):
        made[partition] = [
            (f'["{chance.randrange(6)}"]', item(("x", offset * 10 + n), offset, partition))
            for offset in range(60)
            for n in range(chance.choice([1, 1, 2, 3]))
        ]
    reader = Reader(topic)
    for rows in made.values():
        cuts = sorted(chance.sample(range(60), 5))
        for begin, end in pairwise([0, *cuts, 60]):
            back = max(0, begin - chance.randrange(30))
            passed(topic, [one for one in rows if back <= one[1].offset < end])
            if chance.random() < 0.5:
                reader.read()
    came = sorted((one.partition, one.offset, one.event, one.key) for one in reader.read())
    assert came == sorted(
        (partition, one.offset, one.event, key)
        for partition, rows in made.items()
        for key, one in rows
    )


def test_who_has_kept_nothing_cannot_begin_behind_what_was_deleted(topic):
    """What it would make of the rest would be wrong."""
    for n in range(5):
        passed(topic, [('["a"]', item(("a", n), n))])
    reader = Reader(topic)
    reader.read()
    (place,) = [n for n, end in topic.end_offsets().items() if end]
    topic.cluster.admin.delete_records([TopicPartition(topic.name, place, 3)])
    until(lambda: topic.start_offsets()[place] == 3)
    with pytest.raises(RecoveryError, match="begin anew"):
        Reader(topic).read()
    passed(topic, [('["a"]', item(("a", n), n)) for n in range(3, 7)])
    reader.came.clear()
    assert [one.event for one in reader.read()] == [("a", 5), ("a", 6)]


def test_many_rows_are_one_record_as_long_as_kafka_takes_it(topic):
    """What cannot be written is left out, and reported."""
    reports = []
    pass_on = passing_on(step(), PARTITIONS, reports.append)
    rows = [('["a"]', item(("a", "\ud800" if n == 7 else n), n)) for n in range(20)]
    records = pass_on(rows)
    assert len(records) < 10
    large = pass_on([('["a"]', item(("a", "x" * 200_000), n)) for n in range(20, 30)])
    assert max(len(one.value) for one in large) <= 500_000
    produce(topic, records + large).require_all()
    offsets = [one.offset for one in Reader(topic).read()]
    assert offsets == [n for n in range(30) if n != 7]
    assert len(reports) == 1
