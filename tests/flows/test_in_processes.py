import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from itertools import islice

import bytewax.operators as op
import psutil
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource

from eventlab.errors import FlowError, ProcessEndedError, UsageError
from eventlab.events import Shop
from eventlab.flows import in_processes, run
from eventlab.log import produce, read
from eventlab.processes import child
from eventlab.processes.child import Child
from eventlab.streams import TopicSink, TopicSource
from tests.streams.counting import counting, numbered
from tests.waiting import until

pytestmark = pytest.mark.broker

LEFT_RUNNING = """
import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource
from eventlab.flows import in_processes, run

flow = Dataflow("endless")
op.output("out", op.input("in", flow, TestingSource(iter(int, 1))), TestingSink([]))
running = run(flow, where="process", processes=3)
print(*running.pids)
while running.count < {read}:
    pass
"""


@pytest.fixture
def flows():
    """Return what runs a flow in processes; each is stopped at the end."""
    running = []

    def start(flow: Dataflow, processes: int = 1, **options):
        running.append(run(flow, where="process", processes=processes, **options))
        return running[-1]

    yield start
    for one in running:
        one.stop()
        assert not any(map(psutil.pid_exists, one.pids))


@pytest.mark.parametrize("processes", [1, 2])
def test_the_answer_is_that_of_a_thread(new_topic, flows, processes):
    """Each customer's orders are counted in one place, whichever process has read them."""
    one, two = new_topic(4), new_topic()
    orders = list(islice(Shop(seed=5).orders(), 1_000))
    produce(one, orders)
    running = flows(counting(one, two, bounded=True), processes)
    assert running.wait(60)
    found = read(two).events
    assert dict(zip(found["id"], found["number"], strict=True)) == numbered(orders)
    assert (running.count, running.lag, len(found)) == (1_000, 0, 1_000)
    assert set(running.positions) == {(one.name, number) for number in range(4)}
    assert sum(running.state_bytes.values()) > 0


def test_one_of_two_processes_is_killed_and_the_flow_goes_on_where_it_was(
    new_topic, flows, tmp_path
):
    """The other ends too, the error says which one it was, and after a restart all is right."""
    one, two = new_topic(4), new_topic()
    orders = list(islice(Shop(seed=6).orders(), 3_000))
    options = {"recovery": tmp_path / "store", "epoch": timedelta(0)}
    running = flows(counting(one, two), 2, **options)
    produce(one, orders[:1_500])
    until(lambda: sum(running.positions.values()) >= 700)
    os.kill(running.pids[1], signal.SIGKILL)
    with pytest.raises(FlowError, match=r"Process 1 .*signal 9.*recovery=True"):
        running.wait(30)
    produce(one, orders[1_500:])
    assert flows(counting(one, two, bounded=True), 2, **options).wait(60)
    found = read(two).events
    assert dict(zip(found["id"], found["number"], strict=True)) == numbered(orders)


def test_killed_on_purpose_it_has_no_error_and_goes_on_where_it_was(new_topic, flows, tmp_path):
    """A second kill does nothing, and nothing is left of it."""
    one, two = new_topic(), new_topic()
    orders = list(islice(Shop(seed=6).orders(), 200))
    options = {"recovery": tmp_path / "store", "epoch": timedelta(0)}
    running = flows(counting(one, two), **options)
    produce(one, orders[:100])
    until(lambda: running.count == 100)
    running.kill()
    running.kill()
    assert (running.is_alive, running.error) == (False, None)
    assert not any(map(psutil.pid_exists, running.pids))
    produce(one, orders[100:])
    assert flows(counting(one, two, bounded=True), **options).wait(60)
    found = read(two).events
    assert dict(zip(found["id"], found["number"], strict=True)) == numbered(orders)


@pytest.mark.parametrize("victim", [0, 1])
def test_one_is_killed_before_they_have_found_each_other(new_topic, flows, victim, capfd):
    """The other does not look for it for ever, says nothing; the error names the one killed."""
    running = flows(counting(new_topic(2), new_topic()), 2)
    os.kill(running.pids[victim], signal.SIGKILL)
    with pytest.raises(FlowError, match=rf"Process {victim} .*signal 9"):
        running.wait(60)
    assert not any(map(psutil.pid_exists, running.pids))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("processes", [1, 2])
def test_a_flow_is_stopped_before_it_has_begun(new_topic, flows, processes):
    """The word is kept until it can be heard."""
    running = flows(counting(new_topic(2), new_topic()), processes)
    running.stop()
    assert (running.is_alive, running.error, running.count) == (False, None, 0)


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("close_windows", [True, False])
def test_an_endless_flow_is_stopped(new_topic, flows, processes, close_windows):
    """Either way, without an error, and nothing is left."""
    one, two = new_topic(2), new_topic()
    produce(one, islice(Shop(seed=5).orders(), 100))
    running = flows(counting(one, two), processes)
    until(lambda: running.count == 100)
    running.stop(close_windows=close_windows)
    assert (running.is_alive, running.error) == (False, None)
    assert not any(map(psutil.pid_exists, running.pids))


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_in_a_step_is_reported_in_the_learner_s_own_line(new_topic, flows, processes):
    """Not in that of a process that lost its peer."""
    one, two = new_topic(2), new_topic()
    produce(one, [("a", n) for n in range(10)])
    flow = Dataflow("divides")
    numbers = op.input("in", flow, TopicSource(one))
    op.output("out", op.map("divide", numbers, lambda a: ("k", 1 / (a.event - 5))), TopicSink(two))
    running = flows(flow, processes)
    with pytest.raises(FlowError, match=r"ZeroDivisionError.*1 / "):
        running.wait(60)


def test_what_cannot_be_sent_is_refused(flows):
    """A lock has no meaning in another process."""
    flow, lock = Dataflow("locked"), threading.Lock()
    stream = op.map("hold", op.input("in", flow, TestingSource([1])), lambda item: (lock, item))
    op.output("out", stream, TestingSink([]))
    with pytest.raises(UsageError, match=r"cannot be sent.*where=\"thread\""):
        flows(flow)


@pytest.mark.parametrize("number", [0, 1])
def test_processes_end_with_the_one_that_started_them(number):
    """Nothing outlives it, and no word is on stderr, not even of how they find each other."""
    done = subprocess.run(
        [sys.executable, "-c", LEFT_RUNNING.format(read=number)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    until(lambda: not any(psutil.pid_exists(int(pid)) for pid in done.stdout.split()))


def test_a_report_that_cannot_be_read_ends_the_flow(monkeypatch, flows):
    """Its process is ended, and the error says what was found, in place of a wait for ever."""
    monkeypatch.setattr(Child, "receive", lambda child: 1 / 0)
    flow = Dataflow("endless")
    op.output("out", op.input("in", flow, TestingSource(iter(int, 1))), TestingSink([]))
    with pytest.raises(ProcessEndedError, match=r"cannot be understood.*ZeroDivisionError"):
        flows(flow).wait(30)


def test_processes_that_cannot_be_spawned_leave_none_behind(monkeypatch, flows):
    """The first one is ended when there is no room for the second."""
    made = []

    def spawn(module):
        if made:
            raise OSError("no more processes")
        made.append(child.spawn(module))
        return made[0]

    monkeypatch.setattr(in_processes, "spawn", spawn)
    flow = Dataflow("endless")
    op.output("out", op.input("in", flow, TestingSource(iter(int, 1))), TestingSink([]))
    with pytest.raises(OSError, match="no more processes"):
        flows(flow, 2)
    until(lambda: not psutil.pid_exists(made[0].pid))
