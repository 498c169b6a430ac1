"""Several services with one order at the same moment: how long it took, who waited, who failed."""

import pytest

from eventlab.course.ch07_load import (
    Handled,
    Load,
    count_waited,
    mean_waited_seconds,
    median_per_second,
)
from tests.course.shops import STORY, Service


@pytest.fixture
def load():
    made = Load()
    yield made
    made.stop()


def test_all_services_get_the_order_and_their_answers_are_put_together(load):
    """The seconds are those from the first beginning to the last end."""
    services = [Service("stock", took=0.1), Service("sales", took=0.4, waited=0.3, works=2)]
    seen = []
    handled = load.handle(services, STORY[0], writes=False, meanwhile=lambda: seen.append(1))
    assert seen == [1]
    wanted = {"product_id": "p1", "quantity": 1, "writes": False}
    assert [service.asked for service in services] == [[wanted], [wanted]]
    assert handled.seconds == pytest.approx(0.4)
    assert handled.per_second == pytest.approx(5)
    assert handled.waited_seconds == {"stock": 0.0, "sales": 0.3}
    assert (handled.works, handled.failed) == (2, {})


def test_who_fails_is_named_with_its_words_and_the_others_count(load):
    """One that cannot does not spoil the rest."""
    handled = load.handle([Service("stock"), Service("sales", error="no column")], STORY[0])
    assert list(handled.waited_seconds) == ["stock"]
    assert "no column" in handled.failed["sales"]


def test_all_that_fail_take_no_time(load):
    """There is nothing to divide by."""
    handled = load.sell([Service("stock", error="no")], "p1")
    assert (handled.seconds, handled.per_second, handled.found) == (0.0, 0.0, {})


def test_the_measures_are_of_all_that_was_handled():
    """The middle of the rates, the mean of the waits, the count of the long ones."""
    handled = [
        Handled(1.0, {"stock": 0.0, "sales": 0.2}, {}, {}),
        Handled(0.5, {"stock": 0.1, "sales": 0.5}, {}, {}),
        Handled(0.25, {"stock": 0.0, "sales": 0.4}, {}, {}),
    ]
    assert median_per_second(handled) == 4
    assert mean_waited_seconds(handled) == pytest.approx(0.2)
    assert count_waited(handled, 0.15) == 3


def test_of_nothing_all_measures_are_zero():
    """As before the first order."""
    assert (median_per_second([]), mean_waited_seconds([]), count_waited([], 0.1)) == (0, 0, 0)
