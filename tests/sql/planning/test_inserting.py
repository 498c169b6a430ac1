import json

import pytest

from eventlab.sql.running.session import NewRow
from eventlab.sql.syntax import Position
from tests.sql.planning.planning import SOURCES, refused, session_of, take, written

PRICES = """
    CREATE STREAM prices (id INT KEY, name STRING, price DECIMAL(6, 2), day DATE)
        WITH (KAFKA_TOPIC='prices', FORMAT='JSON');
"""
PAIRS = "CREATE STREAM pairs (a INT KEY, b INT KEY, c INT) WITH (KAFKA_TOPIC='p', FORMAT='JSON');"


def row_of(text, *before):
    change = take(session_of(*(before or [SOURCES])), text)
    assert isinstance(change, NewRow)
    key = None if change.key is None else json.loads(change.key)
    return key, json.loads(change.value), change.time


def test_a_row_has_a_value_for_each_column_in_their_order():
    row = row_of("INSERT INTO orders VALUES (7, 'pen', 2 + 1);")
    assert row == (7, {"ITEM": "pen", "PRICE": 3}, 0)


def test_columns_that_are_not_named_are_null_and_the_time_can_be_said():
    row = row_of("INSERT INTO orders (item, rowtime) VALUES ('pen', 1234);")
    assert row == (None, {"ITEM": "pen", "PRICE": None}, 1234)


def test_a_key_can_be_null_in_a_part():
    key, _, _ = row_of("INSERT INTO pairs (b, c) VALUES (2, 3);", PAIRS)
    assert key == {"A": None, "B": 2}


def test_values_become_those_of_their_columns_if_nothing_is_lost():
    row = row_of("INSERT INTO prices VALUES (1, 'pen', 3, '2024-02-01');", PRICES)
    assert (row[1]["PRICE"], row[1]["DAY"]) == (3, 19_754)


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("INSERT INTO prices (id, price) VALUES (1, 3.456);", "PRICE cannot hold this value"),
        ("INSERT INTO prices (id, price) VALUES (1, 12345);", "PRICE cannot hold this value"),
        ("INSERT INTO prices (id, price) VALUES (1, '3');", "PRICE cannot hold this value"),
        ("INSERT INTO prices (id, day) VALUES (1, 'soon');", "DAY cannot hold this value"),
        ("INSERT INTO prices (id, name) VALUES (1, 5);", "NAME cannot hold this value"),
        ("INSERT INTO prices (id) VALUES (3000000000);", "ID cannot hold this value"),
        ("INSERT INTO prices (id, nmae) VALUES (1, 'pen');", "PRICES has no column NMAE"),
        ("INSERT INTO prices (id, id) VALUES (1, 2);", "The column ID is named twice"),
        ("INSERT INTO prices (id) VALUES (1, 'pen');", "numbers of columns and of values differ"),
        ("INSERT INTO prices (id, rowtime) VALUES (1, 'now');", "The time of a row is a number"),
        ("INSERT INTO prices (id, rowtime) VALUES (1, NULL);", "The time of a row is a number"),
        ("INSERT INTO prices (id, rowtime) VALUES (1, -1);", "A row cannot have this time"),
        ("INSERT INTO prices (id, rowtime) VALUES (1, 0);", "A row cannot have this time"),
        ("INSERT INTO prices (id, rowtime) VALUES (1, 253402300799999);", "cannot have this time"),
    ],
)
def test_a_row_that_its_source_cannot_hold_is_refused(text, summary):
    assert summary in str(refused(text, PRICES))


def test_the_value_that_cannot_be_held_is_pointed_at():
    error = refused("INSERT INTO prices (id, name) VALUES (1, 5);", PRICES)
    assert error.position == Position(1, 42)


def test_the_time_that_no_reader_would_show_is_pointed_at():
    error = refused("INSERT INTO prices (id, rowtime) VALUES (1, 9223372036854775807);", PRICES)
    assert error.position == Position(1, 45)
    assert "9998" in str(error)
    first = row_of("INSERT INTO orders (item, rowtime) VALUES ('pen', 1);")
    last = row_of("INSERT INTO orders (item, rowtime) VALUES ('pen', 253370764799999);")
    assert (first[2], last[2]) == (1, 253_370_764_799_999)


def test_a_row_of_a_table_needs_its_key():
    assert "needs its key" in str(refused("INSERT INTO items (shelf) VALUES ('A');"))


@pytest.mark.parametrize("what", ["VALUES (1, 'pen', 3)", "SELECT * FROM orders"])
def test_nobody_writes_to_what_is_only_read(what):
    only_read = SOURCES.replace("CREATE STREAM orders", "CREATE SOURCE STREAM orders")
    assert "Nobody may write to ORDERS" in str(refused(f"INSERT INTO orders {what};", only_read))


def test_a_query_writes_into_a_stream_whatever_the_order_of_its_columns():
    text = (
        "INSERT INTO prices SELECT CAST(price AS DECIMAL(5, 1)) AS price, item AS name, id,"
        " CAST(NULL AS DATE) AS day FROM orders;"
    )
    records = [("orders", 1, {"ITEM": "pen", "PRICE": 3})]
    rows = written(text, records, SOURCES, PRICES)
    assert rows == [(1, {"NAME": "pen", "PRICE": 3, "DAY": None}, None)]


def test_a_key_stays_as_it_is():
    marks = "CREATE STREAM marks (code STRING KEY, id INT) WITH (KAFKA_TOPIC='m', FORMAT='JSON');"
    text = "INSERT INTO marks SELECT item AS code, id FROM orders PARTITION BY item;"
    rows = written(text, [("orders", 1, {"ITEM": "pen"})], SOURCES, marks)
    assert rows == [("pen", {"ID": 1}, None)]


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("INSERT INTO prices SELECT id, item AS name FROM orders;", "the columns of PRICES"),
        ("INSERT INTO orders SELECT id, price AS item, price FROM orders;", "of another type"),
        (
            "INSERT INTO orders SELECT item AS id, 'a' AS item, price FROM orders"
            " PARTITION BY item;",
            "of another type",
        ),
        (
            "INSERT INTO items SELECT item AS code, COUNT(*) AS shelf FROM orders GROUP BY item;",
            "cannot be inserted into the table ITEMS",
        ),
    ],
)
def test_a_result_that_does_not_fit_is_refused(text, summary):
    assert summary in str(refused(text, SOURCES, PRICES))


def test_bytes_are_written_as_a_text_in_base64():
    blobs = "CREATE STREAM blobs (id INT KEY, b BYTES) WITH (KAFKA_TOPIC='b', FORMAT='JSON');"
    assert row_of("INSERT INTO blobs VALUES (1, 'IQ==');", blobs)[1] == {"B": "IQ=="}
    error = refused("INSERT INTO blobs VALUES (1, 'no base64');", blobs)
    assert error.expected == "BYTES, as a text in base64"
    assert error.position == Position(1, 30)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("INSERT INTO orders (id, itm) VALUES (1, 'x');", "itm"),
        ("INSERT INTO orders (id, item, item) VALUES (1, 'x', 'y');", "item)"),
        ("INSERT INTO orders (id, item) VALUES (1);", "id,"),
        ("INSERT INTO nothing (id) VALUES (1);", "nothing"),
        ("INSERT INTO nothing SELECT * FROM orders;", "nothing"),
    ],
)
def test_the_name_that_is_wrong_is_pointed_at(text, place):
    error = refused(text)
    assert error.position == (1, text.index(place) + 1)
