from eventlab.live import LiveChart
from eventlab.live.lags import lags_chart


def test_partitions_are_stacked_so_that_the_whole_is_seen():
    """With the reader's name, and what is counted."""
    spec = lags_chart("audit").to_dict()
    assert spec["title"] == "Lag of audit"
    y = spec["layer"][0]["encoding"]["y"]
    assert (y["stack"], y["title"]) == ("zero", "records not read yet")


def test_a_live_chart_takes_it():
    """Its title is words enough."""
    with LiveChart(lags_chart("audit")) as live:
        assert live.alt == "Lag of audit"
