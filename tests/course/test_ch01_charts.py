"""The pictures of what batches buy, what old data cost, and what a terabit takes."""

from eventlab.course.ch01_charts import (
    NEEDS,
    Terabit,
    costs_chart,
    sendings_chart,
    terabit_chart,
)
from eventlab.course.ch01_costs import SameCost, Sending, compare_sendings
from eventlab.live.picture import still


def is_drawn(chart):
    """Tell whether a chart becomes a picture."""
    return bool(still(chart.to_dict(), "A chart", "A chart")[0]["image/png"])


def test_sendings_are_two_pairs_of_bars():
    """With words for who cannot see them."""
    chart = sendings_chart(compare_sendings(lambda: Sending(1, 300), lambda: Sending(9, 60)))
    assert len(chart.to_dict()["vconcat"]) == 2
    said = "Batched, 9 times as many events a second, and 5.0 times fewer bytes for each"
    assert chart.to_dict()["description"] == said
    assert is_drawn(chart)


def test_costs_are_two_bars_and_every_turn():
    """A turn that took far longer than the others does not squeeze the bars."""
    chart = costs_chart(SameCost(old=[10, 11, 900], new=[10, 10, 12], factor=1.1))
    amounts = [row["amount"] for rows in chart.to_dict()["datasets"].values() for row in rows]
    assert max(amounts) <= 33
    assert is_drawn(chart)


def test_the_sliders_of_the_terabit_move_its_bars():
    """At once, and its picture has all four."""
    terabit = Terabit(125e6)
    with terabit:
        before = terabit.chart.rows["amount"]
        terabit.copies.value = 5
        after = terabit.chart.rows["amount"]
    assert terabit.chart.rows["what"] == NEEDS
    assert after[0] == before[0] == 1_000
    assert after[1] == before[1] * 5 / 3


def test_the_most_of_the_terabit_is_on_its_axis():
    """And its number is written within the bar, where the page has no room beside it."""
    terabit = Terabit(125e6)
    with terabit:
        for slider in (terabit.terabits, terabit.copies, terabit.days):
            slider.index = len(slider.options) - 1
        most = max(terabit.chart.rows["amount"])
    bars, beside, inside = terabit_chart().to_dict()["layer"]
    assert bars["encoding"]["x"]["scale"]["domain"][1] >= most > 1_000_000
    assert [layer["mark"]["align"] for layer in (beside, inside)] == ["left", "right"]
    wanted = [layer["transform"][0]["filter"] for layer in (beside, inside)]
    assert wanted == ["datum.amount < 100000", "datum.amount >= 100000"]
