"""Where the nodes of a graph stand."""

from eventlab.pictures.graph_places import Place, places

SHOP = [("front", "orders"), ("orders", "billing"), ("billing", "stock"), ("billing", "bills")]


def rows(edges) -> dict[str, int]:
    """Return the row of each node."""
    return {name: int(place.y) for name, place in places(edges).items()}


def test_a_node_stands_below_all_that_lead_to_it():
    """By the longest way: an edge never leads up."""
    assert rows(SHOP) == {"front": 0, "orders": 1, "billing": 2, "stock": 3, "bills": 3}
    longer = [*SHOP, ("front", "bills"), ("stock", "bills")]
    assert rows(longer)["bills"] == 4


def test_a_chain_is_one_column_and_two_of_them_are_two():
    """However far down they go."""
    found = places([("a", "b"), ("b", "c"), ("x", "y"), ("y", "z")])
    assert [found[name] for name in "abc"] == [Place(0, 0), Place(0, 1), Place(0, 2)]
    assert [found[name] for name in "xyz"] == [Place(1, 0), Place(1, 1), Place(1, 2)]


def test_which_beginning_was_seen_first_does_not_matter():
    """Two runs of the same services are compared at a glance."""
    pairs = [("a", "b"), ("b", "c"), ("x", "y")]
    assert places(pairs) == places(reversed(pairs))


def test_no_two_nodes_stand_at_one_place():
    """However many there are in a row."""
    found = places([("front", f"n{number}") for number in range(10)])
    assert len(set(found.values())) == 11
    assert {place.y for name, place in found.items() if name != "front"} == {1.0}


def test_an_edge_over_several_rows_goes_beside_what_stands_between():
    """Else it would look as if it ended there."""
    found = places([("a", "b"), ("b", "c"), ("a", "c")])
    assert (found["b"], found["c"]) == (Place(0, 1), Place(1, 2))


def test_nothing_jumps_while_the_same_edges_are_seen_again():
    """And what comes to a row stands beside what is there."""
    before = places(SHOP)
    assert places([*SHOP, *SHOP]) == before
    after = places([*SHOP, ("billing", "mail")])
    assert {name: after[name] for name in before} == before


def test_a_circle_has_an_end():
    """Who calls back stands where it stood, and who calls itself has a place only by others."""
    assert rows([("a", "b"), ("b", "c"), ("c", "a")]) == {"a": 0, "b": 1, "c": 2}
    assert rows([("a", "a"), ("a", "b")]) == {"a": 0, "b": 1}
    assert places([]) == {}
