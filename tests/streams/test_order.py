"""Results leave in the order of their records, however these are cut into batches and dealt out."""

import operator
import random
from collections.abc import Callable

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.inputs import AbortExecution, FixedPartitionedSource, StatefulSourcePartition
from bytewax.testing import TestingSink, cluster_main, run_main

from eventlab.flows import run
from eventlab.flows.recovery import recovery_config
from eventlab.log import Record, produce, read
from eventlab.streams import (
    Arrival,
    Fold,
    Hopping,
    Session,
    Sliding,
    TableFold,
    TopicSink,
    TopicSource,
    Tumbling,
    aggregate_table,
    aggregated,
    filtered_table,
    join_streams,
    join_table,
    join_tables,
    join_tables_by,
    suppressed,
    windowed,
)
from tests.streams.flowing import SECOND

COUNT = Fold(int, lambda number, _: number + 1, operator.add)
ROWS = 400
KEYS = "edcba"  # the first to come is the last by name


def records(partitions: int, rows: int = ROWS) -> list[list[Arrival]]:
    """Return the records of each partition, in order of time; keys are a partition's own."""
    chance = random.Random(partitions)
    made: list[list[Arrival]] = []
    for partition in range(partitions):
        time = 0
        mine = []
        for offset in range(rows):
            time += chance.randrange(1, 900)
            key = f"{chance.choice(KEYS)}{partition}"
            side = chance.choice(["left", "right"])
            event = {"side": side, "at": time, "other": f"{chance.choice(KEYS)}{partition}"}
            mine.append(Arrival(event, key, "t", partition, offset, time, time))
        made.append(mine)
    return made


class Partitions(FixedPartitionedSource):
    """Give each partition's records in batches; crash once, when so many were given."""

    def __init__(self, made: list[list[Arrival]], batch_size: int, crash_after: int | None = None):
        self.made = made
        self.batch_size = batch_size
        self.given = 0
        self.crash_after = crash_after

    def list_parts(self):
        return [str(number) for number in range(len(self.made))]

    def build_part(self, step_id, for_part, resume_state):
        return _Part(self, self.made[int(for_part)], resume_state or 0)


class _Part(StatefulSourcePartition):
    def __init__(self, source: Partitions, made: list[Arrival], place: int):
        self.source = source
        self.made = made
        self.place = place

    def next_batch(self):
        source = self.source
        if source.crash_after is not None and source.given >= source.crash_after:
            source.crash_after = None
            raise AbortExecution
        if self.place >= len(self.made):
            raise StopIteration
        batch = self.made[self.place : self.place + source.batch_size]
        self.place += len(batch)
        source.given += len(batch)
        return batch

    def snapshot(self):
        return self.place


def sides(keyed):
    """Return the left and the right records of one stream."""
    chosen = op.branch("sides", keyed, lambda pair: pair[1].event["side"] == "left")
    return chosen.trues, chosen.falses


def windows_of(kind, emit="changes"):
    """Return the operator that counts in windows."""

    def build(keyed, awaited):
        return windowed("work", keyed, kind, COUNT, emit=emit, partitions=awaited).windows

    return build


def joined_streams(keyed, awaited):
    both = (awaited, awaited)
    return join_streams("work", *sides(keyed), within=2 * SECOND, idle=None, partitions=both).joined


def joined_table(keyed, awaited):
    return join_table(
        "work", *sides(keyed), how="left", idle=None, partitions=(awaited, awaited)
    ).joined


def joined_tables(keyed, awaited):
    return join_tables("work", *sides(keyed), how="outer")


def joined_tables_by(keyed, awaited):
    return join_tables_by("work", *sides(keyed), lambda event: event["other"], how="left")


def joined_at_one_time(keyed, awaited):
    return join_streams("work", *sides(keyed), within=2 * SECOND, one_time=True).joined


def joined_at_once(keyed, awaited):
    options = {"how": "left", "one_time": True, "alone": "at once"}
    return join_streams("work", *sides(keyed), within=2 * SECOND, **options).joined


