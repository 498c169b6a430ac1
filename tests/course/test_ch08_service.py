"""The data service: its endpoints, what it refuses, and what a report makes of its answers."""

import json
import sqlite3
from types import SimpleNamespace

import pytest

from eventlab.course import ch08_service
from eventlab.course.ch08_service import Endpoints, Refused, parameters, paths, totals

QUERIES = {
    "/orders": "select * from orders",
    "/customers/{ids}": "select customer_id, level from customers"
    " where customer_id in (select value from json_each(:ids))",
    "/page": "select order_id from orders order by order_id limit 1 offset :page",
}


@pytest.fixture
def database():
    """Two customers and three orders, over a connection of sqlite3."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(ch08_service.TABLES.schema)
    for name, level in (("c1", "gold"), ("c2", "bronze")):
        customer = {"customer_id": name, "name": name, "level": level, "country": "DE"}
        ch08_service.keep_customer(connection, customer)
    for number, customer in enumerate(["c1", "c2", "c1"]):
        order = {"order_id": f"o{number}", "customer_id": customer, "product_id": "p1"}
        ch08_service.keep_order(connection, order | {"amount_cents": 100 * (number + 1)})
    yield connection
    connection.close()


def asked(service, database, path, **query):
    """Return what the service answers to a request, from this database."""
    view = SimpleNamespace(read=lambda question: question(database))
    request = SimpleNamespace(path_params={"key": path.lstrip("/")}, query_params=query)
    return service(view, request)


def test_each_endpoint_answers_with_the_rows_of_its_query(database):
    """What stands in the braces, and what follows the question mark, are its parameters."""
    service = Endpoints(QUERIES)
    assert len(asked(service, database, "/orders")) == 3
    found = asked(service, database, "/customers/c2,c9")
    assert found == [{"customer_id": "c2", "level": "bronze"}]
    assert asked(service, database, "/page", page="1") == [{"order_id": "o1"}]


def test_calls_and_rows_are_counted_and_the_list_is_no_call(database):
    """Calls that are refused count too."""
    service = Endpoints(QUERIES)
    asked(service, database, "/orders")
    asked(service, database, "/customers/c1,c2")
    assert asked(service, database, "/payments").status_code == 404
    told = asked(service, database, "/")
    assert told == {"endpoints": list(QUERIES), "calls": 3, "rows": 5}


def test_too_many_ids_are_refused(database):
    """With a sentence that says how many a call may have."""
    ids = ",".join(f"c{number}" for number in range(21))
    answer = asked(Endpoints(QUERIES), database, f"/customers/{ids}")
    assert answer.status_code == 400
    assert "at most 20" in json.loads(answer.body)["error"]


def test_what_is_refused_tells_its_status(database):
    """For whoever asks without HTTP."""
    with pytest.raises(Refused, match="no endpoint /payments") as refusal:
        Endpoints(QUERIES).answer(database, "/payments", {})
    assert refusal.value.status == 404


def test_parameters_are_numbers_where_they_can_be():
    """And ids are a list."""
    given = {"page": "3", "last": "o17", "since": "2025-03-03T08:00:00Z", "ids": "c1,c2"}
    assert parameters(given) == {
        "page": 3,
        "last": "o17",
        "since": "2025-03-03T08:00:00Z",
        "ids": '["c1", "c2"]',
    }


def test_paths_ask_for_each_id_once():
    """So many with each call."""
    assert paths("customers", ["c2", "c1", "c2", "c3"], 2) == [
        "/customers/c1,c2",
        "/customers/c3",
    ]


def test_totals_add_up_by_a_field_of_other_rows():
    """However many answers these came in."""
    orders = [{"customer_id": name, "cents": 10} for name in ("c1", "c2", "c1")]
    answers = [[{"customer_id": "c1", "level": "gold"}], [{"customer_id": "c2", "level": "tin"}]]
    assert totals(orders, answers, "customer_id", "level") == {"gold": 20, "tin": 10}


def test_a_table_of_changes_keeps_what_is_gone():
    """Each change of the open orders has a number, in the order in which it came."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(ch08_service.NUMBERED.schema)
    for kind in ("order", "payment", "shipment"):
        event = {"type": kind, "order_id": "o1", "amount_cents": 5, "at": "2025-03-03"}
        ch08_service.keep_open(connection, event)
    assert connection.execute("select number, state from changes").fetchall() == [
        (1, "unpaid"),
        (2, "paid"),
        (3, "gone"),
    ]
    assert connection.execute("select count(*) from open_orders").fetchone() == (0,)
    connection.close()
