"""Copies of the open orders: what comes from an export, and what the shop's own list says."""

from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from eventlab.course.ch08_copies import PAGE, FromExport, FromLog, open_after, trade
from eventlab.events import Payment

EXPORTS = {
    "/pages": "select * from open_orders limit 20 offset 20 * :page",
    "/since": "select * from open_orders where changed_at > :last",
    "/numbered": "select * from changes where number > :last",
}


class Service:
    """One that answers with pages that were laid out before."""

    def __init__(self, *pages):
        self.pages = list(pages)
        self.asked = []

    def ask(self, path):
        self.asked.append(parse_qs(urlsplit(path).query))
        return self.pages.pop(0)


def row(order, state="unpaid", number=0):
    return {"order_id": order, "state": state, "number": number, "changed_at": f"at {number}"}


@pytest.mark.parametrize("seed", [7, 11, 4711])
def test_a_trade_has_open_orders_that_come_change_and_go(seed):
    """More than a page of them, on every seed."""
    told = trade(seed, changes=100)
    before = open_after(told.before)
    after = open_after([*told.before, *told.meanwhile])
    assert len(before) > 3 * PAGE
    assert set(after) - set(before)
    assert set(before) - set(after)
    assert any(isinstance(event, Payment) for event in told.meanwhile)


def test_pages_are_read_until_one_is_empty():
    """What comes twice as it was is told apart from what has changed."""
    service = Service([row("o1"), row("o2")], [row("o2"), row("o1", "paid")], [])
    copy = FromExport(service, "/pages", EXPORTS)
    for _ in range(3):
        assert not copy.is_complete(400)
        copy.step(300)
    assert copy.is_complete(400)
    assert copy.states() == {"o1": "paid", "o2": "unpaid"}
    assert copy.twice == {"o2"}
    assert [query["page"] for query in service.asked] == [["0"], ["1"], ["2"]]
    assert copy.progress == "read 2 pages"


def test_an_export_after_a_mark_goes_on_to_the_end_of_the_log():
    """It asks for what is new; a row that is gone goes from the copy."""
    service = Service([row("o1", number=1)], [], [row("o1", "gone", number=2)], [])
    copy = FromExport(service, "/numbered", EXPORTS)
    for at_least in (300, 350, 400):
        copy.step(at_least)
        assert not copy.is_complete(400)
    copy.step(400)
    assert copy.is_complete(400)
    assert copy.states() == {}
    assert [query["last"] for query in service.asked] == [["0"], ["1"], ["1"], ["2"]]
    assert service.asked[0]["at-least"] == ["300"]
    assert copy.progress == "read up to number 2"


def test_the_mark_is_the_column_that_the_query_names():
    """Whatever it is called."""
    copy = FromExport(Service([row("o1", number=7)], []), "/since", EXPORTS)
    copy.step(300)
    copy.step(300)
    assert copy._service.asked[1]["last"] == ["at 7"]


def test_a_copy_from_the_log_is_complete_where_the_log_ends():
    """Or where its view has stopped."""
    progress = SimpleNamespace(position={"orders": {0: 17}})
    view = SimpleNamespace(progress=progress, error=None)
    copy = FromLog(view)
    copy.step(17)
    assert copy.is_complete(17)
    assert not copy.is_complete(18)
    assert copy.progress == "read up to offset 17"
    assert copy.twice == set()
    view.error = ValueError("stopped")
    assert copy.is_complete(18)
