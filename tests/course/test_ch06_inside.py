"""The orders service: its table as it changes, and what it tells of it."""

import json
import pickle
from contextlib import closing

import msgspec
import pytest

from eventlab.course import ch06
from eventlab.course.ch06_inside import (
    OrdersService,
    inside,
    new_columns,
    opened,
    renamed,
    seen,
    version_of,
)
from eventlab.errors import EventError
from eventlab.events import Order
from eventlab.log.schemas import Contract
from eventlab.moments import milliseconds
from tests.course.ch06_notebook import CHANGES, ORDER, WALL
from tests.log.schemas.made import contracts

STORY = ch06.story(7, 60)


def told(service, changes):
    """Let a service take the whole story with some changes, as it comes from the desk."""
    events = [json.loads(msgspec.json.encode(one)) for one in ch06.with_changes(STORY, changes)]
    return [record for event in events for record in service(event)]


@pytest.mark.parametrize("changes", [0, 1, 2, 3])
def test_the_wall_lets_out_the_same_whatever_becomes_of_the_table(tmp_path, changes):
    """Each event as the shop's own record has it, at its own time."""
    (contract,) = contracts(ORDER)
    service = OrdersService(tmp_path / "orders.db", CHANGES, WALL, contract)
    records = told(service, changes)
    assert [record.timestamp for record in records] == [milliseconds(one.at) for one in STORY]
    last = {record.key: contract.decode(record.value) for record in records}
    right = ch06.record(STORY)
    assert last == {order: {"order_id": order, **row} for order, row in right.items()}
    with closing(opened(tmp_path / "orders.db")) as database:
        assert version_of(database) == changes


def test_without_a_wall_the_rows_go_out_as_they_are(tmp_path):
    """In JSON, with the names that the table has at that moment."""
    records = told(OrdersService(tmp_path / "orders.db", CHANGES), 3)
    names = [set(json.loads(record.value)) for record in records]
    assert "country" in names[0]
    assert {"ship_to", "net_cents", "tax_cents", "basket"} < names[-1]
    assert len(set(map(frozenset, names))) == 4


def test_a_wall_with_a_hole_lets_nothing_wrong_out(tmp_path):
    """The contract refuses it, and names the field; mended, the same event goes out."""
    (contract,) = contracts(ORDER)
    file = tmp_path / "orders.db"
    events = [json.loads(msgspec.json.encode(one)) for one in ch06.with_changes(STORY, 3)]
    forgetful = OrdersService(file, CHANGES, WALL[:2], contract)
    third = next(place for place, one in enumerate(events) if one.get("number") == 3)
    for event in events[: third + 1]:
        forgetful(event)
    with pytest.raises(EventError, match="'product_id'"):
        forgetful(events[third + 1])
    (record,) = OrdersService(file, CHANGES, WALL, contract)(events[third + 1])
    assert contract.decode(record.value)["order_id"] == events[third + 1]["order_id"]


def test_what_comes_twice_changes_nothing(tmp_path):
    """Neither an order, nor a change of the table."""
    service = OrdersService(tmp_path / "orders.db", CHANGES)
    once = told(service, 3)
    again = told(service, 3)
    assert len(once) == len(again)
    assert seen(tmp_path / "orders.db").version == 3
    with closing(opened(tmp_path / "orders.db")) as database:
        (count,) = database.execute("select count(*) from orders").fetchone()
    assert count == sum(isinstance(event, Order) for event in STORY)


def test_one_sees_the_version_and_the_newest_row(tmp_path):
    """Whoever reads the file, beside the service."""
    file = tmp_path / "orders.db"
    opened(file).close()
    assert seen(file) == (0, {})
    told(OrdersService(file, CHANGES), 2)
    newest = [event for event in STORY if isinstance(event, Order)][-1]
    version, row = seen(file)
    assert version == 2
    assert row["order_id"] == newest.order_id
    assert row["net_cents"] + row["tax_cents"] == newest.amount_cents


def test_what_a_change_does_to_the_columns_is_known():
    """One gets another name, one becomes two, two become one."""
    assert renamed(1) == (["country"], ["ship_to"])
    assert renamed(2) == (["amount_cents"], ["net_cents", "tax_cents"])
    assert renamed(3) == (["product_id", "quantity"], ["basket"])
    assert new_columns(0) == set()
    assert new_columns(2) == {"ship_to", "net_cents", "tax_cents"}


def test_the_program_writes_what_the_statements_make(tmp_path):
    """A row that was there before the changes looks as one that was written after them."""
    order = ch06.fields_of(next(event for event in STORY if isinstance(event, Order)))
    service = OrdersService(tmp_path / "orders.db", CHANGES)
    service({"type": "order", "at": "2025-03-03T08:00:00Z", **order})
    for number in (1, 2, 3):
        service({"type": "change", "number": number})
        assert seen(tmp_path / "orders.db").row == inside(order, number)


def test_it_goes_to_another_process():
    """With its contract, and before its table was opened."""
    (contract,) = contracts(ORDER)
    copy = pickle.loads(pickle.dumps(OrdersService(None, CHANGES, [], contract)))
    assert isinstance(copy._contract, Contract)
