import io

import pytest
import vl_convert
from PIL import Image

from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.live.vega import VEGA_LITE
from eventlab.pictures.window_tally import Extent
from eventlab.pictures.windows_chart import (
    CHOSEN,
    CLOSED,
    LATE,
    MISSING,
    NOTE,
    OFFER,
    ON_TIME,
    OPEN,
    SHUT,
    STREAM_TIME,
    TOO_LATE,
    WATERMARK,
    Look,
    windows_chart,
)

EXTENT = Extent(1_362_646_800_000, 1_362_819_600_000, 75, 0.55, -5.0, 480.0)
TIMED = Look("came", True, "flights", "America/New_York", EXTENT)
ORDERED = Look("order", False, "flights")


def parts(look):
    """Return the bars, the dots, and what a grace gives, None where arrivals are no times."""
    outer = windows_chart(look).to_dict()["vconcat"]
    above, below = outer[0]["vconcat"]
    return above, below, outer[1] if look.arrival_is_time else None


def kinds(part):
    return [one["transform"][0]["filter"]["oneOf"] for one in part["layer"]]


def test_every_kind_of_row_has_its_own_mark_and_colour():
    """Late ones have the colour of what is late everywhere, missing ones that of what is lost."""
    above, below, offers = parts(TIMED)
    bars, missing = above["layer"][:2]
    colours = bars["encoding"]["color"]["scale"]
    hue = dict(zip(colours["domain"], colours["range"], strict=True))
    assert (hue[LATE], hue[ON_TIME]) == (COLOURS["late"], COLOURS["on_time"])
    assert (hue[TOO_LATE], hue[STREAM_TIME]) == (COLOURS["lost"], COLOURS["watermark"])
    assert missing["mark"]["color"] == COLOURS["lost"]
    assert kinds(above) == [[OPEN, CLOSED], [MISSING], [WATERMARK], [NOTE], [NOTE]]
    dots = [[ON_TIME], [LATE], [STREAM_TIME], [WATERMARK], [TOO_LATE], [NOTE]]
    assert kinds(below) == [[SHUT], *dots]
    assert kinds(offers) == [[OFFER], [CHOSEN], [CHOSEN], [CHOSEN]]


def test_the_axes_say_what_they_are():
    """An arrival is a moment or a place in an order."""
    for look, kind in ((TIMED, "temporal"), (ORDERED, "quantitative")):
        above, below, _ = parts(look)
        dots = below["layer"][1]["encoding"]
        assert (dots["y"]["title"], dots["y"]["type"]) == (look.arrival, kind)
        assert above["layer"][0]["encoding"]["y"]["title"] == "flights"


def test_the_axes_have_their_final_extent_where_it_is_known():
    """Nothing shrinks while one looks."""
    above, below, offers = parts(TIMED)
    across = above["layer"][0]["encoding"]
    assert across["x"]["scale"]["domain"] == [EXTENT.first, EXTENT.last]
    assert across["y"]["scale"]["domain"][1] > EXTENT.tallest
    assert below["layer"][0]["encoding"]["y"]["scale"]["domain"] == [EXTENT.first, EXTENT.last]
    delays = offers["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert delays[0] < EXTENT.shortest_delay < EXTENT.longest_delay < delays[1]


def test_a_second_clock_stands_beside_utc():
    """New York's is five hours behind, in winter."""
    above, below, _ = parts(TIMED)
    axis = above["layer"][0]["encoding"]["x"]["axis"]
    assert axis["title"] == "event time (New York)"
    assert "+ -18000000" in axis["labelExpr"]
    assert axis["labelFlush"] >= 25, "a label at the picture's edge would be cut off"
    assert below["layer"][0]["encoding"]["x"]["title"] == "event time (UTC)"


@pytest.mark.parametrize("look", [TIMED, ORDERED])
def test_a_live_chart_takes_it(look):
    """With words for those who cannot see it, and its place kept free on the page."""
    with LiveChart(windows_chart(look), key="id", alt="Windows and events") as live:
        assert live.alt == "Windows and events"
        assert live.settings["height"] > 300


def test_it_fits_beside_another_run():
    """Into half of a stage on a small page, its legend and titles too."""
    chart = windows_chart(TIMED).to_dict()
    (narrow,) = chart["params"]
    chart |= {
        "data": {"name": "live"},
        "datasets": {"live": []},
        "params": [narrow | {"value": True}],
        "config": {"view": {"continuousWidth": 160}},
    }
    png = vl_convert.vegalite_to_png(chart, vl_version=VEGA_LITE)
    assert Image.open(io.BytesIO(png)).width <= 246
