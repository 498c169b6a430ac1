"""What ASSERT says of sources and rows, held against what is there."""

import pytest

from eventlab.errors import SqlError
from eventlab.sql.planning.asserting import expected_row, require_source
from eventlab.streams import Arrival
from tests.sql.planning.planning import session_of
from tests.sql.statements import only

SOURCES = (
    "CREATE STREAM lines (a INT KEY, b STRING, c DECIMAL(4, 2)) WITH (KAFKA_TOPIC='t',"
    " KEY_FORMAT='KAFKA', VALUE_FORMAT='DELIMITED', VALUE_DELIMITER='|', TIMESTAMP='b',"
    " TIMESTAMP_FORMAT='yyyy');"
    "CREATE TABLE w (a INT PRIMARY KEY, n INT) WITH (KAFKA_TOPIC='w', FORMAT='AVRO',"
    " WRAP_SINGLE_VALUE=false, VALUE_AVRO_SCHEMA_FULL_NAME='shop.W');"
    "CREATE STREAM h (n INT, a INT KEY, m ARRAY<STRUCT<key STRING, value BYTES>> HEADERS)"
    " WITH (KAFKA_TOPIC='h', VALUE_FORMAT='JSON', WINDOW_TYPE='TUMBLING', WINDOW_SIZE='5 SECONDS');"
)


@pytest.fixture
def session():
    """A session that knows these sources."""
    from eventlab.sql.running.trying import Trial

    trial = Trial()
    trial.take(SOURCES)
    return trial._session


def refused(session, text):
    """Return why a source is not what is said."""
    with pytest.raises(SqlError) as caught:
        require_source(only(text), session.catalog)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "ASSERT STREAM lines;",
        "ASSERT STREAM lines (b STRING, a INT KEY, c DECIMAL(4, 2));",
        "ASSERT STREAM lines WITH (kafka_topic='t', key_format='kafka', value_delimiter='|');",
        "ASSERT STREAM lines WITH (timestamp='b', timestamp_format='yyyy');",
        "ASSERT TABLE w (a INT PRIMARY KEY, n INT) WITH (FORMAT='AVRO', WRAP_SINGLE_VALUE=false);",
        "ASSERT TABLE w WITH (VALUE_AVRO_SCHEMA_FULL_NAME='shop.W');",
        "ASSERT STREAM h (a INT KEY, n INT, m ARRAY<STRUCT<key STRING, value BYTES>> HEADERS);",
        "ASSERT STREAM h WITH (WINDOW_TYPE='tumbling', WINDOW_SIZE='5000 MILLISECONDS');",
    ],
)
def test_a_source_is_what_is_said_of_it(session, text):
    """What is not said may be any."""
    require_source(only(text), session.catalog)


@pytest.mark.parametrize(
    ("text", "expected", "found", "position"),
    [
        ("ASSERT TABLE lines;", "a table", "a stream", (1, 8)),
        ("ASSERT STREAM lines (a INT KEY, b INT);", "B INTEGER", "B STRING", (1, 33)),
        ("ASSERT STREAM lines (a INT, b STRING);", "A INTEGER", "A INTEGER KEY", (1, 22)),
        ("ASSERT STREAM lines (a INT KEY);", "no further", "B STRING, C DECIMAL(4, 2)", (1, 8)),
        ("ASSERT TABLE w (a INT PRIMARY KEY, n INT, o INT);", "O INTEGER", "none", (1, 43)),
        ("ASSERT STREAM lines WITH (kafka_topic='T');", "'T'", "'t'", (1, 27)),
        ("ASSERT STREAM lines WITH (format='KAFKA');", "'KAFKA'", "DELIMITED", (1, 27)),
        ("ASSERT STREAM lines WITH (value_format='AVRO');", "'AVRO'", "'DELIMITED'", (1, 27)),
        ("ASSERT STREAM lines WITH (timestamp='c');", "'C'", "'B'", (1, 27)),
        ("ASSERT TABLE w WITH (timestamp='c');", "'C'", "None", (1, 22)),
        ("ASSERT TABLE w WITH (wrap_single_value=true);", "True", "False", (1, 22)),
        ("ASSERT STREAM lines WITH (window_type='SESSION');", "session", "None", (1, 27)),
    ],
)
def test_what_is_something_else_is_said(session, text, expected, found, position):
    """What was expected, what was found, and where it is said."""
    error = refused(session, text)
    assert expected in error.expected
    assert found in error.found
    assert error.position == position


