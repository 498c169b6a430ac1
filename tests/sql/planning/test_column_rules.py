import pytest

from eventlab.sql.syntax import Position
from tests.sql.planning.planning import refused, source_of

JSON = "WITH (KAFKA_TOPIC='t', FORMAT='JSON')"


def kept_as_json(columns, kind="STREAM"):
    return f"CREATE {kind} made ({columns}) {JSON};"


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        (f"CREATE STREAM made {JSON};", "MADE has no columns"),
        (f"CREATE STREAM made {JSON};", "only AVRO has schemas"),
        (kept_as_json("id INT", "TABLE"), "The table MADE has no key"),
        (kept_as_json("id INT KEY", "TABLE"), "The table MADE has no key"),
        (kept_as_json("id INT PRIMARY KEY"), "A stream has no PRIMARY KEY"),
        (kept_as_json("a INT KEY, b INT PRIMARY KEY", "TABLE"), "A table has no KEY"),
        (kept_as_json("id INT KEY, a INT, a STRING"), "Two columns are called A"),
        (kept_as_json("id INT KEY, rowtime BIGINT"), "Every row has a column ROWTIME"),
    ],
)
def test_columns_have_a_role_and_a_name_that_they_can_have(text, summary):
    assert summary in str(refused(text))


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        ("h STRING HEADERS", "ARRAY<STRUCT<`KEY` STRING, `VALUE` BYTES>>"),
        ("h STRING HEADER('sender')", "BYTES"),
    ],
)
def test_headers_have_types_of_their_own(column, wanted):
    error = refused(kept_as_json(f"item STRING, {column}"))
    assert error.expected == wanted
    assert error.position == Position(1, 34)


@pytest.mark.parametrize("kind", ["MAP<STRING, INT>", "STRUCT<a ARRAY<MAP<STRING, INT>>>"])
def test_a_map_is_no_key_and_no_part_of_one(kind):
    assert "ID cannot be a key" in str(refused(kept_as_json(f"id {kind} KEY, item STRING")))


def test_json_holds_maps_by_texts_alone():
    maps = "item ARRAY<MAP<INT, STRING>>"
    assert "JSON cannot hold the column ITEM" in str(refused(kept_as_json(maps)))


def test_rows_of_windows_have_a_key():
    text = "CREATE STREAM s (a INT) WITH (KAFKA_TOPIC='t', FORMAT='JSON', WINDOW_TYPE='SESSION');"
    assert "of windows, and have no key" in str(refused(text))


@pytest.mark.parametrize("is_wrapped", ["true", "false"])
def test_only_a_single_value_can_be_wrapped(is_wrapped):
    wrap = f"WITH (KAFKA_TOPIC='t', FORMAT='JSON', WRAP_SINGLE_VALUE={is_wrapped});"
    assert "one column beside the key" in str(refused(f"CREATE STREAM s (a INT, b INT) {wrap}"))
    assert source_of(f"CREATE STREAM s (id INT KEY, a INT) {wrap}").name == "S"


def test_the_column_of_the_time_is_there_and_can_say_it():
    time = "WITH (KAFKA_TOPIC='t', FORMAT='JSON', TIMESTAMP='placed');"
    assert "There is no column PLACED" in str(refused(f"CREATE STREAM s (a INT) {time}"))
    assert "cannot say when" in str(refused(f"CREATE STREAM s (placed INT) {time}"))
    assert source_of(f"CREATE STREAM s (placed BIGINT) {time}").event_time.column == "PLACED"


def test_a_format_that_cannot_hold_the_columns_is_refused():
    text = "CREATE STREAM s (a ARRAY<INT>) WITH (KAFKA_TOPIC='t', FORMAT='DELIMITED');"
    assert "DELIMITED cannot hold the column A" in str(refused(text))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (
            "CREATE TABLE t WITH (VALUE_FORMAT='JSON') AS "
            "SELECT k, a, b, COUNT(*) FROM s GROUP BY k, a, b;",
            "k, a, b;",
        ),
        (
            "CREATE STREAM t WITH (VALUE_FORMAT='JSON') AS "
            "SELECT k, a, b, 1 AS one FROM s PARTITION BY k, a, b;",
            "k, a, b;",
        ),
        (
            "CREATE STREAM t (k INT KEY, a INT KEY, b INT KEY, v INT) "
            "WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');",
            "k INT KEY",
        ),
    ],
)
def test_a_key_of_several_columns_needs_a_format_that_holds_them(text, key):
    source = (
        "CREATE STREAM s (k INT KEY, a INT, b INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');"
    )
    error = refused(text, source)
    assert error.summary == "The key of T has 3 columns"
    assert error.remedy == "Write WITH (KEY_FORMAT='JSON')."
    assert error.position == Position(1, text.index(key) + 1)
    stated = text.replace("VALUE_FORMAT", "KEY_FORMAT='JSON', VALUE_FORMAT")
    assert len(source_of(stated, source, name="T").keys) == 3
