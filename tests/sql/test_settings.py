import pytest

from eventlab.errors import SqlError
from eventlab.sql.settings import (
    COLLECT_LIST_LIMIT,
    OFFSET_RESET,
    VALUE_FORMAT,
    WRAP_SINGLE_VALUES,
    Settings,
)


def refusal(name, value):
    with pytest.raises(SqlError) as caught:
        Settings().set(name, value)
    return caught.value


def test_what_is_not_said_is_as_by_default():
    settings = Settings()
    assert settings.text(COLLECT_LIST_LIMIT) == "1000"
    assert settings.text(VALUE_FORMAT) is None
    assert settings.boolean(WRAP_SINGLE_VALUES)
    assert not settings.is_given(WRAP_SINGLE_VALUES)


def test_what_is_said_holds_until_it_is_unset():
    settings = Settings()
    settings.set(COLLECT_LIST_LIMIT, "3")
    assert settings.text(COLLECT_LIST_LIMIT) == "3"
    assert settings.is_given(COLLECT_LIST_LIMIT)
    settings.set(COLLECT_LIST_LIMIT, None)
    assert settings.text(COLLECT_LIST_LIMIT) == "1000"


def test_a_property_has_one_value_by_its_two_names():
    settings = Settings()
    settings.set(f"ksql.streams.{OFFSET_RESET}", "earliest")
    assert settings.text(OFFSET_RESET) == "earliest"


def test_what_only_kafka_streams_knows_is_accepted():
    settings = Settings()
    settings.set("ksql.streams.rocksdb.config.setter", "Large")
    assert "ksql.streams.rocksdb.config.setter" in {row.name for row in settings.rows()}


@pytest.mark.parametrize(("said", "start"), [(None, "earliest"), ("LATEST", "latest")])
def test_a_query_begins_where_that_is_set(said, start):
    """At the earliest records, unless SET says the latest."""
    settings = Settings()
    settings.set("auto.offset.reset", said)
    assert settings.start == start


def test_an_unknown_property_is_refused_with_the_nearest_names():
    error = refusal("ksql.functions.collect_lists.limit", "3")
    assert COLLECT_LIST_LIMIT in error.expected
    with pytest.raises(SqlError, match="There is no property colour"):
        Settings().set("colour", None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (COLLECT_LIST_LIMIT, "many"),
        (WRAP_SINGLE_VALUES, "perhaps"),
        (OFFSET_RESET, "yesterday"),
        (VALUE_FORMAT, "XML"),
        ("ksql.functions.substring.legacy.args", "true"),
    ],
)
def test_a_value_that_a_property_cannot_have_is_refused(name, value):
    assert value in refusal(name, value).found


def test_the_properties_are_listed_with_what_holds_and_whether_it_matters():
    settings = Settings()
    settings.set(COLLECT_LIST_LIMIT, "-1")
    rows = {row.name: row for row in settings.rows()}
    assert rows[COLLECT_LIST_LIMIT] == (COLLECT_LIST_LIMIT, "-1", "1000", True)
    assert not rows["num.stream.threads"].has_effect
    assert list(rows) == sorted(rows)
