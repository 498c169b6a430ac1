import pytest

from eventlab.sql.syntax import Position
from tests.sql.planning.planning import SHELVES, SOURCES, plan_of, refused

WITHIN = "WITHIN 1 HOUR"


def of_windows(name, kind, size=None, partitions=1):
    sized = "" if size is None else f", WINDOW_SIZE='{size}'"
    return (
        f"CREATE STREAM {name} (id INT KEY, number INT) WITH (KAFKA_TOPIC='{name}',"
        f" FORMAT='JSON', WINDOW_TYPE='{kind}'{sized}, PARTITIONS={partitions});"
    )


def refusal(sources, shown="*", *before):
    return refused(f"CREATE STREAM made AS SELECT {shown} FROM {sources};", *before)


@pytest.mark.parametrize(
    ("sources", "summary"),
    [
        (f"orders a JOIN orders b {WITHIN} ON a.id = b.id", "ORDERS is joined with itself"),
        (f"orders a JOIN payments a {WITHIN} ON id = order_id", "Two sources of the query"),
        ("items JOIN orders ON code = item", "A table cannot be joined with a stream"),
        ("orders RIGHT JOIN items ON item = code", "for each event of the stream"),
        ("orders JOIN items ON item = shelf", "A table is joined by its key"),
        ("orders JOIN payments ON id = order_id", "within a window of time"),
        (f"orders JOIN items {WITHIN} ON item = code", "A table has no window of time"),
        (f"orders JOIN payments {WITHIN} ON item = order_id", "of different types"),
        ("items FULL JOIN stock ON shelf = stock.code", "an inner or a left join"),
    ],
)
def test_joins_that_cannot_be_are_refused(sources, summary):
    assert summary in str(refusal(sources))


def test_the_join_that_cannot_be_is_pointed_at():
    error = refusal("orders JOIN payments ON id = order_id")
    assert error.position == Position(1, 44)


def test_a_foreign_key_is_in_the_first_join_alone():
    joins = "items JOIN stock ON items.code = stock.code JOIN shelves ON shelf = name"
    error = refusal(joins, "*", SOURCES, SHELVES)
    assert "Only the first join of a query can be by a foreign key" in str(error)
    first = "items JOIN shelves ON shelf = name JOIN stock ON items.code = stock.code"
    assert plan_of(f"SELECT * FROM {first};", SOURCES, SHELVES).shape.kind == "table"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("SESSION",), ("TUMBLING", "1 HOUR")),
        (("TUMBLING", "1 HOUR"), ("TUMBLING", "2 HOURS")),
        (("HOPPING", "1 HOUR"), ("TUMBLING", "2 HOURS")),
    ],
)
def test_rows_of_different_windows_are_not_joined(one, other):
    sources = [of_windows("one", *one), of_windows("other", *other)]
    error = refusal(f"one JOIN other {WITHIN} ON one.id = other.id", "*", *sources)
    assert "Rows of different windows cannot be joined" in str(error)


def test_rows_of_windows_are_not_joined_with_others():
    sources = f"orders JOIN visits {WITHIN} ON orders.id = visits.id"
    assert "no window, and session" in str(
        refusal(sources, "*", SOURCES, of_windows("visits", "SESSION"))
    )


def test_rows_of_equal_windows_are_joined_by_their_keys():
    sources = [of_windows("one", "HOPPING", "1 HOUR"), of_windows("other", "TUMBLING", "1 HOUR")]
    query = f"SELECT * FROM one JOIN other {WITHIN} ON one.{{0}} = other.{{0}};"
    assert plan_of(query.format("id"), *sources).shape.window.size == 3_600_000
    error = refused(f"CREATE STREAM made AS {query.format('number')}", *sources)
    assert "joined by their keys alone" in str(error)


def test_topics_have_as_many_partitions():
    sources = [
        of_windows("one", "SESSION", partitions=1),
        of_windows("other", "SESSION", partitions=2),
    ]
    joined = f"one JOIN other {WITHIN} ON one.id = other.id"
    error = refusal(joined, "*", *sources)
    assert error.found == "1 and 2"
    text = f"CREATE STREAM made AS SELECT * FROM {joined};"
    assert error.position == Position(1, text.index("JOIN") + 1)


def test_rows_that_get_another_key_are_spread_anew():
    two = SOURCES.replace("KAFKA_TOPIC='orders'", "KAFKA_TOPIC='orders', PARTITIONS=2")
    two = two.replace("KAFKA_TOPIC='items'", "KAFKA_TOPIC='items', PARTITIONS=3")
    joined = plan_of("SELECT * FROM orders JOIN items ON item = code;", two)
    assert joined.shape.kind == "stream"


def test_the_condition_is_pointed_at_where_it_is_not_by_the_key():
    sources = "orders LEFT JOIN items ON item = shelf"
    error = refusal(sources)
    text = f"CREATE STREAM made AS SELECT * FROM {sources};"
    assert error.position == Position(1, text.index("item = shelf") + 1)
