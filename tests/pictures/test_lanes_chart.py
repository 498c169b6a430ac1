"""The chart of lanes, without a topic."""

import math

import pytest

from eventlab.live import COLOURS
from eventlab.live.picture import still
from eventlab.pictures.lanes_chart import CHOSEN, END, OTHERS, READER, lanes_chart
from tests.live.test_chart import colours, near

VERMILION = (0xD5, 0x5E, 0)
BLUE = (0, 0x72, 0xB2)


def row(name, partition, offset, group):
    places = {"partition": partition, "offset": offset, "at": offset}
    return {"id": name, "group": group, "what": name, "label": ""} | places


def layers_of(spec):
    """Return the layers that draw rows, by the groups of each."""
    found = [layer for layer in spec["layer"] if "transform" in layer]
    return {tuple(_groups(layer)): layer for layer in found}


def _groups(layer):
    return next(step["filter"]["oneOf"] for step in layer["transform"] if "filter" in step)


def drawn(spec, rows):
    """Return the colours of the picture with these rows."""
    datasets = spec.get("datasets", {}) | {"live": rows}
    return colours(still(spec | {"datasets": datasets}, "Lanes", "Lanes")[0])


def test_each_partition_is_a_lane_even_when_it_is_empty():
    """The lanes are there before the first record."""
    spec = lanes_chart(4, ["c1"]).to_dict()
    scale = layers_of(spec)[(OTHERS,)]["encoding"]["y"]["scale"]
    assert scale["domain"] == [0, 4]
    (grounds,) = spec["datasets"].values()
    assert len(grounds) == 4
    assert lanes_chart(8, []).to_dict()["height"] > spec["height"]


def test_a_colour_means_the_same_in_every_layer():
    """What is highlighted, the others, readers and the chosen one, in this order."""
    layers = layers_of(lanes_chart(2, ["c1", "c2"]).to_dict()).values()
    scales = [
        layer["encoding"]["color"]["scale"] for layer in layers if "color" in layer["encoding"]
    ]
    for scale in scales:
        assert scale["domain"] == ["c1", "c2", OTHERS, READER, CHOSEN, END]
        assert scale["range"][3:5] == [COLOURS["reader"], COLOURS["chosen"]]


def test_no_record_has_the_colour_of_the_chosen_reader():
    """However many values are coloured."""
    spec = lanes_chart(2, [f"c{n}" for n in range(20)]).to_dict()
    scale = layers_of(spec)[(OTHERS,)]["encoding"]["color"]["scale"]
    assert COLOURS["chosen"] not in scale["range"][:20]
    assert len(set(scale["range"][:6])) == 6


def test_each_record_and_each_reader_is_drawn_once():
    """A layer has its own groups, and the chosen reader lies on top."""
    groups = list(layers_of(lanes_chart(2, ["c1", "c2"]).to_dict()))
    assert groups[:3] == [(END,), (OTHERS,), ("c1", "c2")]
    assert groups[-2:] == [(READER,), (CHOSEN,)]


def test_records_and_readers_are_drawn():
    """Ticks in the highlight's colour, and the chosen reader in its own."""
    rows = [row(f"0-{n}", 0, n, "c1") for n in range(40)]
    rows += [row(f"reader {n}", 1, 4 * n, CHOSEN) for n in range(8)]
    found = drawn(lanes_chart(2, ["c1"]).to_dict(), rows)
    assert near(found, BLUE)
    assert near(found, VERMILION)


def test_a_line_joins_one_group_in_the_order_of_its_time():
    """Across the lanes, and no line where none is asked for; its edge is seen on its own hue."""
    spec = lanes_chart(2, ["c1", "c2"], joined="c1").to_dict()
    layers = [layer for layer in spec["layer"] if "transform" in layer]
    marks = [layer for layer in layers if _groups(layer) == ["c1"]]
    lines = [layer for layer in marks if layer["mark"]["type"] == "line"]
    assert [layer["encoding"]["order"]["field"] for layer in lines] == ["at", "at"]
    assert [layer["mark"].get("stroke") for layer in lines] == ["white", None]
    assert ("c1",) not in layers_of(lanes_chart(2, ["c1", "c2"]).to_dict())


def test_the_name_of_the_line_stands_at_its_newest_record():
    """Once, whichever lane that is in."""
    spec = lanes_chart(2, ["c1", "c2"], joined="c1").to_dict()
    name = layers_of(spec)[("c1",)]
    assert name["mark"]["type"] == "text"
    assert name["encoding"]["text"]["field"] == "group"
    assert {"filter": "datum.at === datum.newest"} in name["transform"]


@pytest.mark.parametrize(
    ("names", "width", "columns"),
    [
        (["Francesca", "Hugo"], 165, 2),  # one of two runs side by side, on a page of 800 pixels
        (["Francesca Conti", "Hugo Moreau"], 165, 1),
        (["Francesca Conti", "Hugo Moreau"], 360, 3),
        (["c1", "c2"], 360, 9),
        (["a name that is wider than any page"], 60, 1),
    ],
)
def test_the_legend_has_as_many_names_in_a_row_as_fit(names, width, columns):
    """By the longest of them, and never none."""
    spec = lanes_chart(2, names).to_dict()
    found = layers_of(spec)[(OTHERS,)]["encoding"]["color"]["legend"]["columns"]["expr"]
    assert eval(found, {"width": width, "floor": math.floor, "max": max}) == columns
