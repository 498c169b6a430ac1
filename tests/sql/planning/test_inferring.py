"""Columns that a statement leaves to the schemas of its topic."""

import pytest

from eventlab.errors import SqlError
from eventlab.log.schemas import parsed
from eventlab.sql.catalog import Catalog
from eventlab.sql.grammar.parsing import parse
from eventlab.sql.planning.inferring import with_columns, written_out
from eventlab.sql.running.memory_registry import MemoryRegistry
from eventlab.sql.schemas import Schemas
from tests.log.schemas.made import CENTS, field, record

VALUE = record(field("string", "item"), CENTS)
TOPIC = "KAFKA_TOPIC='t'"


@pytest.fixture
def registry():
    """A registry that knows the values of a topic, and what is in another one."""
    registry = MemoryRegistry()
    registry.register("t-value", parsed(record(CENTS)))
    registry.register("t-value", parsed(record(CENTS, field("string", "item", default=""))))
    registry.register("bare-key", parsed('"long"'))
    registry.register("bare-value", parsed('"int"'))
    return registry


@pytest.fixture
def catalog(registry):
    """A catalog with these schemas."""
    return Catalog(schemas=Schemas(lambda: registry))


def columns(catalog, text):
    """Return the columns of a statement: name, type and role."""
    (one,) = parse(text)
    found = with_columns(one.statement, catalog)
    return [(each.name, str(each.kind), each.role) for each in found.elements]


def refused(catalog, text):
    """Return why the columns cannot be found."""
    with pytest.raises(SqlError) as caught:
        columns(catalog, text)
    return caught.value


def test_the_newest_schema_has_the_columns(catalog):
    """Of the value; a key that is written stays as it is."""
    value = [("CENTS", "INTEGER", "value"), ("ITEM", "STRING", "value")]
    assert columns(catalog, f"CREATE STREAM s WITH ({TOPIC}, VALUE_FORMAT='avro');") == value
    with_key = f"CREATE TABLE s (id INT PRIMARY KEY) WITH ({TOPIC}, VALUE_FORMAT='AVRO');"
    assert columns(catalog, with_key) == [("ID", "INTEGER", "primary key"), *value]


def test_a_key_and_a_single_value_have_names_of_their_own(catalog):
    """ROWKEY and ROWVAL."""
    bare = "WITH (KAFKA_TOPIC='bare', FORMAT='AVRO', WRAP_SINGLE_VALUE=false);"
    value = ("ROWVAL", "INTEGER", "value")
    assert columns(catalog, f"CREATE STREAM s {bare}") == [("ROWKEY", "BIGINT", "key"), value]
    table = columns(catalog, f"CREATE TABLE s {bare}")
    assert table == [("ROWKEY", "BIGINT", "primary key"), value]


def test_what_is_written_is_not_looked_up(catalog):
    """Nor what is of another format."""
    written = f"CREATE STREAM s (cents INT) WITH ({TOPIC}, VALUE_FORMAT='AVRO');"
    assert columns(catalog, written) == [("CENTS", "INTEGER", "value")]
    other = f"CREATE STREAM s (id INT KEY) WITH ({TOPIC}, VALUE_FORMAT='JSON');"
    assert columns(catalog, other) == [("ID", "INTEGER", "key")]


def test_a_topic_without_a_schema_is_refused(catalog):
    """It says which subject was looked for, and what to write."""
    error = refused(catalog, "CREATE STREAM s WITH (KAFKA_TOPIC='u', VALUE_FORMAT='AVRO');")
    assert "u-value" in error.expected
    assert error.position == (1, 15)
    keyless = refused(catalog, f"CREATE STREAM s (a INT) WITH ({TOPIC}, FORMAT='AVRO');")
    assert "t-key" in keyless.expected
    assert "KEY_FORMAT='NONE'" in keyless.remedy


def test_a_schema_that_has_no_columns_is_refused(catalog):
    """And it is said how a value can be one."""
    error = refused(catalog, "CREATE STREAM s WITH (KAFKA_TOPIC='bare', VALUE_FORMAT='AVRO');")
    assert "type int" in error.found
    assert "WRAP_SINGLE_VALUE=false" in error.remedy


def test_a_statement_is_written_out_with_what_it_found(catalog, registry):
    """Whatever the schemas are when it is run again."""
    text = (
        f"CREATE OR REPLACE TABLE `t-1` (`i d` INT PRIMARY KEY, h BYTES HEADER('it''s'))"
        f" WITH ({TOPIC}, VALUE_FORMAT='AVRO', PARTITIONS=2, TIMESTAMP='CENTS');"
    )
    (one,) = parse(text)
    found = written_out(one, catalog)
    registry.forget("t-value")
    assert "`ITEM` STRING" in found.text
    (again,) = parse(f"{found.text};")
    assert again.statement == found.statement
    assert written_out(again, catalog) is again
    assert again.statement.properties == one.statement.properties


def test_other_statements_are_written_as_they_are(catalog):
    """Those that have columns, those that are there, and those that create nothing."""
    for text in ("SHOW STREAMS;", f"CREATE STREAM s (a INT) WITH ({TOPIC}, VALUE_FORMAT='JSON');"):
        (one,) = parse(text)
        assert written_out(one, catalog) is one
    (one,) = parse("CREATE STREAM IF NOT EXISTS s WITH (KAFKA_TOPIC='u', VALUE_FORMAT='AVRO');")
    catalog.sources["S"] = None
    assert written_out(one, catalog) is one
