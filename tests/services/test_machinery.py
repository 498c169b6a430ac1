"""What services stand on: the links of a lab, to each other and to the log."""

import os
import signal
import subprocess
import sys

import psutil
import pytest
from confluent_kafka import Producer

from eventlab.errors import UsageError
from eventlab.log import Cluster, Topic
from eventlab.processes.forking import CAN_FORK
from eventlab.services import Faults
from eventlab.services import machinery as machinery_module
from eventlab.services.machinery import Machinery
from tests.broker.homes import supervisor_pid
from tests.conftest import FRAGILE
from tests.services import apps
from tests.services.targets import HttpTarget, asked, caller, serving
from tests.waiting import until

pytestmark = pytest.mark.processes


@pytest.fixture
def new():
    """Return what makes one over a broker; each is closed at the end."""
    made = []

    def make(broker) -> Machinery:
        made.append(Machinery(broker))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_link_is_made_once_and_led_to_where_its_target_is(new):
    """Its port stays, so that a service that is deployed at another one is found."""
    machinery = new(None)
    with serving(HttpTarget()) as one, serving(HttpTarget()) as other:
        first = machinery.link("a to b", one.server_address[1])
        assert asked(caller(first.port), "/x") == (200, b"/x ")
        second = machinery.link("a to b", other.server_address[1])
        assert second is first
        assert asked(caller(first.port), "/y") == (200, b"/y ")
        assert (one.paths, other.paths) == (["/x"], ["/y"])


def test_a_proxy_that_was_killed_is_back_with_the_next_link(new):
    """The other links too: nobody has to know that they are in one process."""
    machinery = new(None)
    with serving(HttpTarget()) as target:
        first = machinery.link("a to b", target.server_address[1])
        os.kill(machinery._proxy.pid, signal.SIGKILL)
        until(lambda: not machinery._proxy.is_alive)
        machinery.link("a to c", 1)
        assert asked(caller(first.port), "/x") == (200, b"/x ")


def test_what_was_closed_leaves_nothing_and_begins_anew(new):
    """A second close does nothing, and neither does one of what nobody has used."""
    machinery = new(None)
    machinery.close()
    machinery.link("a to b", 1)
    pid = machinery._proxy.pid
    machinery.close()
    machinery.close()
    assert not psutil.pid_exists(pid)
    assert machinery.link("a to b", 1).port > 0


@FRAGILE
def test_a_client_is_sent_to_the_way_by_which_it_came(new, fragile):
    """A fault in one notebook's way is none in another's."""
    topic = Topic(Cluster(fragile.client_settings), "machinery.ways").reset(1)
    one, other = (new(fragile) for _ in range(2))
    producers = [client(machinery, "same") for machinery in (one, other)]
    one.kafka_link("same").set(Faults(mode="hang"))
    for producer in producers:
        producer.produce(topic.name, b"1")
    assert producers[1].flush(30) == 0
    assert topic.end_offsets() == {0: 1}
    assert len(producers[0]) == 1
    one.kafka_link("same").heal()
    assert producers[0].flush(30) == 0


@pytest.mark.broker
def test_each_client_has_its_own_way_to_the_log(new, broker, new_topic):
    """A fault of one is not the other's."""
    machinery = new(broker)
    topic = new_topic()
    one, other = (client(machinery, name) for name in ("one", "other"))
    machinery.kafka_link("one").set(Faults(mode="hang"))
    one.produce(topic.name, b"1")
    other.produce(topic.name, b"2")
    assert other.flush(30) == 0
    assert topic.end_offsets() == {0: 1}
    machinery.kafka_link("one").heal()
    assert one.flush(30) == 0
    assert topic.end_offsets() == {0: 2}
    assert machinery.kafka_link("one") is machinery.kafka_link("one")
    with pytest.raises(UsageError, match="503"):
        machinery.kafka_link("one").set(Faults(error_share=0.5))


def client(machinery: Machinery, name: str) -> Producer:
    """Return a producer that comes by way of the proxy."""
    return Producer(machinery.kafka_link(name).settings | {"log_level": 0})


def restart(broker, home) -> None:
    """Start the broker again by hand."""
    broker.restart()


def replace_supervisor(broker, home) -> None:
    """Start the broker again by another supervisor, after the first one was killed."""
    os.kill(supervisor_pid(home), signal.SIGKILL)
    until(lambda: broker.status == "lost")
    broker.start()


@FRAGILE
@pytest.mark.parametrize("start_again", [restart, replace_supervisor])
def test_the_way_leads_to_a_broker_that_was_started_again(new, fragile, fragile_home, start_again):
    """Though it listens at another port than before; clients notice nothing but a delay."""
    machinery = new(fragile)
    topic = Topic(Cluster(fragile.client_settings), "machinery").reset(1)
    producer = client(machinery, "one")
    producer.produce(topic.name, b"1")
    assert producer.flush(30) == 0
    start_again(fragile, fragile_home)
    producer.produce(topic.name, b"2")
    until(lambda: producer.flush(1) == 0, seconds=60)
    assert topic.end_offsets() == {0: 2}


@pytest.mark.skipif(not CAN_FORK, reason="a fork is not safe on this system")
def test_a_service_imports_nothing_that_its_template_has_not(mesh):
    """Each would have a copy of its own, and its start would wait for it."""
    needs = ["eventlab.processes.template", *machinery_module._modules()]
    code = f"import sys, {', '.join(needs)}; print(*sys.modules)"
    template = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    stock = mesh.serve("stock", apps.modules)
    shop = mesh.serve("shop", apps.asking_for_modules, calls=["stock"])
    more = {*stock.ask(), *shop.ask()} - set(template.stdout.split())
    found = {name for name in more if not name.startswith("tests")}
    assert found <= {"runpy"}  # which began the template


def test_a_client_of_databases_is_imported_once_for_all_where_the_notebook_has_it(monkeypatch):
    """And not at all in a lab without one."""
    monkeypatch.delitem(sys.modules, "psycopg", raising=False)
    assert "psycopg" not in machinery_module._modules()
    monkeypatch.setitem(sys.modules, "psycopg", machinery_module)
    assert "psycopg" in machinery_module._modules()
