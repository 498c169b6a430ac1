from eventlab.live import LiveChart
from eventlab.live.joins import ALONE, MATCHED, PAIR, WAITING, joins_chart
from eventlab.live.theme import COLOURS


def test_what_waits_is_hollow_and_what_found_its_partner_is_filled():
    """With the colours that joins and late events have everywhere."""
    spec = joins_chart("orders", "payments").to_dict()
    pairs, hollow, filled = spec["layer"]
    assert [one["transform"][0]["filter"]["oneOf"] for one in (pairs, hollow, filled)] == [
        [PAIR],
        [WAITING],
        [MATCHED, ALONE],
    ]
    assert not hollow["mark"].get("filled")
    assert filled["mark"]["filled"]
    colours = hollow["encoding"]["color"]["scale"]
    hue = dict(zip(colours["domain"], colours["range"], strict=True))
    assert (hue[MATCHED], hue[ALONE]) == (COLOURS["join"], COLOURS["late"])


def test_the_lanes_bear_the_names_of_their_sides():
    """Left above, right below."""
    spec = joins_chart("orders", "payments").to_dict()
    assert spec["layer"][0]["encoding"]["y"]["axis"]["labelExpr"] == (
        "datum.value == 1.0 ? 'orders' : 'payments'"
    )


def test_a_live_chart_takes_it():
    """With room kept free for it."""
    with LiveChart(joins_chart("a", "b"), key="id", alt="A join") as live:
        assert live.settings["height"] > 100
