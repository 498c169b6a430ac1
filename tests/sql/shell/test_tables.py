import pytest

from eventlab.sql.server.wire_values import schema_of
from eventlab.sql.shell.tables import growing, shown, table, type_text
from eventlab.sql.types import BIGINT, DOUBLE, STRING, ArrayType, DecimalType, MapType, StructType


def test_rows_stand_under_their_titles():
    """As wide as what is in them; NULL and lists as statements and JSON have them."""
    assert table(["A", "LONG"], [[1, None], ["xyz", [1, "é"]]]).splitlines() == [
        "A    LONG",
        "───  ────────",
        "1    NULL",
        'xyz  [1, "é"]',
    ]


def test_what_is_long_is_cut():
    """One row is one line."""
    lines = table(["A"], [["x\ny" * 100]]).splitlines()
    assert len(lines) == 3
    assert lines[2].endswith("…")


def test_a_table_without_rows_has_titles():
    """Whether they are all there, or still to come."""
    assert table(["A"], []).splitlines()[0] == "A"
    assert list(growing(["A"], iter([[1]])))[0::2] == ["A", "1"]


@pytest.mark.parametrize(
    "kind",
    [
        ArrayType(MapType(STRING, DOUBLE)),
        DecimalType(5, 2),
        BIGINT,
    ],
)
def test_types_are_shown_as_statements_write_them(kind):
    """From what a server says of them."""
    assert type_text(schema_of(kind)) == str(kind)


def test_a_struct_shows_its_fields():
    """With their names."""
    assert type_text(schema_of(StructType((("A", BIGINT),)))) == "STRUCT<A BIGINT>"


def test_answers_are_texts():
    """A sentence, a list, and, of what is not known, all that there is."""
    said = {"@type": "currentStatus", "commandStatus": {"message": "It is done"}}
    assert shown(said) == "It is done"
    topics = {"@type": "kafka_topics", "topics": [{"name": "t", "replicaInfo": [1, 1]}]}
    assert shown(topics).splitlines()[2].split() == ["t", "2"]
    types = {"@type": "type_list", "types": {"MONEY": schema_of(DecimalType(9, 2))}}
    assert "DECIMAL(9, 2)" in shown(types)
    assert shown({"@type": "assert_topic", "message": "The topic t is there"}).endswith("there")
    assert '"x": 1' in shown({"@type": "news", "x": 1})


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ({"127.0.0.1:8088": [0]}, "127.0.0.1:8088"),
        (
            {"127.0.0.1:8088": [0, 2], "127.0.0.1:8089": [1]},
            "127.0.0.1:8088 (0, 2), 127.0.0.1:8089 (1)",
        ),
        ({}, ""),
    ],
)
def test_where_a_query_runs_is_shown(hosts, expected):
    """And which parts of it, where it has several."""
    query = {"id": "Q", "state": "RUNNING", "sinks": ["T"], "hosts": hosts, "queryString": "…"}
    titles, _, row = shown({"@type": "queries", "queries": [query]}).splitlines()
    assert row[titles.index("RUNS AT") : titles.index("STATEMENT")].strip() == expected
    explained = {"executionPlan": "1. read", "ksqlHostQueryStatus": dict.fromkeys(hosts, "RUNNING")}
    lines = shown({"@type": "queryDescription", "queryDescription": explained}).splitlines()
    assert lines == ["1. read", *(f"RUNNING at {name}" for name in hosts)]
