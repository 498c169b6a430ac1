"""What an act is given for the lab."""

import pytest

from eventlab.errors import UsageError
from eventlab.lab.side import Side
from eventlab.log import read
from eventlab.views import SQLite
from tests.lab.flows import countries
from tests.lab.orders import orders
from tests.log.schemas.made import CENTS, record
from tests.services import apps
from tests.waiting import until

pytestmark = pytest.mark.broker


@pytest.fixture
def side(lab):
    side = Side(lab, "broken")
    yield side
    side.close()


def test_its_names_are_its_own(lab, side):
    """Neither run of an experiment meets the other's topics."""
    assert side.topic("orders").name == f"{lab.name('broken')}.orders"
    assert Side(lab, "").topic("orders").name == lab.name("orders")


def test_what_it_plays_waits_for_the_other_run(side):
    """Both begin together, and each with the first event."""
    story = orders(30)
    player = side.play(iter(story), into=side.new_topic("orders"), speed=0)
    assert player.status.sent == 0
    assert side.players == [player]
    player.start()
    player.wait()
    ids = list(read(player.topic).events["order_id"])
    assert ids == [order.order_id for order in story]


def test_two_never_play_into_one_topic(lab):
    """Neither two experiments, nor an experiment and a cell of the learner's."""
    first = Side(lab, "")
    second = Side(lab, "")
    player = first.play(orders(30), into=first.new_topic("orders"), speed=1e-9)
    player.start()
    other = second.play(orders(30), into=second.new_topic("orders"), speed=1e-9)
    other.start()
    assert player.status.state == "stopped"
    lab.new_topic("orders")
    assert other.status.state == "stopped"


def test_closing_ends_what_it_has_opened(side):
    """Players and flows, which stay known."""
    side.produce(orders(5), into=side.new_topic("orders"))
    player = side.play(orders(5), into=side.new_topic("others"), speed=1)
    player.start()
    flow = side.run(countries(side))
    until(lambda: flow.count == 5)
    side.close()
    assert not flow.is_alive
    assert player.status.state == "stopped"
    assert (side.flows, side.players) == ([flow], [player])


def test_a_run_that_has_ended_begins_nothing_more(side):
    """Whoever still plays in a thread of its own, and would start another service there."""
    side.serve("a", apps.hello)
    side.produce(orders(5), into=side.new_topic("orders"))
    side.close()
    for begin in (
        lambda: side.serve("a", apps.hello),
        lambda: side.subscribe("b", dict, to="orders"),
        lambda: side.new_topic("orders"),
        lambda: side.play(orders(5), into="orders"),
        lambda: side.run(countries(side)),
    ):
        with pytest.raises(UsageError, match="has ended"):
            begin()
    assert side.breakables() == {}


def test_each_run_has_a_registry_of_its_own(lab, side):
    """Neither meets the other's contracts."""
    registries = [lab.new_registry(), side.new_registry()]
    for registry in registries:
        registry.contract("orders", record(CENTS))
    subjects = [registry.subjects() for registry in registries]
    assert subjects == [[f"{one.name('orders')}-value"] for one in (lab, side)]
    side.close()
    assert [registry.state for registry in registries] == ["up", "stopped"]


def test_two_registries_never_write_one_topic(lab):
    """Neither two runs, nor a run and a cell of the learner's."""
    first = lab.new_registry()
    run = Side(lab, "")
    second = run.new_registry()
    assert (first.state, second.state) == ("stopped", "up")
    third = lab.new_registry()
    assert (second.state, third.state) == ("stopped", "up")
    run.close()
    assert third.contract("orders", record(CENTS)).version == 1


def test_a_view_of_one_name_is_of_the_run_that_began_last(lab):
    """Also where another one rests on its stage: the store has one owner."""
    views = []
    for run in (Side(lab, ""), Side(lab, ""), lab, Side(lab, "")):
        run.new_topic("orders")
        lab.produce([{"cents": 5}], into=run.topic("orders"))
        store = SQLite("create table paid (cents)")
        views.append(run.view("paid", pay, of="orders", store=store))
        views[-1].wait_for(views[-1].end())
        assert views[-1].read(lambda rows: list(rows.execute("select cents from paid"))) == [(5,)]
    assert [view.is_alive for view in views] == [False, False, False, True]


def pay(rows, order):
    rows.execute("insert into paid values (?)", [order["cents"]])
