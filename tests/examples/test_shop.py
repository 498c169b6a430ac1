"""The example of services, as docs/services.md says how to run it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from itertools import islice

import pytest

from eventlab.events import Shop, encode
from eventlab.log import read
from tests.structure.files import ROOT
from tests.waiting import until

pytestmark = pytest.mark.broker

EXAMPLES = ROOT / "examples"
ORDERS = [json.loads(encode(order)) for order in islice(Shop(seed=3).orders(), 20)]


@pytest.fixture
def started(new_topic) -> Iterator[Callable[..., subprocess.Popen]]:
    """Return what starts a program of the example beside the broker; all end with the test."""
    orders = new_topic(3)
    shipped = new_topic(3)
    names = {"ORDERS": orders.name, "SHIPPED": shipped.name, "GROUP": orders.name}
    kafka = {"KAFKA": orders.cluster.settings["bootstrap.servers"]}
    path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    environment = os.environ | names | kafka | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
    with ExitStack() as stack:

        def start(*command: str) -> subprocess.Popen:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=EXAMPLES,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        start.shipped = shipped
        yield start


def port_of(front: subprocess.Popen) -> int:
    """Return the port that uvicorn says it has."""
    for line in front.stdout:
        found = re.search(r"running on http://127.0.0.1:(\d+)", line)
        if found:
            return int(found[1])
    raise AssertionError(f"it ended with {front.wait()}")


def post(port: int, body: str) -> int:
    """Return the status of the answer to an order."""
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("POST", "/orders", body)
        return line.getresponse().status
    finally:
        line.close()


def test_the_services_run_without_a_notebook_and_without_eventlab(started):
    """uvicorn and Python run them; each accepted order is shipped, by two processes of a group."""
    front = started("-m", "uvicorn", "front:app", "--port", "0")
    shipping = [started("shipping.py") for _ in range(2)]
    port = port_of(front)
    assert [post(port, json.dumps(order)) for order in ORDERS] == [202] * 20
    assert [post(port, body) for body in ("{", "[]", '{"order_id": "o"}')] == [400, 400, 400]
    expected = {order["order_id"] for order in ORDERS}
    until(lambda: len(read(started.shipped).events) >= 20, seconds=60)
    assert set(read(started.shipped).events["order_id"]) == expected
    for process in shipping:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(30) for process in shipping] == [0, 0]


def test_one_command_starts_all_of_it(started):
    """It places its orders, ships all of them, and ends."""
    shop = started("shop.py", "--orders", "20")
    said, _ = shop.communicate(timeout=120)
    assert (shop.returncode, said.splitlines()[-1]) == (0, "20 orders were shipped"), said
