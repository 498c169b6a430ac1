import json

import pytest

from eventlab.log import Record, produce
from eventlab.log.schemas import parsed
from eventlab.log.schemas.registry_client import VARIABLE
from eventlab.sql.running.memory_registry import MemoryRegistry
from eventlab.sql.server.refusals import Refusal
from tests.log.schemas.made import CENTS, field, record
from tests.waiting import until

pytestmark = pytest.mark.broker


def run(desk, text, properties=(), variables=()):
    """Return what statements answer."""
    return desk.run(text, dict(properties), dict(variables))


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
    assert again.statuses["stream/T/create"]["queryId"] in before
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
            patch.setattr(desk._log, "mark", lambda *_, **__: None)
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
    other.look()
    cut_off(one, f"CREATE STREAM t WITH (KAFKA_TOPIC='{new_topic()}') AS SELECT * FROM s;")
    until(lambda: other.look() or len(ids(other)) == 1)
    cut_off(one, "TERMINATE ALL;")
    (status,) = run(other, "CREATE TYPE point AS STRUCT<x INT>;")
    assert status["commandStatus"]["status"] == "SUCCESS"
    assert ids(other) == {}
    until(lambda: one.look() or ("POINT" in one.engine.catalog.types and ids(one) == {}))


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
    desk.engine._open_topic(orders).create()
    new_desk()
    assert desk.engine._open_topic(orders).exists


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


def test_what_fails_is_not_kept(new_desk, create):
    """What was done before it in the same request is, and is among the answer."""
    desk = new_desk()
    with pytest.raises(Refusal) as refused:
        run(desk, f"{create} DROP STREAM nothing;")
    assert [one["commandId"] for one in refused.value.fields["entities"]] == ["stream/S/create"]
    assert refused.value.fields["statementText"] == "DROP STREAM nothing;"
    assert set(new_desk().engine.catalog.sources) == {"S"}


def test_a_request_has_its_own_properties_and_variables(desk, create):
    """SET and DEFINE hold until its end, and for what it makes."""
    (made, shown, named) = run(
        desk,
        f"{create} SET 'ksql.streams.auto.offset.reset' = 'latest'; SHOW PROPERTIES;"
        " DEFINE x = 's'; DESCRIBE ${x};",
    )
    assert made["@type"] == "currentStatus"
    assert shown["overwrittenProperties"] == ["auto.offset.reset"]
    assert named["sourceDescription"]["name"] == "S"
    (shown, variables) = run(desk, "SHOW PROPERTIES; SHOW VARIABLES;", variables={"a": 5})
    assert shown["overwrittenProperties"] == []
    assert variables["variables"] == [{"name": "a", "value": "5"}]


def test_an_unknown_property_is_refused(desk):
    """With the nearest that there is."""
    with pytest.raises(Refusal, match="There is no property auto") as refused:
        run(desk, "SHOW STREAMS;", properties={"auto.offset.rest": "latest"})
    assert refused.value.status == 400


def test_select_is_for_another_endpoint(desk, create):
    """And the other way round."""
    with pytest.raises(Refusal) as refused:
        run(desk, f"{create} SELECT * FROM s EMIT CHANGES;")
    assert refused.value.code == 40002
    with pytest.raises(Refusal, match="/ksql"):
        desk.ask("SHOW STREAMS;", {}, {})


def test_rows_that_are_inserted_are_pushed(desk, create):
    """By a statement, or as objects; what is wrong with one is said of that one."""
    run(desk, create)
    push = desk.ask("SELECT k, n FROM s EMIT CHANGES LIMIT 2;", {}, {})
    assert run(desk, "INSERT INTO s (k, n) VALUES ('a', 1);") == []
    errors = desk.insert("s", [{"k": "b", "n": 2}, {"m": 1}])
    assert [error is None for error in errors] == [True, False]
    assert push.wait(2)
    assert sorted(push.rows) == [("a", 1), ("b", 2)]
    with pytest.raises(Refusal, match="There is no stream or table NOWHERE"):
        desk.insert("nowhere", [])


def test_an_end_for_good_leaves_nothing(new_desk, create, new_topic, stores):
    """But topics."""
    desk = new_desk()
    run(desk, f"{create} CREATE STREAM t WITH (KAFKA_TOPIC='{new_topic()}') AS SELECT * FROM s;")
    until(lambda: set(ids(desk).values()) == {"running"})
    desk.terminate()
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
    assert desk.statuses == {}


def test_what_should_be_so_is_answered(desk, create, orders):
    """Or refused, at its place."""
    answers = run(
        desk,
        f"{create} ASSERT TOPIC '{orders}'; INSERT INTO s VALUES ('a', 1);"
        "ASSERT STREAM s (k STRING KEY, n INT); ASSERT VALUES s VALUES ('a', 1);",
    )
    kinds = [one["@type"] for one in answers]
    assert kinds == ["currentStatus", "assert_topic", "assert_source", "assert_source"]
    with pytest.raises(Refusal, match="no further row") as caught:
        run(desk, "ASSERT VALUES s (n) VALUES (2);")
    assert caught.value.fields["line"] == 1
