from datetime import timedelta

import bytewax.operators as op
import pandas
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, cluster_main, run_main
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.flows import run
from eventlab.flows.recovery import recovery_config
from eventlab.log import Record, produce, read
from eventlab.streams import TopicSink, TopicSource, join_table
from tests.properties import examples
from tests.streams.histories import NOON, Crashing, one_topic, side_of, two_sides, two_topics
from tests.waiting import until

SECOND = timedelta(seconds=1)
BOTH = tuple([(side, 0), (side, 1)] for side in ("left", "right"))
HOWS = st.sampled_from(["inner", "left"])
bounds = st.integers(0, 6)


def flow(source, found, late, idle=None, **options) -> Dataflow:
    """Return a flow that joins the left side of what the source gives with the right one."""
    made = Dataflow("enrich")
    arriving = op.input("in", made, source)
    stream, table = side_of(arriving, "left"), side_of(arriving, "right")
    both = join_table("join", stream, table, partitions=BOTH, idle=idle, **options)
    op.output("joined", both.joined, TestingSink(found))
    op.output("late", both.late, TestingSink(late))
    return made


def told(found) -> list[tuple]:
    """Return what was joined in terms of the history, in one order."""
    return sorted(
        ((key, (one.left_time - NOON) / 1000, one.left, one.right) for key, one in found), key=repr
    )


def expected(history, grace, how, kept=10**6):
    """Return by pandas, from the history alone, what is joined, and the number of the late."""
    columns = ["side", "key", "at", "partition", "value"]
    frame = pandas.DataFrame(history, columns=columns, dtype=object).astype({"at": int})
    frame["stream"] = frame.groupby(["side", "partition"])["at"].cummax().astype(int)
    frame["offset"] = frame.groupby(["side", "partition"]).cumcount()
    in_time = frame["at"] + kept >= frame["stream"]
    is_event = frame["side"] == "left"
    events = frame[is_event & in_time & frame["value"].notna()]
    rows, joined = frame[~is_event & in_time], []
    for event in events.itertuples():
        seen = rows[
            (rows["key"] == event.key)
            & (rows["at"] <= event.at)
            & (rows["stream"] - grace <= event.at)
        ].sort_values(["at", "partition", "offset"])
        row = None if seen.empty else seen["value"].iloc[-1]
        if row is not None or how == "left":
            joined.append((event.key, float(event.at), event.value, row))
    return sorted(joined, key=repr), int((~in_time).sum())


@examples(60)
@given(two_topics, st.integers(1, 50), bounds, bounds, HOWS)
def test_each_event_gets_the_row_of_its_own_time(history, batch_size, grace, kept, how):
    """Ties, tombstones, rows and events that come late, and two partitions included."""
    found, late = [], []
    source = TestingSource(two_sides(history), batch_size=batch_size)
    lengths = {"grace": grace * SECOND, "history": kept * SECOND}
    run_main(flow(source, found, late, how=how, **lengths))
    rows, number_late = expected(history, grace, how, kept)
    assert (told(found), len(late)) == (rows, number_late)


@examples(20)
@given(two_topics, bounds, st.booleans())
def test_which_topic_was_read_first_changes_nothing(history, grace, table_first):
    """The table's rows all before the stream's events, or all after them."""
    arriving = two_sides(history)
    ordered = sorted(arriving, key=lambda pair: (pair[0] == "left") == table_first)
    found, late = [], []
    made = flow(TestingSource(ordered), found, late, grace=grace * SECOND, how="left")
    run_main(made)
    assert told(found) == expected(history, grace, "left")[0]


@examples(15)
@given(two_topics, st.sets(st.integers(0, 40), max_size=3), bounds, HOWS)
def test_a_crash_at_any_point_changes_nothing(tmp_path_factory, history, crashes, grace, how):
    """What was joined again after it is the same."""
    source, found, late = Crashing(two_sides(history), crashes), [], []
    store = tmp_path_factory.mktemp("stores") / "store"
    for _ in range(len(crashes) + 1):
        made = flow(source, found, late, grace=grace * SECOND, how=how)
        run_main(made, epoch_interval=timedelta(0), recovery_config=recovery_config(store, made))
    assert set(told(found)) == set(expected(history, grace, how)[0])


