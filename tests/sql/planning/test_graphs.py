"""Plans as graphs: which nodes there are, and which rows go from which to which."""

import pytest

from eventlab.sql.planning.graphs import graph_of
from tests.sql.planning.planning import SHELVES, SOURCES, plan_of, source_of


def graph(query, target=None):
    """Return the graph of a query over streams and tables of a shop."""
    return graph_of(plan_of(query, SOURCES, SHELVES), target)


def nodes(drawn):
    """Return title and lines of each node that is no topic and no answer."""
    return [
        " | ".join([node.title, *node.lines])
        for node in drawn.nodes
        if node.kind in ("step", "state")
    ]


def edges(drawn):
    """Return the edges with the titles of their ends; the number of the step, or None."""
    titles = {node.name: node.title for node in drawn.nodes}
    return [(titles[one.begin], titles[one.end], one.step) for one in drawn.edges]


def test_rows_go_from_a_topic_through_the_steps_to_an_answer():
    """Each edge has the number of the step that gives its rows."""
    drawn = graph("SELECT id, price AS cents FROM orders WHERE price > 10;")
    assert nodes(drawn) == ["filter | PRICE > 10", "select | ID, CENTS"]
    assert edges(drawn) == [
        ("orders", "filter", 1),
        ("filter", "select", 2),
        ("select", "answer", 3),
    ]


def test_what_is_kept_ends_in_the_topic_of_its_stream_or_table():
    """Which is named as the topic, and says what it is over."""
    drawn = graph("SELECT * FROM orders;", source_of(SOURCES, name="STOCK"))
    assert (drawn.nodes[0].kind, drawn.nodes[0].title, drawn.nodes[0].lines) == (
        "stream",
        "orders",
        ("stream ORDERS",),
    )
    assert (drawn.nodes[-1].kind, drawn.nodes[-1].title, drawn.nodes[-1].lines) == (
        "table",
        "stock",
        ("table STOCK",),
    )


def test_groups_are_brought_together_before_they_are_folded():
    """The rows that come to the fold are those that came to the group."""
    drawn = graph("SELECT item, COUNT(*) AS n, SUM(price) FROM orders GROUP BY item;")
    assert nodes(drawn)[:3] == [
        "group | by ITEM",
        "aggregate | COUNT(*), SUM(PRICE)",
        "state | a result for each group",
    ]
    assert edges(drawn)[:3] == [
        ("orders", "group", 1),
        ("group", "aggregate", 1),
        ("aggregate", "state", None),
    ]


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("TUMBLING (SIZE 30 MINUTES)", "window | tumbling, 30 min | COUNT(*)"),
        (
            "HOPPING (SIZE 1 HOUR, ADVANCE BY 10 MINUTES)",
            "window | hopping, 1 h | every 10 min | COUNT(*)",
        ),
        ("SESSION (90 SECONDS)", "window | session | ends after 1 min 30 s | COUNT(*)"),
    ],
)
def test_windows_say_of_which_kind_and_size_they_are(window, words):
    """And keep a result for each."""
    drawn = graph(f"SELECT item, COUNT(*) AS n FROM orders WINDOW {window} GROUP BY item;")
    assert nodes(drawn)[1:3] == [words, "state | a result for each group and window"]


def test_having_is_a_filter_in_the_statement_s_own_words():
    """Behind the groups; a final result says so."""
    drawn = graph(
        "SELECT item, COUNT(*) FROM orders WINDOW TUMBLING (SIZE 1 HOUR)"
        " GROUP BY item HAVING COUNT(*) > 1 EMIT FINAL;"
    )
    assert "filter | COUNT(*) > 1" in nodes(drawn)
    assert "window | tumbling, 1 h | COUNT(*) | said when it is over" in nodes(drawn)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            "SELECT * FROM orders LEFT JOIN payments WITHIN 1 HOUR ON id = order_id;",
            ["left join | on ID = ORDER_ID | within 1 h", "state | events that may find a partner"],
        ),
        (
            "SELECT * FROM orders JOIN payments WITHIN (1 HOUR, 2 HOURS) ON id = order_id;",
            [
                "join | on ID = ORDER_ID | within 1 h before, 2 h after",
                "state | events that may find a partner",
            ],
        ),
        (
            "SELECT * FROM orders JOIN items ON item = code;",
            ["new key | ORDERS.ITEM", "join | on ITEM = CODE", "state | rows of ITEMS"],
        ),
        (
            "SELECT * FROM items i JOIN stock s ON i.code = s.code;",
            ["join | on I.CODE = S.CODE", "state | rows of both"],
        ),
        (
            "SELECT * FROM items JOIN shelves ON shelf = name;",
            ["join | on SHELF = NAME | by a foreign key", "state | rows of both"],
        ),
    ],
)
def test_a_join_says_on_what_and_keeps_what_it_needs(query, words):
    """Of streams, of a stream with a table, of tables by key and by a foreign key."""
    assert nodes(graph(query))[:-1] == words


def test_joins_of_several_follow_each_other():
    """Each with the source that it brings in, the left side first."""
    drawn = graph(
        "SELECT item, orders.id, shelf FROM orders JOIN payments WITHIN 1 HOUR ON id = order_id"
        " LEFT JOIN items ON item = code;"
    )
    assert edges(drawn) == [
        ("orders", "join", 1),
        ("payments", "join", 2),
        ("join", "state", None),
        ("join", "new key", 3),
        ("new key", "left join", 4),
        ("items", "left join", 5),
        ("left join", "state", None),
        ("left join", "select", 6),
        ("select", "answer", 7),
    ]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * FROM orders PARTITION BY item;", "new key | ITEM"),
        ("SELECT item FROM orders PARTITION BY NULL;", "new key | none"),
        (
            "SELECT id, EXPLODE(ARRAY[price, 1]) AS one FROM orders;",
            "a row of each value | EXPLODE(ARRAY[PRICE, 1])",
        ),
    ],
)
def test_another_key_and_lists_taken_apart_are_steps(query, words):
    """In the statement's own words."""
    assert nodes(graph(query))[0] == words
