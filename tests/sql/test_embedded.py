import json
import threading
from uuid import uuid4

import pytest

from eventlab.errors import ServiceError, SqlError, UsageError
from eventlab.log import Record, Topic, produce
from eventlab.log.reading import read
from eventlab.sql import EmbeddedSql
from tests.waiting import until

pytestmark = pytest.mark.broker

SOURCE = (
    "CREATE STREAM orders (good STRING, cents INT)"
    " WITH (KAFKA_TOPIC='{name}.orders', VALUE_FORMAT='JSON');"
)
TOTALS = (
    "CREATE TABLE totals WITH (KAFKA_TOPIC='{name}.totals') AS"
    " SELECT good, SUM(cents) AS cents FROM orders GROUP BY good;"
)


@pytest.fixture
def shop(cluster):
    """A topic of orders of the test's own, and what a statement calls it."""
    name = f"embedded.{uuid4().hex}"
    made = [Topic(cluster, f"{name}.orders").reset(), Topic(cluster, f"{name}.totals")]
    yield Shop(name, made[0])
    for topic in made:
        if topic.exists:
            topic.delete()


class Shop:
    """Orders, and statements over them."""

    def __init__(self, name: str, orders: Topic) -> None:
        self.name = name
        self.orders = orders
        self.statements = SOURCE.format(name=name) + TOTALS.format(name=name)

    def sell(self, good: str, *cents: int) -> None:
        """Write orders."""
        values = [json.dumps({"GOOD": good, "CENTS": one}).encode() for one in cents]
        produce(self.orders, [Record(None, value) for value in values]).require_all()


def totals(sql: EmbeddedSql) -> dict[str, int]:
    return {row["GOOD"]: row["CENTS"] for row in sql.rows("SELECT * FROM totals;")}


def test_results_are_topics_rows_and_calls(broker, cluster, shop):
    """The same statements three ways, in a program that knows the address of Kafka alone."""
    shop.sell("tea", 5, 7)
    seen = []
    with EmbeddedSql(broker.client_settings) as sql:
        said = sql.run(shop.statements)
        assert said[1] == f"CTAS_TOTALS_1 keeps the table TOTALS in the topic {shop.name}.totals"
        until(lambda: totals(sql) == {"tea": 12})
        push = sql.each_row("SELECT good, cents FROM orders EMIT CHANGES LIMIT 3;", seen.append)
        shop.sell("ink", 3)
        assert push.wait(3)
        until(lambda: totals(sql) == {"tea": 12, "ink": 3})
        assert list(read(sql.topic("totals")).events["CENTS"]) == [5, 12, 3]
        sql.require_running()
    until(lambda: len(seen) == 3)
    assert seen == [
        {"GOOD": "tea", "CENTS": 5},
        {"GOOD": "tea", "CENTS": 7},
        {"GOOD": "ink", "CENTS": 3},
    ]


def test_with_a_folder_it_goes_on_where_it_was(cluster, shop, tmp_path):
    """What came meanwhile is added to what it knew, and nothing is added up twice."""
    shop.sell("tea", 5)
    for more, expected in [((7,), 12), ((1, 1), 14)]:
        with EmbeddedSql(cluster, folder=tmp_path / "state") as sql:
            sql.run(shop.statements)
            shop.sell("tea", *more)
            until(lambda expected=expected: totals(sql) == {"tea": expected})
    # At least once: rows of the last moment may be written again, of which each key's last counts.
    events = list(read(Topic(cluster, f"{shop.name}.totals")).events["CENTS"])
    assert set(events) == {5, 12, 13, 14}
    assert events[-1] == 14


def test_other_statements_are_refused_in_the_same_folder(cluster, shop, tmp_path):
    """They would go on with what those before knew."""
    with EmbeddedSql(cluster, folder=tmp_path) as sql:
        sql.run(shop.statements)
    with EmbeddedSql(cluster, folder=tmp_path) as sql:
        with pytest.raises(UsageError, match="another one"):
            sql.run(shop.statements.replace("SUM", "MAX"))
        sql.run(TOTALS.format(name=shop.name))
        with pytest.raises(ServiceError, match="in use"):
            EmbeddedSql(cluster, folder=tmp_path)


def test_what_a_call_raises_ends_its_query_alone(cluster, shop):
    """It is the error of that query, and others go on."""
    shop.sell("tea", 5)

    def failing(_row):
        raise ZeroDivisionError("a call that fails")

    with EmbeddedSql(cluster) as sql:
        sql.run(shop.statements)
        push = sql.each_row("SELECT * FROM orders EMIT CHANGES;", failing)
        until(lambda: push.error is not None)
        assert "a call that fails" in str(push.error)
        until(lambda: totals(sql) == {"tea": 5})
        sql.require_running()


def test_each_call_takes_its_kind_of_statement(cluster, shop):
    """Another is refused with the call that takes it; so are two queries at once."""
    with EmbeddedSql(cluster) as sql:
        sql.run(SOURCE.format(name=shop.name))
        with pytest.raises(SqlError, match=r"not for run.*\n?(.|\n)*each_row"):
            sql.run("SELECT * FROM orders EMIT CHANGES;")
        with pytest.raises(SqlError, match=r"not for rows(.|\n)*each_row"):
            sql.rows("SELECT * FROM orders EMIT CHANGES;")
        with pytest.raises(SqlError, match=r"not for each_row(.|\n)*run"):
            sql.each_row("DROP STREAM orders;", print)
        with pytest.raises(SqlError, match="One query"):
            sql.rows("SHOW STREAMS; SHOW TABLES;")
        (row,) = sql.rows("SHOW STREAMS;")
        assert "ORDERS" in row.values()


def test_it_may_be_asked_from_several_threads(cluster, shop):
    """As the threads of a server do; each answer is whole."""
    shop.sell("tea", 5, 7)
    answers = []
    with EmbeddedSql(cluster) as sql:
        sql.run(shop.statements)
        until(lambda: totals(sql) == {"tea": 12})
        threads = [threading.Thread(target=lambda: answers.append(totals(sql))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [{"tea": 12}] * 4
