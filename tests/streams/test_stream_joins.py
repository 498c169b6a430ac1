from datetime import timedelta

import bytewax.operators as op
import pandas
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, cluster_main, run_main
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.flows.recovery import recovery_config
from eventlab.streams import join_streams
from tests.properties import examples
from tests.streams.histories import NOON, Crashing, side_of, two_sides, two_topics

SECOND = timedelta(seconds=1)
BOTH = tuple([(side, 0), (side, 1)] for side in ("left", "right"))
HOWS = st.sampled_from(["inner", "left", "outer"])
bounds = st.integers(0, 6)


def flow(source, found, late, **options) -> Dataflow:
    """Return a flow that joins both sides of what the source gives."""
    made = Dataflow("join")
    arriving = op.input("in", made, source)
    left, right = side_of(arriving, "left"), side_of(arriving, "right")
    both = join_streams("join", left, right, partitions=BOTH, **options)
    op.output("joined", both.joined, TestingSink(found))
    op.output("late", both.late, TestingSink(late))
    return made


def options(within, before, grace, how):
    return {
        "within": within * SECOND,
        "before": before * SECOND,
        "grace": grace * SECOND,
        "how": how,
    }


def told(found) -> list[tuple]:
    """Return what was joined in terms of the history, in one order."""
    seconds = lambda time: None if time is None else (time - NOON) / 1000  # noqa: E731
    return sorted(
        (
            (key, one.left, seconds(one.left_time), one.right, seconds(one.right_time))
            for key, one in found
        ),
        key=repr,
    )


def expected(history, within, before, grace, how):
    """Return by pandas, from the history alone, what is joined, and the number of the late."""
    columns = ["side", "key", "at", "partition", "value"]
    frame = pandas.DataFrame(history, columns=columns, dtype=object).astype({"at": int})
    frame["stream"] = frame.groupby(["side", "partition"])["at"].cummax()
    frame = frame[[value is not None for value in frame["value"]]].reset_index()
    reach = frame["side"].map({"left": within, "right": before})
    in_time = frame["at"] + reach + grace >= frame["stream"]
    sides = dict(list(frame[in_time].groupby("side")))
    none = frame.iloc[:0]
    left, right = sides.get("left", none), sides.get("right", none)
    pairs = left.merge(right, on="key", suffixes=("_l", "_r"))
    apart = pairs["at_r"] - pairs["at_l"]
    pairs = pairs[(apart <= within) & (apart >= -before)]
    rows = [
        (row.key, row.value_l, float(row.at_l), row.value_r, float(row.at_r))
        for row in pairs.itertuples()
    ]
    if how != "inner":
        alone = left[~left["index"].isin(pairs["index_l"])]
        rows += [(row.key, row.value, float(row.at), None, None) for row in alone.itertuples()]
    if how == "outer":
        alone = right[~right["index"].isin(pairs["index_r"])]
        rows += [(row.key, None, None, row.value, float(row.at)) for row in alone.itertuples()]
    return sorted(rows, key=repr), int((~in_time).sum())


@examples(60)
@given(two_topics, st.integers(1, 50), bounds, bounds, bounds, HOWS)
def test_what_is_joined_is_what_pandas_joins(history, batch_size, within, before, grace, how):
    """Duplicates, ties, late rows, missing sides and two partitions included; each pair once."""
    found, late = [], []
    source = TestingSource(two_sides(history), batch_size=batch_size)
    run_main(flow(source, found, late, **options(within, before, grace, how)))
    rows, number_late = expected(history, within, before, grace, how)
    assert (told(found), len(late)) == (rows, number_late)


@examples(20)
@given(two_topics, st.randoms(use_true_random=False), bounds, HOWS)
def test_how_the_topics_were_interleaved_changes_nothing(history, random, within, how):
    """As long as each partition keeps its own order."""
    arriving = two_sides(history)
    lanes = {}
    for pair in arriving:
        lanes.setdefault((pair[0], pair[1].partition), []).append(pair)
    order = [place for place, lane in lanes.items() for _ in lane]
    random.shuffle(order)
    shuffled = [lanes[place].pop(0) for place in order]
    answers = []
    for items in (arriving, shuffled):
        found, late = [], []
        source = TestingSource(items, batch_size=3)
        run_main(flow(source, found, late, **options(within, within, 0, how)))
        answers.append((told(found), len(late)))
    assert answers[0] == answers[1]


@examples(15)
@given(two_topics, st.sets(st.integers(0, 40), max_size=3), bounds, HOWS)
def test_a_crash_at_any_point_changes_nothing(tmp_path_factory, history, crashes, within, how):
    """What was joined again after it is the same."""
    source, found, late = Crashing(two_sides(history), crashes), [], []
    store = tmp_path_factory.mktemp("stores") / "store"
    for _ in range(len(crashes) + 1):
        made = flow(source, found, late, **options(within, within, 0, how))
        run_main(made, epoch_interval=timedelta(0), recovery_config=recovery_config(store, made))
    rows, _ = expected(history, within, within, 0, how)
    assert set(told(found)) == set(rows)


def test_two_workers_give_the_same_answer():
    """Keys are dealt out, and each worker hears of every partition's time."""
    history = [
        (side, key, second, second % 2, second)
        for second in range(30)
        for key in "abc"
        for side in ("left", "right")
        if (second, side) != (7, "right")
    ]
    found, late = [], []
    source = TestingSource(two_sides(history), batch_size=7)
    made = flow(source, found, late, within=SECOND * 0, how="outer")
    cluster_main(made, [], 0, worker_count_per_proc=2)
    assert told(found) == expected(history, 0, 0, 0, "outer")[0]


def test_an_event_without_a_partner_is_told_when_grace_has_passed_and_not_before():
    """Its last partner may come 2 s later, and would itself be in time for 2 s and the grace."""
    found, late, seen = [], [], []
    history = [("left", "a", 0, 0, 1), *(("right", "b", at, 0, at) for at in (0, 7, 8, 9))]
    made = Dataflow("join")
    arriving = op.input("in", made, TestingSource(two_sides(history), batch_size=1))
    noted = op.map("note", arriving, lambda pair: seen.append(len(found)) or pair)
    left, right = side_of(noted, "left"), side_of(noted, "right")
    awaited = [("left", 0)], [("right", 0)]
    both = join_streams(
        "join", left, right, within=2 * SECOND, grace=3 * SECOND, how="left", partitions=awaited
    )
    op.output("joined", both.joined, TestingSink(found))
    op.output("late", both.late, TestingSink(late))
    run_main(made)
    assert told(found) == [("a", 1, 0.0, None, None)]
    assert seen == [0, 0, 0, 0, 1]


def test_a_late_event_says_why():
    """With its own window, the grace, and by how much it missed."""
    history = [("left", "a", 20, 0, 1), ("left", "a", 5, 0, 2)]
    found, late = [], []
    run_main(flow(TestingSource(two_sides(history)), found, late, within=3 * SECOND))
    [(key, one)] = late
    assert (key, one.arrival.event, one.missed_by) == ("a", 2, 12 * SECOND)
    assert "12 s too late" in one.reason


@pytest.mark.parametrize(
    "wrong", [{"within": 5}, {"within": -SECOND}, {"within": SECOND, "how": "cross"}], ids=repr
)
def test_what_makes_no_join_is_refused(wrong):
    """Before anything runs."""
    with pytest.raises(UsageError, match="expected"):
        flow(TestingSource([]), [], [], **wrong)
