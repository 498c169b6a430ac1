"""Whether a broker is known not to answer: one that starts, or is slow, is not."""

import os
import socket
import subprocess
import sys

import psutil
import pytest

from eventlab.broker.away import away
from eventlab.broker.states import BrokerState, NodeState, together
from tests.waiting import until


def of(*nodes: NodeState) -> BrokerState:
    """Return the state of a broker of these nodes."""
    return together(nodes, [], kept=False)


RUNS = NodeState(1, "running", pid=os.getpid())
STOPPED = NodeState(2, "stopped", "it was stopped")


@pytest.fixture
def process():
    """Return a process that does nothing."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield psutil.Process(child.pid)
    child.kill()
    child.communicate()


@pytest.mark.parametrize("state", ["starting", "stopping", "running"])
def test_what_may_answer_is_asked(state):
    """It may be slow, and answer all the same."""
    assert away(of(NodeState(1, state, pid=os.getpid()))) is None
    assert away(of(NodeState(1, state))) is None


@pytest.mark.parametrize(
    ("node", "reason", "remedy"),
    [
        (STOPPED, "it was stopped", "lab.broker.start()"),
        (NodeState(1, "stopped", "it was killed"), "it was killed", "lab.broker.start()"),
        (NodeState(1, "stopped"), "it is stopped", "lab.broker.start()"),
        (NodeState(1, "suspended", "it was suspended"), "it is suspended", "lab.broker.resume()"),
        (
            NodeState(1, "failed", "No space left on device"),
            "it has failed: No space left on device",
            "Free some space",
        ),
    ],
)
def test_what_is_reported_is_known(node, reason, remedy):
    """Said once, and with what to do about it."""
    found = away(of(node))
    assert found.reason == reason
    assert remedy in found.remedy


def test_as_long_as_one_node_may_answer_so_may_the_broker():
    """A cluster outlives one of its brokers."""
    assert away(of(RUNS, STOPPED)) is None
    assert away(of(STOPPED, STOPPED)) is not None


def test_what_a_signal_from_elsewhere_did_is_seen(process):
    """Nobody reports it: the process itself is looked at."""
    node = of(NodeState(1, "running", pid=process.pid))
    assert away(node) is None
    process.suspend()
    until(lambda: away(node) is not None)
    assert f"its process {process.pid} is suspended" in away(node).reason
    process.resume()
    until(lambda: away(node) is None)
    process.kill()
    until(lambda: away(node) is not None)
    assert "has ended" in away(node).reason


def test_a_broker_whose_supervisor_is_gone_may_be_another_s_by_now():
    """As long as somebody listens on its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        lost = BrokerState("lost", "its supervisor is gone", port=listening.getsockname()[1])
        assert away(lost) is None
    assert away(lost).reason == "its supervisor is gone"
