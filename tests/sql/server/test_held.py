import os
import random
from collections import Counter
from itertools import islice

import pytest

from eventlab.errors import ServiceError
from eventlab.events import Shop
from eventlab.log import produce, read
from eventlab.sql.server.held import SqlServer
from tests.sql.server.asking import ask, pulled, run
from tests.waiting import until

pytestmark = pytest.mark.broker

_STREAM = "CREATE STREAM orders (customer_id STRING, amount_cents INT) WITH"


@pytest.fixture
def service_id(request):
    """An id that no other test has."""
    return f"{request.node.name[5:40]}-{os.getpid()}"


def counted(url):
    """Return what the table says of each customer."""
    return {key: (n, cents) for key, n, cents in pulled(url, "SELECT * FROM counted;")}


def await_rows(server, number):
    """Return when the table has so many rows."""
    until(lambda: len(counted(server.url)) >= number)


def test_nothing_is_lost_by_kills(service_id, new_topic, broker):
    """Killed at any moment, its table ends as that of a server that lived."""
    orders = new_topic(partitions=2)
    counted_topic = new_topic(partitions=2)
    events = list(islice(Shop(seed=11).orders(), 900))
    chance = random.Random(3)
    server = SqlServer(service_id)
    try:
        run(
            server.url,
            f"{_STREAM} (KAFKA_TOPIC='{orders}', VALUE_FORMAT='JSON');"
            f"CREATE TABLE counted WITH (KAFKA_TOPIC='{counted_topic}') AS SELECT customer_id,"
            " COUNT(*) AS n, SUM(amount_cents) AS cents FROM orders GROUP BY customer_id;",
        )
        for begin in range(0, len(events), 300):
            produce(orders, events[begin : begin + 300], key="customer_id")
            if begin:
                await_rows(server, chance.randint(1, 200))
            server.kill()
            server = SqlServer(service_id)
        number = Counter(event.customer_id for event in events)
        cents = Counter[str]()
        for event in events:
            cents[event.customer_id] += event.amount_cents
        expected = {key: (number[key], cents[key]) for key in number}
        until(lambda: counted(server.url) == expected)
    finally:
        server.stop()
    rows = read(counted_topic).events
    kept = rows.sort_values(["partition", "offset"]).groupby("key").last()
    assert (
        dict(zip(kept.index, zip(kept["N"], kept["CENTS"], strict=True), strict=True)) == expected
    )


def test_queries_have_the_same_ids_again(service_id, new_topic, broker):
    """Terminated ones stay away, paused ones stay paused, and numbers are not given twice."""
    orders = new_topic()
    with SqlServer(service_id) as server:
        names = ("one", "two", "three")
        sources = [
            f"CREATE STREAM {name} WITH (KAFKA_TOPIC='{new_topic()}') AS SELECT * FROM orders;"
            for name in names
        ]
        run(server.url, f"{_STREAM} (KAFKA_TOPIC='{orders}', VALUE_FORMAT='JSON');")
        ids = [one["commandStatus"]["queryId"] for one in run(server.url, "".join(sources))]
        run(server.url, f"TERMINATE {ids[0]}; PAUSE {ids[1]}; DROP STREAM one;")
    with SqlServer(service_id) as server:
        (queries,) = run(server.url, "SHOW QUERIES;")
        states = {one["id"]: one["state"] for one in queries["queries"]}
        assert states == {ids[1]: "PAUSED", ids[2]: "RUNNING"}
        (again,) = run(server.url, sources[0])
        assert again["commandStatus"]["queryId"] not in ids
        status = ask(server.url, "GET", "/status/stream/TWO/create").json
        assert (status["status"], status["queryId"]) == ("SUCCESS", ids[1])


def test_an_id_is_one_servers(service_id, broker):
    """A second one says so, and ends."""
    with (
        SqlServer(service_id),
        pytest.raises(ServiceError, match="There is an SQL server with the id"),
    ):
        SqlServer(service_id)


def test_a_port_that_is_taken_is_named(service_id, broker):
    """One sentence, before anything else begins."""
    with SqlServer(service_id) as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(ServiceError, match=f"The port {port} cannot be had"):
            SqlServer(f"{service_id}-2", port)
