"""Which sources of a plan wait at its beginning."""

from types import SimpleNamespace

from eventlab.sql.engine import Engine
from eventlab.sql.running.tables_first import TablesFirst

SOURCES = """
CREATE STREAM a (k STRING KEY, n INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON');
CREATE TABLE t (k STRING PRIMARY KEY, n INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');
"""


class Topic:
    """A topic of three records in its first partition, and none in its second."""

    exists = True

    def __init__(self, name):
        self.name = name

    def end_offsets(self, *, committed):
        return {0: 3, 1: 0}


def held(query, partitions=frozenset({0, 1})):
    """Return what holds the sources of a query's plan, and its catalog."""
    engine = Engine(Topic)
    engine.execute(SOURCES)
    (parsed,) = engine.parsed(query)
    plan = engine.session.plan(parsed.statement.query, is_persistent=False)
    return TablesFirst(plan, Topic, partitions.__contains__), engine.catalog


def test_a_stream_waits_until_its_table_is_read():
    """As far as it went when the query began; from then on for nothing."""
    first, catalog = held("SELECT a.n FROM a JOIN t ON a.k = t.k EMIT CHANGES;")
    assert not first.holds(catalog.source("T"))
    assert first.holds(catalog.source("A"))
    first.flow = SimpleNamespace(positions={("t", 0): 2})
    assert first.holds(catalog.source("A"))
    first.flow.positions = {("t", 0): 3}
    assert not first.holds(catalog.source("A"))
    first.flow.positions = {}
    assert not first.holds(catalog.source("A"))


def test_a_stream_alone_waits_for_nothing():
    """There is no table that could be late."""
    first, catalog = held("SELECT n FROM a EMIT CHANGES;")
    assert not first.holds(catalog.source("A"))


def test_partitions_that_are_not_read_are_not_waited_for():
    """Another part of the query reads them."""
    first, catalog = held("SELECT a.n FROM a JOIN t ON a.k = t.k EMIT CHANGES;", {1})
    assert not first.holds(catalog.source("A"))
