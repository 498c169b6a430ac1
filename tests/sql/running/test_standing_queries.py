"""Standing queries of an engine: what they keep, and how they begin, pause and end."""

import pytest

from eventlab.errors import SqlError
from eventlab.log import Record, produce, read
from eventlab.sql.grammar.parsing import parse
from eventlab.sql.running.session import NewQuery, Session
from eventlab.sql.running.standing import Layout
from eventlab.sql.running.standing_queries import StandingQueries
from eventlab.sql.running.wires import Wires
from tests.sql.engines import ORDERS, SUMS, engine, frame, until_rows
from tests.waiting import until


@pytest.fixture
def known():
    """Queries of an earlier run, none of which has begun: one that keeps S, one that inserts."""
    session = Session(print)
    texts = parse(
        "CREATE STREAM a (k STRING KEY, n INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON');"
        "CREATE STREAM s AS SELECT * FROM a; INSERT INTO s SELECT * FROM a;"
    )
    queries = StandingQueries(Wires(None, print), None, begins_anew=False, is_shared=False)
    for number, one in enumerate(texts):
        change = session.take(one.statement, one.text, now=0)
        if isinstance(change, NewQuery):
            queries.recall(change, one.text, number, Layout())
    return queries


def test_queries_are_known_by_their_ids(known):
    """By what they make, and by the number of their statement."""
    assert list(known) == ["CSAS_S_1", "INSERTQUERY_2"]
    assert [query.inserts for query in known.values()] == [False, True]


def test_an_end_is_noted_before_it_comes(known):
    """Who notes it sees the query as it was."""
    noted = []
    known.ending = lambda query_id: noted.append((query_id, query_id in known))
    known.end_writers("S")
    assert noted == [("CSAS_S_1", True), ("INSERTQUERY_2", True)]
    assert not known


def test_another_server_says_what_it_has_read(known):
    """Of the query that is asked for."""
    known.elsewhere = lambda query_id: {(query_id, 0): 5}
    assert known["CSAS_S_1"].elsewhere() == {("CSAS_S_1", 0): 5}


class Busy:
    """A flow in the middle of a function that does not return."""

    is_alive = True

    def stop(self):
        pass


def test_one_that_is_busy_with_a_row_is_said_to_end_after_it(known):
    """TERMINATE waits for some time, and not for ever."""
    known["CSAS_S_1"].flows[0] = Busy()
    (parsed,) = parse("TERMINATE ALL;")
    assert known.control(parsed.statement) == (
        "Ended: CSAS_S_1, INSERTQUERY_2. Still busy with a row, and at an end after it: CSAS_S_1"
    )
    assert not known


def test_a_query_that_is_not_there_cannot_be_paused(known):
    """The nearest is named, where that was asked."""
    (parsed,) = parse("PAUSE csas_s_2;")
    with pytest.raises(SqlError, match="no query CSAS_S_2") as caught:
        known.control(parsed.statement)
    assert caught.value.found == "the nearest: CSAS_S_1"
    assert caught.value.position == (1, 7)


@pytest.mark.broker
def test_a_standing_query_keeps_its_result_in_a_topic(shop, topics):
    """Record by record, with the key of the statement."""
    (said,) = shop.execute("CREATE STREAM dear AS SELECT * FROM orders WHERE cents > 100;")
    assert str(said) == "CSAS_DEAR_1 keeps the stream DEAR in the topic DEAR"
    until(lambda: len(read(topics("DEAR")).events) == 2)
    assert list(read(topics("DEAR")).events["CENTS"]) == [300, 4000]


@pytest.mark.broker
def test_a_query_can_insert_into_a_stream(shop, topics):
    """The stream has what was in it, and what the query gives."""
    shop.execute("CREATE STREAM few (customer STRING KEY, cents INT) WITH (KAFKA_TOPIC='few', "
                 "VALUE_FORMAT='JSON', PARTITIONS=1);")  # fmt: skip
    (said,) = shop.execute("INSERT INTO few SELECT customer, cents FROM orders WHERE cents < 100;")
    assert "INSERTQUERY_1" in str(said)
    until(lambda: len(read(topics("few")).events) == 2)


@pytest.mark.broker
def test_a_paused_query_loses_nothing(shop, topics):
    """What came meanwhile is counted when it goes on."""
    shop.execute(SUMS)
    until_rows(shop, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])
    shop.execute("PAUSE CTAS_SUMS_1;")
    assert frame(shop, "SHOW QUERIES;").STATE[0] == "paused"
    topics.add(5)
    shop.execute("RESUME CTAS_SUMS_1;")
    until_rows(shop, "SELECT * FROM sums;", [("ann", 306), ("bob", 4020)])


@pytest.mark.broker
def test_a_paused_query_sees_partitions_that_are_new(topics):
    """When it is resumed it waits for them too: a window that is final is not closed early."""
    orders = topics.orders(1)
    with engine(topics, begins_anew=True) as shop:
        shop.execute(
            f"{ORDERS} CREATE TABLE finals AS SELECT customer, COUNT(*) AS n FROM orders"
            " WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY customer EMIT FINAL;"
        )
        (query,) = shop.queries.values()
        until(lambda: query.positions == {(orders.name, 0): 1})
        shop.execute("PAUSE ALL;")
        orders.add_partitions(2)
        until(lambda: query.state == "failed")
        shop.execute("RESUME ALL;")
        for partition, time in [(0, 9000), (1, 1500), (1, 9000)]:
            one = Record("ann", b'{"CENTS": 1}', time, partition=partition)
            end = produce(orders, [one]).require_all().offsets[partition][-1] + 1
            place = (orders.name, partition)
            until(lambda place=place, end=end: query.positions.get(place) == end)
        until(lambda: len(read(topics("FINALS")).events))
        assert list(read(topics("FINALS")).events["N"]) == [2]


@pytest.mark.broker
def test_what_begins_anew_has_nothing_twice(topics):
    """The same statement makes the same again."""
    for _ in range(2):
        with engine(topics, begins_anew=True) as one:
            one.execute(ORDERS + SUMS)
            until_rows(one, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])


@pytest.mark.broker
def test_what_is_replaced_has_one_query(shop):
    """OR REPLACE ends the query that kept the table before."""
    shop.execute(SUMS)
    shop.execute(SUMS.replace("CREATE", "CREATE OR REPLACE").replace("SUM(", "MAX("))
    assert list(frame(shop, "SHOW QUERIES;").QUERY_ID) == ["CTAS_SUMS_2"]
    until_rows(shop, "SELECT * FROM sums;", [("ann", 300), ("bob", 4000)])


@pytest.mark.broker
def test_what_others_use_cannot_be_dropped(shop):
    """Not before the query has ended that reads it, or inserts into it."""
    shop.execute(SUMS)
    with pytest.raises(SqlError, match=r"Line 1, column \d+: .*in use.*CTAS_SUMS_1"):
        shop.execute("DROP STREAM orders;")
    shop.execute("CREATE STREAM copy AS SELECT * FROM orders;")
    shop.execute("INSERT INTO copy SELECT * FROM orders;")
    with pytest.raises(SqlError, match=r"in use.*INSERTQUERY_3"):
        shop.execute("DROP STREAM copy;")
    shop.execute("TERMINATE INSERTQUERY_3; DROP STREAM copy;")
    assert list(frame(shop, "SHOW QUERIES;").QUERY_ID) == ["CTAS_SUMS_1"]
