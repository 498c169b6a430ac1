from decimal import Decimal

import pytest

from eventlab.errors import SqlError
from eventlab.sql.catalog import EventTime, Format, WindowedBy
from eventlab.sql.planning.properties import Properties
from eventlab.sql.running.memory_registry import MemoryRegistry
from eventlab.sql.schemas import Schemas
from eventlab.sql.settings import (
    KEY_FORMAT,
    TOPIC_PREFIX,
    VALUE_FORMAT,
    WRAP_SINGLE_VALUES,
    Settings,
)


def properties(settings=(), **given):
    return Properties(given, Settings(dict(settings)))


def refusal(act):
    with pytest.raises(SqlError) as caught:
        act()
    return str(caught.value)


def test_a_property_that_is_not_known_is_refused_with_the_nearest():
    assert "VALUE_FORMAT" in refusal(lambda: properties(VALUE_FORMATS="JSON"))


def test_names_can_be_written_in_any_case():
    assert properties(kafka_topic="orders").text("KAFKA_TOPIC") == "orders"
    assert properties(kafka_topic="orders").has("KAFKA_TOPIC")


@pytest.mark.parametrize(
    "act",
    [
        lambda: properties(KAFKA_TOPIC=5).text("KAFKA_TOPIC"),
        lambda: properties(PARTITIONS="many").number("PARTITIONS"),
        lambda: properties(PARTITIONS=0).number("PARTITIONS"),
        lambda: properties(WRAP_SINGLE_VALUE="perhaps").boolean("WRAP_SINGLE_VALUE"),
        lambda: properties(VALUE_FORMAT="XML").value_format(None),
        lambda: properties(VALUE_FORMAT="NONE").value_format(None),
        lambda: properties(WINDOW_TYPE="ROLLING").window(),
        lambda: properties(WINDOW_TYPE="TUMBLING", WINDOW_SIZE="a while").window(),
        lambda: properties(WINDOW_TYPE="TUMBLING").window(),
        lambda: properties(WINDOW_TYPE="TUMBLING", WINDOW_SIZE="0 SECONDS").window(),
        lambda: properties(WINDOW_TYPE="TUMBLING", WINDOW_SIZE="9" * 5000 + " DAYS").window(),
        lambda: properties(WINDOW_TYPE="SESSION", WINDOW_SIZE="1 HOUR").window(),
    ],
)
def test_a_value_of_another_kind_is_refused(act):
    assert "is not as it should be" in refusal(act)


def test_values_of_the_right_kind_are_taken():
    given = properties(PARTITIONS="3", WRAP_SINGLE_VALUE="FALSE")
    assert given.number("PARTITIONS") == 3
    assert given.boolean("WRAP_SINGLE_VALUE") is False
    assert given.number("REPLICAS") is None


def test_one_format_can_be_of_keys_and_of_values():
    both = properties(FORMAT="delimited")
    assert both.key_format(None) == Format("DELIMITED")
    assert both.value_format(None) == Format("DELIMITED")
    twice = properties(FORMAT="JSON", KEY_FORMAT="KAFKA")
    assert "the same thing twice" in refusal(lambda: twice.key_format(None))


def test_a_format_is_stated_or_inherited_or_the_one_of_the_session():
    session = {KEY_FORMAT: "json", VALUE_FORMAT: "DELIMITED"}
    assert properties(session, KEY_FORMAT="NONE").key_format(Format("JSON")).name == "NONE"
    assert properties(session).key_format(Format("KAFKA")).name == "KAFKA"
    assert properties(session).key_format(None).name == "JSON"
    assert properties(session).value_format(None).name == "DELIMITED"
    assert properties().key_format(None).name == "KAFKA"
    assert "VALUE_FORMAT" in refusal(lambda: properties().value_format(None))


def test_only_delimited_texts_have_a_delimiter():
    piped = properties(FORMAT="DELIMITED", KEY_DELIMITER="TAB", VALUE_DELIMITER="|")
    assert piped.key_format(None).delimiter == "TAB"
    assert piped.value_format(None).delimiter == "|"
    of_json = properties(VALUE_FORMAT="JSON", VALUE_DELIMITER="|")
    assert "has no delimiter" in refusal(lambda: of_json.value_format(None))


@pytest.mark.parametrize("sign", ["", " ", "\t"])
def test_a_delimiter_can_be_seen(sign):
    unseen = properties(VALUE_FORMAT="DELIMITED", VALUE_DELIMITER=sign)
    assert "SPACE or TAB" in refusal(lambda: unseen.value_format(None))


def test_a_delimiter_is_inherited_with_its_format():
    piped = Format("DELIMITED", delimiter="|")
    assert properties().value_format(piped).delimiter == "|"
    assert properties(VALUE_FORMAT="JSON").value_format(piped).delimiter is None


