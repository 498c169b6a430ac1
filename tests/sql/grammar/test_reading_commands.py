"""What asks, stops, drops and sets."""

import pytest

from eventlab.sql.syntax import (
    Control,
    Define,
    Describe,
    DescribeFunction,
    Drop,
    DropType,
    Print,
    Set,
    Show,
)
from tests.sql.statements import only, refused


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("SHOW STREAMS", Show("streams")),
        ("list tables extended", Show("tables", True)),
        ("SHOW QUERIES EXTENDED", Show("queries", True)),
        ("SHOW TOPICS", Show("topics")),
        ("LIST ALL TOPICS", Show("topics", is_all=True)),
        ("LIST FUNCTIONS", Show("functions")),
        ("SHOW TYPES", Show("types")),
        ("SHOW VARIABLES", Show("variables")),
        ("SHOW PROPERTIES", Show("properties")),
        ("DESCRIBE orders", Describe("ORDERS")),
        ("DESCRIBE `orders` EXTENDED", Describe("orders", True)),
        ("DESCRIBE EXTENDED orders", Describe("ORDERS", True)),
        ("DESCRIBE STREAMS EXTENDED", Describe("STREAMS", True)),
        ("DESCRIBE tables", Describe("TABLES")),
        ("DESCRIBE function", Describe("FUNCTION")),
        ("DESCRIBE FUNCTION ucase", DescribeFunction("UCASE")),
        ("PRINT orders", Print("orders")),
        ("PRINT 'my topic' FROM BEGINNING", Print("my topic", True)),
        ("PRINT `a.b` FROM BEGINNING INTERVAL 2 LIMIT 3", Print("a.b", True, 2, 3)),
        ("PRINT t SAMPLE 5", Print("t", interval=5)),
        ("TERMINATE ALL", Control("terminate", "ALL")),
        ("TERMINATE csas_a_1", Control("terminate", "CSAS_A_1")),
        ("PAUSE `q-1`", Control("pause", "q-1")),
        ("RESUME ALL", Control("resume", "ALL")),
        ("DROP STREAM s", Drop("stream", "S")),
        ("DROP TABLE IF EXISTS t DELETE TOPIC", Drop("table", "T", True, True)),
        ("DROP STREAM if", Drop("stream", "IF")),
        ("DROP TYPE IF EXISTS address", DropType("ADDRESS", True)),
        ("SET 'a.b' = 'c'", Set("a.b", "c")),
        ("UNSET 'a.b'", Set("a.b", None)),
        ("DEFINE Name = 'it''s'", Define("Name", "it's")),
        ("UNDEFINE name", Define("name", None)),
    ],
)
def test_commands_are_understood(text, statement):
    """With a semicolon or without one, by any case."""
    assert only(text) == statement
    assert only(f" {text} ;\n") == statement


@pytest.mark.parametrize(
    "text",
    [
        *(
            "SHOW",
            "SHOW STREAMS foo",
            "SHOW foo",
            "SHOW STREAMS, TABLES",
            "SHOW FUNCTIONS EXTENDED",
        ),
        *("SHOW STREAMS LIKE 'a'", "DESCRIBE", "DESCRIBE a b", "DESCRIBE EXTENDED a EXTENDED"),
        *("DESCRIBE FUNCTION a b", "DESCRIBE a, b", "PRINT", "PRINT a b", "PRINT a FROM", "DESC a"),
        *("PRINT a FROM END", "PRINT a LIMIT", "PRINT a LIMIT 1 INTERVAL 2", "PRINT a LIMIT 1.5"),
        *(
            "TERMINATE",
            "TERMINATE a b",
            "TERMINATE QUERY a",
            "TERMINATE 'a'",
            "PAUSE",
            "RESUME a, b",
        ),
        *("DROP", "DROP s", "DROP STREAM", "DROP STREAM s CASCADE", "DROP STREAM s DELETE"),
        *(
            "DROP STREAM IF s",
            "DROP STREAM IF NOT EXISTS s",
            "DROP STREAM a, b",
            "DROP TYPE t DELETE",
        ),
        *("SET", "SET a = 'b'", "SET 'a' = b", "SET 'a' 'b'", "SET 'a' = 'b' = 'c'", "UNSET a"),
        *("DEFINE a", "DEFINE a = b", "DEFINE a = 1", "DEFINE 'a' = 'b'", "DEFINE `a` = 'b'"),
        *("DEFINE a@b = 'c'", "DEFINE 1a = 'b'", "UNDEFINE", "UNDEFINE 'a'", "UNDEFINE a b"),
    ],
)
def test_others_are_refused(text):
    """None is taken for something else, and nothing may be left over."""
    refused(text)


def test_the_nearest_word_is_named():
    """As it is for all lists of words."""
    assert refused("SHOW STREEMS;").remedy == "Did you mean STREAMS?"
