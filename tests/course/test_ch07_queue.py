"""Who waits for whom: what the server says more than once is drawn once."""

import pytest

from eventlab.course.ch07_queue import places, reduced

LINE = [("sales", "stock"), ("shipping", "stock"), ("shipping", "sales")]


def test_who_stands_third_waits_for_the_second():
    """That it waits for the first as well follows from that."""
    assert reduced(LINE) == [("sales", "stock"), ("shipping", "sales")]
    assert reduced(reversed(LINE)) == [("shipping", "sales"), ("sales", "stock")]


def test_two_that_wait_for_the_same_one_stay_two():
    """Neither is behind the other."""
    edges = [("sales", "stock"), ("shipping", "stock")]
    assert reduced([*edges, edges[0], ("stock", "stock")]) == edges
    assert places(edges) == {"sales": 1, "stock": 0, "shipping": 1}


def test_a_place_is_how_many_stand_before():
    """The first has the lock."""
    assert places(reduced(LINE)) == {"sales": 1, "stock": 0, "shipping": 2}


@pytest.mark.parametrize("edges", [[], [("sales", "stock"), ("stock", "sales")]])
def test_nobody_and_a_circle_have_places_too(edges):
    """A deadlock is drawn as long as the server has not ended it."""
    assert set(places(edges)) == {name for edge in edges for name in edge}
    assert all(0 <= place <= 1 for place in places(edges).values())