def test_two_workers_give_the_same_answer():
    """Keys are dealt out, and each worker hears of every partition's time."""
    history = [
        (side, key, second, second % 2, second)
        for second in range(30)
        for key in "abc"
        for side in ("left", "right")
    ]
    found, late = [], []
    source = TestingSource(two_sides(history), batch_size=7)
    cluster_main(flow(source, found, late), [], 0, worker_count_per_proc=2)
    assert told(found) == expected(history, 0, "inner")[0]


def met(history, how) -> list[tuple]:
    """Return, row by row, what an event meets that waits for nothing, in the order of the log."""
    rows, joined = {}, []
    for side, key, at, _, value in history:
        if side == "right":
            rows[key] = value
        elif value is not None and (how == "left" or rows.get(key) is not None):
            joined.append((key, float(at), value, rows.get(key)))
    return joined


def in_turn(found) -> list[tuple]:
    return [(key, (one.left_time - NOON) / 1000, one.left, one.right) for key, one in found]


@examples(40)
@given(two_topics, st.sampled_from([1, 7, 1000]), HOWS)
def test_without_versions_an_event_meets_the_row_that_is_there(history, batch_size, how):
    """Whatever their times are; nothing waits, and nothing is late."""
    history = [(*row[:3], 0, row[4]) for row in history]
    found, late = [], []
    source = TestingSource(one_topic(history), batch_size=batch_size)
    run_main(flow(source, found, late, how=how, versioned=False))
    assert (in_turn(found), late) == (met(history, how), [])


@examples(10)
@given(two_topics, st.sets(st.integers(0, 40), max_size=3), HOWS)
def test_without_versions_a_crash_changes_nothing(tmp_path_factory, history, crashes, how):
    """The rows are there after it."""
    history = [(*row[:3], 0, row[4]) for row in history]
    source, found, late = Crashing(one_topic(history), crashes), [], []
    store = tmp_path_factory.mktemp("stores") / "store"
    for _ in range(len(crashes) + 1):
        made = flow(source, found, late, how=how, versioned=False)
        run_main(made, epoch_interval=timedelta(0), recovery_config=recovery_config(store, made))
    assert set(in_turn(found)) == set(met(history, how))


def test_without_versions_an_event_without_a_key_meets_nothing():
    """It is part of a left join (KIP-962)."""
    found = []
    history = [("right", None, 0, 0, 1), ("left", None, 1, 0, 2)]
    run_main(flow(TestingSource(one_topic(history)), found, [], how="left", versioned=False))
    assert in_turn(found) == [(None, 1.0, 2, None)]


@pytest.mark.broker
def test_a_quiet_table_is_waited_for_no_longer_than_told(new_topic):
    """A live flow: customers that never change, orders that keep coming."""
    orders, customers, out = new_topic(2), new_topic(2), new_topic()
    produce(customers, [Record("ann", b'"gold"', NOON)]).require_all()
    made = Dataflow("enriching")
    sides = [
        op.key_on(f"{name}_key", op.input(name, made, TopicSource(topic)), lambda one: one.key)
        for name, topic in {"orders": orders, "customers": customers}.items()
    ]
    both = join_table("join", *sides, how="left", idle=timedelta(milliseconds=200))
    op.output("out", both.joined, TopicSink(out))
    running = run(made)
    try:
        produce(orders, [Record("ann", b"1", NOON + 5), Record("bob", b"2", NOON)]).require_all()
        until(lambda: len(read(out).events) == 2)
    finally:
        running.stop()
    found = read(out).events.set_index("key")
    assert found.loc["ann", ["left", "right", "left_time", "right_time"]].to_list() == [
        1,
        "gold",
        NOON + 5,
        NOON,
    ]
    assert pandas.isna(found.loc["bob", "right"])
    assert found.loc["ann", "timestamp"].timestamp() == (NOON + 5) / 1000


@pytest.mark.parametrize("wrong", [{"idle": 5}, {"history": -SECOND}, {"how": "outer"}], ids=repr)
def test_what_makes_no_join_is_refused(wrong):
    """Before anything runs."""
    with pytest.raises(UsageError, match="expected"):
        flow(TestingSource([]), [], [], **wrong)
