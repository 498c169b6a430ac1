import pytest

from eventlab.sql.planning.describing import lines_of
from tests.sql.planning.planning import SHELVES, SOURCES, plan_of


def words_of(query):
    return [words for _, words, _ in lines_of(plan_of(query, SOURCES, SHELVES))]


def test_a_plan_is_described_from_its_source_to_its_result():
    lines = lines_of(plan_of("SELECT id, price AS cents FROM orders WHERE price > 1;"))
    assert lines == [
        ("1", "read the stream ORDERS from orders", "ID INTEGER, ITEM STRING, PRICE INTEGER"),
        (
            "2",
            "keep the rows for which the condition holds",
            "ID INTEGER, ITEM STRING, PRICE INTEGER",
        ),
        ("3", "show", "ID INTEGER, CENTS INTEGER"),
    ]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * FROM orders PARTITION BY item;", "key by ITEM"),
        ("SELECT item FROM orders PARTITION BY NULL;", "key by nothing"),
        ("SELECT id, EXPLODE(ARRAY[price]) FROM orders;", "make a row of each value of a list"),
        (
            "SELECT * FROM orders JOIN payments WITHIN 1 HOUR ON id = order_id;",
            "inner join of two streams, pairs within a window of time",
        ),
        (
            "SELECT * FROM orders LEFT JOIN items ON item = code;",
            "left join of each event with a table's row",
        ),
        (
            "SELECT * FROM items JOIN stock ON items.code = stock.code;",
            "inner join of two tables by their keys",
        ),
        (
            "SELECT * FROM items JOIN shelves ON shelf = name;",
            "inner join of two tables by a foreign key",
        ),
        (
            "SELECT item, COUNT(*) FROM orders WINDOW SESSION (1 HOUR) GROUP BY item EMIT FINAL;",
            "group in session windows, and fold, each when it is over",
        ),
        ("SELECT item, COUNT(*) FROM orders GROUP BY item;", "group, and fold"),
    ],
)
def test_each_step_says_what_it_does(query, words):
    assert words in words_of(query)


def test_both_sides_come_before_their_join():
    words = words_of("SELECT * FROM orders JOIN items ON item = code;")
    assert words.index("read the table ITEMS from items") < len(words) - 2
    assert words[0] == "read the stream ORDERS from orders"
