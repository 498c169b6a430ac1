"""A column is renamed: what fails, what is drawn of it, and who can do it by hand."""

from eventlab.course.ch07_rename import DEPLOY, FAILED, NEW, RENAME, Renaming
from eventlab.course.ch07_table import OWN, SHARED
from tests.course import shops
from tests.course.shops import STORY, Service

NAMES = ["catalogue", "stock"]
SAID = 'status 500 {"error":"UndefinedColumn: column \\"price_cents\\" does not exist at 8"}'


def picture():
    shared = [Service(f"{name}, shared") for name in NAMES]
    designs = shops.both(shared, [Service(f"{name}, own") for name in NAMES])

    def rename(_lab, both):
        both.shared[1].error = SAID

    def at_the_table(*place):
        return place

    made = Renaming(shops.lab(), designs, STORY[:6], rename=rename, at_the_table=at_the_table)
    return made, designs


def test_between_the_rename_and_the_deployment_the_others_fail():
    """Two orders of the second service, and nobody with a view of its own."""
    renaming, designs = picture()
    renaming._take_all(shops.batch(6))
    renaming._take_all(shops.batch(6))  # there are no more
    renaming.settle()
    assert renaming.figures() == {"look_ups": 12, "shared_failed": 2, "own_failed": 0}
    assert renaming.scores() == {f"{SHARED}: {FAILED}": 2, f"{OWN}: {FAILED}": 0}
    assert renaming.error == 'column "price_cents" does not exist'
    deployed = [service.deployed for service in designs.shared]
    assert deployed == [[(designs.database.url, name, NEW)] for name in NAMES]


def test_failed_look_ups_are_drawn_and_the_moments_are_lines():
    """In the design in which they happened."""
    renaming, _ = picture()
    renaming._take_all(shops.batch(6))
    rows = renaming.chart.rows
    assert rows["state"].count("failed") == 2
    assert rows["state"].count("answered") == 22
    assert rows["words"].count("renamed") == 1
    assert rows["words"].count("deployed") == 1
    assert f"{SHARED}: 2 failed look-ups" in rows["words"]


def test_both_can_be_done_sooner_and_only_once():
    """By the buttons of a stage."""
    renaming, designs = picture()
    acts = renaming.acts()
    assert list(acts) == [RENAME, DEPLOY]
    acts[RENAME]()
    renaming._take_all(shops.batch(1))
    assert renaming.failed[SHARED] == 1
    acts[DEPLOY]()
    renaming._take_all(shops.batch(5))
    assert renaming.failed[SHARED] == 1
    assert len(designs.shared[0].deployed) == 1


def test_after_a_stop_nobody_is_asked():
    """The services may be gone by then."""
    renaming, designs = picture()
    renaming.stop()
    renaming._take_all(shops.batch(6))
    assert designs.shared[0].asked == []


def test_what_is_no_word_of_the_database_is_kept_as_it_is():
    """As when a service is gone."""
    renaming, designs = picture()
    designs.shared[0].error = "refused"
    renaming._take_all(shops.batch(1))
    assert "refused" in renaming.error
