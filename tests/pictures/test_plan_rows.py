"""What is drawn of a plan: boxes with words, edges with what flows along them."""

from itertools import pairwise

import pytest

from eventlab.pictures.plan_rows import Flowing, PlanRows
from tests.pictures.plans import COUNTS, JOINS, graph

HEADS = [("CTAS_T_1 is running", "running"), ("a hint", "hint")]


def rows(query, flowing=None, heads=HEADS):
    """Return what is drawn of a query, by its ids."""
    drawing = PlanRows(graph(query), heads=2, has_counts=flowing is not None)
    return drawing, {row["id"]: row for row in drawing.rows(flowing or {}, heads)}


def boxes(found):
    """Return left, top and bottom of each box: its column, and pixels."""
    return [
        (row["x"], row["y"] - row["height"] / 2, row["y"] + row["height"] / 2)
        for row in found.values()
        if row["id"].startswith("box")
    ]


@pytest.mark.parametrize("query", [COUNTS, JOINS])
def test_boxes_do_not_touch_and_all_is_within_the_picture(query):
    """Below the words above all; the words of a box stand in it."""
    drawing, found = rows(query, {})
    placed = sorted(boxes(found))
    for (x, _, bottom), (other, top, _) in pairwise(placed):
        assert x != other or bottom + 20 < top
    assert min(top for _, top, _ in placed) > 30
    assert max(bottom for *_, bottom in placed) <= drawing.height
    assert {x for x, *_ in placed} == set(range(drawing.columns))
    for name, row in found.items():
        if name.startswith("line"):
            box = found["box " + name.split(" ", 2)[2]]
            assert abs(row["y"] - box["y"]) < box["height"] / 2 - 6
            assert row["x"] == box["x"]


def test_an_edge_begins_at_one_box_and_ends_at_the_other():
    """One that comes from the side ends beside the middle."""
    _, found = rows(JOINS)
    straight = found["edge 1 to 3"]
    aside = found["edge 2 to 3"]
    join = found["box 3"]
    assert straight["y2"] == aside["y2"] == join["y"] - join["height"] / 2
    assert (straight["x"], straight["x2"]) == (0, 0)
    assert aside["x"] == 1
    assert 0 < aside["x2"] < 0.5
    assert found["link 3 to 3 state"]["what"] == "link"


@pytest.mark.parametrize(
    ("flowing", "status", "words"),
    [
        (Flowing(1234567, 12345.6), "flows", ["12,346/s", "1,234,567"]),
        (Flowing(5, 0.25), "flows", ["0.2/s", "5"]),
        (Flowing(5, 0.0), "rests", ["0/s", "5"]),
        (Flowing(5, None), "rests", ["", "5"]),
    ],
)
def test_rate_and_count_stand_beside_an_edge(flowing, status, words):
    """Where rows flow it lights up."""
    _, found = rows(COUNTS, {1: flowing})
    assert found["edge 1 to 2"]["status"] == status
    assert [found[f"count {n} 1 to 2"]["words"] for n in (0, 1)] == words


def test_a_plan_that_is_not_run_has_no_counts():
    """And is lower."""
    still, found = rows(COUNTS)
    running, _ = rows(COUNTS, {})
    assert not [name for name in found if name.startswith("count")]
    assert still.height < running.height


def test_the_words_above_all_say_how_the_query_is():
    """Each with its look."""
    _, found = rows(COUNTS)
    assert [found[f"head {n}"]["words"] for n in (0, 1)] == [words for words, _ in HEADS]
    assert found["head 0"]["status"] == "running"
