"""Where the nodes of a graph stand."""

from eventlab.pictures.graph_places import places

SHOP = [("front", "orders"), ("orders", "billing"), ("billing", "stock"), ("billing", "bills")]


def columns(edges) -> dict[str, int]:
    """Return the column of each node."""
    return {name: int(place.x) for name, place in places(edges).items()}


def test_a_node_stands_behind_all_that_lead_to_it():
    """By the longest way: an edge never leads back."""
    assert columns(SHOP) == {"front": 0, "orders": 1, "billing": 2, "stock": 3, "bills": 3}
    longer = [*SHOP, ("front", "bills"), ("stock", "bills")]
    assert columns(longer)["bills"] == 4


def test_no_two_nodes_stand_at_one_place():
    """However many there are in a column."""
    found = places([("front", f"n{number}") for number in range(10)])
    assert len(set(found.values())) == 11
    assert {place.x for name, place in found.items() if name != "front"} == {1.0}


def test_nothing_jumps_while_the_same_edges_are_seen_again():
    """And what comes to a column stands below what is there."""
    before = places(SHOP)
    assert places([*SHOP, *SHOP]) == before
    after = places([*SHOP, ("billing", "mail")])
    assert {name: after[name] for name in before} == before


def test_a_circle_has_an_end():
    """Who calls back stands where it stood, and who calls itself has a place only by others."""
    assert columns([("a", "b"), ("b", "c"), ("c", "a")]) == {"a": 0, "b": 1, "c": 2}
    assert columns([("a", "a"), ("a", "b")]) == {"a": 0, "b": 1}
    assert places([]) == {}
