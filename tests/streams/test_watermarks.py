from datetime import UTC, datetime, timedelta

import bytewax.operators as op
import bytewax.operators.windowing as win
import pandas
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, cluster_main, run_main
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.flows.recovery import recovery_config
from eventlab.streams import Tumbling, watermark_clock, watermarked, windowed
from eventlab.streams.watermarks import Watermark
from tests.properties import examples
from tests.streams.histories import NOON, Crashing, arrivals, histories
from tests.streams.test_windowing import last
from tests.streams.test_windows import COUNT

SECOND = timedelta(seconds=1)
BOTH = [("t", 0), ("t", 1)]


def stamping(source, stamped, bound=0) -> Dataflow:
    """Return a flow that stamps what comes."""
    made = Dataflow("stamping")
    up = watermarked("stamp", op.input("in", made, source), bound=bound * SECOND, partitions=BOTH)
    op.output("out", up, TestingSink(stamped))
    return made


def expected(history, bound) -> list[int | None]:
    """Return by pandas the watermark after each event, in seconds after noon; None before one."""
    frame = pandas.DataFrame(history, columns=["key", "at", "partition"])
    newest = [frame["at"].where(frame["partition"] == number).cummax().ffill() for number in (0, 1)]
    least = pandas.concat(newest, axis=1).min(axis=1, skipna=False) - bound
    return [None if pandas.isna(one) else one for one in least.cummax()]


def seconds(stamped) -> list[float | None]:
    times = [one.stream_time for one in stamped]
    return [None if time < 0 else (time - NOON) / 1000 for time in times]


@given(histories, st.integers(1, 50), st.integers(0, 5))
def test_the_watermark_is_the_least_of_the_newest_less_the_bound(history, batch_size, bound):
    """Whatever the size of batches; before each partition has shown something there is none."""
    stamped = []
    source = TestingSource(arrivals(history), batch_size=batch_size)
    run_main(stamping(source, stamped, bound))
    assert seconds(stamped) == expected(history, bound)


@examples(15)
@given(histories, st.sets(st.integers(0, 40), max_size=3))
def test_a_crash_at_any_point_changes_nothing(tmp_path_factory, history, crashes):
    """What is stamped again is stamped alike."""
    source, stamped = Crashing(arrivals(history), crashes), []
    store = tmp_path_factory.mktemp("stores") / "store"
    for _ in range(len(crashes) + 1):
        made = stamping(source, stamped)
        run_main(made, epoch_interval=timedelta(0), recovery_config=recovery_config(store, made))
    found = {
        (one.partition, one.offset): time
        for one, time in zip(stamped, seconds(stamped), strict=True)
    }
    again = expected(history, 0)
    assert [found[one.partition, one.offset] for one in arrivals(history)] == again


def test_partitions_read_at_different_speeds_make_nothing_late():
    """All of one before the other: by each partition's own watermark half would be late."""
    history = [("k", at, 0) for at in range(100)] + [("k", at, 1) for at in range(100)]
    windows, late = [], []
    made = Dataflow("one_key")
    source = TestingSource(arrivals(history), batch_size=10)
    up = watermarked("stamp", op.input("in", made, source), partitions=BOTH)
    keyed = op.key_on("key", up, lambda arrival: arrival.key)
    windower = win.TumblingWindower(align_to=datetime(2025, 1, 1, tzinfo=UTC), length=10 * SECOND)
    counted = win.count_window("count", up, watermark_clock(), windower, key=lambda one: one.key)
    op.output("windows", counted.down, TestingSink(windows))
    ours = windowed("ours", keyed, Tumbling(10 * SECOND), COUNT, emit="final")
    op.output("late", op.merge("all_late", counted.late, ours.late), TestingSink(late))
    mine = []
    op.output("mine", ours.windows, TestingSink(mine))
    run_main(made)
    assert late == []
    assert [count for _, (_, count) in windows] == [20] * 10
    assert [window.value for _, window in mine] == [20] * 10


def test_windows_below_it_close_with_the_watermark_and_not_before():
    """With a bound of 5 s the window that ended at 10 is open until 15, in every partition."""
    history = [("k", 1, 0), ("k", 1, 1), ("k", 14, 0), ("k", 14, 1), ("k", 2, 0), ("k", 15, 0)]
    history += [("k", 15, 1), ("k", 3, 1)]
    windows, late = [], []
    made = Dataflow("closing")
    source = TestingSource(arrivals(history), batch_size=1)
    up = watermarked("stamp", op.input("in", made, source), bound=5 * SECOND, partitions=BOTH)
    keyed = op.key_on("key", up, lambda arrival: arrival.key)
    counted = windowed("count", keyed, Tumbling(10 * SECOND), COUNT, emit="final")
    op.output("windows", counted.windows, TestingSink(windows))
    op.output("late", counted.late, TestingSink(late))
    run_main(made)
    assert last(windows) == {("k", 0, 10): 3, ("k", 10, 20): 4}
    assert [(one.arrival.time - NOON) / 1000 for _, one in late] == [3]


def test_two_workers_stamp_in_one_place():
    """Both partitions count, whichever worker has read them."""
    history = [(key, at, at % 2) for at in range(40) for key in "abc"]
    stamped = []
    source = TestingSource(arrivals(history), batch_size=7)
    cluster_main(stamping(source, stamped), [], 0, worker_count_per_proc=2)
    assert sorted(seconds(stamped), key=repr) == sorted(expected(history, 0), key=repr)


def test_a_partition_that_is_idle_holds_nothing_back():
    """It is waited for as long as was said; what comes after that may be behind the watermark."""
    now = [0.0]
    watermark = Watermark(0, 5 * SECOND, BOTH, (-1, {}), clock=lambda: now[0])
    assert watermark.update(("t", 0), 100) == -1
    now[0] = 6.0
    assert watermark.update(("t", 0), 200) == 200
    assert watermark.update(("t", 1), 50) == 200
    assert watermark.update(("t", 1), 300) == 200
    assert watermark.update(("t", 0), 400) == 300


@pytest.mark.parametrize("wrong", [{"bound": 5}, {"idle": timedelta(0)}], ids=repr)
def test_what_makes_no_watermark_is_refused(wrong):
    """Before anything runs."""
    made = Dataflow("flow")
    with pytest.raises(UsageError, match="expected a timedelta"):
        watermarked("stamp", op.input("in", made, TestingSource([])), **wrong)
