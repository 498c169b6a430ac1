import pytest

from eventlab.sql.catalog import Format, WindowedBy
from eventlab.sql.planning.defining import columns_of
from eventlab.sql.types import BIGINT, INTEGER, STRING, StructType
from tests.sql.planning.planning import ORDERS, plan_of, refused, session_of, source_of

KEYLESS = "CREATE STREAM notes (line STRING) WITH (KAFKA_TOPIC='n', KEY_FORMAT='NONE', {});"


def keyless(properties="VALUE_FORMAT='JSON'"):
    return KEYLESS.format(properties)


def test_a_source_is_as_its_statement_says():
    source = source_of(
        "CREATE SOURCE TABLE visits (id INT PRIMARY KEY, page STRING, h BYTES HEADER('from'))"
        " WITH (KAFKA_TOPIC='v', KEY_FORMAT='JSON', VALUE_FORMAT='DELIMITED', PARTITIONS=2,"
        " WINDOW_TYPE='TUMBLING', WINDOW_SIZE='1 MINUTE');"
    )
    assert (source.kind, source.topic, source.partitions) == ("table", "v", 2)
    assert (source.key_format.name, source.value_format.name) == ("JSON", "DELIMITED")
    assert [column.role for column in source.columns] == ["key", "value", "headers"]
    assert source.window == WindowedBy("tumbling", 60_000)
    assert source.is_read_only
    assert source.text.startswith("CREATE SOURCE TABLE visits")


def test_a_source_says_its_topic():
    error = refused("CREATE STREAM s (a INT) WITH (VALUE_FORMAT='JSON');")
    assert "does not name the topic of S" in str(error)


def test_types_that_were_made_are_known_in_columns():
    made = "CREATE TYPE place AS STRUCT<city STRING>;"
    source = source_of(
        "CREATE STREAM s (ends place) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');", made
    )
    assert source.columns[0].kind == StructType((("CITY", STRING),))


def test_a_result_is_in_the_formats_of_what_it_is_made_of():
    piped = (
        "CREATE STREAM lines (a INT, b INT) WITH (KAFKA_TOPIC='l', PARTITIONS=3,"
        " VALUE_FORMAT='DELIMITED', VALUE_DELIMITER='|');"
    )
    source = source_of("CREATE STREAM sums AS SELECT a + b AS c, a FROM lines;", piped)
    assert source.value_format == Format("DELIMITED", delimiter="|")
    assert source.key_format == Format("KAFKA")
    assert (source.topic, source.partitions) == ("SUMS", 3)


def test_a_result_is_as_its_properties_say():
    source = source_of(
        "CREATE STREAM made WITH (KAFKA_TOPIC='mine', FORMAT='DELIMITED', PARTITIONS=4)"
        " AS SELECT * FROM orders;",
        ORDERS,
    )
    assert (source.topic, source.partitions) == ("mine", 4)
    assert (source.key_format.name, source.value_format.name) == ("DELIMITED", "DELIMITED")


def test_a_key_where_there_was_none_is_in_the_format_of_the_session():
    by_line = "CREATE STREAM made AS SELECT line, 1 AS one FROM notes PARTITION BY line;"
    assert source_of(by_line, keyless()).key_format.name == "KAFKA"
    session = "SET 'ksql.persistence.default.format.key' = 'JSON';"
    assert source_of(by_line, keyless(), session).key_format.name == "JSON"
    copy = "CREATE STREAM made AS SELECT * FROM notes;"
    assert source_of(copy, keyless()).key_format.name == "NONE"


def test_the_session_says_what_statements_do_not():
    session = session_of(
        "SET 'ksql.persistence.default.format.value' = 'JSON';",
        "SET 'ksql.persistence.wrap.single.values' = 'false';",
        "SET 'ksql.output.topic.name.prefix' = 'shop.';",
        keyless("PARTITIONS=1"),
        "CREATE STREAM loud AS SELECT UCASE(line) AS line FROM notes;",
    )
    assert session.catalog.source("NOTES").value_format == Format("JSON", is_wrapped=False)
    assert session.catalog.source("LOUD").topic == "shop.LOUD"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("CREATE TABLE made AS SELECT * FROM orders;", "Write STREAM"),
        ("CREATE STREAM made AS SELECT item, COUNT(*) FROM orders GROUP BY item;", "Write TABLE"),
    ],
)
def test_a_result_is_created_as_what_it_is(text, remedy):
    assert remedy in str(refused(text))


