"""Queries as clients see them, wherever their parts run."""

import pytest

from eventlab.sql.catalog import Format, Source, SourceColumn
from eventlab.sql.planning.plans import Read
from eventlab.sql.planning.rows import shape_of
from eventlab.sql.running.standing import Layout, Standing
from eventlab.sql.server.members import Work
from eventlab.sql.server.query_entities import host_of, queries_of
from eventlab.sql.types import STRING

SOURCE = Source(
    "stream", "S", (SourceColumn("K", STRING, "key"),), "s", Format("KAFKA"), Format("JSON")
)
TARGET = Source("stream", "T", SOURCE.columns, "t", Format("KAFKA"), Format("JSON"))


def query():
    """Return a query of three parts, none of which runs here."""
    plan = Read(SOURCE, "S", shape_of(SOURCE, "S"))
    return Standing("CSAS_T_1", "CREATE …", plan, TARGET, make=lambda part: None, layout=Layout(3))


def work(part, state="running", error=None):
    """Return what a server says of a part."""
    return Work("CSAS_T_1", part, state, error, [("s", part, 5)])


def test_parts_are_where_they_run():
    """Of each server those of this query, and how many servers are in which state."""
    works = {"a": [work(2), work(0)], "b": [work(1)], "c": []}
    (found,) = queries_of([query()], works)
    assert found["hosts"] == {"a": [0, 2], "b": [1]}
    assert found["statusCount"] == {"RUNNING": 2}
    assert (found["id"], found["sinks"], found["sinkKafkaTopics"]) == ("CSAS_T_1", ["T"], ["t"])
    assert found["queryString"] == "CREATE …;"


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (["running", "failed"], "ERROR"),
        (["running", "paused"], "PAUSED"),
        (["running", "running"], "RUNNING"),
        ([], "RUNNING"),
    ],
)
def test_a_query_is_as_its_worst_part(states, state):
    """One that nobody runs for the moment is about to be taken over."""
    works = {str(part): [work(part, one)] for part, one in enumerate(states)}
    assert queries_of([query()], works)[0]["state"] == state


def test_a_paused_query_that_nobody_runs_is_paused():
    """It stays so when it is taken over."""
    paused = query()
    paused.pause()
    assert queries_of([paused], {})[0]["state"] == "PAUSED"


def test_a_server_has_the_partitions_that_it_reads():
    """By the query that reads them."""
    found = host_of([work(0), work(2)])
    assert found["hostAlive"]
    assert found["activeStandbyPerQuery"]["CSAS_T_1"]["activePartitions"] == [
        {"topic": "s", "partition": 0},
        {"topic": "s", "partition": 2},
    ]
