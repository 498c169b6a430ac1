import json
import shutil
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


@pytest.mark.parametrize("ends_by", ["TERMINATE", "OR REPLACE"])
def test_what_a_program_ends_does_not_begin_anew_with_its_next_run(
    cluster, shop, tmp_path, ends_by
):
    """Its records would be in the topic once more with each run."""
    copy = "CREATE{} STREAM copy WITH (KAFKA_TOPIC='{}.copy') AS SELECT cents FROM orders{};"
    shop.sell("tea", 1, 2)
    copied = Topic(cluster, f"{shop.name}.copy")
    lengths = []
    for _run in range(3):
        with EmbeddedSql(cluster, folder=tmp_path) as sql:
            sql.run(SOURCE.format(name=shop.name) + copy.format("", shop.name, ""))
            until(lambda: copied.exists and len(read(copied).events) >= 2)
            if ends_by == "TERMINATE":
                sql.run("TERMINATE CSAS_COPY_1;")
            else:
                sql.run(copy.format(" OR REPLACE", shop.name, " WHERE cents > 1"))
                until(lambda: len(read(copied).events) >= 3)
            lengths.append(len(read(copied).events))
    copied.delete()
    assert lengths[0] == (2 if ends_by == "TERMINATE" else 3)
    # The query that lives is at least once: it may say its last row again, the ended one nothing.
    assert lengths[2] <= lengths[0] + 2
    if ends_by == "TERMINATE":
        assert lengths == [2, 2, 2]


class PowerCut(BaseException):
    """The end of a process in the middle of a statement."""


def test_a_query_whose_end_was_cut_off_does_not_begin_anew(cluster, shop, tmp_path, monkeypatch):
    """What it knew may be gone by then: its rows would be in the topic once more."""
    copy = f"CREATE STREAM copy WITH (KAFKA_TOPIC='{shop.name}.totals') AS SELECT * FROM orders;"
    statements = SOURCE.format(name=shop.name) + copy
    shop.sell("tea", 1, 2)
    written = Topic(cluster, f"{shop.name}.totals")

    def forget_and_die(folder):
        shutil.rmtree(folder)
        raise PowerCut

    with monkeypatch.context() as patch, EmbeddedSql(cluster, folder=tmp_path) as sql:
        sql.run(statements)
        until(lambda: written.exists and len(read(written).events) == 2)
        patch.setattr("eventlab.sql.running.part_flows.forget", forget_and_die)
        with pytest.raises(PowerCut):
            sql.run("TERMINATE CSAS_COPY_1;")
    with EmbeddedSql(cluster, folder=tmp_path) as sql:
        assert sql.run(statements)[1] == "Query 1 has ended in an earlier run"
        assert sql.run("TERMINATE CSAS_COPY_1;") == ["Ended: CSAS_COPY_1"]
    assert len(read(written).events) == 2


def test_once_closed_it_is_closed(cluster, shop, tmp_path):
    """Another may have its folder by then."""
    sql = EmbeddedSql(cluster, folder=tmp_path)
    sql.run(shop.statements)
    sql.close()
    sql.close()
    calls = [
        lambda: sql.run(shop.statements),
        lambda: sql.rows("SELECT * FROM totals;"),
        lambda: sql.each_row("SELECT * FROM orders EMIT CHANGES;", print),
        lambda: sql.topic("totals"),
    ]
    for call in calls:
        with pytest.raises(UsageError, match="closed"):
            call()


@pytest.mark.parametrize("folder", ["", "a\0b"])
def test_a_folder_that_is_none_is_refused(cluster, folder):
    """Before anything is written."""
    with pytest.raises(UsageError, match="folder"):
        EmbeddedSql(cluster, folder=folder)


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
