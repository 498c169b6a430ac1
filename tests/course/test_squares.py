"""A square for each order."""

import altair

from eventlab.course.squares import squares_of
from eventlab.live.picture import still


def test_each_state_has_its_colour_and_there_is_room_above():
    """The first row is at the top."""
    live = altair.Chart(altair.NamedData("live"))
    hues = {"done": "#009E73", "lost": "#D55E00"}
    layer, across, down = squares_of(live, hues, columns=4, rows=2, above=1.5, folds_below=300)
    spec = layer.to_dict()
    assert spec["encoding"]["color"]["scale"] == {
        "domain": ["done", "lost"],
        "range": ["#009E73", "#D55E00"],
    }
    assert across.to_dict()["scale"]["domain"] == [0, 4]
    assert down.to_dict()["scale"]["domain"] == [2, -1.5]
    spec["datasets"] = {"live": [{"kind": "order", "column": 1, "row": 0, "state": "lost"}]}
    assert still(spec, "Squares", "Squares")[0]["image/png"]