def joined_unversioned_table(keyed, awaited):
    return join_table("work", *sides(keyed), how="left", versioned=False).joined


def folded(keyed, awaited):
    return aggregated("work", keyed, COUNT)


def filtered(keyed, awaited):
    return filtered_table("work", keyed, lambda event: event["at"] % 3 > 0)


def grouped(keyed, awaited):
    fold = TableFold(int, lambda n, _: n + 1, lambda n, _: n - 1)
    return aggregate_table("work", keyed, lambda _key, event: event["other"], fold)


def held_back(keyed, awaited):
    return suppressed("work", keyed, wait=SECOND)


def two_in_a_row(keyed, awaited):
    first = windowed("first", keyed, Tumbling(SECOND), COUNT, partitions=awaited).windows
    return windowed("work", first, Tumbling(3 * SECOND), COUNT).windows


OPERATORS: dict[str, Callable] = {
    "tumbling": windows_of(Tumbling(SECOND)),
    "hopping": windows_of(Hopping(SECOND, SECOND / 2)),
    "sliding": windows_of(Sliding(SECOND)),
    "session": windows_of(Session(SECOND)),
    "tumbling, final": windows_of(Tumbling(SECOND), "final"),
    "sliding, final": windows_of(Sliding(SECOND), "final"),
    "session, final": windows_of(Session(SECOND), "final"),
    "join_streams": joined_streams,
    "join_streams, one time": joined_at_one_time,
    "join_streams, at once": joined_at_once,
    "join_table": joined_table,
    "join_table, unversioned": joined_unversioned_table,
    "join_tables": joined_tables,
    "join_tables_by": joined_tables_by,
    "aggregate_table": grouped,
    "aggregated": folded,
    "filtered_table": filtered,
    "suppressed": held_back,
    "two in a row": two_in_a_row,
}


def flow_of(source, build, partitions, found):
    """Return a flow whose results are found in the order in which they leave."""
    flow = Dataflow("order")
    arriving = op.input("in", flow, source)
    keyed = op.key_on("key", arriving, lambda arrival: arrival.key)
    awaited = [("t", number) for number in range(partitions)]
    op.output("out", build(keyed, awaited), TestingSink(found))
    return flow


def seen(found) -> list[tuple]:
    """Return what a user sees of results: the key, what it says, and its time."""
    return [(key, _plain(one), one.time) for key, one in found]


def _plain(one):
    fields = ("start", "end", "value", "left", "right")
    return [getattr(one, name) for name in fields if hasattr(one, name)]


def is_in_order(found, partition: int) -> bool:
    """Tell whether the results of one partition's keys leave in the order of their times.

    Final windows leave in that of their ends. A session that is taken back has its own end's time,
    as in Kafka Streams.
    """
    mine = [one for key, one in found if key.endswith(str(partition)) and one.event is not None]
    order = [getattr(one, "end", one.time) for one in mine]
    by_time = [one.time for one in mine]
    return bool(mine) and (by_time == sorted(by_time) or order == sorted(order))


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("partitions", [1, 3])
@pytest.mark.parametrize("batch_size", [1, 7, 1000])
def test_results_leave_in_the_order_of_their_records(name, partitions, batch_size):
    """Whatever the size of batches; of one partition they are the very same sequence."""
    made, found, one_by_one = records(partitions), [], []
    build = OPERATORS[name]
    run_main(flow_of(Partitions(made, batch_size), build, partitions, found))
    if name != "suppressed":  # each change has its own time, and leaves when its wait is over
        assert all(is_in_order(found, partition) for partition in range(partitions))
    if partitions == 1:
        run_main(flow_of(Partitions(made, 1), build, partitions, one_by_one))
        assert seen(found) == seen(one_by_one)


