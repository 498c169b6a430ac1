from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.pictures.windows_chart import (
    CLOSED,
    DROPPED,
    LATE,
    ON_TIME,
    OPEN,
    STREAM_TIME,
    WATERMARK,
    windows_chart,
)


def test_every_kind_of_row_has_its_own_mark_and_colour():
    """Late ones have the colour of what is late everywhere, dropped ones that of what is lost."""
    spec = windows_chart(arrival="order", arrival_is_time=False, value="events").to_dict()
    above, below = spec["vconcat"]
    bars = above["layer"][0]
    colours = bars["encoding"]["color"]["scale"]
    hue = dict(zip(colours["domain"], colours["range"], strict=True))
    assert (hue[LATE], hue[ON_TIME]) == (COLOURS["late"], COLOURS["on_time"])
    assert (hue[DROPPED], hue[STREAM_TIME]) == (COLOURS["lost"], COLOURS["watermark"])
    layers = [*above["layer"], *below["layer"]]
    kinds = [one["transform"][0]["filter"]["oneOf"] for one in layers]
    dots = [[ON_TIME], [LATE], [WATERMARK], [WATERMARK], [DROPPED]]
    assert kinds == [[OPEN, CLOSED], [WATERMARK], [STREAM_TIME], *dots]


def test_the_axes_say_what_they_are():
    """An arrival is a moment or a place in an order."""
    for is_time, kind in ((True, "temporal"), (False, "quantitative")):
        spec = windows_chart(arrival="came", arrival_is_time=is_time, value="flights").to_dict()
        dots = spec["vconcat"][1]["layer"][0]["encoding"]
        assert (dots["y"]["title"], dots["y"]["type"]) == ("came", kind)
        assert spec["vconcat"][0]["layer"][0]["encoding"]["y"]["title"] == "flights"


def test_a_live_chart_takes_it():
    """With words for those who cannot see it."""
    chart = windows_chart(arrival="came", arrival_is_time=True, value="flights")
    with LiveChart(chart, key="id", alt="Windows and events") as live:
        assert live.alt == "Windows and events"
        assert live.settings["height"] > 300
