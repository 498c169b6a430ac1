"""The schemas by which statements write, registered before anything is written."""

import json

import pytest

from eventlab.errors import SqlError
from eventlab.sql.catalog import Catalog
from eventlab.sql.grammar.parsing import parse
from eventlab.sql.running.memory_registry import MemoryRegistry
from eventlab.sql.running.registering import forget, register
from eventlab.sql.running.session import Session
from eventlab.sql.schemas import Schemas


@pytest.fixture
def registry():
    """A registry in memory."""
    return MemoryRegistry()


@pytest.fixture
def source(registry):
    """What makes a stream over a topic, with this registry."""

    def make(columns, formats, kind="STREAM"):
        session = Session(print, Catalog(schemas=Schemas(lambda: registry)))
        text = f"CREATE {kind} my_orders ({columns}) WITH (KAFKA_TOPIC='t', {formats});"
        session.take(parse(text)[0].statement, text, now=0)
        return session.catalog.sources["MY_ORDERS"]

    return make


def schema(registry, subject):
    """Return the newest schema of a subject."""
    return json.loads(registry.version(subject).schema.text)


def test_key_and_value_have_a_schema_each(source, registry):
    """A single key stands by itself; several are a record that is called after the source."""
    register(source("a INT KEY, n INT", "FORMAT='AVRO'"))
    assert schema(registry, "t-key") == "int"
    value = {"name": "N", "type": ["null", "int"], "default": None}
    assert schema(registry, "t-value") == {
        "type": "record",
        "name": "io.confluent.ksql.avro_schemas.KsqlDataSourceSchema",
        "fields": [value],
    }
    registry.forget("t-key")
    register(source("a INT KEY, b INT KEY, n INT", "FORMAT='AVRO'"))
    assert schema(registry, "t-key")["name"].endswith(".MyOrdersKey")


def test_other_formats_and_keys_of_windows_have_none(source, registry):
    """The key of a window is text."""
    register(source("a INT KEY, n INT", "VALUE_FORMAT='JSON'"))
    register(source("n INT", "KEY_FORMAT='NONE', VALUE_FORMAT='JSON'"))
    assert registry.subjects() == []
    register(source("a INT KEY, n INT", "FORMAT='AVRO', WINDOW_TYPE='SESSION'"))
    assert registry.subjects() == ["t-value"]


def test_names_can_be_chosen(source, registry):
    """Of the key's record too."""
    names = "KEY_SCHEMA_FULL_NAME='shop.Key', VALUE_AVRO_SCHEMA_FULL_NAME='shop.Order'"
    register(source("a INT KEY, b INT KEY, n INT", f"FORMAT='AVRO', {names}"))
    assert schema(registry, "t-key")["name"] == "shop.Key"
    assert schema(registry, "t-value")["name"] == "shop.Order"


def test_what_is_there_may_stay(source, registry):
    """Where nobody writes yet."""
    register(source("n INT", "VALUE_FORMAT='AVRO'"))
    other = source("n STRING", "VALUE_FORMAT='AVRO'")
    register(other, only_new=True)
    with pytest.raises(SqlError, match="does not take the schema"):
        register(other)
    assert registry.version("t-value").version == 1


def test_subjects_go_with_their_topic(source, registry):
    """All of them, or only those that began here."""
    made = source("a INT KEY, n INT", "FORMAT='AVRO'")
    register(made)
    forget(source("a INT KEY, n INT", "FORMAT='AVRO'"), only_own=True)
    assert registry.subjects() == ["t-key", "t-value"]
    forget(made, only_own=True)
    assert registry.subjects() == []
    register(made)
    forget(source("a INT KEY, n INT", "FORMAT='AVRO'"))
    assert registry.subjects() == []