@pytest.mark.parametrize("name", OPERATORS)
def test_the_order_is_the_same_on_two_workers(name):
    """One worker does a step, whichever has read the records."""
    made, found, alone = records(1), [], []
    build = OPERATORS[name]
    cluster_main(flow_of(Partitions(made, 7), build, 1, found), [], 0, worker_count_per_proc=2)
    run_main(flow_of(Partitions(made, 7), build, 1, alone))
    assert name == "suppressed" or is_in_order(found, 0)
    assert sorted(map(repr, seen(found))) == sorted(map(repr, seen(alone)))


@pytest.mark.parametrize("name", OPERATORS)
def test_after_a_crash_the_rest_leaves_in_order(tmp_path, name):
    """What leaves again is what left before; nothing is missing."""
    made, before, after, alone = records(1), [], [], []
    build = OPERATORS[name]
    source = Partitions(made, 7, crash_after=ROWS // 2)
    for found in (before, after):
        flow = flow_of(source, build, 1, found)
        run_main(flow, recovery_config=recovery_config(tmp_path / "store", flow))
    run_main(flow_of(Partitions(made, 7), build, 1, alone))
    assert before
    assert after
    assert seen(before) == seen(alone)[: len(before)]
    assert seen(after) == seen(alone)[-len(after) :]
    assert len(before) + len(after) >= len(alone)


@pytest.mark.broker
@pytest.mark.parametrize(
    "where", [{"where": "thread"}, {"where": "process", "processes": 2}], ids=repr
)
def test_a_flow_behind_a_flow_loses_nothing(new_topic, where):
    """Two thousand records of five keys through two windows, the second with no grace."""
    source, between, out = new_topic(), new_topic(), new_topic()
    ((rows),) = records(1, 2000)
    produce(source, [Record(one.key, b'{"n":1}', one.time) for one in rows]).require_all()
    late = new_topic()
    for name, start, end in [("first", source, between), ("second", between, out)]:
        flow = Dataflow(name)
        arriving = op.input("in", flow, TopicSource(start, bounded=True))
        keyed = op.key_on("key", arriving, lambda arrival: arrival.key)
        counted = windowed("count", keyed, Tumbling(SECOND), COUNT)
        op.output("out", counted.windows, TopicSink(end))
        op.output("late", counted.late, TopicSink(late))
        run(flow, **where).wait(60)
    written = read(between).events
    assert (len(written), late.end_offsets()) == (2000, {0: 0})
    assert written["timestamp"].is_monotonic_increasing
    assert read(out).events.groupby(["key", "start"])["value"].last().sum() == 2000


@pytest.mark.broker
def test_what_bytewax_reorders_is_written_in_the_order_of_the_log(new_topic):
    """A step of its own keeps state by key, and gives a batch in the order of keys."""
    source, out = new_topic(), new_topic()
    ((rows),) = records(1)
    produce(source, [Record(one.key, b'{"n":1}', one.time) for one in rows]).require_all()
    flow = Dataflow("numbered")
    arriving = op.input("in", flow, TopicSource(source, bounded=True))
    keyed = op.key_on("key", arriving, lambda arrival: arrival.key)
    passed = op.stateful_map("pass", keyed, lambda number, one: ((number or 0) + 1, one))
    op.output("out", op.key_rm("plain", passed), TopicSink(out))
    run(flow).wait(30)
    assert read(out).events["timestamp"].is_monotonic_increasing
    assert len(read(out).events) == len(rows)


def test_the_order_is_put_right_below_a_step_of_bytewax():
    """Windows below it have nothing late."""
    found, late = [], []
    flow = Dataflow("below")
    arriving = op.input("in", flow, Partitions(records(1), 1000))
    keyed = op.key_on("key", arriving, lambda arrival: arrival.key)
    passed = op.stateful_map("pass", keyed, lambda number, one: ((number or 0) + 1, one))
    counted = windowed("count", passed, Tumbling(SECOND), COUNT, partitions=[("t", 0)])
    op.output("out", counted.windows, TestingSink(found))
    op.output("late", counted.late, TestingSink(late))
    run_main(flow)
    assert is_in_order(found, 0)
    assert (len(found), late) == (ROWS, [])
