"""The pages that customers got, with the stock there and without it."""

from itertools import islice

import pytest

from eventlab.course.ch09_free import AWAY, FAILED, SHOWN, Pages, pages_chart
from eventlab.events import Shop
from eventlab.live.picture import still
from eventlab.services import Answer

STORY = list(islice(Shop(seed=7).orders(), 60))


def answered(outcome):
    """Return the picture when the pages of the outage came out so, and all others well."""
    picture = Pages(STORY)
    for number in range(60):
        is_away = 20 <= number < 40
        picture.answered(Answer(number, "shop", outcome if is_away else "200", 0.01))
    picture.settle()
    return picture


def test_pages_that_are_shown_in_the_outage_are_counted():
    """Among those that are shown."""
    found = answered("200").figures()
    assert found == {"pages": 60, "shown": 60, "in_outage": 20, "shown_in_outage": 20}


@pytest.mark.parametrize("outcome", ["503", "refused", "timeout"])
def test_a_page_that_did_not_come_is_none(outcome):
    """Whatever kept it."""
    picture = answered(outcome)
    assert picture.figures()["shown"] == 40
    assert picture.scores() == {SHOWN: 40, AWAY: 0, FAILED: 20}


def test_the_stock_is_down_for_the_pages_that_are_counted_so():
    """By the story's own times."""
    picture = Pages(STORY)
    moments = [(order.at - STORY[0].at).total_seconds() for order in STORY]
    down = [number for number, at in enumerate(moments) if picture.outages.at("stock", at)]
    assert down == list(range(20, 40))


def test_each_page_is_drawn_once():
    """A square each."""
    rows = answered("503").chart.rows
    assert sorted(rows["id"]) == list(range(60))
    assert rows["state"].count(FAILED) == 20


def test_the_chart_becomes_a_still():
    """As every output does."""
    spec = pages_chart(60).to_dict()
    row = {"id": 1, "what": "page", "x": 1, "y": 0, "state": SHOWN}
    spec.setdefault("datasets", {})["live"] = [row]
    assert still(spec, "A chart", "A chart")[0]["image/png"]
