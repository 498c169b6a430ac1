"""Joins at one time, as a task of Kafka Streams has them, against a task written out plainly."""

from datetime import timedelta

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main
from hypothesis import given
from hypothesis import strategies as st

from eventlab.flows.recovery import recovery_config
from eventlab.streams import Arrival, join_streams
from eventlab.streams.arrivals import NEVER
from tests.properties import examples
from tests.streams.histories import (
    NOON,
    Crashing,
    one_partition_a_key,
    one_topic,
    side_of,
    two_topics,
)
from tests.streams.tasks import Task

SIDES = ("left", "right")
SECOND = timedelta(seconds=1)
HOWS = st.sampled_from(["inner", "left", "outer"])
WHENS = st.sampled_from(["over", "at once"])
bounds = st.integers(0, 6)


def flow(source, found, late, within, before, grace, how, alone) -> Dataflow:
    """Return a flow that joins both sides of what the source gives, at one time."""
    made = Dataflow("join")
    arriving = op.input("in", made, source)
    both = join_streams(
        "join",
        side_of(arriving, "left"),
        side_of(arriving, "right"),
        within=within * SECOND,
        before=before * SECOND,
        grace=grace * SECOND,
        how=how,
        alone=alone,
        one_time=True,
    )
    op.output("joined", both.joined, TestingSink(found))
    op.output("late", both.late, TestingSink(late))
    return made


def told(found) -> dict[int, list[tuple]]:
    """Return what each task says, in its order: key, left, right, seconds."""
    tasks: dict[int, list[tuple]] = {0: [], 1: []}
    for key, one in found:
        tasks[one.partition].append((key, one.left, one.right, (one.time - NOON) // 1000))
    return tasks


def expected(history, *options) -> tuple[dict[int, list[tuple]], int]:
    """Return what the tasks say in their order, and the number of the late."""
    tasks = {0: Task(*options), 1: Task(*options)}
    for side, key, at, partition, value in history:
        tasks[partition].take(side, key, at, value)
    for task in tasks.values():
        task.finish([one for one in task.seen if not one["over"]])
    return {number: task.said for number, task in tasks.items()}, sum(
        task.late for task in tasks.values()
    )


@examples(80)
@given(two_topics, st.sampled_from([1, 7, 1000]), bounds, bounds, bounds, HOWS, WHENS)
def test_each_task_says_what_one_written_out_says(
    history, batch_size, within, before, grace, how, alone
):
    """In its order, with late events, ties and tombstones, at any size of batches."""
    history = one_partition_a_key(history)
    options = (within, before, grace, how, alone)
    found, late = [], []
    run_main(flow(TestingSource(one_topic(history), batch_size=batch_size), found, late, *options))
    said, number_late = expected(history, *options)
    assert (told(found), len(late)) == (said, number_late)


def test_events_without_a_time_are_joined():
    """Kafka's -1, which moves no time on."""
    history = [(side, Arrival(side, "a", "t", 0, 0, NEVER, NEVER)) for side in SIDES]
    found, late = [], []
    run_main(flow(TestingSource(history), found, late, 1, 1, 0, "inner", "over"))
    assert [(key, one.left, one.right, one.time) for key, one in found] == [("a", *SIDES, NEVER)]
    assert late == []


@examples(15)
@given(two_topics, st.sets(st.integers(0, 40), max_size=3), bounds, HOWS, WHENS)
def test_a_crash_at_any_point_changes_nothing(
    tmp_path_factory, history, crashes, within, how, alone
):
    """What is said again after it is the same."""
    history = one_partition_a_key(history)
    options = (within, within, 1, how, alone)
    source, found, late = Crashing(one_topic(history), crashes), [], []
    store = tmp_path_factory.mktemp("stores") / "store"
    for _ in range(len(crashes) + 1):
        made = flow(source, found, late, *options)
        run_main(made, epoch_interval=timedelta(0), recovery_config=recovery_config(store, made))
    said, _ = expected(history, *options)
    assert {number: set(of_task) for number, of_task in told(found).items()} == {
        number: set(of_task) for number, of_task in said.items()
    }


def test_a_partition_that_is_read_ahead_makes_nothing_late_in_another():
    """Nor does it let go what waits there."""
    history = [("left", "a", 0, 0, 1), ("right", "b", 30, 1, 2), ("right", "a", 1, 0, 3)]
    found, late = [], []
    run_main(flow(TestingSource(one_topic(history)), found, late, 2, 2, 0, "outer", "over"))
    assert (told(found), late) == ({0: [("a", 1, 3, 1)], 1: [("b", None, 2, 30)]}, [])


def test_a_key_in_two_partitions_finds_its_partner():
    """As after a step that gives rows another key; each waits for its own partition's time."""
    history = [
        ("left", "a", 0, 0, 1),
        ("left", "a", 1, 1, 2),
        ("left", "b", 20, 1, 3),
        ("right", "a", 1, 0, 4),
    ]
    found = []
    run_main(flow(TestingSource(one_topic(history)), found, [], 2, 2, 0, "left", "over"))
    assert told(found) == {
        0: [("a", 1, 4, 1)],
        1: [("a", 2, None, 1), ("b", 3, None, 20)],
    }


@pytest.mark.parametrize("alone", ["over", "at once"])
def test_what_is_late_leaves_alone_and_says_why(alone):
    """By the time of the other side, which counts for both."""
    history = [("right", "a", 20, 0, 1), ("left", "a", 5, 0, 2)]
    found, late = [], []
    run_main(flow(TestingSource(one_topic(history)), found, late, 3, 3, 0, "left", alone))
    assert told(found)[0] == [("a", 2, None, 5)]
    [(key, one)] = late
    assert (key, one.event, one.missed_by) == ("a", 2, 12 * SECOND)


def test_what_one_event_lets_go_of_both_sides_leaves_in_the_order_of_time():
    """So that windows behind it see time go on."""
    history = [
        ("right", "a", 0, 0, 1),
        ("left", "a", 10, 0, 2),
        ("left", "b", 12, 0, 3),
        ("right", "b", 20, 0, 4),
        ("left", "c", 90, 0, 5),
    ]
    found = []
    run_main(flow(TestingSource(one_topic(history)), found, [], 2, 2, 30, "outer", "over"))
    alone = [("a", None, 1, 0), ("a", 2, None, 10), ("b", 3, None, 12), ("b", None, 4, 20)]
    assert told(found) == {0: [*alone, ("c", 5, None, 90)], 1: []}
