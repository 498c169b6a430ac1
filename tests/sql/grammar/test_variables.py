"""Variables stand for a name or a value, and change nothing else."""

import pytest

from eventlab.sql import syntax
from eventlab.sql.grammar.parsing import parse
from tests.sql.statements import only, refused, said


def test_a_variable_is_a_name_or_a_literal():
    """Names, numbers, texts in quotes, TRUE, FALSE and NULL, by any case of the variable."""
    text = "INSERT INTO ${Where} (${what}) VALUES (${a}, ${b}, ${c}, ${d}, ${e}, ${f});"
    values = {"a": "-1", "b": "'x y'", "c": "2.5", "d": "true", "e": "NULL", "f": "col"}
    statement = only(text, where="orders", WHAT="`id`", **values)
    assert (statement.name, statement.columns) == ("ORDERS", ("id",))
    said_values = ["-1", "'x y'", "Decimal('2.5')", "True", "None", "COL"]
    assert list(map(said, statement.values)) == said_values


def test_a_variable_may_stand_inside_a_text():
    """There it is text, whatever it says; two dollars make none of it."""
    text = "SELECT * FROM s WHERE a = 'x-${v}-$${v}-${V}';"
    statement = only(text, v="'; DROP STREAM s; --")
    assert isinstance(statement, syntax.Select)
    value = statement.query.where.right.value
    assert value == "x-'; DROP STREAM s; ---${v}-'; DROP STREAM s; --"


@pytest.mark.parametrize(
    "value",
    [
        *("1; DROP STREAM s", "a = 1 OR TRUE", "1 --", "1 /*", "(1)", "a.b", "a b", "", " ", "f()"),
        *("SELECT", "FROM", "LIMIT", "'a' 'b'", "'a", "`a", "--1", "- -1", "1 + 1", "${v}", "*"),
        *("a, b", "-a", "-'x'", "a;", "a\n", "NOT NULL", "/* x */ 1", "'a'--"),
    ],
)
def test_a_variable_adds_no_words_and_no_statements(value):
    """What would change the structure is refused, with its place."""
    if value == "a\n":  # spaces around a value are nothing
        assert only("SELECT * FROM s WHERE a = ${v};", v=value)
        return
    error = refused("SELECT * FROM s\nWHERE a = ${v};", v=value)
    assert error.position == (2, 11)
    assert "v" in error.summary


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM s ${v} CHANGES;",
        "SELECT * FROM s EMIT ${w};",
        "SELECT a IS ${n} FROM s;",
        "SELECT a IS NOT ${n} FROM s;",
        "${v} STREAM s;",
        "SELECT a 5 ${m} FROM s;",
        "SHOW ${s};",
        "CREATE STREAM s (id INT ${k}) WITH (x = 1);",
        "SELECT * FROM s GROUP BY a LIMIT ${m};",
    ],
)
def test_a_variable_is_never_a_keyword(text):
    """Not even one that would be free for names, or NULL where it is a word."""
    refused(text, v="EMIT", w="CHANGES", n="NULL", m="-1", s="streams", k="KEY")


def test_a_negative_number_does_not_become_a_subtraction():
    """`a ${n}` is not `a - 1`."""
    refused("SELECT a ${n} FROM s;", n="-1")


def test_what_is_not_defined_is_refused_with_the_nearest_name():
    """In a text as well as outside."""
    assert "TOPIC" in refused("PRINT ${topik};", topic="x").remedy
    assert "DEFINE" in refused("SET 'a' = '${b}';").remedy


def test_definitions_hold_for_what_follows():
    """DEFINE and UNDEFINE change what the same text says later, and nothing given."""
    given = {"a": "x"}
    text = "DEFINE A = 'y'; PRINT ${a}; DEFINE b = '${a}'; PRINT ${b}; UNDEFINE b;"
    topics = [one.statement.topic for one in parse(text, given) if hasattr(one.statement, "topic")]
    assert topics == ["Y", "Y"]
    assert given == {"a": "x"}
    refused(f"{text} PRINT ${{b}};")


def test_a_text_in_quotes_is_defined_with_three_quotes():
    """As in ksqlDB: the inner quotes stay."""
    text = "DEFINE topic = '''My-Topic'''; PRINT ${topic};"
    assert parse(text)[1].statement.topic == "My-Topic"
