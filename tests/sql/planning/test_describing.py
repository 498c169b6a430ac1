import pytest

from eventlab.sql.planning.describing import lines_of
from tests.sql.planning.planning import SHELVES, SOURCES, plan_of


def words_of(query):
    return [words for _, words, _ in lines_of(plan_of(query, SOURCES, SHELVES))]


def test_a_plan_is_described_from_its_source_to_its_result():
    lines = lines_of(plan_of("SELECT id, price AS cents FROM orders WHERE price > 1;"))
    assert lines == [
        ("1", "read the stream ORDERS from orders", "ID INTEGER, ITEM STRING, PRICE INTEGER"),
        ("2", "filter PRICE > 1", "ID INTEGER, ITEM STRING, PRICE INTEGER"),
        ("3", "select", "ID INTEGER, CENTS INTEGER"),
    ]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * FROM orders PARTITION BY item;", "new key ITEM"),
        ("SELECT item FROM orders PARTITION BY NULL;", "new key none"),
        (
            "SELECT id, EXPLODE(ARRAY[price]) FROM orders;",
            "a row of each value EXPLODE(ARRAY[PRICE])",
        ),
        (
            "SELECT * FROM orders JOIN payments WITHIN 1 HOUR ON id = order_id;",
            "join on ID = ORDER_ID, within 1 h",
        ),
        (
            "SELECT * FROM orders LEFT JOIN items ON item = code;",
            "left join on ITEM = CODE",
        ),
        (
            "SELECT * FROM items JOIN stock ON items.code = stock.code;",
            "join on ITEMS.CODE = STOCK.CODE",
        ),
        (
            "SELECT * FROM items JOIN shelves ON shelf = name;",
            "join on SHELF = NAME, by a foreign key",
        ),
        (
            "SELECT item, COUNT(*) FROM orders WINDOW SESSION (1 HOUR) GROUP BY item EMIT FINAL;",
            "group by ITEM, window session, ends after 1 h, COUNT(*), said when it is over",
        ),
        (
            "SELECT item, COUNT(*) FROM orders WINDOW HOPPING (SIZE 1 HOUR, ADVANCE BY 10 MINUTES) "
            "GROUP BY item;",
            "group by ITEM, window hopping, 1 h, every 10 min, COUNT(*)",
        ),
        (
            "SELECT item, COUNT(*), MAX(price) FROM orders GROUP BY item;",
            "group by ITEM, aggregate COUNT(*), MAX(PRICE)",
        ),
    ],
)
def test_each_step_says_what_it_does(query, words):
    assert words in words_of(query)


def test_both_sides_come_before_their_join():
    words = words_of("SELECT * FROM orders JOIN items ON item = code;")
    assert words.index("read the table ITEMS from items") < len(words) - 2
    assert words[0] == "read the stream ORDERS from orders"
