"""Where the nodes of a plan stand: one below the other, and what is joined beside."""

import pytest

from eventlab.pictures.plan_places import plan_places
from tests.pictures.plans import COUNTS, JOINS, graph

FOREIGN = "SELECT * FROM items JOIN shelves ON shelf = name;"


def test_the_steps_of_one_source_stand_below_each_other():
    """In the order in which rows go through them; a state stands beside its step."""
    places = plan_places(graph(COUNTS))
    assert {name: tuple(place) for name, place in places.items()} == {
        "1": (0, 0),
        "2": (0, 1),
        "3 group": (0, 2),
        "3": (0, 3),
        "3 state": (1, 3),
        "4": (0, 4),
        "answer": (0, 5),
    }


def test_what_is_joined_comes_in_from_the_right_just_above_its_join():
    """Also where the state of an earlier join stands on the way."""
    places = plan_places(graph(JOINS))
    assert (places["1"], places["2"], places["3"]) == ((0, 0), (1, 0), (0, 1))
    assert places["3 state"] == (1, 1)
    assert places["6"].y == places["5"].y + 1
    assert places["5"].x == 1


@pytest.mark.parametrize("query", [COUNTS, JOINS, FOREIGN])
def test_no_two_nodes_stand_at_one_place_and_rows_go_down(query):
    """Whatever is joined; nothing stands on a way from one row to another."""
    drawn = graph(query)
    places = plan_places(drawn)
    assert len(set(places.values())) == len(drawn.nodes)
    for edge in drawn.edges:
        begin = places[edge.begin]
        end = places[edge.end]
        if edge.step is None:
            assert (end.x, end.y) == (begin.x + 1, begin.y)
            continue
        assert end.y > begin.y
        assert end.x == begin.x or end.y == begin.y + 1
        between = [at for at in places.values() if begin.y < at.y < end.y]
        assert all(at.x != begin.x for at in between)
