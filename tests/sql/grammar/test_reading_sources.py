"""What makes, changes and fills sources."""

from decimal import Decimal

import pytest

from eventlab.sql import syntax
from eventlab.sql.types import BIGINT, BYTES, DOUBLE, INTEGER, STRING, ArrayType, StructType
from tests.sql.statements import only, refused, said


def test_a_stream_has_columns_and_properties():
    """Keys and headers have their roles, properties are Python's values by names in capitals."""
    statement = only(
        "CREATE OR REPLACE SOURCE STREAM IF NOT EXISTS orders (id INT KEY, `Price` DOUBLE, "
        "h ARRAY<STRUCT<key STRING, value BYTES>> HEADERS, t BYTES HEADER('trace')) "
        "WITH (kafka_topic = 'Orders', 'partitions' = 3, `wrap` = TRUE, a = -1.5, b = NULL);"
    )
    assert isinstance(statement, syntax.CreateSource)
    assert (statement.kind, statement.name) == ("stream", "ORDERS")
    assert statement.or_replace
    assert statement.if_not_exists
    assert statement.is_source
    pairs = StructType((("KEY", STRING), ("VALUE", BYTES)))
    assert [(c.name, c.kind, c.role, c.header) for c in statement.elements] == [
        ("ID", INTEGER, "key", None),
        ("Price", DOUBLE, "value", None),
        ("H", ArrayType(pairs), "headers", ""),
        ("T", BYTES, "headers", "trace"),
    ]
    assert statement.elements[1].position == (1, 67)
    assert statement.properties == {
        "KAFKA_TOPIC": "Orders",
        "PARTITIONS": 3,
        "WRAP": True,
        "A": Decimal("-1.5"),
        "B": None,
    }


def test_a_table_has_a_primary_key():
    """And a source need not have columns, nor anything else."""
    table = only("CREATE TABLE t (id BIGINT PRIMARY KEY) WITH (KAFKA_TOPIC = 't');")
    assert (table.elements[0].kind, table.elements[0].role) == (BIGINT, "primary key")
    bare = only("create stream `s-1`")
    assert (bare.name, bare.elements, bare.properties) == ("s-1", (), {})
    assert not bare.or_replace


def test_a_source_is_made_of_a_query():
    """With properties or without."""
    made = only("CREATE OR REPLACE TABLE IF NOT EXISTS t WITH (PARTITIONS = 2) AS SELECT a FROM s;")
    assert isinstance(made, syntax.CreateAs)
    assert (made.kind, made.name, made.properties) == ("table", "T", {"PARTITIONS": 2})
    assert made.or_replace
    assert made.if_not_exists
    assert made.query.source.name == "S"
    assert only("CREATE STREAM t AS SELECT * FROM s EMIT CHANGES;").query.emit == "changes"


def test_a_type_is_made():
    """By its name and what it stands for."""
    assert only("CREATE TYPE IF NOT EXISTS n AS ARRAY<INT>;") == syntax.CreateType(
        "N", ArrayType(INTEGER), if_not_exists=True
    )


def test_columns_are_added():
    """One or several."""
    statement = only("ALTER STREAM s ADD COLUMN a INT, ADD b STRING;")
    assert (statement.kind, statement.name) == ("stream", "S")
    assert [(c.name, c.kind) for c in statement.elements] == [("A", INTEGER), ("B", STRING)]
    assert statement.position == (1, 14)


def test_columns_are_added_and_nothing_else():
    """Neither dropped nor renamed, and none of the key."""
    dropped = refused("ALTER STREAM s DROP COLUMN a;")
    assert "can be added" in dropped.expected
    assert dropped.position == (1, 16)
    assert "of the value" in refused("ALTER STREAM s ADD a INT KEY;").expected


def test_rows_are_inserted():
    """Values are expressions; columns may be left out."""
    statement = only("INSERT INTO s (a, `b`) VALUES (1 + 1, STRUCT(c := 2));")
    assert (statement.name, statement.columns) == ("S", ("A", "b"))
    assert said(statement.values[0]) == "(1 + 1)"
    assert only("INSERT INTO s VALUES ('x');").columns == ()


def test_what_a_query_selects_is_inserted():
    """With properties or without."""
    statement = only("INSERT INTO s WITH (QUERY_ID = 'q') SELECT * FROM t;")
    assert (statement.name, statement.properties) == ("S", {"QUERY_ID": "q"})
    assert only("INSERT INTO s SELECT * FROM t;").query.source.name == "T"


@pytest.mark.parametrize(
    "text",
    [
        *("CREATE", "CREATE STREAM", "CREATE STREAM s ()", "CREATE STREAM s (a INT", "CREATE s"),
        *("CREATE STREAM s (a INT,)", "CREATE STREAM s (a INT b INT)", "CREATE STREAM s foo"),
        *("CREATE STREAM s (a INT) foo", "CREATE STREAM s (a INT) WITH ()", "CREATE STREAM s AS"),
        *("CREATE STREAM s (a INT) WITH (x)", "CREATE STREAM s (a INT) WITH (x = y)"),
        *("CREATE STREAM s (a INT) WITH (x = 1) foo", "CREATE STREAM s (a INT) WITH (x = 1 + 1)"),
        *("CREATE STREAM s (a INT) AS SELECT * FROM t", "CREATE STREAM s WITH (x = 1) foo"),
        *("CREATE SOURCE STREAM s AS SELECT * FROM t", "CREATE STREAM s AS VALUES (1)"),
        *("CREATE STREAM IF EXISTS s (a INT)", "CREATE STREAM s.t (a INT)", "CREATE OR STREAM s"),
        *(
            "CREATE TEMPORARY TABLE t (a INT)",
            "CREATE VIEW v AS SELECT * FROM t",
            "CREATE TABLE t AS t",
        ),
        *(
            "CREATE OR REPLACE TYPE t AS INT",
            "CREATE TYPE t",
            "CREATE TYPE t INT",
            "CREATE INDEX i",
        ),
        *("CREATE STREAM s (a INT PRIMARY)", "CREATE STREAM s (a INT HEADER)", "ALTER STREAM s"),
        *(
            "CREATE STREAM s (a INT KEY PRIMARY KEY)",
            "ALTER STREAM s DROP COLUMN a",
            "ALTER s ADD a INT",
        ),
        *("ALTER STREAM s ADD a", "INSERT s VALUES (1)", "INSERT INTO s VALUES", "INSERT INTO s"),
        *("INSERT INTO s VALUES ()", "INSERT INTO s VALUES (1), (2)", "INSERT INTO s (a) SELECT 1"),
        *("INSERT INTO s (a, 1) VALUES (1, 2)", "INSERT INTO s VALUES (1) RETURNING a"),
        *("INSERT INTO s VALUES (a = 1)", "INSERT OVERWRITE s VALUES (1)"),
        *(
            "ALTER STREAM s ADD a INT KEY",
            "ALTER TABLE s RENAME COLUMN a",
            "ALTER STREAM s ADD a INT b",
        ),
    ],
)
def test_others_are_refused(text):
    """Nothing left over, nothing left out, nothing of another dialect."""
    refused(f"{text};")


def test_a_property_is_said_once():
    """By any case of its name."""
    assert "A again" in refused("CREATE STREAM s (b INT) WITH (a = 1, 'A' = 2);").found


@pytest.mark.parametrize("begin", ["CREATE STREAM s AS", "CREATE TABLE s AS", "INSERT INTO s"])
def test_what_goes_on_for_ever_has_no_limit(begin):
    """A query by itself may have one."""
    assert "LIMIT" in refused(f"{begin} SELECT * FROM t LIMIT 3;").found
