"""Reading ASSERT: of topics and schemas, of sources, and of what is in them."""

import pytest

from eventlab.sql import syntax
from tests.sql.statements import only, refused, said


def test_assertions_say_what_is_there():
    """Rows, tombstones, sources and topics."""
    row = only("ASSERT VALUES s (a, rowtime) VALUES (1, 2);")
    assert (row.name, row.columns, row.is_tombstone) == ("S", ("A", "ROWTIME"), False)
    tombstone = only("ASSERT NULL VALUES t (k) KEY ('x');")
    assert tombstone.is_tombstone
    assert said(tombstone.values[0]) == "'x'"
    source = only("ASSERT TABLE t (k INT PRIMARY KEY) WITH (FORMAT = 'JSON');")
    assert (source.kind, source.name, source.properties) == ("table", "T", {"FORMAT": "JSON"})
    assert source.elements[0].role == "primary key"
    topic = only("ASSERT NOT EXISTS TOPIC `t.x` TIMEOUT 10 SECONDS;")
    assert topic == syntax.AssertTopic("t.x", {}, is_negated=True, timeout=10_000)
    assert only("ASSERT TOPIC 'a b' WITH (partitions = 2);").properties == {"PARTITIONS": 2}
    assert (row.position, topic.position) == ((1, 8), (1, 8))


def test_a_schema_has_a_subject_an_id_or_both():
    """Waited for as long as is said."""
    both = only("ASSERT SCHEMA SUBJECT 'orders-value' ID 3 TIMEOUT 2 SECONDS;")
    assert both == syntax.AssertSchema("orders-value", 3, timeout=2000)
    assert only("ASSERT NOT EXISTS SCHEMA ID 7;") == syntax.AssertSchema(None, 7, is_negated=True)
    assert "`SUBJECT` or `ID`" in refused("ASSERT SCHEMA;").expected


@pytest.mark.parametrize(
    "text",
    [
        *("ASSERT", "ASSERT foo", "ASSERT VALUES s KEY (1)", "ASSERT VALUES s VALUES ()"),
        *("ASSERT VALUES s (a INT) VALUES (1)", "ASSERT NULL s KEY (1)", "ASSERT NOT TOPIC t"),
        *("ASSERT TOPIC t TIMEOUT 10", "ASSERT NOT EXISTS STREAM s", "ASSERT SCHEMA ID 'x'"),
    ],
)
def test_others_are_refused(text):
    """With what would do."""
    error = refused(f"{text};")
    assert error.expected
    assert error.remedy


def test_what_is_asserted_not_to_be_is_a_topic_or_a_schema():
    """As in ksqlDB."""
    assert refused("ASSERT NOT EXISTS TABLE t;").expected == "`TOPIC` or `SCHEMA`"
    assert "VALUES" in refused("ASSERT SUBJECT a;").expected
