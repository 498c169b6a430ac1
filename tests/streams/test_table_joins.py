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
from eventlab.streams import join_tables, join_tables_by
from tests.properties import examples
from tests.streams.histories import (
    NOON,
    Crashing,
    one_partition_a_key,
    one_topic,
    side_of,
    two_sides,
    two_topics,
)

HOWS = st.sampled_from(["inner", "left", "outer"])
KINDS = st.sampled_from(["key", "foreign key"])

# A left row refers to a right one by its value; 3 refers to nothing.
REFERRED = {0: "a", 1: "b", 2: "c", 3: None}


def flow(source, changes, kind, how) -> Dataflow:
    """Return a flow that joins both sides, as tables, by key or by what a left row refers to."""
    made = Dataflow("tables")
    arriving = op.input("in", made, source)
    left, right = side_of(arriving, "left"), side_of(arriving, "right")
    if kind == "key":
        rows = join_tables("join", left, right, how=how)
    else:
        rows = join_tables_by("join", left, right, REFERRED.get, how=how)
    op.output("rows", rows, TestingSink(changes))
    return made


def table(changes) -> dict:
    """Return the table that a changelog comes to."""
    rows = {}
    for key, row in changes:
        rows[key] = None if row.event is None else (row.left, row.right)
    return {key: row for key, row in rows.items() if row is not None}


def last_rows(history, side) -> pandas.DataFrame:
    """Return the last row of each key of one side that is not deleted."""
    columns = ["side", "key", "at", "partition", "value"]
    frame = pandas.DataFrame(history, columns=columns, dtype=object)
    frame = frame[frame["side"] == side].groupby("key").tail(1)
    return frame[frame["value"].notna()][["key", "value"]]


def expected(history, kind, how) -> dict:
    """Return by pandas, from the history alone, the joined table."""
    left, right = last_rows(history, "left"), last_rows(history, "right")
    if kind == "key":
        both = left.merge(right, on="key", how=how)
    else:
        left["target"] = left["value"].map(REFERRED)
        right = right.rename(columns={"key": "target"})
        both = left.merge(right[right["target"].notna()], on="target", how=how)
    both = both.astype(object).where(both.notna(), None)
    return {row.key: (row.value_x, row.value_y) for row in both.itertuples()}


@examples(80)
@given(two_topics, st.integers(1, 50), KINDS, HOWS)
def test_the_joined_table_is_that_of_pandas(history, batch_size, kind, how):
    """Updates, tombstones, rows that refer elsewhere or to nothing, and missing sides included."""
    how = "left" if kind == "foreign key" and how == "outer" else how
    history, changes = one_partition_a_key(history), []
    source = TestingSource(two_sides(history), batch_size=batch_size)
    run_main(flow(source, changes, kind, how))
    assert table(changes) == expected(history, kind, how)


@examples(20)
@given(two_topics, KINDS)
def test_a_row_is_deleted_only_where_there_was_one(history, kind):
    """A tombstone always follows a row of its key."""
    history, changes = one_partition_a_key(history), []
    run_main(flow(TestingSource(two_sides(history)), changes, kind, "inner"))
    present = set()
    for key, row in changes:
        assert row.event is not None or key in present
        (present.discard if row.event is None else present.add)(key)


@examples(15)
@given(two_topics, st.sets(st.integers(0, 40), max_size=3), KINDS)
def test_a_crash_at_any_point_changes_nothing(tmp_path_factory, history, crashes, kind):
    """The table that the changelog comes to is the same."""
    history, changes = one_partition_a_key(history), []
    source = Crashing(two_sides(history), crashes)
    store = tmp_path_factory.mktemp("stores") / "store"
    for _ in range(len(crashes) + 1):
        made = flow(source, changes, kind, "left")
        run_main(made, epoch_interval=timedelta(0), recovery_config=recovery_config(store, made))
    assert table(changes) == expected(history, kind, "left")


def told_by(history, batch_size, **options) -> list[tuple]:
    """Return what a join by what a left row refers to says: key, left, right, seconds."""
    changes = []
    made = Dataflow("tables")
    arriving = op.input("in", made, TestingSource(one_topic(history), batch_size=batch_size))
    left, right = side_of(arriving, "left"), side_of(arriving, "right")
    rows = join_tables_by("join", left, right, REFERRED.get, **options)
    op.output("rows", rows, TestingSink(changes))
    run_main(made)
    return [(key, row.left, row.right, (row.time - NOON) // 1000) for key, row in changes]


@examples(40)
@given(two_topics, st.sampled_from([1, 7, 1000]), st.sampled_from(["inner", "left"]))
def test_with_all_tombstones_each_deleted_row_leaves_one(history, batch_size, how):
    """As in Kafka Streams: whether or not it was joined. What leaves else is the same."""
    one_partition = [(*row[:3], 0, row[4]) for row in history]
    needed = told_by(one_partition, batch_size, how=how)
    every = told_by(one_partition, batch_size, how=how, tombstones="all")
    lefts, deletions = {}, []
    for side, key, _, _, value in one_partition:
        if side == "left":
            if value is None and lefts.get(key) is not None:
                deletions.append(key)
            lefts[key] = value
    spoken = [one for one in every if one[1] is not None]
    assert spoken == [one for one in needed if one[1] is not None]
    told = [one[0] for one in every if one[1] is None]
    assert all(told.count(key) >= deletions.count(key) for key in deletions)
    assert len(needed) <= len(every)


def test_rows_leave_in_the_order_that_is_asked_for():
    """By default in that of their keys' text."""
    rows = [("left", key, 0, 0, 0) for key in ("b", "c", "a")] + [("right", "a", 1, 0, 5)]
    assert [one[0] for one in told_by(rows, 1)] == ["a", "b", "c"]
    assert [one[0] for one in told_by(rows, 1, order=lambda key: -ord(key))] == ["c", "b", "a"]


@pytest.mark.parametrize("kind", ["key", "foreign key"])
def test_several_workers_give_the_same_answer(kind):
    """An answer that a newer change has overtaken is not heeded."""
    history = one_partition_a_key(
        (side, key, second, 0, (second + number) % 4)
        for second in range(200)
        for number, key in enumerate("abcdef")
        for side in ("left", "right")
    )
    changes = []
    source = TestingSource(two_sides(history), batch_size=1)
    cluster_main(flow(source, changes, kind, "left"), [], 0, worker_count_per_proc=3)
    assert table(changes) == expected(history, kind, "left")


def test_a_foreign_key_that_is_no_text_ends_the_flow_with_one_clear_error():
    """It says what was returned."""
    made = Dataflow("tables")
    arriving = op.input("in", made, TestingSource(two_sides([("left", "a", 0, 0, 1)])))
    left, right = side_of(arriving, "left"), side_of(arriving, "right")
    op.output("out", join_tables_by("join", left, right, lambda row: row), TestingSink([]))
    running = run(made)
    with pytest.raises(UsageError, match=r"The key of a foreign row is not text: .*found 1"):
        running.wait(30)


@pytest.mark.parametrize(("kind", "how"), [("key", "cross"), ("foreign key", "outer")])
def test_what_makes_no_join_is_refused(kind, how):
    """Before anything runs."""
    with pytest.raises(UsageError, match="expected 'inner'"):
        flow(TestingSource([]), [], kind, how)
