import pytest

from eventlab.errors import SqlError
from eventlab.sql.running.decoding import decoder
from tests.sql.running.sources import reading, record, source

JSON = "WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON')"
WINDOWED = (
    "CREATE TABLE w (k STRING PRIMARY KEY, n BIGINT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON',"
    " WINDOW_TYPE='TUMBLING', WINDOW_SIZE='10 MILLISECONDS');"
)


def decoded(statement: str, *records):
    """Return keys, rows and times that are read, and what was reported."""
    reports: list[str] = []
    decode = decoder(reading(source(statement)), reports.append)
    pairs = decode(list(records))
    return [(key, item.event, item.time) for key, item in pairs], reports


def test_a_row_is_key_value_and_place():
    """Time, partition and offset stand behind the columns."""
    rows, reports = decoded(
        f"CREATE STREAM s (k STRING KEY, n BIGINT) {JSON};", record(b"a", b'{"N":1}', 7, 3)
    )
    assert (rows, reports) == ([('["a"]', ("a", 1, 7, 0, 3), 7)], [])


@pytest.mark.parametrize(
    "value", [b"{", b"\xff\xfe", b'{"N":"x"}', b'{"N":9223372036854775808}', b"[]"]
)
def test_a_record_that_cannot_be_read_is_left_out_and_reported(value):
    """Those around it are read."""
    rows, reports = decoded(
        f"CREATE STREAM s (n BIGINT) {JSON};",
        record(None, b'{"N":1}', offset=0),
        record(None, value, offset=1),
        record(None, b'{"N":3}', offset=2),
    )
    assert [row[0] for _, row, _ in rows] == [1, 3]
    assert len(reports) == 1
    assert reports[0].startswith("t, offset 1: ")


def test_a_key_that_cannot_be_read_is_left_out_and_reported():
    """Every time anew."""
    bad = record(b"\0\0", b'{"N":1}')
    rows, reports = decoded(f"CREATE STREAM s (k INT KEY, n BIGINT) {JSON};", bad, bad)
    assert rows == []
    assert reports == ["t, offset 0: expected 4 bytes, found 2"] * 2


def test_a_record_without_a_value_is_a_row_that_is_no_more():
    """Its key is known; JSON's null is the same."""
    rows, _ = decoded(
        f"CREATE TABLE s (k STRING PRIMARY KEY, n BIGINT) {JSON};",
        record(b"a", None),
        record(b"b", b"null"),
    )
    assert rows == [('["a"]', None, 5), ('["b"]', None, 5)]


def test_a_table_has_no_row_without_a_key():
    """A stream has."""
    columns = "(k STRING {} KEY, n BIGINT)"
    bare = record(None, b'{"N":1}')
    assert decoded(f"CREATE TABLE s {columns.format('PRIMARY')} {JSON};", bare) == ([], [])
    rows, _ = decoded(f"CREATE STREAM s {columns.format('')} {JSON};", bare)
    assert rows == [(None, (None, 1, 5, 0, 0), 5)]


def test_a_key_may_have_several_columns():
    """Some of them NULL, or missing."""
    statement = (
        "CREATE STREAM s (a INT KEY, n BIGINT, b STRING KEY) WITH (KAFKA_TOPIC='t', FORMAT='JSON');"
    )
    rows, _ = decoded(
        statement,
        record(b'{"A":1,"B":"x"}', b'{"N":2}'),
        record(b'{"B":"y"}', b'{"N":3}'),
        record(None, b'{"N":4}'),
    )
    assert [(key, row[:3]) for key, row, _ in rows] == [
        ('[1,"x"]', (1, 2, "x")),
        ('[null,"y"]', (None, 3, "y")),
        (None, (None, 4, None)),
    ]


def test_keys_that_are_no_finite_number_are_keys():
    """NaN and the infinities are told apart."""
    import struct

    statement = (
        "CREATE STREAM s (k DOUBLE KEY, n BIGINT)"
        " WITH (KAFKA_TOPIC='t', KEY_FORMAT='KAFKA', VALUE_FORMAT='JSON');"
    )
    numbers = [float("nan"), float("inf"), -float("inf")]
    rows, _ = decoded(statement, *(record(struct.pack(">d", one), b'{"N":1}') for one in numbers))
    assert [key for key, _, _ in rows] == ['["NaN"]', '["Infinity"]', '["-Infinity"]']


