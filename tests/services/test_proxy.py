"""The proxy's process: what it answers, what it carries, and when it ends."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from eventlab.processes.child import Child, spawn
from eventlab.services import Faults, Proxy
from eventlab.services.addresses import Address
from eventlab.services.ports import Port
from eventlab.services.proxy import AddLink, Count, Forward, SetFaults
from tests.services.targets import HttpTarget, caller, outcome, serving
from tests.waiting import until

pytestmark = pytest.mark.processes

OWNER = """
from eventlab.services import Proxy
proxy = Proxy()
proxy.start()
print(proxy.pid, flush=True)
input()
"""


@pytest.fixture
def child():
    """Return a proxy's process without an owner's side."""
    started = spawn("eventlab.services.proxy")
    yield started
    started.end()


def answered(child: Child, number: int, command: object) -> object:
    child.send((number, command))
    found, result = child.receive()
    assert found == number
    return result


def test_each_command_has_an_answer(child):
    """With its number; what cannot be done is answered by the error, and the next one is done."""
    port = Port()
    with serving(HttpTarget()) as target:
        add = AddLink("a", port.number, Address(*target.server_address))
        assert answered(child, 1, add) is None
        assert isinstance(answered(child, 2, SetFaults("b", Faults())), KeyError)
        assert isinstance(answered(child, 3, "no command"), KeyError)
        assert answered(child, 4, SetFaults("a", Faults())) is None
        assert outcome(caller(port.number)) == 200
        assert answered(child, 5, Count("a")).connections == 1
    port.close()


def test_it_ends_when_its_owner_lets_go(child):
    """At the end of its standard input, without an error."""
    child._to_child.close()
    assert child.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_owner(number):
    """However that ends, kill -9 included."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    pid = int(owner.stdout.readline())
    assert psutil.pid_exists(pid)
    os.kill(owner.pid, number)
    owner.communicate()
    until(lambda: not psutil.pid_exists(pid))


def test_it_carries_nothing_that_it_never_needs():
    """pandas, or a web framework, would be several times its own memory."""
    heavy = "{'pandas', 'numpy', 'altair', 'starlette', 'aiohttp', 'confluent_kafka', 'bytewax'}"
    code = f"import sys, eventlab.services.proxy; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.split() == [b"set()"]


def test_it_is_small():
    """So that one may stand in each experiment."""
    with Proxy() as proxy:
        assert psutil.Process(proxy.pid).memory_full_info().uss < 30e6


def test_links_are_struck_apart_from_each_other():
    """Two with the same faults do not fail together, and each fails as it did before."""
    faults = Faults(error_share=0.5)
    one, same, other = Forward("a"), Forward("a"), Forward("b")
    for forward in (one, same, other):
        forward.set(faults)
    found = [[forward.judge() for _ in range(50)] for forward in (one, same, other)]
    assert found[0] == found[1] != found[2]


def test_shares_are_what_is_struck():
    """Counted over many requests; errors and resets exclude each other."""
    forward = Forward("a")
    forward.set(Faults(error_share=0.2, reset_share=0.1))
    for _ in range(10_000):
        forward.judge()
    assert 1_800 < forward.counts.errors < 2_200
    assert 850 < forward.counts.resets < 1_150
    forward.set(Faults(error_share=1))
    assert {forward.judge() for _ in range(100)} == {"error"}
    forward.set(Faults(reset_share=1))
    assert {forward.judge() for _ in range(100)} == {"reset"}
    forward.set(Faults())
    assert {forward.judge() for _ in range(100)} == {"pass"}


def test_without_uvloop_it_is_the_same(monkeypatch, tmp_path):
    """asyncio's own loop takes its place."""
    (tmp_path / "uvloop.py").write_text("raise ImportError('not here')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    with serving(HttpTarget()) as target, Proxy() as proxy:
        link = proxy.link("a", target.server_address[1])
        client = caller(link.port)
        assert outcome(client) == 200
        link.set(Faults(mode="refuse"))
        assert [outcome(client), outcome(client)] == ["reset", "refused"]
        link.heal()
        assert outcome(client) == 200
