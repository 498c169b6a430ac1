import subprocess
import sys
from datetime import timedelta
from itertools import islice

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource

from eventlab.errors import FlowError, RecoveryError
from eventlab.events import Shop
from eventlab.flows import Running
from eventlab.flows import run as run_flow
from eventlab.log import Cluster, Topic, produce, read
from eventlab.streams import TopicSink, TopicSource
from tests.conftest import FRAGILE
from tests.streams.counting import counting, numbered
from tests.waiting import until

pytestmark = pytest.mark.broker

LEFT_RUNNING = """
import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource
from eventlab.flows import run

flow = Dataflow("endless")
op.output("out", op.input("in", flow, TestingSource(iter(int, 1))), TestingSink([]))
running = run(flow)
print(running.is_alive)
"""


def copy(source: Topic, target: Topic, **options) -> Dataflow:
    """Return a flow that copies a topic."""
    flow = Dataflow("copy")
    op.output("out", op.input("in", flow, TopicSource(source, **options)), TopicSink(target))
    return flow


@pytest.fixture
def run():
    """Return what runs a flow; each is stopped at the end."""
    running: list[Running] = []

    def start(flow: Dataflow, **options) -> Running:
        running.append(run_flow(flow, **options))
        return running[-1]

    yield start
    for one in running:
        one.stop()


def test_a_bounded_flow_runs_to_its_end(new_topic, run):
    """Everything that was there arrives, and the figures say so."""
    one, two = new_topic(3), new_topic(3)
    produce(one, islice(Shop(seed=1).orders(), 1_000))
    running = run(copy(one, two, bounded=True))
    assert running.wait(30)
    assert sum(two.end_offsets().values()) == running.count == 1_000
    assert (running.lag, running.error, running.is_alive) == (0, None, False)
    assert running.positions == {(one.name, n): end for n, end in one.end_offsets().items()}


def test_an_endless_flow_follows_and_stops(new_topic, run):
    """It takes what comes, and ends when it is asked to, from any thread."""
    one, two = new_topic(), new_topic()
    running = run(copy(one, two))
    assert running.wait(0) is False
    produce(one, islice(Shop(seed=1).orders(), 100))
    until(lambda: running.count == 100 and two.end_offsets()[0] == 100)
    times = [order.at for order in islice(Shop(seed=1).orders(), 100)]
    (stream_time,) = running.stream_times.values()
    assert abs(stream_time - max(times)) < timedelta(milliseconds=1)
    assert running.rate > 0
    assert "running, 100 events" in repr(running)
    running.stop()
    assert not running.is_alive
    assert running.wait()


def test_an_error_in_the_middle_is_reported_and_kept(new_topic, run):
    """`wait` raises it, and it stays in `error`."""
    one = new_topic()
    produce(one, [("k", n) for n in range(10)])
    flow = Dataflow("divides")
    numbers = op.input("in", flow, TopicSource(one))
    op.output("out", op.map("divide", numbers, lambda a: 1 / (a.event - 5)), TestingSink([]))
    running = run(flow)
    with pytest.raises(FlowError, match=r"ZeroDivisionError.*1 / "):
        running.wait(30)
    assert isinstance(running.error, FlowError)
    assert "failed" in repr(running)


def test_epochs_are_counted_as_they_end(new_topic, run):
    """Also where nothing comes."""
    running = run(counting(new_topic(3), new_topic()), epoch=timedelta(milliseconds=20))
    assert running.epochs >= 0
    until(lambda: running.epochs >= 3)


def test_a_resumed_flow_gives_the_right_answer(new_topic, run, tmp_path):
    """Stopped again and again, at any point: every order has its number, as if nothing was."""
    one, two = new_topic(2), new_topic()
    orders = list(islice(Shop(seed=3).orders(), 2_000))
    produce(one, orders)
    options = {"recovery": tmp_path / "store", "epoch": timedelta(0)}
    for goal in (300, 900, 1_500):
        running = run(counting(one, two), **options)
        until(lambda: sum(running.positions.values()) >= goal)  # noqa: B023  used before the next
        running.stop()
    assert run(counting(one, two, bounded=True), **options).wait(60)
    found = read(two).events
    assert dict(zip(found["id"], found["number"], strict=True)) == numbered(orders)
    assert len(found.drop_duplicates(["id", "number"])) == len(orders)


def test_without_a_store_it_begins_anew(new_topic, run):
    """The same stop, and the counts are wrong: everything was counted in two runs, from one."""
    one, two = new_topic(), new_topic()
    produce(one, islice(Shop(seed=3).orders(), 500))
    for _ in range(2):
        assert run(counting(one, two, bounded=True)).wait(30)
    assert len(read(two).events) == 1_000


def test_a_store_of_another_flow_is_refused_before_anything_runs(new_topic, run, tmp_path):
    """Nothing is read or written."""
    one, two = new_topic(), new_topic()
    assert run(counting(one, two, bounded=True), recovery=tmp_path / "store").wait(30)
    with pytest.raises(RecoveryError, match="another flow"):
        run(copy(one, two), recovery=tmp_path / "store")


def test_a_store_of_a_topic_s_earlier_life_is_refused(new_topic, run, tmp_path):
    """Its offsets mean other records now; to go on there would pass over them in silence."""
    one, two = new_topic(), new_topic()
    produce(one, [("k", {"event_id": "e"})])
    assert run(counting(one, two, bounded=True), recovery=tmp_path / "store").wait(30)
    one.reset()
    with pytest.raises(RecoveryError, match=r"was made anew.*lab\.forget"):
        run(counting(one, two, bounded=True), recovery=tmp_path / "store").wait(30)


@FRAGILE
def test_it_outlives_a_restart_of_the_broker(fragile, run):
    """The flow goes on, and nothing is missing."""
    cluster = Cluster(fragile.client_settings)
    one, two = (Topic(cluster, f"flow.{name}").reset() for name in ("in", "out"))
    running = run(copy(one, two))
    produce(one, [("k", n) for n in range(100)])
    until(lambda: two.end_offsets()[0] == 100)
    fragile.stop()
    fragile.start()
    produce(one, [("k", n) for n in range(100, 200)])
    until(lambda: two.end_offsets()[0] >= 200)
    assert running.error is None
    assert sorted(set(read(two).events["value"])) == list(range(200))


def test_a_process_that_ends_stops_its_flows():
    """No abort (134), no word on stderr."""
    done = subprocess.run([sys.executable, "-c", LEFT_RUNNING], capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"True\n", b"")


def test_a_flow_of_other_sources_runs_too(run):
    """Lag is unknown where nothing says it."""
    out: list = []
    flow = Dataflow("numbers")
    op.output("out", op.input("in", flow, TestingSource(range(5))), TestingSink(out))
    running = run(flow)
    assert running.wait(30)
    assert (out, running.lag, running.positions) == ([0, 1, 2, 3, 4], None, {})