def test_a_result_without_a_key_has_no_format_for_it():
    statement = (
        "CREATE STREAM made WITH (KEY_FORMAT='JSON') AS SELECT item FROM orders PARTITION BY NULL;"
    )
    assert "a format for its key, and no key" in str(refused(statement))
    assert source_of(statement.replace("'JSON'", "'NONE'"), ORDERS).keys == ()


def test_the_columns_of_a_result_are_its_key_and_its_values():
    columns = columns_of(plan_of("SELECT id, price + 0.5 AS x, rowtime AS t FROM orders;").shape)
    assert [(one.name, one.role) for one in columns] == [
        ("ID", "key"),
        ("X", "value"),
        ("T", "value"),
    ]
    assert (columns[0].kind, columns[2].kind) == (INTEGER, BIGINT)


@pytest.mark.parametrize(
    ("properties", "place"),
    [
        ("VALUE_FORMATS='JSON'", "VALUE_FORMATS"),
        ("VALUE_FORMAT='XML'", "VALUE_FORMAT"),
        ("VALUE_FORMAT='PROTOBUF'", "VALUE_FORMAT"),
        ("VALUE_FORMAT='AVRO'", "VALUE_FORMAT"),
        ("VALUE_FORMAT='JSON', PARTITIONS='many'", "PARTITIONS"),
        ("VALUE_FORMAT='JSON', VALUE_DELIMITER='|'", "VALUE_DELIMITER"),
        ("VALUE_FORMAT='JSON', VALUE_SCHEMA_FULL_NAME='A'", "VALUE_SCHEMA_FULL_NAME"),
        ("VALUE_FORMAT='KAFKA', WRAP_SINGLE_VALUE=true", "WRAP_SINGLE_VALUE"),
        ("FORMAT='JSON'", "KEY_FORMAT"),
    ],
)
def test_a_property_that_cannot_be_is_refused_at_its_place(properties, place):
    text = keyless(properties)
    assert refused(text).position == (1, text.index(place) + 1)


def test_only_what_a_query_has_made_is_derived():
    session = session_of(ORDERS, "CREATE STREAM copy AS SELECT * FROM orders;")
    sources = session.catalog.sources
    assert [sources[name].is_derived for name in ("ORDERS", "COPY")] == [False, True]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("CREATE TABLE s AS SELECT * FROM orders;", "s AS"),
        ("CREATE STREAM orders AS SELECT * FROM payments;", "orders"),
        ("CREATE STREAM orders (a INT) WITH (KAFKA_TOPIC='o', VALUE_FORMAT='JSON');", "orders"),
        ("CREATE STREAM s (a INT) WITH (VALUE_FORMAT='JSON');", "s ("),
        ("DROP STREAM nothing;", "nothing"),
        ("DROP TABLE orders;", "orders"),
    ],
)
def test_the_name_is_pointed_at_that_cannot_be_made_or_dropped(text, place):
    assert refused(text).position == (1, text.index(place) + 1)


def test_a_name_that_is_too_long_for_files_is_refused():
    """Its query's files have it in their names; a source over a topic has no such files."""
    most = 255 - len("CTAS__9999999999-9999999999.arriving")
    text = "CREATE STREAM {} WITH (KAFKA_TOPIC='short') AS SELECT * FROM orders;"
    assert source_of(text.format("n" * most), ORDERS).name == "N" * most
    error = refused(text.format("n" * (most + 1)))
    assert error.position == (1, 15)
    assert f"up to {most} letters, found {most + 1}" in str(error)
    assert source_of(f"CREATE STREAM {'n' * 300} (a INT) WITH (KAFKA_TOPIC='t', FORMAT='JSON');")
