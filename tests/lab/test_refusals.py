"""First check, then act: a call that is refused has changed nothing, whatever it was to replace."""

import os
from pathlib import Path

import pytest

from eventlab.errors import EventlabError, TopicError, UsageError
from eventlab.events import Shop
from eventlab.folders import data_folder
from eventlab.log import Transactions, produce
from tests.lab.flows import countries
from tests.lab.orders import orders
from tests.waiting import until

pytestmark = pytest.mark.broker

LEADS_AWAY = [
    "x/../../../precious",
    "../precious",
    "x\\..\\..\\precious",
    "/precious",
    "c:precious",
]


def refused(call, *arguments, **options) -> EventlabError:
    """Return the error of ours with which a call is refused; it has a remedy."""
    with pytest.raises(EventlabError) as caught:
        call(*arguments, **options)
    assert caught.value.remedy
    return caught.value


WRONG_SETTINGS = [
    ({"retention_ms": "abc"}, TopicError),
    ({"no_such_setting": 1}, TopicError),
    ({"cleanup_policy": "nothing"}, TopicError),
    ({"partitions": 0}, UsageError),
    ({"partitions": 10**9}, UsageError),
    ({"partitions": "two"}, UsageError),
]


@pytest.mark.parametrize(("settings", "kind"), WRONG_SETTINGS)
def test_a_topic_that_cannot_be_made_anew_stays(lab, settings, kind):
    """Its records are still there, and what plays into it goes on."""
    topic = lab.new_topic("orders")
    lab.produce(orders(3), into=topic)
    player = lab.play(Shop(seed=1).orders(), into=topic, speed=1e-6, control=False)
    assert isinstance(refused(lab.new_topic, "orders", **settings), kind)
    assert refused(topic.reset, settings.get("partitions", 1), settings)
    assert len(lab.read("orders")) >= 3
    assert player.status.state == "playing"


@pytest.mark.parametrize("wrong", [{"speed": -1}, {"speed": "fast"}, {"events": None}])
def test_a_player_that_cannot_begin_stops_none(lab, wrong):
    """The one that plays into the topic goes on."""
    topic = lab.new_topic("orders")
    first = lab.play(Shop(seed=1).orders(), into=topic, speed=1e-6, control=False)
    call = {"events": orders(3), "into": topic, "control": False} | wrong
    refused(lab.play, **call)
    assert first.status.state == "playing"


WRONG_RUNS = [
    {"where": "proces"},
    {"where": "process", "processes": 0},
    {"processes": 2},
    {"epoch": -1},
]


@pytest.mark.parametrize("wrong", WRONG_RUNS)
def test_a_flow_that_cannot_run_stops_none(lab, wrong):
    """The one that runs under its name goes on."""
    lab.new_topic("orders")
    first = lab.run(countries(lab))
    refused(lab.run, countries(lab), **wrong)
    assert first.is_alive


def test_a_flow_of_other_steps_stops_none(lab):
    """Its store is looked at before what uses it is stopped."""
    lab.new_topic("orders")
    lab.forget("countries")
    first = lab.run(countries(lab), recovery=True)
    for where in ("thread", "process"):
        refused(lab.run, countries(lab, step="count anew"), recovery=True, where=where)
    assert first.is_alive
    lab.forget("countries")


def test_a_table_that_cannot_be_made_stops_none(lab):
    """The one before follows on until the new one is there."""
    topic = lab.new_topic("stock")
    table = lab.table(topic)
    topic.delete()
    refused(lab.table, "stock")
    assert table.error is None
    assert table._follower.is_alive


def test_transactions_that_cannot_begin_fence_nobody(lab):
    """Who has the name writes on: the topics are looked for before the name is taken."""
    one = lab.new_topic("one")
    two = lab.new_topic("two")
    produce(one, [("k", 1)])

    def copy(message):
        return [(two, (message.key(), message.value()))]

    names = {"group": lab.name("copies"), "name": lab.name("copies")}
    with Transactions(lab.cluster, [one], copy, **names) as copies:
        refused(Transactions, lab.cluster, [lab.topic("none")], copy, **names)
        while copies.step() == 0:
            continue
    until(lambda: len(lab.read(two)) == 1)  # readers see a commit a moment after it


def own_files():
    """Return all files of the home but Kafka's, which come and go with other tests' topics."""
    kafkas = data_folder() / "kafka"
    found = set()
    for folder, inside, files in os.walk(data_folder().parent):
        inside[:] = [name for name in inside if Path(folder, name) != kafkas]
        found |= {Path(folder, name) for name in inside + files}
    return found


@pytest.mark.parametrize("name", LEADS_AWAY)
def test_no_name_of_a_flow_leads_out_of_its_folder(lab, name):
    """What lies elsewhere is neither deleted nor written to."""
    precious = data_folder().parent / "precious"
    precious.mkdir(exist_ok=True)
    (precious / "kept").write_text("kept", encoding="utf-8")
    before = own_files()
    lab.new_topic("orders")
    refused(lab.forget, name)
    refused(lab.run, countries(lab, name=name.replace(".", "-")), recovery=True)
    assert (precious / "kept").read_text(encoding="utf-8") == "kept"
    added = own_files() - before
    assert [path for path in added if "precious" in path.name] == []


def test_forgetting_what_cannot_be_forgotten_stops_nothing(lab):
    """A name that is none is refused before a flow is stopped."""
    lab.new_topic("orders")
    first = lab.run(countries(lab))
    for name in ("", ".", "..", "countries/", "x" * 300):
        refused(lab.forget, name)
    assert first.is_alive
