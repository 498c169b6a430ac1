import subprocess
import sys
from dataclasses import replace

import pytest

from eventlab.errors import SqlError
from eventlab.sql.catalog import Format
from eventlab.sql.formats.serdes import key_serde, value_serde
from tests.sql.running.sources import source

ONE = source("CREATE STREAM s (k STRING KEY, n BIGINT) WITH (KAFKA_TOPIC='t', FORMAT='JSON');")
TWO = source(
    "CREATE STREAM s (a STRING KEY, b INT KEY, n BIGINT, m BIGINT)"
    " WITH (KAFKA_TOPIC='t', FORMAT='JSON');"
)


def with_formats(of, key: Format, value: Format):
    return replace(of, key_format=key, value_format=value)


def test_a_key_of_one_column_stands_by_itself_and_of_several_in_an_object():
    """A value is wrapped in an object unless it says otherwise."""
    assert key_serde(ONE).write(["a"]) == b'"a"'
    assert key_serde(TWO).write(["a", 1]) == b'{"A":"a","B":1}'
    assert value_serde(ONE).write([1]) == b'{"N":1}'


def test_a_single_value_may_be_unwrapped():
    """WRAP_SINGLE_VALUE=false; several have no other way."""
    bare = Format("JSON", is_wrapped=False)
    assert value_serde(with_formats(ONE, bare, bare)).write([1]) == b"1"
    assert value_serde(with_formats(TWO, bare, bare)).write([1, 2]) == b'{"N":1,"M":2}'


def test_other_formats_are_their_own():
    """Text with a sign between, or Kafka's own bytes."""
    lines = Format("DELIMITED", delimiter="|")
    assert key_serde(with_formats(TWO, lines, lines)).write(["a", 1]) == b"a|1"
    kafka = Format("KAFKA")
    assert key_serde(with_formats(ONE, kafka, kafka)).write(["a"]) == b"a"
    assert value_serde(with_formats(ONE, kafka, kafka)).write([1]) == b"\0\0\0\0\0\0\0\1"


def test_rows_without_a_key_have_no_serde_for_it():
    """Whatever format is named."""
    keyless = source("CREATE STREAM s (n BIGINT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');")
    assert key_serde(keyless) is None


@pytest.mark.parametrize(
    ("name", "message"), [("NONE", "no format for it"), ("AVRO", "needs a schema registry")]
)
def test_a_format_that_cannot_be_written_is_refused(name, message):
    """With what can."""
    with pytest.raises(SqlError, match=message):
        key_serde(with_formats(ONE, Format(name), Format("JSON")))


def test_statements_without_avro_load_none_of_its_libraries():
    """Nor does the room itself: they are large."""
    code = (
        "import sys; from eventlab.sql import run_statements; import eventlab.sql.engine;"
        "run_statements(\"CREATE STREAM s (n INT) WITH (KAFKA_TOPIC='t',"
        " VALUE_FORMAT='JSON');\", []);"
        "print({'avro', 'fastavro'} & set(sys.modules))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8", timeout=60
    )
    assert found.stdout == "set()\n"
