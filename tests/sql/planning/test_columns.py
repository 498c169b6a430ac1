import pytest

from eventlab.sql.syntax import Position
from tests.sql.planning.planning import names_of, plan_of, refused

ADDRESSES = """
    CREATE STREAM parcels (id INT KEY, sent STRUCT<city STRING, street STRING>, city STRING)
        WITH (KAFKA_TOPIC='parcels', FORMAT='JSON');
"""
JOIN = "FROM orders o JOIN payments p WITHIN 1 HOUR ON o.id = p.order_id"


def columns_of(text, *sources, is_persistent=True):
    return names_of(plan_of(text, *sources, is_persistent=is_persistent))


def test_a_star_shows_the_columns_of_the_source_and_not_its_place():
    assert columns_of("SELECT * FROM orders;") == ["ID", "ITEM", "PRICE"]


def test_the_key_comes_first_whatever_the_order():
    assert columns_of("SELECT price, id FROM orders;") == ["ID", "PRICE"]


def test_the_star_of_a_join_names_the_source_of_each_column():
    names = ["O_ID", "O_ITEM", "O_PRICE", "P_ORDER_ID", "P_PAID"]
    assert sorted(columns_of(f"SELECT * {JOIN};")) == sorted(names)
    assert columns_of(f"SELECT o.id, p.* {JOIN};") == ["ID", "P_ORDER_ID", "P_PAID"]


def test_the_star_of_a_struct_shows_its_fields():
    names = columns_of("SELECT id, sent->* FROM parcels;", ADDRESSES)
    assert names == ["ID", "CITY", "STREET"]


def test_a_column_of_a_join_names_its_source_where_both_have_it():
    names = columns_of(
        "SELECT a.id, b.id, a.city FROM parcels a JOIN orders b WITHIN 1 HOUR ON a.id = b.id;",
        ADDRESSES,
        "CREATE STREAM orders (id INT KEY, price INT) WITH (KAFKA_TOPIC='o', FORMAT='JSON');",
        is_persistent=False,
    )
    assert names == ["A_ID", "B_ID", "CITY"]


@pytest.mark.parametrize(
    ("query", "summary"),
    [
        ("SELECT id, price AS a, item AS a FROM orders", "Two columns of the result are called A"),
        ("SELECT price FROM orders", "The result lacks a column of its key"),
        ("SELECT id, id AS copy, price FROM orders", "shows a column of its key more than once"),
        ("SELECT id, q.* FROM orders", "reads nothing that is called Q"),
        ("SELECT id, price->* FROM orders", "Only a struct has fields"),
    ],
)
def test_columns_that_cannot_be_shown_are_refused(query, summary):
    assert summary in str(refused(f"CREATE STREAM made AS {query};"))


@pytest.mark.parametrize("name", ["ROWTIME", "ROWPARTITION", "ROWOFFSET", "WINDOWSTART"])
def test_a_kept_result_has_no_column_called_as_one_that_every_row_has(name):
    error = refused(f"CREATE STREAM made AS SELECT id, price AS {name} FROM orders;")
    assert f"cannot be called {name}" in str(error)
    assert error.position == Position(1, 34)


def test_the_time_of_a_row_needs_another_name_where_the_result_is_kept():
    kept = "CREATE STREAM made AS SELECT id, rowtime FROM orders;"
    assert "rowtime AS happened_at" in str(refused(kept)).replace("…", "rowtime")
    assert columns_of("SELECT id, rowtime FROM orders;", is_persistent=False) == ["ID", "ROWTIME"]


def test_the_time_of_a_row_can_be_a_key_by_its_own_name():
    assert columns_of("SELECT * FROM orders PARTITION BY rowtime;")[0] == "ROWTIME"


def test_who_looks_sees_the_bounds_of_windows_behind_the_key():
    """What is kept has them in its key."""
    visits = (
        "CREATE TABLE visits (id INT PRIMARY KEY, n INT)"
        " WITH (KAFKA_TOPIC='v', FORMAT='JSON', WINDOW_TYPE='SESSION');"
    )
    names = columns_of("SELECT * FROM visits;", visits, is_persistent=False)
    assert names == ["ID", "WINDOWSTART", "WINDOWEND", "N"]
