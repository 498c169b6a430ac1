import pytest

from eventlab.sql.planning.plans import Aggregate, Project
from eventlab.sql.syntax import Position
from tests.sql.planning.planning import plan_of, refused, written

OF_WINDOWS = """
    CREATE TABLE visits (id INT PRIMARY KEY, number INT)
        WITH (KAFKA_TOPIC='v', FORMAT='JSON', WINDOW_TYPE='SESSION');
"""


def test_a_query_is_filtered_before_it_is_grouped_and_shown():
    text = (
        "CREATE TABLE dear AS SELECT item, COUNT(*) AS n FROM orders WHERE price > 5 GROUP BY item;"
    )
    records = [
        ("orders", 1, {"ITEM": "ink", "PRICE": 9}),
        ("orders", 2, {"ITEM": "ink", "PRICE": 1}),
        ("orders", 3, {"ITEM": "ink", "PRICE": 7}),
    ]
    assert written(text, records) == [("ink", {"N": 1}, None), ("ink", {"N": 2}, None)]
    plan = plan_of(text[text.index("SELECT") :])
    assert isinstance(plan, Project)
    assert isinstance(plan.up, Aggregate)


def test_the_session_says_how_many_values_are_collected():
    session = "SET 'ksql.functions.collect_list.limit' = '2';"
    text = "CREATE TABLE made AS SELECT item, COLLECT_LIST(price) AS p FROM orders GROUP BY item;"
    records = [("orders", 1, {"ITEM": "ink", "PRICE": price}) for price in (1, 2, 3)]
    last = written(session + text, records)[-1]
    assert last == ("ink", {"P": [1, 2]}, None)


def test_the_rows_of_windows_are_kept_as_a_stream():
    error = refused("CREATE TABLE made AS SELECT * FROM visits;", OF_WINDOWS)
    assert "reads no table of windows" in str(error)
    assert error.position == Position(1, 36)
    query = "SELECT * FROM visits;"
    assert plan_of(query, OF_WINDOWS, is_persistent=False).shape.kind == "table"
    stream = OF_WINDOWS.replace("TABLE", "STREAM").replace("PRIMARY KEY", "KEY")
    assert plan_of(query, stream).shape.window.kind == "session"


@pytest.mark.parametrize(
    ("rest", "summary"),
    [
        ("HAVING price > 1", "HAVING stands in a query without groups"),
        ("EMIT FINAL", "Only a window has a final result"),
    ],
)
def test_a_query_without_groups_says_nothing_of_them(rest, summary):
    assert summary in str(refused(f"CREATE STREAM made AS SELECT * FROM orders {rest};"))
