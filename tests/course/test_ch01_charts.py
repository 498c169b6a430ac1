"""The pictures of what batches buy, what old data cost, and what a terabit takes."""

from eventlab.course.ch01_charts import (
    NEEDS,
    Terabit,
    costs,
    sendings,
    terabit_chart,
)
from eventlab.course.ch01_costs import SameCost, Sending, compare_sendings


def drawn(chart, kind):
    """Return the rows of one kind that a chart was given."""
    columns = chart.rows
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [row for row in rows if row["kind"] == kind]


def test_sendings_are_two_pairs_of_bars():
    """With words for who cannot see them."""
    with sendings(compare_sendings(lambda: Sending(1, 300), lambda: Sending(9, 60))) as chart:
        said = "Batched, 9 times as many events a second, and 5.0 times fewer bytes for each"
        assert chart.alt == said
        assert [row["amount"] for row in drawn(chart, "rate")] == [1, 9]
        assert [row["amount"] for row in drawn(chart, "size")] == [300, 60]
        assert "image/png" in chart.still()[0]


def test_costs_are_two_bars_and_every_turn():
    """A turn that took far longer than the others does not squeeze the bars."""
    with costs(SameCost(old=[10, 11, 900], new=[10, 10, 12], factor=1.1)) as chart:
        middles = {row["what"]: row["amount"] for row in drawn(chart, "middle")}
        assert middles == {"the oldest: 11.0": 11, "new ones: 10.0": 10}
        assert [row["amount"] for row in drawn(chart, "turn")] == [10, 11, 33, 10, 10, 12]
        assert "image/png" in chart.still()[0]


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
