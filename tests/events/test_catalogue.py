from collections import Counter
from random import Random

import pytest

from eventlab.events.catalogue import (
    CATEGORIES,
    COUNTRIES,
    LEVELS,
    Choice,
    goods,
    people,
    price_cents,
)


def test_a_choice_gives_each_item_its_share():
    """The numbers from 0 to 1 are divided among the items by their weights, without a gap."""
    choose = Choice("abc", (1, 2, 1))
    assert [choose(number) for number in (0, 0.249, 0.25, 0.749, 0.75, 0.9999999)] == list("aabbcc")
    assert choose.shares == [0.25, 0.5, 0.25]


def test_customers_differ_in_level_and_country():
    """Every level and every country occurs, and who orders the most has the highest level."""
    everyone = people(500, Random(1).random).items
    assert Counter(person.home_level for person in everyone) == {
        "platinum": 25,
        "gold": 75,
        "silver": 150,
        "bronze": 250,
    }
    assert everyone[0].home_level == LEVELS[-1]
    assert {person.country for person in everyone} == set(COUNTRIES)
    assert len({person.customer_id for person in everyone}) == 500


@pytest.mark.parametrize("count", [1, 60, 250])
def test_products_have_names_of_their_own(count):
    """However many products there are, no two have the same id or the same name."""
    everything = goods(count, Random(1).random).items
    assert len({good.product_id for good in everything}) == count
    assert len({good.name for good in everything}) == count
    assert {good.category for good in everything} <= set(CATEGORIES)


def test_numbers_say_nothing_about_popularity():
    """The best seller is not product one: nobody can guess the ranks from the ids."""
    ids = [good.product_id for good in goods(60, Random(1).random).items]
    assert ids != sorted(ids)


@pytest.mark.parametrize(
    ("cents", "expected"), [(1999, 1989), (2000, 1999), (2009.9, 1999), (3, 9)]
)
def test_prices_end_in_a_nine(cents, expected):
    """A price is written as shops do, and nothing is given away."""
    assert price_cents(cents) == expected
