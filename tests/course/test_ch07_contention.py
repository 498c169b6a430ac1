"""More and more services with the same orders: what is counted of them, and what is drawn."""

from types import SimpleNamespace

import pytest

from eventlab.course.ch07_contention import A_SECOND, AGAIN, WAITED, WRONG, Contention
from eventlab.course.ch07_table import OWN, SHARED
from tests.course import shops
from tests.course.shops import STORY, Database, Service

NAMES = ["catalogue", "stock"]


def picture(*, waited=0.0, took=0.1, works=0, waits=(), writes=100):
    shared = [Service(f"{name}, shared", waited=waited, took=took, works=works) for name in NAMES]
    own = [Service(f"{name}, own", took=0.05) for name in NAMES]
    designs = shops.both(shared, own, Database(waits))
    return Contention(shops.lab(), designs, STORY, work=0.01, writes=writes), designs


def test_with_the_orders_the_services_become_more():
    """The first half is for one, the second for both, in each design."""
    contention, designs = picture()
    contention._take_all(shops.batch(8))
    contention._take_all(shops.batch(8))  # there are no more
    for design in (SHARED, OWN):
        asked = [len(service.asked) for service in designs.services(design)]
        assert asked == [8, 4]
        assert [len(contention.handled[design, number]) for number in (1, 2)] == [4, 4]
    assert {name: len(orders) for name, orders in contention._written().items()} == {
        "catalogue": 8,
        "stock": 4,
    }


def test_the_figures_are_those_of_the_time_when_all_were_there():
    """Two services in 0.1 s are 20 a second, in 0.05 s 40."""
    contention, _ = picture(waited=0.02)
    contention._take_all(shops.batch(8))
    figures = contention.figures()
    assert (figures["services"], figures["handled"]) == (2, 8)
    assert (figures["shared_waited"], figures["own_waited"]) == (8, 0)
    assert figures["shared_a_second"] == pytest.approx(20)
    assert figures["own_a_second"] == pytest.approx(40)
    assert figures["factor"] == pytest.approx(2)
    assert contention.grown() == pytest.approx(1)  # alone, one got 20 done in its better design


def test_a_short_wait_is_no_waiting_for_another():
    """Half of the work of one is the bound."""
    contention, _ = picture(waited=0.004)
    contention._take_all(shops.batch(8))
    assert contention.waited(SHARED) == 0


def test_the_scoreboard_has_the_rates_of_now_and_counts_when_all_are_there():
    """Those of the claim; until then it has dashes."""
    contention, designs = picture(waited=0.02, works=3)
    contention._take_all(shops.batch(2))
    scores = contention.scores()
    assert (scores[f"{SHARED}: {A_SECOND}"], scores[f"{OWN}: {A_SECOND}"]) == (10, 20)
    assert (scores[f"{SHARED}: {WAITED}"], scores[AGAIN], scores[WRONG]) == ("–", "–", "–")
    contention._take_all(shops.batch(8))
    scores = contention.scores()
    assert (scores[f"{SHARED}: {A_SECOND}"], scores[f"{OWN}: {A_SECOND}"]) == (20, 40)
    assert (scores[f"{SHARED}: {WAITED}"], scores[f"{OWN}: {WAITED}"]) == (8, 0)
    assert scores[AGAIN] == 4 * (2 * 3 - 2)
    assert scores[WRONG] == 8  # two services, two products, two designs: nothing was written
    assert designs.services(SHARED)[0].asked[0]["writes"]


def test_reads_alone_leave_nothing_to_be_wrong():
    """With no writes nothing has to come out."""
    contention, designs = picture(writes=0)
    contention._take_all(shops.batch(8))
    assert not any(asked["writes"] for asked in designs.services(OWN)[0].asked)
    assert contention._written() == {"catalogue": [], "stock": []}


@pytest.mark.parametrize(
    ("lock", "wanted"), [("tuple", "a row of products"), ("relation", "products")]
)
def test_who_waits_for_what_is_drawn_as_the_database_says(lock, wanted):
    """And stays until somebody waits again."""
    contention, designs = picture(waits=[("stock", "catalogue")])
    designs.database.lock = lock
    contention._line = designs.database.connect()
    contention._take_all(shops.batch(8))
    contention._line = Database().connect()
    contention._look(2)
    contention._draw()
    rows = contention.chart.rows
    assert rows["kind"].count("box") == 2
    assert rows["kind"].count("arrow") == 1
    assert rows["kind"].count("measured") == 4
    assert f"PostgreSQL says: who waits for {wanted}" in rows["words"]


@pytest.mark.parametrize(("services", "looks"), [(1, 1), (2, 1), (3, 12)])
def test_it_looks_until_all_but_one_are_seen_to_wait(services, looks):
    """And not for ever, as they may have none to wait for."""
    contention, _ = picture()
    asked = []
    line = Database([("stock", "catalogue")]).connect()
    contention._line = SimpleNamespace(
        execute=lambda query: asked.append(query) or line.execute(query)
    )
    contention._look(services)
    assert len(asked) == looks


def test_after_a_stop_no_order_is_handled():
    """The services may be gone by then."""
    contention, designs = picture()
    contention.stop()
    contention._take_all(shops.batch(8))
    assert designs.services(SHARED)[0].asked == []
