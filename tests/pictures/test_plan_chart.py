"""The chart of a plan: three shapes for three kinds of nodes."""

import pytest

from eventlab.live import LiveChart
from eventlab.pictures.plan_chart import plan_chart
from eventlab.pictures.plan_rows import COLUMNS, Flowing, PlanRows
from tests.pictures.plans import COUNTS, JOINS, graph


def layers(kind):
    """Return the marks with which the nodes of a kind are drawn."""
    found = plan_chart(2, 300).to_dict()["layer"]
    return [
        one["mark"]
        for one in found
        if one.get("transform", [{}])[0].get("filter", {}).get("oneOf") == [kind]
    ]


def test_topics_steps_and_state_have_shapes_of_their_own():
    """Round, with corners, and a drum of five parts."""
    for kind in ("stream", "table"):
        (topic,) = layers(kind)
        assert topic["cornerRadius"] == 20
    (step,) = layers("step")
    assert (step["type"], step["cornerRadius"]) == ("rect", 3)
    assert [mark["type"] for mark in layers("state")] == ["point", "rect", "tick", "tick", "point"]


@pytest.mark.parametrize("query", [COUNTS, JOINS])
@pytest.mark.parametrize("width", [300, 1000])
def test_a_live_chart_takes_it(query, width):
    """Its picture is as high as its rows, and as wide as its page."""
    drawing = PlanRows(graph(query), heads=1, has_counts=True)
    chart = plan_chart(drawing.columns, drawing.height)
    with LiveChart(chart, alt="a plan", key="id") as live:
        live._page_width = width
        rows = drawing.rows({1: Flowing(5, 2.0)}, [("CTAS_T_1 has failed", "failed")])
        live.push(**{name: [row.get(name) for row in rows] for name in COLUMNS})
        _, metadata = live._still()
    size = metadata["image/png"]
    assert abs(size["width"] - width) <= 2
    assert drawing.height <= size["height"] <= drawing.height + 20


def test_it_has_no_axes():
    """Columns and pixels mean nothing to whoever looks."""
    for layer in plan_chart(2, 300).to_dict()["layer"]:
        assert layer["encoding"]["x"]["axis"] is None
        assert layer["encoding"]["y"]["axis"] is None