def test_a_key_of_a_window_has_its_bounds():
    """In the key's text, and behind the row."""
    rows, _ = decoded(WINDOWED, record(b"a", b'{"N":1}', window=(10, 20)))
    assert rows == [('["a",10,20]', ("a", 1, 5, 0, 0, 10, 20), 5)]


def test_a_record_without_its_window_is_left_out_and_reported():
    """Of a source whose keys are windowed."""
    rows, reports = decoded(WINDOWED, record(b"a", b'{"N":1}'), record(b"a", None))
    assert rows == []
    assert reports == ["t, offset 0: its key is of no window"] * 2


def test_headers_are_columns():
    """One by its name, the last of several; or all of them."""
    headers = (("h", b"1"), ("x", b"2"), ("h", b"3"), ("no", None))
    rows, _ = decoded(
        f"CREATE STREAM s (n BIGINT, h BYTES HEADER('h'), no BYTES HEADER('no')) {JSON};",
        record(None, b'{"N":1}', headers=headers),
    )
    assert rows[0][1][:3] == (1, b"3", None)
    rows, _ = decoded(
        f"CREATE STREAM s (a ARRAY<STRUCT<KEY STRING, VALUE BYTES>> HEADERS, n BIGINT) {JSON};",
        record(None, b'{"N":1}', headers=headers[:2]),
    )
    assert rows[0][1][:2] == ([{"KEY": "h", "VALUE": b"1"}, {"KEY": "x", "VALUE": b"2"}], 1)


TIMED = (
    "CREATE STREAM s (n BIGINT, moment TIMESTAMP)"
    " WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', TIMESTAMP='moment');"
)


def test_a_column_may_say_when_a_row_happened():
    """The row, its time and stream time all follow it."""
    reports: list[str] = []
    decode = decoder(reading(source(TIMED)), reports.append)
    pairs = decode([record(None, b'{"N":1,"MOMENT":90}'), record(None, b'{"N":2,"MOMENT":70}')])
    assert [(item.event[2], item.time, item.stream_time) for _, item in pairs] == [
        (90, 90, 90),
        (70, 70, 90),
    ]


@pytest.mark.parametrize("value", [b'{"N":1}', b'{"N":1,"MOMENT":-1}'])
def test_a_row_that_says_no_time_is_left_out_and_reported(value):
    """NULL, or before 1970."""
    rows, reports = decoded(TIMED, record(None, value))
    assert rows == []
    assert len(reports) == 1


def test_what_ends_a_query_on_purpose_is_raised():
    """Where times are strict."""
    from dataclasses import replace

    timed = source(TIMED)
    strict = replace(timed, event_time=replace(timed.event_time, is_strict=True))
    with pytest.raises(SqlError, match="does not say when"):
        decoder(reading(strict), print)([record(None, b'{"N":1}')])


def test_only_what_is_asked_for_is_read():
    """Rows that hold, and what is shown of them; a row without a value holds nothing."""
    of = source(f"CREATE STREAM s (k STRING KEY, n BIGINT) {JSON};")
    decode = decoder(reading(of), print, lambda row: row[1] > 1, lambda key, row: (key, row[1] * 2))
    given = [record(b"a", b'{"N":1}'), record(b"b", b'{"N":2}'), record(b"c", None)]
    assert [(key, item.event) for key, item in decode(given)] == [('["b"]', ('["b"]', 4))]


def test_rows_may_get_another_key():
    """What has no value has none; a row keeps its place."""
    of = source(f"CREATE STREAM s (k STRING KEY, n BIGINT) {JSON};")
    decode = decoder(reading(of), print, key_of=lambda row: f"n{row[1]}")
    given = [record(b"a", b'{"N":1}', offset=7), record(b"b", None)]
    assert [(key, one.key, one.event, one.offset) for key, one in decode(given)] == [
        ("n1", "n1", ("a", 1, 5, 0, 7), 7),
        (None, None, None, 0),
    ]


def test_a_row_may_leave_as_something_else():
    """With the item that has its times; what leaves as nothing is left out."""

    def leave(key, row, item):
        return None if row[0] == 2 else (key, row[0], item.time, item.stream_time)

    decode = decoder(reading(source(TIMED)), print, leave=leave)
    given = [record(None, b'{"N":%d,"MOMENT":%d}' % pair) for pair in ((1, 90), (2, 80), (3, 70))]
    assert decode(given) == [(None, 1, 90, 90), (None, 3, 70, 90)]
