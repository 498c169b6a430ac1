import pytest

from eventlab.sql.catalog import Catalog
from eventlab.sql.server import saying
from eventlab.sql.server.refusals import Refusal
from tests.sql.statements import only as statement


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CREATE STREAM a (x INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON');", "stream/A/create"),
        ("CREATE TABLE a AS SELECT x, COUNT(*) FROM b GROUP BY x;", "table/A/create"),
        ("ALTER TABLE a ADD x INT;", "table/A/alter"),
        ("INSERT INTO a SELECT * FROM b;", "stream/A/insert"),
        ("DROP TABLE a;", "table/A/drop"),
        ("TERMINATE CSAS_A_0;", "terminate/CSAS_A_0/execute"),
        ("CREATE TYPE a AS INT;", "type/A/create"),
        ("DROP TYPE a;", "type/A/drop"),
    ],
)
def test_what_changes_has_a_name(text, expected):
    """By it one asks how the statement went."""
    assert saying.command_id(statement(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "ASSERT NOT EXISTS TOPIC t;",
            {"@type": "assert_topic", "topicName": "t", "exists": False},
        ),
        (
            "ASSERT SCHEMA SUBJECT 's' ID 3;",
            {"@type": "assert_schema", "subject": "s", "id": 3, "exists": True},
        ),
        ("ASSERT STREAM s;", {"@type": "assert_source"}),
    ],
)
def test_what_is_as_it_should_be_is_answered(text, expected):
    """As ksqlDB's clients read it, with a sentence."""
    found = saying.held(statement(text), "It is so", text)
    common = {"statementText": text, "message": "It is so", "warnings": []}
    assert found == expected | common


def test_what_only_looks_has_none():
    """There is nothing to ask about."""
    with pytest.raises(Refusal):
        saying.command_id(statement("SHOW STREAMS;"))


def test_values_become_texts():
    """Of whatever JSON has."""
    assert saying.texts({"a": 1, "b": True, "c": None}) == {"a": "1", "b": "true"}


def test_what_a_request_says_holds_until_its_end():
    """Whatever its statements set; then all is as it was before."""
    catalog = Catalog(variables={"a": "1"})
    catalog.settings.set("auto.offset.reset", "latest")
    with saying.holding(catalog, {"commit.interval.ms": 5, "max.poll.records": None}, {"b": True}):
        assert catalog.settings.given == {"commit.interval.ms": "5"}
        assert catalog.variables == {"b": "true"}
        catalog.settings.set("auto.offset.reset", "earliest")
    assert catalog.settings.given == {"auto.offset.reset": "latest"}
    assert catalog.variables == {"a": "1"}


def test_what_a_request_says_wrongly_is_refused():
    """And nothing of it is left."""
    catalog = Catalog()
    said = saying.holding(catalog, {"commit.interval.ms": "5", "nothing": "1"}, {"b": "2"})
    with pytest.raises(Refusal, match="There is no property nothing"), said:
        pass
    assert (catalog.settings.given, catalog.variables) == ({}, {})
