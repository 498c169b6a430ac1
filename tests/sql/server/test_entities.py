import pytest

pytestmark = pytest.mark.broker


@pytest.fixture
def ask(desk, create, orders, new_topic):
    """What returns the one answer to a statement, where there are a stream and a table."""
    table = (
        f"CREATE TABLE t WITH (KAFKA_TOPIC='{new_topic()}') AS SELECT k, COUNT(*) AS c FROM s"
        " WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY k;"
    )
    known = (
        "CREATE TABLE known (k STRING PRIMARY KEY, n INT)"
        f" WITH (KAFKA_TOPIC='{orders}', VALUE_FORMAT='JSON');"
    )
    desk.run(f"{create} {table} {known} CREATE TYPE point AS STRUCT<x INT>;", {}, {})

    def one(text):
        (found,) = desk.run(text, {}, {})
        assert found["statementText"] == text
        return found

    return one


def test_streams_tables_and_queries_are_listed(ask, orders):
    """With their topics, formats and states."""
    (stream,) = ask("LIST STREAMS;")["streams"]
    assert (stream["type"], stream["name"], stream["topic"]) == ("STREAM", "S", orders)
    assert (stream["keyFormat"], stream["valueFormat"], stream["format"]) == (
        "KAFKA",
        "JSON",
        "JSON",
    )
    table, _ = ask("SHOW TABLES;")["tables"]
    assert (table["name"], table["isWindowed"]) == ("T", True)
    (query,) = ask("SHOW QUERIES;")["queries"]
    assert (query["sinks"], query["queryType"], query["state"]) == (["T"], "PERSISTENT", "RUNNING")


def test_a_source_is_described(ask, orders):
    """Its columns, who reads it, and more where that is asked for."""
    stream = ask("DESCRIBE s EXTENDED;")["sourceDescription"]
    assert [(one["name"], one["schema"]["type"]) for one in stream["fields"]] == [
        ("K", "STRING"),
        ("N", "INTEGER"),
    ]
    assert stream["fields"][0]["type"] == "KEY"
    assert (stream["key"], stream["topic"], stream["partitions"]) == ("K", orders, 2)
    assert [one["sinks"] for one in stream["readQueries"]] == [["T"]]
    table = ask("DESCRIBE t;")["sourceDescription"]
    assert (table["windowType"], len(table["writeQueries"])) == ("TUMBLING", 1)
    (described,) = ask("SHOW STREAMS EXTENDED;")["sourceDescriptions"]
    assert described["name"] == "S"


def test_a_query_is_explained(ask, another_desk):
    """By its id, or before it is run."""
    query_id = ask("SHOW QUERIES;")["queries"][0]["id"]
    running = ask(f"EXPLAIN {query_id};")["queryDescription"]
    assert (running["id"], running["sources"], running["sinks"]) == (query_id, ["S"], ["T"])
    assert "window tumbling, 1 h" in running["executionPlan"]
    assert "In 2 parts, each with a partition of its own." in running["executionPlan"]
    another_desk()
    by_number = "EXPLAIN CREATE TABLE u AS SELECT n, COUNT(*) AS c FROM s GROUP BY n;"
    plan = ask(by_number)["queryDescription"]["executionPlan"]
    assert "2. repartition by N, through a topic of its own" in plan
    assert "In 4 parts: 2 pass rows on, 2 do the rest." in plan
    of_table = "EXPLAIN CREATE TABLE v AS SELECT n, COUNT(*) AS c FROM known GROUP BY n;"
    plan = ask(of_table)["queryDescription"]["executionPlan"]
    assert "In one part, because the rows of a table are grouped by another column" in plan
    asked = ask("EXPLAIN SELECT n FROM s EMIT CHANGES;")["queryDescription"]
    assert [one["name"] for one in asked["fields"]] == ["N"]


def test_the_rest_is_shown(ask, orders):
    """Topics, functions, types."""
    assert {"name": orders, "replicaInfo": [1, 1]} in ask("SHOW TOPICS;")["topics"]
    assert {"name": "SUM", "type": "AGGREGATE", "category": ""} in ask("SHOW FUNCTIONS;")[
        "functions"
    ]
    assert ask("SHOW TYPES;")["types"]["POINT"]["type"] == "STRUCT"
    function = ask("DESCRIBE FUNCTION SUBSTRING;")
    assert function["type"] == "SCALAR"
    assert function["functions"][0]["arguments"][0]["type"] == "STRING"
