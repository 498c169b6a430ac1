"""How the pictures of chapter 08 are drawn."""

from eventlab.course.ch08_charts import MISSED, copy_chart, reports_chart
from eventlab.live.picture import still


def test_the_chart_of_reports_becomes_a_still():
    """As every output does."""
    spec = reports_chart(["one by one", "ours"], ["level"], 81).to_dict()
    row = {"kind": "bar", "row": 1.0, "length": 60.0, "words": "60 calls", "hue": "calls"}
    spec["datasets"] = {"live": [row]}
    assert still(spec, "A chart", "A chart")[0]["image/png"]


def test_the_chart_of_a_copy_becomes_a_still():
    """As every output does."""
    spec = copy_chart(40).to_dict()
    row = {"kind": "order", "column": 1, "row": 0, "state": MISSED, "words": ""}
    spec["datasets"] = {"live": [row]}
    assert still(spec, "A chart", "A chart")[0]["image/png"]
