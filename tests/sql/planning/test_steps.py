import pytest

from eventlab.sql.planning.plans import Explode, Rekey, Where
from eventlab.sql.syntax import Position
from tests.sql.planning.planning import names_of, plan_of, refused, written

TAGS = "CREATE STREAM posts (id INT KEY, tags ARRAY<STRING>) WITH (KAFKA_TOPIC='p', FORMAT='JSON');"
PENS = [
    ("orders", 1, {"ITEM": "pen", "PRICE": 3}),
    ("orders", 2, {"ITEM": "ink", "PRICE": 8}),
]


def test_only_rows_for_which_the_condition_holds_are_left():
    text = "CREATE STREAM dear AS SELECT id, item FROM orders WHERE price > 5;"
    assert written(text, PENS) == [(2, {"ITEM": "ink"}, None)]
    assert isinstance(plan_of("SELECT id, item FROM orders WHERE price > 5;").up, Where)


def test_a_condition_is_true_or_false():
    error = refused("CREATE STREAM made AS SELECT id, item FROM orders WHERE price;")
    assert error.found == "INTEGER"
    assert error.position == Position(1, 57)


def test_another_key_can_be_a_column_or_what_is_computed():
    by_item = "CREATE STREAM by_item AS SELECT * FROM orders PARTITION BY item;"
    assert written(by_item, PENS[:1]) == [("pen", {"PRICE": 3, "ID": 1}, None)]
    computed = (
        "CREATE STREAM doubled AS SELECT id * 2 AS twice, item FROM orders PARTITION BY id * 2;"
    )
    assert written(computed, PENS[:1]) == [(2, {"ITEM": "pen"}, None)]


def test_a_stream_can_have_no_key():
    text = "CREATE STREAM keyless AS SELECT item FROM orders PARTITION BY NULL;"
    assert written(text, PENS[:1]) == [(None, {"ITEM": "pen"}, None)]


def test_a_key_that_is_made_of_the_key_is_known_without_a_value():
    of_key = "CREATE STREAM made AS SELECT id + 1 AS next, item FROM orders PARTITION BY id + 1;"
    assert written(of_key, [("orders", 1, None)]) == [(2, None, None)]
    of_value = "CREATE STREAM made AS SELECT * FROM orders PARTITION BY item;"
    assert written(of_value, [("orders", 1, None)]) == [(None, None, None)]
    assert isinstance(plan_of(of_value[of_value.index("SELECT") :]).up, Rekey)
    computed = "CREATE STREAM made AS SELECT * FROM orders PARTITION BY (item IS NULL), id, 7;"
    ((key, value, _),) = written(computed, [("orders", 1, None)])
    assert (list(key.values()), value) == ([None, 1, 7], None)


def test_a_table_keeps_its_key():
    text = "CREATE TABLE made AS SELECT shelf, code FROM items PARTITION BY shelf;"
    assert "A table is partitioned by its key" in str(refused(text))


def test_a_table_function_makes_a_row_of_each_value():
    text = "CREATE STREAM tagged AS SELECT id, EXPLODE(tags) AS tag FROM posts;"
    rows = written(text, [("p", 7, {"TAGS": ["new", "red"]})], TAGS)
    assert rows == [(7, {"TAG": "new"}, None), (7, {"TAG": "red"}, None)]
    assert isinstance(plan_of("SELECT id, EXPLODE(tags) AS tag FROM posts;", TAGS).up, Explode)


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        (
            "CREATE STREAM made AS SELECT id, EXPLODE(ARRAY[EXPLODE(ARRAY[price])]) FROM orders;",
            "A table function stands within another one",
        ),
        (
            "CREATE TABLE made AS SELECT code, EXPLODE(ARRAY[shelf]) FROM items;",
            "A table function is used on a table",
        ),
        ("CREATE STREAM made AS SELECT id FROM orders;", "no columns but those of its key"),
        ("CREATE STREAM made AS SELECT id, NULL AS n FROM orders;", "of which type a column is"),
    ],
)
def test_results_that_cannot_be_are_refused(text, summary):
    assert summary in str(refused(text))


def test_a_result_that_is_not_kept_needs_no_key():
    assert names_of(plan_of("SELECT item FROM orders;", is_persistent=False)) == ["ITEM"]
