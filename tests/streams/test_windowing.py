import pickle
from datetime import UTC, datetime, timedelta

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, cluster_main, run_main
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.flows import run
from eventlab.flows.recovery import recovery_config
from eventlab.log import Record, produce, read
from eventlab.streams import Fold, Session, TopicSink, TopicSource, Tumbling, windowed
from tests.properties import examples
from tests.streams.histories import NOON, Crashing, arrivals, histories
from tests.streams.test_windows import COUNT, told
from tests.waiting import until

BOTH = {("t", 0), ("t", 1)}
LENGTH = Tumbling(timedelta(seconds=5))


def flow(source, windows, late, kind=LENGTH, **options) -> Dataflow:
    """Return a flow that counts its arrivals by key and window."""
    made = Dataflow("windows")
    arriving = op.input("in", made, source)
    keyed = op.key_on("key", arriving, lambda arrival: arrival.key)
    counted = windowed("count", keyed, kind, COUNT, partitions=BOTH, **options)
    op.output("windows", counted.windows, TestingSink(windows))
    op.output("late", counted.late, TestingSink(late))
    return made


def last(windows) -> dict:
    """Return what was said of each window last."""
    said = {}
    for key, window in windows:
        said[key, (window.start - NOON) // 1000, (window.end - NOON) // 1000] = window.value
    return {place: value for place, value in said.items() if value is not None}


@examples(30)
@given(histories, st.integers(1, 50), st.integers(0, 6), st.sampled_from(["changes", "final"]))
def test_the_answer_is_that_of_the_windows_alone(history, batch_size, grace, emit):
    """Whatever the size of batches; final ones come once."""
    windows, late = [], []
    source = TestingSource(arrivals(history), batch_size=batch_size)
    run_main(flow(source, windows, late, grace=timedelta(seconds=grace), emit=emit))
    _, expected, missed = told(LENGTH, history, grace)
    assert last(windows) == expected
    assert sorted(one.arrival.offset for _, one in late) == sorted(
        one.arrival.offset for _, one in missed
    )
    assert emit == "changes" or len(windows) == len(expected)


@examples(15)
@given(histories, st.sets(st.integers(0, 40), max_size=3), st.sampled_from(["changes", "final"]))
def test_a_crash_at_any_point_changes_nothing(tmp_path_factory, history, crashes, emit):
    """Resumed, the last word on each window is the same."""
    source, windows, late = Crashing(arrivals(history), crashes), [], []
    store = tmp_path_factory.mktemp("stores") / "store"
    for _ in range(len(crashes) + 1):
        made = flow(source, windows, late, emit=emit)
        run_main(made, epoch_interval=timedelta(0), recovery_config=recovery_config(store, made))
    _, expected, _ = told(LENGTH, history)
    assert last(windows) == expected


def test_two_workers_give_the_same_answer():
    """Keys are dealt out, and each worker hears of every partition's time."""
    history = [(key, second, second % 2) for second in range(40) for key in "abc"]
    windows, late = [], []
    source = TestingSource(arrivals(history), batch_size=7)
    made = flow(source, windows, late, emit="final")
    cluster_main(made, [], 0, worker_count_per_proc=2)
    _, expected, _ = told(LENGTH, history)
    assert (last(windows), len(windows)) == (expected, len(expected))


def test_an_idle_key_s_window_closes_too():
    """Stream time is the partition's, so an event of another key closes it, before the end."""
    windows, late, seen = [], [], []
    history = [("idle", 0, 0), ("busy", 5, 0), ("busy", 5, 1), ("busy", 6, 0)]
    source = TestingSource(arrivals(history))
    made = flow(source, windows, late, emit="final")
    source.build_part = _noting(source.build_part, windows, seen)
    run_main(made)
    assert ("idle", 0, 5) in {place for so_far in seen for place in last(so_far)}


def _noting(build, windows, seen):
    """Note, before each batch, which windows there were."""

    def build_part(*args):
        part = build(*args)
        take = part.next_batch

        def next_batch():
            seen.append(list(windows))
            return take()

        part.next_batch = next_batch
        return part

    return build_part


@pytest.mark.parametrize(
    ("strange", "windows", "late"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 2, 1),
        (datetime(2999, 1, 1, tzinfo=UTC), 2, 1),
    ],
    ids=["1970", "2999"],
)
def test_an_event_of_another_age_is_told_of_and_nothing_is_lost(strange, windows, late):
    """One from 1970 is late itself; one from 2999 makes what comes after it late."""
    at = int(strange.timestamp() * 1000) - NOON
    history = [("a", 0, 0), ("a", at // 1000, 0), ("a", 1, 0)]
    found, missed = [], []
    run_main(flow(TestingSource(arrivals(history)), found, missed))
    assert (sum(last(found).values()), len(missed)) == (windows, late)
    assert strange.strftime("%Y-%m-%d") in missed[0][1].reason


def test_sessions_run_in_a_flow_too():
    """Joined ones are taken back."""
    windows, late = [], []
    source = TestingSource(arrivals([("a", 0, 0), ("a", 8, 0), ("a", 4, 0)]))
    kind, grace = Session(timedelta(seconds=5)), timedelta(minutes=1)
    run_main(flow(source, windows, late, kind, grace=grace))
    assert last(windows) == {("a", 0, 8): 3}


@pytest.mark.broker
def test_windows_of_a_topic_close_when_all_its_partitions_have_passed(new_topic):
    """A partition that has shown nothing may still send events of any time."""
    one, two = new_topic(2), new_topic()

    def at(seconds: int, partition: int) -> Record:
        return Record("k", b"1", NOON + 1000 * seconds, None, partition)

    made = Dataflow("closing")
    keyed = op.key_on("key", op.input("in", made, TopicSource(one)), lambda arrival: arrival.key)
    counted = windowed("count", keyed, LENGTH, COUNT, emit="final").windows
    counts = op.map("count_only", counted, lambda pair: (pair[0], pair[1].value))
    op.output("out", counts, TopicSink(two))
    running = run(made)
    try:
        produce(one, [at(0, 0), at(60, 0)])
        until(lambda: running.count == 2)
        assert two.end_offsets() == {0: 0}
        produce(one, [at(1, 1), at(61, 1)])
        until(lambda: running.count == 4)
        until(lambda: two.end_offsets() == {0: 1})
        assert read(two).events["value"].tolist() == [2]
    finally:
        running.stop()


def test_what_makes_no_sense_is_refused_while_the_flow_is_built():
    """Not when the first event comes."""
    for wrong in ({"emit": "sometimes"}, {"grace": 5}, {"grace": -timedelta(seconds=1)}):
        with pytest.raises(UsageError, match="expected"):
            flow(TestingSource([]), [], [], **wrong)
    made = Dataflow("sessions")
    keyed = op.key_on("key", op.input("in", made, TestingSource([])), str)
    with pytest.raises(UsageError, match="merge"):
        windowed("count", keyed, Session(timedelta(seconds=1)), Fold(int, max))


def test_what_travels_can_be_pickled():
    """Windows and late events go from worker to worker."""
    windows, late = [], []
    run_main(flow(TestingSource(arrivals([("a", 9, 0), ("a", 0, 0)])), windows, late))
    assert pickle.loads(pickle.dumps((windows, late))) == (windows, late)
    assert (len(windows), len(late)) == (1, 1)
