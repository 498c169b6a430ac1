from eventlab.live import COLOURS
from eventlab.live.lanes import CHOSEN, OTHERS, READER, lanes_chart
from eventlab.live.picture import still
from tests.live.test_chart import colours, near

VERMILION, BLUE = (0xD5, 0x5E, 0), (0, 0x72, 0xB2)


def row(name, partition, offset, group):
    return {"id": name, "partition": partition, "offset": offset, "group": group, "what": name}


def test_each_partition_is_a_lane_even_when_it_is_empty():
    """The lanes are there before the first record."""
    spec = lanes_chart(4, ["c1"]).to_dict()
    assert spec["layer"][0]["encoding"]["y"]["scale"]["domain"] == [0, 1, 2, 3]
    assert lanes_chart(8, []).to_dict()["height"] > spec["height"]


def test_a_colour_means_the_same_in_every_layer():
    """What is highlighted, the others, readers and the chosen one, in this order."""
    for layer in lanes_chart(2, ["c1", "c2"]).to_dict()["layer"]:
        scale = layer["encoding"]["color"]["scale"]
        assert scale["domain"] == ["c1", "c2", OTHERS, READER, CHOSEN]
        assert scale["range"][-2:] == [COLOURS["reader"], COLOURS["chosen"]]


def test_each_row_is_drawn_once():
    """A layer has its own groups, and the chosen reader lies on top."""
    layers = lanes_chart(2, ["c1", "c2"]).to_dict()["layer"]
    groups = [layer["transform"][0]["filter"]["oneOf"] for layer in layers]
    assert groups == [[OTHERS], ["c1", "c2"], [READER], [CHOSEN]]


def test_records_and_readers_are_drawn():
    """Ticks in the highlight's colour, and the chosen reader in its own."""
    rows = [row(f"0-{n}", 0, n, "c1") for n in range(40)]
    rows += [row(f"reader {n}", 1, 4 * n, CHOSEN) for n in range(8)]
    spec = lanes_chart(2, ["c1"]).to_dict() | {"datasets": {"live": rows}}
    drawn = colours(still(spec, "Lanes", "Lanes")[0])
    assert near(drawn, BLUE)
    assert near(drawn, VERMILION)
