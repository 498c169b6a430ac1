import re
from itertools import combinations

import altair
import numpy
import pytest
import vl_convert

from eventlab.live import COLOURS, categories, use_theme
from eventlab.live.theme import CATEGORIES, MIDDLE_GREY, chart_config, in_our_style
from eventlab.live.vega import VEGA_LITE

# How eyes without one of the three cones see linear RGB: Machado, Oliveira and Fernandes (2009),
# table 1, severity 1.
BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "none": numpy.eye(3),
}
# From linear sRGB to CIE XYZ, relative to the white D65.
XYZ = numpy.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / numpy.array([[0.9505], [1.0], [1.089]])
APART = 10  # in CIELAB; 2 is just noticeable side by side


def linear(colour):
    """Return a colour's linear RGB."""
    rgb = numpy.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return numpy.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(colour, blindness):
    """Return where a colour lies in CIELAB for such eyes."""
    seen = numpy.clip(numpy.array(BLINDNESS[blindness]) @ linear(colour), 0, 1)
    x, y, z = numpy.cbrt(XYZ @ seen)
    return numpy.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one, other, blindness):
    """Return how far apart two colours are for such eyes."""
    return float(numpy.linalg.norm(lab(one, blindness) - lab(other, blindness)))


def contrast(one, other):
    """Return the contrast of two colours as WCAG defines it."""
    light, dark = sorted((float(XYZ[1] @ linear(c)) + 0.05 for c in (one, other)), reverse=True)
    return light / dark


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_every_two_categories_stay_apart(blindness):
    """Nobody has to tell two series by a difference that their eyes do not see."""
    close = {
        pair: round(distance(*pair, blindness), 1)
        for pair in combinations(CATEGORIES, 2)
        if distance(*pair, blindness) < APART
    }
    assert close == {}


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_meanings_with_different_colours_stay_apart(blindness):
    """What is late, lost or on time can be told by everybody."""
    hues = sorted(set(COLOURS.values()) - {COLOURS["muted"]})
    close = [pair for pair in combinations(hues, 2) if distance(*pair, blindness) < APART]
    assert close == []


@pytest.mark.parametrize("ground", ["#FFFFFF", "#1E1E1E"])
def test_what_has_one_grey_on_both_grounds_stands_out_from_them(ground):
    """By what WCAG asks of lines and shapes."""
    assert contrast(MIDDLE_GREY, ground) > 3


def test_a_subtitle_is_as_readable_as_its_title():
    """Its colour is ours, and not the black that Vega gives it."""
    title = chart_config()["title"]
    assert title["subtitleColor"] == title["color"]


def test_red_and_green_would_not_have_passed():
    """The measure can fail: two hues that many people confuse are too close."""
    assert distance("#AA4400", "#667700", "deuteranopia") < APART


def test_what_belongs_together_has_one_colour():
    """An event on time is the stream as it should be; a chapter may rely on each name."""
    assert COLOURS["on_time"] == COLOURS["stream"]
    wanted = {"stream", "table", "late", "lost", "on_time", "reader", "watermark"}
    assert wanted <= set(COLOURS)


def test_marks_and_words_stand_out_from_the_ground():
    """The chart brings its own white ground, so this holds on a dark page too."""
    config = chart_config()
    ground = config["background"]
    assert ground == "#FFFFFF"
    assert contrast(config["axis"]["labelColor"], ground) > 7
    assert min(contrast(colour, ground) for colour in CATEGORIES) > 2


def test_ten_seconds_are_labelled_with_their_seconds():
    """A reader sees which second it is, and not only where its half is."""
    rows = [{"at": 500 * n, "level": n} for n in range(21)]
    chart = altair.Chart(altair.InlineData(rows)).mark_line().encode(x="at:T", y="level:Q")
    with in_our_style():
        drawn = vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=VEGA_LITE)
    labels = re.findall(r"<text [^>]*>(:\d\d|\.\d\d\d)</text>", drawn)
    assert labels == [f":{second:02}" for second in range(1, 11)]


def test_categories_go_round():
    """More series than hues get the first hues again."""
    assert categories(8) == [*CATEGORIES, *CATEGORIES[:2]]


@pytest.fixture
def altairs_own_theme():
    yield
    altair.theme.enable("default")


def test_our_style_is_for_a_moment_only(altairs_own_theme):
    """A chart made inside looks like ours, and Altair is left as it was."""
    chart = altair.Chart(altair.NamedData("live")).mark_bar()
    with in_our_style():
        assert chart.to_dict()["config"]["background"] == "#FFFFFF"
    assert altair.theme.active == "default"


def test_a_theme_that_was_chosen_stays(altairs_own_theme):
    """Whoever prefers no theme at all keeps that."""
    chart = altair.Chart(altair.NamedData("live")).mark_bar()
    altair.theme.enable("none")
    with in_our_style():
        assert "config" not in chart.to_dict()
    use_theme()
    assert altair.theme.active == "eventlab"
