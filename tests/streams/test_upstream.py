import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSource

from eventlab.streams import (
    Fold,
    TopicSource,
    Tumbling,
    join_streams,
    join_table,
    join_tables,
    watermarked,
    windowed,
)
from eventlab.streams.upstream import clock_of, have_one_source, is_reordered
from tests.streams.flowing import SECOND, events

COUNT = Fold(int, lambda n, _: n + 1)
NAMED = [("t", 0), ("t", 1)]


def arriving(flow, name="in"):
    return op.key_on(f"{name}_key", op.input(name, flow, TestingSource([])), str)


def sides(flow):
    return arriving(flow, "left"), arriving(flow, "right")


@pytest.mark.broker
def test_the_partitions_of_a_stream_are_those_of_its_topics(new_topic):
    """However many steps lie between, and not those of another stream."""
    one, two = new_topic(2), new_topic(1)
    flow = Dataflow("flow")
    first = op.map("same", op.input("one", flow, TopicSource(one)), lambda item: item)
    op.input("two", flow, TopicSource(two))
    assert clock_of(first, None).awaited == {(one.name, 0), (one.name, 1)}
    assert clock_of(first, [("x", 5)]).awaited == {("x", 5)}


def test_below_a_step_of_ours_it_is_the_step_s_own_time():
    """A lane for each partition above; one for windows that come once."""
    flow = Dataflow("flow")
    changes = windowed("changes", arriving(flow), Tumbling(SECOND), COUNT, partitions=NAMED)
    mapped = op.map("same", changes.windows, lambda pair: pair)
    final = windowed("final", mapped, Tumbling(SECOND), COUNT, emit="final")
    both = join_tables("both", changes.windows, final.windows)
    assert clock_of(mapped, None).awaited == {("flow.changes", 0), ("flow.changes", 1)}
    assert clock_of(changes.late, None).awaited == {
        ("flow.changes.late", 0),
        ("flow.changes.late", 1),
    }
    assert clock_of(final.windows, None).awaited == {("flow.final", 0)}
    assert clock_of(both, None).awaited == {("flow.both", 0), ("flow.both", 1)}


def test_a_join_has_the_lanes_of_both_sides():
    """As a task of Kafka Streams has the partitions of one number."""
    flow = Dataflow("flow")
    both = join_streams("join", *sides(flow), within=SECOND, partitions=([("l", 0)], [("r", 1)]))
    assert clock_of(both.joined, None).awaited == {("flow.join", 0), ("flow.join", 1)}


def test_a_table_that_events_are_joined_with_has_no_lanes():
    """No result is of its partitions, so nothing below waits for them; its rows may be late."""
    flow = Dataflow("flow")
    one, other = sides(flow)
    stream = windowed("one", one, Tumbling(SECOND), COUNT, partitions=[("s", 0)])
    table = windowed("other", other, Tumbling(SECOND), COUNT, partitions=NAMED)
    joined = join_table("join", stream.windows, table.windows)
    named = join_table("named", one, other, partitions=([("s", 0)], NAMED))
    assert clock_of(joined.joined, None).awaited == {("flow.join", 0)}
    assert clock_of(named.joined, None).awaited == {("flow.named", 0)}
    late = {("flow.join.late", 0), ("flow.join.late", 1)}
    assert clock_of(joined.late, None).awaited == late


def test_below_a_watermark_there_is_one_time():
    """Whatever partitions are named; beside another stream each counts for itself."""
    flow = Dataflow("flow")
    stamped = watermarked("stamp", arriving(flow), partitions=NAMED)
    clock = clock_of(stamped, [("x", 5)])
    (item,) = events(("a", 1, 1))
    assert clock.awaited == {("flow.stamp", 0)} == {clock.place_of(item)}
    other = windowed("other", arriving(flow, "more"), Tumbling(SECOND), COUNT, partitions=NAMED)
    mixed = clock_of(op.merge("mixed", stamped, other.windows), None)
    assert mixed.awaited == {*NAMED, ("flow.other", 0), ("flow.other", 1)}


def test_a_step_of_bytewax_that_keeps_state_is_noticed():
    """Below a step of ours the order is right again."""
    flow = Dataflow("flow")
    up = arriving(flow)
    passed = op.stateful_map("pass", up, lambda state, item: (state, item))
    counted = windowed("count", passed, Tumbling(SECOND), COUNT)
    assert (is_reordered(up), is_reordered(passed)) == (False, True)
    assert not is_reordered(counted.windows)


def test_two_sides_of_one_source_are_told_from_those_of_two():
    """Their order among each other is that of the source."""
    flow = Dataflow("flow")
    up, other = arriving(flow), arriving(flow, "other")
    sides = op.branch("sides", up, lambda pair: True)
    assert have_one_source([sides.trues, sides.falses])
    assert not have_one_source([up, other])
