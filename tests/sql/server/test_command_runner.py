"""Commands that are run again, or elsewhere: what is known of them, and what was cut off."""

import json

import pytest

from eventlab.log import Record, produce
from eventlab.log.schemas import parsed
from eventlab.log.schemas.registry_client import VARIABLE
from eventlab.sql.running.memory_registry import MemoryRegistry
from eventlab.sql.server.refusals import Refusal
from tests.log.schemas.made import CENTS, field, record
from tests.sql.server.live_desk import run
from tests.waiting import until

pytestmark = pytest.mark.broker


def ids(desk):
    """Return the queries that stand."""
    return {name: query.state for name, query in desk.engine.queries.items()}


def test_what_was_made_is_there_again(new_desk, create, new_topic):
    """Types, streams, queries by their ids; not what was said for a request alone."""
    desk = new_desk()
    copy = f"CREATE STREAM t WITH (KAFKA_TOPIC='{new_topic()}') AS SELECT * FROM s;"
    run(
        desk,
        "CREATE TYPE money AS DECIMAL(9, 2); SET 'auto.offset.reset' = 'latest';"
        f"DEFINE x = 'y'; {create} {copy}",
    )
    before = ids(desk)
    again = new_desk()
    assert ids(again) == before
    assert set(again.engine.catalog.sources) == {"S", "T"}
    assert set(again.engine.catalog.types) == {"MONEY"}
    assert again.engine.catalog.settings.given == again.engine.catalog.variables == {}
    assert again.commands.statuses["stream/T/create"]["queryId"] in before
    assert again.reports == []


class PowerCut(BaseException):
    """The end of a process in the middle of a statement."""


@pytest.fixture
def cut_off(monkeypatch):
    """What runs a statement that is written to the log, and neither done nor marked."""

    def cut(*_, **__):
        raise PowerCut

    def run_half(desk, text):
        with monkeypatch.context() as patch:
            patch.setattr(desk.engine, "answer", cut)
            patch.setattr(desk.commands._log, "mark", lambda *_, **__: None)
            with pytest.raises(PowerCut):
                run(desk, text)

    return run_half


def test_what_was_cut_off_is_done(new_desk, create, new_topic, cut_off):
    """The client got no answer, but the statement is in the log."""
    desk = new_desk()
    run(desk, create)
    cut_off(desk, f"CREATE STREAM t WITH (KAFKA_TOPIC='{new_topic()}') AS SELECT * FROM s;")
    (query,) = ids(new_desk()).items()
    assert query[0].startswith("CSAS_T_")
    assert query[1] == "running"


def test_what_was_cut_off_another_server_does(another_desk, create, new_topic, cut_off):
    """As soon as it looks, or is asked for something else; all know it then."""
    one = another_desk()
    other = another_desk()
    run(one, create)
    other.commands.look()
    cut_off(one, f"CREATE STREAM t WITH (KAFKA_TOPIC='{new_topic()}') AS SELECT * FROM s;")
    until(lambda: other.commands.look() or len(ids(other)) == 1)
    cut_off(one, "TERMINATE ALL;")
    (status,) = run(other, "CREATE TYPE point AS STRUCT<x INT>;")
    assert status["commandStatus"]["status"] == "SUCCESS"
    assert ids(other) == {}
    until(lambda: one.commands.look() or ("POINT" in one.engine.catalog.types and ids(one) == {}))


def test_the_log_of_an_earlier_version_is_understood(new_desk, command_topic, create, new_topic):
    """It says nothing of parts: its queries have one, and the store that they had."""
    table = f"CREATE TABLE t WITH (KAFKA_TOPIC='{new_topic()}') AS SELECT k, COUNT(*) AS c FROM s"
    empty = {"properties": {}, "variables": {}}
    commands = [{"statement": text, **empty} for text in (create, f"{table} GROUP BY k;")]
    fields = [commands[0], {"done": 0}, commands[1], {"done": 2}]
    records = [Record(None, json.dumps(one).encode()) for one in fields]
    produce(command_topic.made(), records).require_all()
    desk = new_desk()
    (query,) = desk.engine.queries.values()
    assert (query.tasks, query.state) == (["CTAS_T_2"], "running")


