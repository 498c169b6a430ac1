import altair
import pandas
import pytest

from eventlab.errors import ChartError
from eventlab.live.specification import alt_text, described, reserved_height, specification

LIVE = altair.Chart(altair.NamedData("live"))
LINE = LIVE.mark_line().encode(x="t:T", y="v:Q")
OTHER = altair.Chart(pandas.DataFrame({"k": [1]})).mark_bar().encode(x="k:Q")
LOOKED_UP = OTHER.transform_lookup("k", altair.LookupData(altair.NamedData("live"), "k", ["v"]))

SINGLE = {"line": LINE, "layer": LINE + OTHER, "lookup": LOOKED_UP}
COMPOSED = {
    "beside": LINE | LINE,
    "below": LINE & OTHER,
    "facet": LINE.facet("k:N"),
    "row": LINE.encode(row="k:N"),
    "layer in facet": (LINE + LINE.mark_point()).facet("k:N"),
    "repeat": LINE.repeat(row=["v", "w"]),
}


@pytest.mark.parametrize("name", SINGLE)
def test_a_single_chart_has_a_fixed_size(name):
    """Labels and legends of any length fit into it, so the page never jumps."""
    spec = specification(SINGLE[name])
    assert spec["autosize"] == {"type": "fit", "contains": "padding"}
    assert (spec["width"], spec["height"]) == (640, 240)
    assert reserved_height(spec) == 240


@pytest.mark.parametrize("name", COMPOSED)
def test_a_chart_of_several_keeps_its_own_sizes(name):
    """Vega-Lite cannot fit these into a box."""
    spec = specification(COMPOSED[name])
    assert "autosize" not in spec
    assert reserved_height(spec) == 0


def test_of_charts_below_each_other_the_heights_are_kept_free():
    """Where all of them say how high they are."""
    tall, low = LINE.properties(height=300), LINE.properties(height=100)
    assert reserved_height(specification(tall & low)) == 400
    assert reserved_height(specification(tall & LINE)) == 0


def test_a_size_of_ones_own_stays():
    """Only what was left open is set."""
    spec = specification(LINE.properties(width=300, height=100))
    assert (spec["width"], spec["height"], reserved_height(spec)) == (300, 100, 100)
    assert reserved_height(specification(LINE.properties(height=altair.Step(20)))) == 0


@pytest.mark.parametrize(
    "chart",
    [OTHER, altair.Chart(altair.NamedData("other")).mark_bar(), OTHER.properties(title="live")],
    ids=["frame", "other name", "title"],
)
def test_a_chart_of_other_data_is_refused(chart):
    """The error says how to begin one that moves."""
    with pytest.raises(ChartError, match=r"alt\.Chart\(alt\.NamedData"):
        specification(chart)


@pytest.mark.parametrize("thing", [None, "chart", {"mark": "bar"}, pandas.DataFrame({"live": [1]})])
def test_what_is_no_chart_is_refused(thing):
    """The error names what it is."""
    with pytest.raises(ChartError, match=f"expected an Altair chart, found {type(thing).__name__}"):
        specification(thing)


def test_a_chart_without_words_is_refused():
    """Whoever cannot see it has to be told what it shows."""
    for alt in ("", "  ", None):
        with pytest.raises(ChartError, match="who cannot see"):
            alt_text(alt, specification(LINE))


def test_words_are_the_given_ones_or_the_charts_own():
    """A description is better than a title, and what was given is best."""
    titled = LINE.properties(title=altair.Title(["Orders", "a second"]))
    both = titled.properties(description="Orders by country")
    assert described(specification(LINE.properties(title="Orders"))) == "Orders"
    assert alt_text("", specification(titled)) == "Orders a second"
    assert alt_text("", specification(both)) == "Orders by country"
    assert alt_text("given", specification(both)) == "given"