def test_whether_single_values_are_wrapped_is_stated_or_as_in_the_session():
    bare = {WRAP_SINGLE_VALUES: "false"}
    assert properties(VALUE_FORMAT="JSON").value_format(None).is_wrapped is None
    assert properties(bare, VALUE_FORMAT="JSON").value_format(None).is_wrapped is False
    stated = properties(bare, VALUE_FORMAT="JSON", WRAP_SINGLE_VALUE=True)
    assert stated.value_format(None).is_wrapped is True


@pytest.mark.parametrize("name", ["KAFKA", "DELIMITED"])
def test_some_formats_wrap_no_value(name):
    assert properties(VALUE_FORMAT=name, WRAP_SINGLE_VALUE=False).value_format(None).name == name
    wrapped = properties(VALUE_FORMAT=name, WRAP_SINGLE_VALUE=True)
    assert "wraps no value" in refusal(lambda: wrapped.value_format(None))


def test_the_topic_of_a_result_has_its_name_and_the_prefix_of_the_session():
    prefix = {TOPIC_PREFIX: "shop-"}
    assert properties().topic_of_result("PENS") == "PENS"
    assert properties(prefix).topic_of_result("PENS") == "shop-PENS"
    assert properties(prefix, KAFKA_TOPIC="mine").topic_of_result("PENS") == "mine"


def test_a_column_can_say_when_a_row_happened():
    assert properties().event_time() is None
    assert properties(TIMESTAMP="placed").event_time() == EventTime("PLACED")
    given = properties(TIMESTAMP="`placed`", TIMESTAMP_FORMAT="yyyy")
    assert given.event_time() == EventTime("placed", "yyyy")


def test_the_windows_of_a_topic_have_a_type_and_a_size():
    assert properties().window() is None
    assert properties(WINDOW_TYPE="session").window() == WindowedBy("session")
    hopping = properties(WINDOW_TYPE="Hopping", WINDOW_SIZE="2 SECONDS")
    assert hopping.window() == WindowedBy("hopping", 2_000)


SCHEMAS = Schemas(MemoryRegistry)


def with_registry(**given):
    return Properties(given, Settings(), schemas=SCHEMAS)


@pytest.mark.parametrize("name", ["PROTOBUF", "protobuf_nosr", "JSON_SR"])
def test_a_format_that_is_not_there_is_refused_by_its_name(name):
    message = refusal(lambda: properties(VALUE_FORMAT=name).value_format(None))
    assert f"The format {name.upper()} is not there" in message
    assert "AVRO" in message


def test_avro_needs_a_registry():
    for of in (properties(FORMAT="AVRO"), properties({VALUE_FORMAT: "AVRO"})):
        assert "needs a schema registry" in refusal(lambda of=of: of.value_format(None))
    assert "needs a schema registry" in refusal(lambda: properties(FORMAT="AVRO").key_format(None))


def test_avro_has_schemas_whose_record_may_have_a_name():
    found = with_registry(FORMAT="avro", KEY_SCHEMA_FULL_NAME="a.K", VALUE_SCHEMA_FULL_NAME="B_1")
    assert found.key_format(None) == Format("AVRO", full_name="a.K")
    assert found.value_format(None) == Format("AVRO", full_name="B_1")
    assert found.value_format(None).schemas is SCHEMAS
    other = with_registry(FORMAT="AVRO", VALUE_AVRO_SCHEMA_FULL_NAME="shop.Order")
    assert other.value_format(None).full_name == "shop.Order"


def test_a_name_is_not_inherited_and_other_formats_have_none():
    inherited = Format("AVRO", full_name="shop.Order", schemas=SCHEMAS)
    assert with_registry().value_format(inherited) == Format("AVRO")
    as_json = with_registry(VALUE_FORMAT="JSON").value_format(inherited)
    assert (as_json, as_json.schemas) == (Format("JSON"), None)
    named = with_registry(FORMAT="JSON", VALUE_AVRO_SCHEMA_FULL_NAME="shop.Order")
    assert "no schema that could have a name" in refusal(lambda: named.value_format(None))
    wrong = with_registry(FORMAT="AVRO", VALUE_AVRO_SCHEMA_FULL_NAME="shop.2")
    assert "is not as it should be" in refusal(lambda: wrong.value_format(None))


def test_a_schema_cannot_be_chosen_by_its_id():
    assert "the newest schema" in refusal(lambda: with_registry(VALUE_SCHEMA_ID=1))


def test_a_part_of_a_partition_is_no_number_of_them():
    for wrong in (1.5, Decimal("2.5"), "1.5"):
        message = refusal(lambda wrong=wrong: properties(PARTITIONS=wrong).number("PARTITIONS"))
        assert "a whole number" in message
    assert properties(PARTITIONS="3").number("PARTITIONS") == 3
