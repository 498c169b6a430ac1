"""What a notebook does with services: lab.serve, lab.subscribe, and their end."""

import psutil
import pytest

from eventlab.errors import (
    CallError,
    ContractError,
    EventError,
    ServiceError,
    TopicError,
    UsageError,
)
from eventlab.log import Topic
from eventlab.services import CallPolicy, FaultSchedule, Outage
from eventlab.views import SQLite
from tests.lab.orders import orders
from tests.lab.shell import Shell
from tests.log.schemas.made import CENTS, record
from tests.services import apps
from tests.waiting import until

pytestmark = pytest.mark.broker


def test_a_service_takes_the_place_of_the_one_that_had_its_name(lab):
    """At the same port; the first ends when the second takes requests."""
    first = lab.serve("a", apps.Version(1))
    second = lab.serve("a", apps.Version(2))
    assert (first.state, second.state) == ("stopped", "up")
    assert first.port == second.port
    assert second.ask() == 2


def test_one_that_does_not_start_leaves_the_old_one_there(lab):
    """The cell fails with the learner's own line, and who calls it notices nothing."""
    first = lab.serve("a", apps.Version(1))
    with pytest.raises(ServiceError, match="of _no_start: raise LookupError"):
        lab.serve("a", apps.starlette_app(apps.no_start))
    assert {first.ask() for _ in range(10)} == {1}


def test_what_is_written_in_a_cell_runs_in_the_service(lab):
    """With what is around it in the notebook, and other services by their names."""
    greeting = "good day"

    def greet(request):
        return greeting

    assert lab.serve("greeter", greet).ask() == "good day"
    lab.serve("stock", apps.hello)
    shop = lab.serve("shop", apps.relay, calls={"stock": CallPolicy(timeout_seconds=5)})
    assert shop.ask("/tea") == {"stock": {"hello": "/tea"}}


def test_a_service_writes_to_the_chapter_s_own_topics(lab):
    """By the short name, and by the whole one."""
    topic = lab.new_topic("orders")
    shop = lab.serve("shop", apps.orders)
    for name in ("orders", topic.name):
        assert shop.ask(f"/{name}", json={"id": "o-1"}) == {"written": True}
    assert list(lab.read("orders")["id"]) == ["o-1", "o-1"]


def test_two_consumers_of_one_name_never_run_beside_each_other(lab):
    """The first has ended before the second begins, and nothing is answered twice."""
    lab.produce(orders(5), into=lab.new_topic("orders"))
    out = lab.new_topic("out")

    def ship(order):
        return {"id": order["order_id"]}

    first = lab.subscribe("shipping", ship, to="orders", into=out)
    until(lambda: len(lab.read("out")) == 5)
    second = lab.subscribe("shipping", ship, to="orders", into="out")
    assert (first.state, second.state) == ("stopped", "up")
    lab.produce(orders(5), into="orders")
    until(lambda: len(lab.read("out")) == 10)


def test_what_it_answers_may_go_to_a_topic_outside_of_the_chapter(lab):
    """A topic that is passed as such stays what it is."""
    elsewhere = Topic(lab.cluster, f"elsewhere.{lab.chapter}").reset(1)
    lab.produce(orders(3), into=lab.new_topic("orders"))
    lab.subscribe("copy", dict, to="orders", into=elsewhere)
    until(lambda: elsewhere.end_offsets() == {0: 3})
    elsewhere.delete()


def test_a_refused_call_stops_no_service(lab):
    """What had the name goes on."""
    lab.new_topic("orders")
    shipping = lab.subscribe("shipping", apps.nothing, to="orders")
    for wrong in ({"handle": 7}, {"to": "none"}, {"into": "none"}, {"batch": 0}, {"calls": 7}):
        call = {"name": "shipping", "handle": apps.nothing, "to": "orders"} | wrong
        with pytest.raises((UsageError, TopicError)):
            lab.subscribe(**call)
        assert shipping.state == "up"
    greeter = lab.serve("greeter", apps.hello)
    for wrong in ({"app": 7}, {"app": lambda: 1}, {"calls": "stock"}):
        with pytest.raises(UsageError):
            lab.serve(**{"name": "greeter", "app": apps.hello} | wrong)
        assert greeter.state == "up"


def test_a_cell_that_runs_again_ends_what_it_has_served(lab, monkeypatch):
    """Under whatever name; the lab's end takes all along."""
    shell = Shell()
    monkeypatch.setattr("eventlab.lab.notebook.get_ipython", lambda: shell)
    first = lab.serve("one", apps.hello)
    second = lab.serve("two", apps.hello)
    pids = [first.pid, second.pid]
    lab.close()
    assert [first.state, second.state] == ["stopped", "stopped"]
    until(lambda: not any(map(psutil.pid_exists, pids)))
    with pytest.raises(CallError, match="The service is stopped"):
        first.ask()


def outcomes(answers):
    """Return how the request of each event ended, in the order of the events."""
    return [answers[number].is_accepted for number in sorted(answers)]


