"""From a text to statements, whatever the text is."""

import random

import pytest

from eventlab.errors import SqlError
from eventlab.sql import syntax
from eventlab.sql.grammar.parsing import parse
from eventlab.sql.grammar.words import RESERVED
from tests.sql.statements import only, refused

STATEMENTS = """
-- What is sold.
CREATE STREAM orders (id INT KEY, item STRING, price DECIMAL(9, 2), tags ARRAY<STRING>)
  WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 4);
CREATE TABLE sums AS SELECT item, SUM(price * 1.19) AS total, COUNT(*) FROM orders
  WINDOW HOPPING (SIZE 1 HOUR, ADVANCE BY 5 MINUTES, GRACE PERIOD 1 DAY)
  WHERE price BETWEEN 1 AND 99 AND item NOT IN ('a', 'b') OR tags[1] LIKE 'x%'
  GROUP BY item HAVING COUNT(*) > 3 EMIT FINAL; /* and so on */
SELECT o.*, CASE WHEN u.name IS NULL THEN -1 ELSE CAST(u.age AS BIGINT) END AS age
  FROM orders o LEFT JOIN users u WITHIN (1 HOUR, 2 DAYS) ON o.id = u.id
  WHERE TRANSFORM(o.tags, x => UCASE(x)) IS DISTINCT FROM ARRAY['A'] EMIT CHANGES LIMIT 5;
INSERT INTO orders (id, item) VALUES (1, STRUCT(a := MAP('k' := 2.5E0)));
DESCRIBE orders EXTENDED; EXPLAIN SELECT * FROM orders; DROP STREAM IF EXISTS orders DELETE TOPIC
"""


def test_statements_have_their_text_and_their_place():
    """Comments before and behind a statement are not of its text."""
    found = parse(STATEMENTS)
    kinds = "CreateSource CreateAs Select InsertValues Describe Explain Drop"
    assert " ".join(type(one.statement).__name__ for one in found) == kinds
    assert [one.position for one in found][:3] == [(3, 1), (5, 1), (9, 1)]
    assert [one.position for one in found][4:] == [(13, 1), (13, 27), (13, 57)]
    assert found[4].text == "DESCRIBE orders EXTENDED"
    assert found[1].text.endswith("EMIT FINAL")


@pytest.mark.parametrize("text", ["", " \n", ";", "-- nothing", "/* nothing */;"])
def test_nothing_is_no_statement(text):
    """An empty text is understood."""
    assert parse(text) == []


def test_an_error_in_one_statement_refuses_the_text():
    """With the place in the whole text."""
    assert refused("SHOW STREAMS;\n\n  SHOW STREAMS foo;").position == (3, 16)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EXPLAIN csas_a_1", syntax.Explain(query_id="CSAS_A_1")),
        ("EXPLAIN `q`;", syntax.Explain(query_id="q")),
        ("EXPLAIN SHOW STREAMS", syntax.Explain(statement=syntax.Show("streams"))),
    ],
)
def test_a_query_or_a_statement_is_explained(text, expected):
    """A single name is the id of a query."""
    assert only(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "EXPLAIN",
            "EXPLAIN EXPLAIN SHOW STREAMS",
            "EXPLAIN a b",
            "EXPLAIN 'a'",
            "EXPLAIN ANALYZE",
        ),
        *("foo", "UPDATE a SET b = 1", "DELETE FROM a", "BEGIN", "COMMIT", "USE a", "CALL f()"),
        *("VALUES (1)", "(SELECT * FROM a)", "SHOW STREAMS SHOW TABLES", "SELECT", "a = 1", "'a'"),
        *("TRUNCATE t", "GRANT a TO b", "MERGE INTO a", "COPY a FROM b", "CACHE TABLE a", "1"),
    ],
)
def test_what_is_no_statement_is_refused(text):
    """There is no statement that is kept as it is, and none with another behind it."""
    if text == "EXPLAIN ANALYZE":  # a name like any other
        assert only(text) == syntax.Explain(query_id="ANALYZE")
        return
    refused(text)


def test_a_mistyped_statement_is_named():
    """By the first word."""
    assert refused("SELCT * FROM a;").remedy == "Did you mean SELECT?"