def test_what_is_no_property_of_a_source_is_refused(session):
    """Partitions are a topic's."""
    assert "no property PARTITIONS" in str(refused(session, "ASSERT TABLE w WITH (PARTITIONS=1);"))
    assert "no stream or table X" in str(refused(session, "ASSERT STREAM x;"))


# -- rows ---------------------------------------------------------------------------------------


def row(session, text, *values, key="[1]", time=5):
    """Hold a row of lines to a statement; no values are a tombstone."""
    expected = expected_row(only(text), session.catalog, session.compiler)
    event = (*values, time, 0, 0) if values else None
    expected.require((key, Arrival(event, key, "t", 0, 0, time, time)))


@pytest.fixture
def plain():
    """A session with a stream of a key, a text and a number."""
    return session_of(
        "CREATE STREAM s (a INT KEY, b STRING, c DECIMAL(4, 2))"
        " WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');"
    )


def test_a_row_is_held_to_the_columns_that_are_named(plain):
    """All of them, where none are; as INSERT would make them."""
    from decimal import Decimal

    values = (1, "x", Decimal("1.50"))
    row(plain, "ASSERT VALUES s VALUES (1, 'x', 1.5);", *values)
    row(plain, "ASSERT VALUES s (c, rowtime) VALUES (1.5, 5);", *values)
    row(plain, "ASSERT VALUES s (b) VALUES (NULL);", 1, None, None)
    row(plain, "ASSERT NULL VALUES s KEY (1);")
    row(plain, "ASSERT NULL VALUES s (a, rowtime) KEY (1, 5);")


@pytest.mark.parametrize(
    ("text", "values", "expected", "found", "column"),
    [
        ("ASSERT VALUES s (a, b) VALUES (1, 'y');", (1, "x", None), "A 1, B 'y'", "A 1, B 'x'", 35),
        ("ASSERT VALUES s (rowtime) VALUES (6);", (1, "x", None), "ROWTIME 6", "ROWTIME 5", 35),
        ("ASSERT VALUES s (c) VALUES (1.5);", (1, "x", None), "C 1.50", "C NULL", 29),
        ("ASSERT VALUES s (a) VALUES (1);", (), "A 1", "a tombstone of A 1", 29),
        ("ASSERT NULL VALUES s KEY (2);", (), "a tombstone of A 2", "a tombstone of A 1", 27),
        ("ASSERT NULL VALUES s KEY (1);", (1, "x", None), "a tombstone of A 1", "A 1", 27),
    ],
)
def test_another_row_is_refused(plain, text, values, expected, found, column):
    """With both, at the value that differs."""
    with pytest.raises(SqlError, match="The next row of S") as caught:
        row(plain, text, *values)
    assert (caught.value.expected, caught.value.found) == (expected, found)
    assert caught.value.position == (1, column)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ASSERT VALUES s (d) VALUES (1);", "S has no column D"),
        ("ASSERT VALUES s (a, b) VALUES (1);", "numbers of columns and of values differ"),
        ("ASSERT VALUES s (a) VALUES ('x');", "A cannot hold this value"),
        ("ASSERT NULL VALUES s (b) KEY ('x');", "A tombstone has no value"),
        ("ASSERT VALUES x VALUES (1);", "no stream or table X"),
    ],
)
def test_what_no_row_could_be_is_refused_before(plain, text, message):
    """Whatever is there."""
    with pytest.raises(SqlError, match=message):
        row(plain, text, 1, "x", None)


def test_a_row_that_does_not_come_is_said(plain):
    """How many came, and why there is no other, if that is known."""
    statement = only("ASSERT VALUES s (a) VALUES (1);")
    expected = expected_row(statement, plain.catalog, plain.compiler)
    assert expected.missing(1).found == "1 row before it, and no other"
    error = expected.missing(0, "; Q has failed")
    assert (error.expected, error.found) == ("A 1", "0 rows before it, and no other; Q has failed")
    assert error.position == (1, 8)