def test_outages_happen_between_the_same_events(lab):
    """At full speed as slowly: three orders find nobody there, and those after them are served."""
    story = orders(9)
    seconds = [(one.at - story[0].at).total_seconds() for one in story]
    shop = lab.serve("shop", apps.hello)
    answers = {}
    played = lab.play(
        story,
        into=shop,
        speed=0,
        control=False,
        faults=FaultSchedule([Outage(seconds[3], seconds[6], "shop", "killed")]),
        on_answer=lambda answer: answers.__setitem__(answer.number, answer),
    )
    played.wait(60)
    assert outcomes(answers) == [True] * 3 + [False] * 3 + [True] * 3
    assert shop.state == "up"


def test_an_outage_of_what_is_not_there_is_refused_before_anything_is_played(lab):
    """What plays there goes on."""
    lab.new_topic("orders")
    lab.serve("shop", apps.hello)
    faults = FaultSchedule([Outage(0, 1, "shp", "killed")])
    with pytest.raises(UsageError, match="'shop'"):
        lab.play(orders(3), into="orders", control=False, faults=faults)
    with pytest.raises(UsageError, match="a FaultSchedule"):
        lab.play(orders(3), into="orders", control=False, faults=[faults])
    assert lab.topic("orders").end_offsets() == {0: 0}


def test_a_registry_is_made_anew_each_time(lab):
    """And empty; its topic is the chapter's own, and it ends with the lab."""
    first = lab.new_registry()
    first.contract("orders", record(CENTS))
    assert lab.topic("_schemas").end_offsets() == {0: 1}
    second = lab.new_registry()
    assert second.schemas().empty
    assert first.url == second.url
    lab.close()
    assert second.state == "stopped"


def test_events_go_under_a_contract_from_producer_to_reader(lab):
    """Whoever breaks it is refused; each reader sees its own version; nothing is lost."""
    registry = lab.new_registry()
    topic = lab.new_topic("orders")
    note = {"name": "note", "type": "string", "default": "-"}
    first = registry.contract("orders", record(CENTS), compatibility="FULL")
    lab.produce([("ann", {"cents": 20})], into=topic, contract=first)
    with pytest.raises(EventError, match="in the field 'cents'"):
        lab.produce([("bob", {"cents": "x"})], into=topic, contract=first)
    with pytest.raises(ContractError, match="the field cents is gone and had no default"):
        registry.contract("orders", record(note))
    second = registry.contract("orders", record(CENTS, note))
    lab.produce([("eve", {"cents": 5, "note": "x"})], into=topic, contract=second)
    assert list(lab.read(topic, contract=second)["note"]) == ["-", "x"]
    assert list(lab.read(topic, contract=first)["cents"]) == [20, 5]
    assert "note" not in lab.read(topic, contract=first)


def test_another_registry_is_used_where_the_environment_names_one(lab, monkeypatch):
    """Nothing is started, and nobody's schemas are deleted on a broker of one's own."""
    theirs = lab.new_registry()
    theirs.contract("orders", record(CENTS))
    monkeypatch.setenv("EVENTLAB_SCHEMA_REGISTRY", theirs.url)
    found = lab.new_registry()
    assert found.external
    assert found.contract("orders").version == 1
    theirs.kill()
    with pytest.raises(CallError, match="EVENTLAB_SCHEMA_REGISTRY"):
        lab.new_registry()
    monkeypatch.setenv("EVENTLAB_SCHEMA_REGISTRY", "localhost:8081")
    with pytest.raises(UsageError, match="not the URL of a schema registry"):
        lab.new_registry()


def test_a_view_that_is_refused_leaves_the_one_that_has_its_name(lab):
    """It goes on, though the new one's tables cannot be made."""

    def pay(rows, event):
        rows.execute("insert into paid values (?)", [event["cents"]])

    topic = lab.new_topic("orders")
    view = lab.view("paid", pay, of=topic, store=SQLite("create table paid(cents)"))
    with pytest.raises(UsageError, match="does not take the view's schema"):
        lab.view("paid", pay, of=topic, store=SQLite("create tabel paid(cents)"))
    lab.produce([("ann", {"cents": 20})], into=topic)
    assert view.wait_for(1).read(lambda rows: rows.execute("select * from paid")) == [(20,)]


def test_a_view_reads_by_the_contract_of_its_topic(lab):
    """With several topics each by its own, and JSON where there is none."""
    registry, topic = lab.new_registry(), lab.new_topic("orders")
    contract = registry.contract("orders", record(CENTS))
    lab.produce([("ann", {"cents": 20})], into=topic, contract=contract)
    lab.produce([("bob", {"cents": 5})], into=lab.new_topic("plain"))

    def paid(rows, event, place):
        rows[place.key] = event["cents"]

    view = lab.view("paid", paid, of="orders", contract=contract)
    assert view.wait_for(view.end()).read(dict) == {"ann": 20}
    both = {"orders": paid, "plain": paid}
    view = lab.view("paid", both, contract={"orders": contract})
    assert view.wait_for(view.end()).read(dict) == {"ann": 20, "bob": 5}
    with pytest.raises(UsageError, match="contract"):
        lab.view("paid", both, contract=contract)
    with pytest.raises(UsageError, match="contract"):
        lab.view("paid", paid, of="orders", contract="orders-value")


def test_what_is_played_into_a_service_has_no_contract(lab):
    """There JSON is spoken: it is a wrong call, before anything is played."""
    contract = lab.new_registry().contract("orders", record(CENTS))
    service = lab.serve("shop", apps.hello)
    with pytest.raises(UsageError, match="contract"):
        lab.play(orders(1), into=service, contract=contract)