# -- whatever comes --------------------------------------------------------------------------------

_SIGNS = ["(", ")", "[", "]", "<", ">", ",", ".", ";", "=", "+", "-", "*", "/", "%", "|", ":"]
_MORE = ["->", "=>", ":=", "||", "<>", "--", "/*", "*/", "'", "`", '"', "$", "${x}", "${y}", "\n"]
_ODD = ["\0", "\ud800", "é", "{", "}", "1e999999", "9" * 5000, "0x1", "1R", "@", "\\", "\u2028"]
_PLAIN = ["a", "t.b", "'x'", "1", "2.5", "1E3", "`q`", "EMIT", "CHANGES", "STRUCT", "MAP", "ARRAY"]


def is_understood(text: str) -> bool:
    """Tell whether a text is understood; what it raises else is a SqlError with its place."""
    error = _error(text)
    assert error is None or (error.position is not None and error.remedy and str(error))
    return error is None


def _error(text: str) -> SqlError | None:
    try:
        parse(text, {"x": "1", "y": "a; DROP STREAM s"})
    except SqlError as error:
        return error
    return None


def test_random_words_are_refused():
    """Never a traceback, never a hang."""
    chance = random.Random(14)
    words = [*sorted(RESERVED), *_SIGNS, *_MORE, *_ODD, *_PLAIN]
    texts = (" ".join(chance.choices(words, k=chance.randint(1, 25))) for _ in range(1500))
    assert sum(map(is_understood, texts)) < 50


def test_statements_that_are_cut_off_are_refused_or_whole():
    """At every third letter of all kinds of statements."""
    understood = [is_understood(STATEMENTS[:end]) for end in range(0, len(STATEMENTS), 3)]
    assert 10 < sum(understood) < len(understood) / 2


def test_statements_with_a_word_changed_are_refused_or_understood():
    """One word replaced, put in or taken out."""
    chance = random.Random(41)
    words = [*sorted(RESERVED), *_SIGNS, *_MORE, *_ODD, *_PLAIN]
    for _ in range(150):
        changed = STATEMENTS.split(" ")
        place = chance.randrange(len(changed))
        changed[place : place + chance.randint(0, 1)] = chance.choices(
            words, k=chance.randint(0, 2)
        )
        is_understood(" ".join(changed))


def test_rubbish_is_refused():
    """Any letters of the world, and what is no letter."""
    chance = random.Random(7)
    for _ in range(500):
        most = chance.choice([128, 256, 0x11000])
        text = "".join(chr(chance.randrange(most)) for _ in range(chance.randint(1, 60)))
        is_understood(text)


@pytest.mark.parametrize(
    ("begin", "again", "end"),
    [
        ("SELECT ", "(", "a FROM s;"),
        ("SELECT ", "NOT ", "a FROM s;"),
        ("SELECT ", "- ", "a FROM s;"),
        ("SELECT ", "f(", "a FROM s;"),
        ("SELECT f(", "x => ", "a) FROM s;"),
        ("SELECT f(", "(x) => (", "a) FROM s;"),
        ("SELECT a", "[1]", " FROM s;"),
        ("SELECT a", "->b", " FROM s;"),
        ("SELECT a", " OR a", " FROM s;"),
        ("SELECT a", " + a", " FROM s;"),
        ("SELECT ", "CASE WHEN a THEN ", "b FROM s;"),
        ("SELECT * FROM s GROUP BY ", "(", "a;"),
        ("CREATE STREAM s (a ", "ARRAY<", "INT);"),
        ("CREATE STREAM s (a INT", " ARRAY", ");"),
        ("", "EXPLAIN ", "a"),
    ],
)
def test_what_is_nested_too_deep_is_refused(begin, again, end):
    """Neither the parser nor what comes after it runs out of stack."""
    is_understood(f"{begin}{again * 20}{end}")
    assert not is_understood(f"{begin}{again * 3000}{end}")


def test_long_lists_are_no_nesting():
    """Thousands of values beside one another are understood."""
    values = ", ".join(map(str, range(3000)))
    found = only(f"SELECT * FROM s WHERE a IN ({values});")
    assert isinstance(found, syntax.Select)
    assert len(found.query.where.options) == 3000
