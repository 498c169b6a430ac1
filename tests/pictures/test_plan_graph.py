"""The plan of a query as a picture: still for a statement, and live for a query that runs."""

import pytest

from eventlab.errors import FlowError
from eventlab.pictures.plan_graph import PlanGraph
from tests.pictures.charts import rows
from tests.pictures.plans import COUNTS, explained, let_give
from tests.waiting import until


def head(picture):
    """Return the words above a plan."""
    return rows(picture)["head 0"]["words"]


def test_the_plan_of_a_statement_has_neither_rates_nor_counts():
    """Its rows can be had all the same, as data and as text; its words say the plan."""
    with PlanGraph(explained(COUNTS)) as picture:
        assert head(picture) == "The plan of a statement"
        assert not [name for name in rows(picture) if name.startswith("count")]
        assert picture.chart.alt.startswith("The plan of a statement. Rows come from the topic")
        assert picture.scores() == {}
    assert list(picture.rows.WHAT)[:2] == [
        "read the stream ORDERS from orders",
        "filter PRICE > 10",
    ]
    data, metadata = picture.chart.still()
    assert data["text/plain"].splitlines()[0].startswith("1. read the stream ORDERS from orders: ")
    assert metadata["image/png"]["alt"] == picture.chart.alt


def test_what_flows_stands_beside_the_edges():
    """The counts are those of the query, and there is a rate while rows come."""
    found = explained(COUNTS, runs=True)
    with PlanGraph(found) as picture:
        assert head(picture) == "CTAS_STOCK_1 is running"
        let_give(found.query, 10, 4, 4, 4)
        until(lambda: rows(picture)["count 1 1 to 2"]["words"] == "10")
        until(lambda: rows(picture)["edge 1 to 2"]["status"] == "flows")
        rate = rows(picture)["count 0 1 to 2"]["words"]
        assert rate.endswith("/s")
        assert float(rate.removesuffix("/s")) > 0
        until(lambda: rows(picture)["count 1 4 to target"]["words"] == "4")
        assert rows(picture)["count 1 3 group to 3"]["words"] == "4"
        assert picture.scores() == {"rows written": 4}


def test_when_nothing_comes_any_more_the_edges_rest(monkeypatch):
    """Their counts stay."""
    monkeypatch.setattr("eventlab.pictures.plan_graph._MARKS", 3)
    found = explained(COUNTS, runs=True)
    with PlanGraph(found) as picture:
        let_give(found.query, 10, 4, 4, 4)
        until(lambda: rows(picture)["count 0 1 to 2"]["words"] not in ("", "0/s"))
        until(lambda: rows(picture)["count 0 1 to 2"]["words"] == "0/s")
        assert rows(picture)["edge 1 to 2"]["status"] == "rests"
        assert rows(picture)["count 1 1 to 2"]["words"] == "10"


def test_a_query_that_is_paused_or_has_ended_says_so():
    """It has counts, and no rates; what is drawn last is how it was at the end."""
    found = explained(COUNTS, runs=True)
    let_give(found.query, 10, 4, 4, 4)
    with PlanGraph(found) as picture:
        found.query.pause()
        until(lambda: head(picture) == "CTAS_STOCK_1 is paused")
        assert rows(picture)["head 0"]["status"] == "paused"
        assert rows(picture)["count 0 1 to 2"]["words"] == ""
        assert rows(picture)["count 1 1 to 2"]["words"] == "10"
        until(lambda: picture.chart.alt.startswith("CTAS_STOCK_1 is paused. Rows come"))
        found.query.resume()
        until(lambda: head(picture) == "CTAS_STOCK_1 is running")
        found.query.stop()
    assert head(picture) == "CTAS_STOCK_1 has ended"


def test_a_query_that_has_failed_says_so_and_why_until_it_goes_on():
    """The reason stands in the line under the picture."""
    found = explained(COUNTS, runs=True)
    with PlanGraph(found) as picture:
        found.query.flows[0].error = FlowError("A step failed")
        found.query.flows[0].stop()
        until(lambda: head(picture) == "CTAS_STOCK_1 has failed")
        until(lambda: "A step failed" in picture.chart.trouble)
        found.query.resume()
        until(lambda: head(picture) == "CTAS_STOCK_1 is running")
        until(lambda: picture.chart.trouble == "")


@pytest.mark.parametrize("runs", [False, True])
def test_its_text_is_the_plan_in_words(runs):
    """The same in two runs, so that they can be compared."""
    one = PlanGraph(explained(COUNTS, runs=runs))
    assert repr(one.chart) == repr(PlanGraph(explained(COUNTS, runs=runs)).chart)
    assert "group by ITEM, aggregate COUNT(*)" in repr(one.chart)
