import json

import pytest

from eventlab.errors import SqlError
from eventlab.sql.catalog import Format, Source, SourceColumn
from eventlab.sql.server.inserting import record_of
from eventlab.sql.types import BIGINT, STRING


def source(kind="stream", **more):
    """Return a stream or a table of a key and two values."""
    columns = (
        SourceColumn("K", STRING, "key"),
        SourceColumn("N", BIGINT),
        SourceColumn("Text", STRING),
    )
    return Source(kind, "S", columns, "s", Format("KAFKA"), Format("JSON"), **more)


def test_a_row_becomes_a_record():
    """Names are by case only where they were quoted, and ROWTIME is the record's time."""
    record = record_of(source(), {"k": "a", "n": 5, "Text": "x", "rowtime": 1234})
    assert (record.key, record.timestamp) == (b"a", 1234)
    assert json.loads(record.value) == {"N": 5, "Text": "x"}


@pytest.mark.parametrize(
    ("kind", "row", "words"),
    [
        ("stream", {"m": 1}, "S has no column M"),
        ("stream", {"n": "many"}, "This is no value of N"),
        ("stream", {"n": 1, "rowtime": 0}, "A row cannot have this time"),
        ("stream", {"n": 1, "rowtime": -1}, "A row cannot have this time"),
        ("stream", {"n": 1, "rowtime": 253402300799999}, "A row cannot have this time"),
        ("table", {"n": 1}, "needs its key"),
    ],
)
def test_what_does_not_fit_is_said(kind, row, words):
    """With the column's name."""
    with pytest.raises(SqlError, match=words):
        record_of(source(kind), row)


def test_what_is_only_read_takes_no_row():
    """As INSERT says too."""
    with pytest.raises(SqlError, match="Nobody may write to S"):
        record_of(source(is_read_only=True), {"n": 1})
