import struct

from eventlab.sql.running.encoding import record_writer, writer
from eventlab.streams import Arrival
from tests.sql.running.sources import source


def row(values, time=5) -> Arrival:
    return Arrival(values, None, "t", 0, 0, time, time)


def encoded(statement: str, *pairs):
    """Return the records that are written, and what was reported."""
    reports: list[str] = []
    write = writer(source(statement), reports.append)
    written = [write(key, item.event, item) for key, item in pairs]
    return [one for one in written if one is not None], reports


JSON = "WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON')"


def test_the_key_is_written_in_its_format_and_the_value_in_its_own():
    """The row has the key's columns first."""
    written, reports = encoded(
        f"CREATE STREAM s (k INT KEY, n BIGINT) {JSON};", ("[7]", row((7, 1)))
    )
    assert written == [(struct.pack(">i", 7), b'{"N":1}', 5, None)]
    assert reports == []


def test_a_row_that_is_no_more_is_a_key_alone():
    """And a row without a key has none."""
    written, _ = encoded(
        f"CREATE TABLE s (k STRING PRIMARY KEY, n BIGINT) {JSON};",
        ('["a"]', row(None)),
        (None, row((None, 1))),
    )
    assert written == [(b"a", None, 5, None), (None, b'{"N":1}', 5, None)]


def test_a_key_of_several_columns_comes_back_from_its_text():
    """All digits of a decimal number, and what is not finite."""
    statement = (
        "CREATE STREAM s (a DECIMAL(33, 3) KEY, b DOUBLE KEY, n BIGINT)"
        " WITH (KAFKA_TOPIC='t', FORMAT='JSON');"
    )
    text = '[123456789012345678901234567890.120,"NaN"]'
    written, _ = encoded(statement, (text, row((None, None, 1))))
    assert written[0][0] == b'{"A":123456789012345678901234567890.120,"B":"NaN"}'


def test_the_window_of_a_key_is_beside_it():
    """Its bounds end the key's text."""
    statement = (
        "CREATE TABLE w (k STRING PRIMARY KEY, n BIGINT) WITH (KAFKA_TOPIC='t',"
        " VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION');"
    )
    written, _ = encoded(statement, ('["a",10,20]', row(("a", 1))), ('["a",10,20]', row(None)))
    assert written == [(b"a", b'{"N":1}', 5, (10, 20)), (b"a", None, 5, (10, 20))]


def test_what_cannot_be_written_is_left_out_and_reported():
    """A half of a sign, say, that some function cut; those around it are written."""
    written, reports = encoded(
        f"CREATE STREAM s (name STRING) {JSON};",
        (None, row(("a",))),
        (None, row(("\ud800",))),
        (None, row(("b",))),
    )
    assert [value for _, value, _, _ in written] == [b'{"NAME":"a"}', b'{"NAME":"b"}']
    assert len(reports) == 1
    assert reports[0].startswith("t: a row cannot be written: ")


def test_a_key_that_cannot_be_written_is_left_out_and_reported():
    """Text that is no number, say."""
    written, reports = encoded(
        f"CREATE STREAM s (k INT KEY, n BIGINT) {JSON};", ('["x"]', row((7, 1)))
    )
    assert written == []
    assert len(reports) == 1


def test_the_time_may_be_that_of_a_column():
    """A row that says none is left out and reported."""
    statement = (
        "CREATE STREAM s (n BIGINT, moment BIGINT)"
        " WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', TIMESTAMP='moment');"
    )
    written, reports = encoded(statement, (None, row((1, 90))), (None, row((1, None))))
    assert [time for _, _, time, _ in written] == [90]
    assert len(reports) == 1


def test_a_record_may_be_of_another_kind():
    """Its key is made once of the key in bytes and its window."""
    statement = (
        "CREATE TABLE w (k STRING PRIMARY KEY, n BIGINT) WITH (KAFKA_TOPIC='t',"
        " VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION');"
    )
    asked = []

    def wired(key, window):
        asked.append((key, window))
        return "wired"

    write = record_writer(source(statement), print, wired, lambda *parts: parts)
    item = row(("a", 1))
    expected = ("wired", b'{"N":1}', 5)
    assert [write('["a",10,20]', item.event, item) for _ in range(2)] == [expected, expected]
    assert asked == [(b"a", (10, 20))]