def test_a_store_of_no_query_is_deleted(new_desk, tmp_path, stores):
    """A later query by that id would begin in the middle."""
    (tmp_path / "CSAS_T_9").mkdir()
    new_desk()
    assert stores() == set()


def test_a_topic_is_not_deleted_twice(new_desk, create, orders, cluster):
    """What was dropped with its topic, and made again by somebody, stays."""
    desk = new_desk()
    run(desk, f"{create} DROP STREAM s DELETE TOPIC;")
    desk.engine.topic(orders).create()
    new_desk()
    assert desk.engine.topic(orders).exists


def test_a_query_that_ended_needs_no_topics_any_more(new_desk, create, new_topic):
    """What it read and wrote may be gone."""
    desk = new_desk()
    table = f"CREATE TABLE t WITH (KAFKA_TOPIC='{new_topic()}') AS SELECT k, COUNT(*) AS c FROM s"
    joined = f"CREATE STREAM j WITH (KAFKA_TOPIC='{new_topic()}') AS SELECT s.k, c FROM s"
    run(desk, f"{create} {table} GROUP BY k; {joined} JOIN t ON s.k = t.k;")
    run(desk, "DROP STREAM j DELETE TOPIC; TERMINATE ALL; DROP TABLE t DELETE TOPIC;")
    again = new_desk()
    assert (again.reports, set(again.engine.catalog.sources)) == ([], {"S"})


def test_a_query_ends_for_good_with_what_it_made(new_desk, create, new_topic, stores):
    """The next run does not know it again, and what it knew is gone."""
    desk = new_desk()
    copy = f"CREATE STREAM t WITH (KAFKA_TOPIC='{new_topic()}') AS SELECT * FROM s;"
    run(desk, f"{create} {copy}")
    until(lambda: set(ids(desk).values()) == {"running"})
    run(desk, "DROP STREAM t;")
    assert stores() == set()
    again = new_desk()
    assert (ids(again), again.reports, set(again.engine.catalog.sources)) == ({}, [], {"S"})


def test_an_end_for_good_leaves_nothing(new_desk, create, new_topic, stores):
    """But topics."""
    desk = new_desk()
    run(desk, f"{create} CREATE STREAM t WITH (KAFKA_TOPIC='{new_topic()}') AS SELECT * FROM s;")
    until(lambda: set(ids(desk).values()) == {"running"})
    desk.commands.terminate()
    assert stores() == set()
    again = new_desk()
    assert (ids(again), again.engine.catalog.sources) == ({}, {})


def test_added_columns_are_there_again(new_desk, create):
    """With the statement that created the stream, and with its status."""
    desk = new_desk()
    (status,) = run(desk, f"{create} ALTER STREAM s ADD COLUMN note STRING;")[1:]
    assert status["commandId"] == "stream/S/alter"
    source = new_desk().engine.catalog.sources["S"]
    assert [one.name for one in source.columns] == ["K", "N", "NOTE"]


def test_columns_of_a_schema_are_those_of_the_first_time(new_desk, orders, monkeypatch):
    """Whatever versions it has by then."""
    registry = MemoryRegistry()
    monkeypatch.setattr("eventlab.sql.schemas.registry_at", lambda url: registry)
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:1")
    registry.register(f"{orders}-value", parsed(record(CENTS)))
    run(new_desk(), f"CREATE STREAM s WITH (KAFKA_TOPIC='{orders}', VALUE_FORMAT='AVRO');")
    later = record(CENTS, field("string", "note", default=""))
    registry.register(f"{orders}-value", parsed(later))
    desk = new_desk()
    assert [one.name for one in desk.engine.catalog.sources["S"].columns] == ["CENTS"]
    assert desk.reports == []


def test_without_a_registry_avro_is_refused(desk, orders, monkeypatch):
    """At once, with what to do; nothing is kept of it."""
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(Refusal, match=VARIABLE):
        run(desk, f"CREATE STREAM s (n INT) WITH (KAFKA_TOPIC='{orders}', VALUE_FORMAT='AVRO');")
    assert desk.commands.statuses == {}
