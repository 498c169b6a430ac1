"""The flow of a standing query: where it begins, and where it goes on."""

import pytest

from eventlab.log import Record, produce, read
from tests.sql.engines import ORDERS, SUMS, engine, until_rows
from tests.waiting import until

pytestmark = pytest.mark.broker


def test_with_a_store_a_query_goes_on_where_it_was(topics, tmp_path):
    """Nothing is counted twice, though another engine takes it up."""
    with engine(topics, store=lambda name: tmp_path / name) as first:
        first.execute(ORDERS + SUMS)
        until_rows(first, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])
    topics.add(5)
    with engine(topics, store=lambda name: tmp_path / name) as second:
        second.execute(ORDERS + SUMS)
        until_rows(second, "SELECT * FROM sums;", [("ann", 306), ("bob", 4020)])


def test_an_event_waits_for_the_row_of_its_time(shop, topics):
    """Whichever of the two topics is read first: none is lost."""
    shop.execute("CREATE TABLE people (name STRING PRIMARY KEY, town STRING) WITH "
                 "(KAFKA_TOPIC='people', VALUE_FORMAT='JSON', PARTITIONS=1);")  # fmt: skip
    people = [Record(name, b'{"TOWN": "Ulm"}', 500) for name in ("ann", "bob")]
    produce(topics("people"), people).require_all()
    shop.execute(
        "CREATE STREAM homes AS SELECT o.customer, p.town AS town FROM orders o"
        " JOIN people p ON o.customer = p.name;"
    )
    until(lambda: len(read(topics("HOMES")).events) == 4)
    assert set(read(topics("HOMES")).events["TOWN"]) == {"Ulm"}


def test_the_time_that_a_column_says_goes_on_too(topics, tmp_path):
    """What was late before the query was taken up is late after it."""
    tills = (
        "CREATE STREAM tills (till STRING KEY, moment BIGINT) WITH (KAFKA_TOPIC='tills',"
        " VALUE_FORMAT='JSON', TIMESTAMP='moment', PARTITIONS=1);"
        "CREATE TABLE visits AS SELECT till, COUNT(*) AS n FROM tills"
        " WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 1 SECOND) GROUP BY till;"
    )
    visits = "SELECT windowstart AS begin, n FROM visits WHERE till = 'a';"
    with engine(topics, store=lambda name: tmp_path / name) as first:
        first.execute(tills)
        till(topics, 5000, 500)  # the second one is late
        till(topics, 5001)
        until_rows(first, visits, [(5000, 2)])
        await_kept(first)
    till(topics, 501, 5002)
    with engine(topics, store=lambda name: tmp_path / name) as second:
        second.execute(tills)
        until_rows(second, visits, [(5000, 3)])


def await_kept(engine):
    """Return when all that the only query has done by now is kept."""
    (query,) = engine.queries.values()
    flow = query.flows[0]
    before = flow.epochs
    until(lambda: flow.epochs >= before + 2)


def till(topics, *times):
    """Write visits of one till, each with its time in the column alone."""
    records = [Record("a", f'{{"MOMENT": {at}}}'.encode(), 9000) for at in times]
    produce(topics("tills"), records).require_all()


def test_a_window_waits_for_the_partitions_of_the_stream_alone(topics):
    """The table that it was joined with may have more, of which no event comes."""
    with engine(topics, begins_anew=True) as one:
        one.execute(
            "CREATE TABLE people (name STRING PRIMARY KEY, town STRING)"
            " WITH (KAFKA_TOPIC='people', VALUE_FORMAT='JSON', PARTITIONS=3);"
            "CREATE STREAM sales (till STRING KEY, name STRING)"
            " WITH (KAFKA_TOPIC='sales', VALUE_FORMAT='JSON', PARTITIONS=1);"
            "CREATE TABLE finals AS SELECT p.name AS name, COUNT(*) AS n FROM sales s"
            " JOIN people p ON s.name = p.name WINDOW TUMBLING (SIZE 1 SECOND)"
            " GROUP BY p.name EMIT FINAL;"
        )
        produce(topics("people"), [Record(name, b'{"TOWN": "Ulm"}', 1) for name in "abcdefgh"])
        until(lambda: sum(topics("people").end_offsets().values()) == 8)
        sold = [Record("x", b'{"NAME": "a"}', time) for time in (1000, 1500, 9000)]
        produce(topics("sales"), sold).require_all()
        until(lambda: len(read(topics("FINALS")).events))
        assert list(read(topics("FINALS")).events["N"]) == [2]
