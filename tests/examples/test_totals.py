"""The example of streaming SQL in a service, killed in the middle."""

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from http.client import HTTPConnection
from itertools import islice

import pytest

from eventlab.events import Shop
from eventlab.log import Topic, produce
from tests.structure.files import ROOT
from tests.waiting import until

pytestmark = pytest.mark.broker

ORDERS = list(islice(Shop(seed=3, customers=4).orders(), 40))


@pytest.fixture
def start(new_topic, tmp_path):
    """Return what starts the service; what it leaves is ended and deleted with the test."""
    orders = new_topic(3)
    totals = Topic(orders.cluster, f"{orders.name}.totals")
    path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    environment = os.environ | {
        "KAFKA": orders.cluster.settings["bootstrap.servers"],
        "ORDERS": orders.name,
        "TOTALS": totals.name,
        "FOLDER": str(tmp_path / "state"),
        "PORT": "0",
        "PYTHONPATH": path,
        "PYTHONUNBUFFERED": "1",
    }
    started = []

    def begin():
        process = subprocess.Popen(
            [sys.executable, "totals.py"],
            cwd=ROOT / "examples",
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        started.append(process)
        for line in process.stdout:
            found = re.search(r"running on http://127.0.0.1:(\d+)", line)
            if found:
                return process, int(found[1])
        raise AssertionError(f"it ended with {process.wait()}")

    begin.orders = orders
    yield begin
    for process in started:
        process.kill()
        process.communicate()
    if totals.exists:
        totals.delete()


def answer(port, customer_id):
    """Return the status and the body of an answer."""
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("GET", f"/totals/{customer_id}")
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        line.close()


def paid(orders):
    """Return what each customer has paid, added up by hand."""
    cents = Counter()
    for order in orders:
        cents[order.customer_id] += order.amount_cents
    return dict(cents)


def test_killed_and_started_again_it_has_added_up_each_order_once(start):
    """And who has ordered nothing is not found, whatever the name does to a statement."""
    produce(start.orders, ORDERS[:20]).require_all()
    process, port = start()
    who = ORDERS[0].customer_id
    before, all_of_it = paid(ORDERS[:20]), paid(ORDERS)
    until(lambda: answer(port, who)[1] and answer(port, who)[1]["CENTS"] == before[who])
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    produce(start.orders, ORDERS[20:]).require_all()
    process, port = start()
    for customer_id, cents in all_of_it.items():
        until(lambda c=customer_id, n=cents: (answer(port, c)[1] or {}).get("CENTS") == n)
    assert answer(port, "nobody") == (404, None)
    assert answer(port, "x'%20OR%20'1'='1") == (404, None)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) in (0, -signal.SIGTERM)
