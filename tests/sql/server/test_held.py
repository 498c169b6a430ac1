import os
import random
from collections import Counter
from itertools import islice

import pytest

from eventlab.errors import ServiceError, StorageError
from eventlab.events import Shop
from eventlab.log import Record, produce, read
from eventlab.sql.server.addresses import folder_of, log_file
from eventlab.sql.server.held import SqlServer
from tests.sql.server.asking import ask, pulled, run
from tests.waiting import until

pytestmark = pytest.mark.broker

_STREAM = "CREATE STREAM orders (customer_id STRING, amount_cents INT) WITH"


@pytest.fixture
def service_id(request):
    """An id that no other test has."""
    return f"{request.node.originalname[5:40]}-{os.getpid()}"


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


class Cluster:
    """Three servers of an id, one of which is killed now and then and comes back."""

    def __init__(self, service_id, parts):
        self.service_id = service_id
        self.parts = parts
        self.servers = [SqlServer(service_id) for _ in range(3)]

    def kill_one(self, chance):
        """Kill any; let the others find out before another comes, or not."""
        self.servers.pop(chance.randrange(3)).kill()
        if chance.random() < 0.5:
            until(lambda: self.is_shared_by(2))
        self.servers.append(SqlServer(self.service_id))

    def is_shared_by(self, number):
        """Tell whether so many servers run all parts, of which none has two more than another."""
        (shown,) = run(self.servers[0].url, "SHOW QUERIES;")
        parts = Counter()
        for query in shown["queries"]:
            parts.update({name: len(found) for name, found in query["hosts"].items()})
        most, least = max(parts.values()), min(parts.values())
        return len(parts) == number and parts.total() == self.parts and most - least <= 1

    def stop(self):
        for server in self.servers:
            server.stop()


@pytest.mark.timeout(600)
@pytest.mark.long
@pytest.mark.parametrize("kills", [30])
def test_three_share_and_any_may_be_killed(service_id, new_topic, broker, kills):
    """Nothing is lost: a table, windows and their changelogs, and a stream are whole in the end."""
    orders = new_topic(partitions=4)
    topics = {name: new_topic(partitions=4) for name in ("counted", "hourly", "copied")}
    events = list(islice(Shop(seed=kills).orders(), 100 * (kills + 1)))
    chance = random.Random(kills)
    keyed = "CREATE STREAM orders (customer_id STRING KEY, amount_cents INT) WITH"
    cluster = Cluster(service_id, parts=12)
    try:
        run(
            cluster.servers[0].url,
            f"{keyed} (KAFKA_TOPIC='{orders}', VALUE_FORMAT='JSON');"
            f"CREATE TABLE counted WITH (KAFKA_TOPIC='{topics['counted']}') AS SELECT customer_id,"
            " COUNT(*) AS n, SUM(amount_cents) AS cents FROM orders GROUP BY customer_id;"
            f"CREATE TABLE hourly WITH (KAFKA_TOPIC='{topics['hourly']}') AS SELECT customer_id,"
            " COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY customer_id;"
            f"CREATE STREAM copied WITH (KAFKA_TOPIC='{topics['copied']}')"
            " AS SELECT * FROM orders;",
        )
        until(lambda: cluster.is_shared_by(3))
        for begin in range(0, len(events), 100):
            produce(orders, events[begin : begin + 100], key="customer_id").require_all()
            if begin:
                until(lambda begin=begin: _ends(topics["copied"]) > begin - 50)
                cluster.kill_one(chance)
        expected = _counted(events)
        for server in cluster.servers:
            until(lambda server=server: counted(server.url) == expected)
        copies = _copies(events)
        until(lambda: copies <= _seen(topics["copied"]))
        hourly = _hourly(events)
        until(lambda: _last(topics["hourly"], ["key", "start"], ["N"]) == hourly)
    finally:
        cluster.stop()
    assert "takes over" in log_file(service_id).read_text(encoding="utf-8")
    assert _last(topics["counted"], ["key"], ["N", "CENTS"]) == expected


@pytest.mark.timeout(600)
@pytest.mark.long
@pytest.mark.parametrize("kills", [30])
def test_what_is_repartitioned_is_whole_too(service_id, new_topic, broker, kills):
    """By another key than the records': each order counts once, whichever server is killed."""
    names = ("sold", "hourly", "closed", "named")
    orders = new_topic(partitions=4)
    products = new_topic(partitions=3)
    topics = {name: new_topic(partitions=4) for name in names}
    events = list(islice(Shop(seed=kills).orders(), 100 * (kills + 1)))
    chance = random.Random(kills)
    known = sorted({event.product_id for event in events})[1:]
    begin = min(map(_time, events))
    rows = [Record(one, f'{{"TITLE": "t{one}"}}'.encode(), begin - 1) for one in known]
    produce(products, rows).require_all()
    cluster = Cluster(service_id, parts=32)
    try:
        run(
            cluster.servers[0].url,
            "CREATE STREAM orders (customer_id STRING KEY, order_id STRING, product_id STRING,"
            f" amount_cents INT) WITH (KAFKA_TOPIC='{orders}', VALUE_FORMAT='JSON');"
            "CREATE TABLE products (product_id STRING PRIMARY KEY, title STRING)"
            f" WITH (KAFKA_TOPIC='{products}', VALUE_FORMAT='JSON');"
            f"CREATE TABLE sold WITH (KAFKA_TOPIC='{topics['sold']}') AS SELECT product_id,"
            " COUNT(*) AS n, SUM(amount_cents) AS cents FROM orders GROUP BY product_id;"
            f"CREATE TABLE hourly WITH (KAFKA_TOPIC='{topics['hourly']}') AS SELECT product_id,"
            " COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY product_id;"
            f"CREATE TABLE closed WITH (KAFKA_TOPIC='{topics['closed']}') AS SELECT product_id,"
            " COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 10 MINUTES) GROUP BY product_id"
            " EMIT FINAL;"
            f"CREATE STREAM named WITH (KAFKA_TOPIC='{topics['named']}') AS SELECT"
            " o.product_id AS product_id, order_id, title FROM orders o"
            " LEFT JOIN products p ON o.product_id = p.product_id;",
        )
        until(lambda: cluster.is_shared_by(3))
        for begin in range(0, len(events), 100):
            produce(orders, events[begin : begin + 100], key="customer_id").require_all()
            if begin:
                until(lambda begin=begin: _ends(topics["hourly"]) > begin - 50)
                cluster.kill_one(chance)
        sold = _sold(events)
        for server in cluster.servers:
            until(lambda server=server: _pulled_sold(server.url) == sold)
        hourly = _by_window(events, 3_600_000)
        until(lambda: _last(topics["hourly"], ["key", "start"], ["N"]) == hourly)
        closed = _closed(orders, events, 600_000)
        until(lambda: _last(topics["closed"], ["key", "start"], ["N"]) == closed)
        titles = {(one.order_id, _title(one.product_id, known)) for one in events}
        until(lambda: _titles(topics["named"]) == titles)
    finally:
        cluster.stop()
    assert "takes over" in log_file(service_id).read_text(encoding="utf-8")
    finals = read(topics["closed"]).events
    assert finals.groupby(["key", "start"])["N"].nunique().max() == 1


def _time(event):
    return int(event.at.timestamp() * 1000)


def _sold(events):
    number = Counter(event.product_id for event in events)
    cents = Counter()
    for event in events:
        cents[event.product_id] += event.amount_cents
    return {key: (number[key], cents[key]) for key in number}


def _pulled_sold(url):
    return {key: (n, cents) for key, n, cents in pulled(url, "SELECT * FROM sold;")}


def _by_window(events, size):
    counts = Counter((one.product_id, _time(one) - _time(one) % size) for one in events)
    return {key: (n,) for key, n in counts.items()}


def _closed(orders, events, size):
    """Return the windows that every partition of the source has passed."""
    written = read(orders).events
    passed = written.groupby("partition")["timestamp"].max().min().timestamp() * 1000
    found = _by_window(events, size)
    return {key: n for key, n in found.items() if key[1] + size <= passed}


def _title(product_id, known):
    return f"t{product_id}" if product_id in known else None


def _titles(topic):
    rows = read(topic).events
    named = zip(rows["ORDER_ID"], rows["TITLE"], strict=True)
    return {(one, title if isinstance(title, str) else None) for one, title in named}


def _counted(events):
    number = Counter(event.customer_id for event in events)
    cents = Counter()
    for event in events:
        cents[event.customer_id] += event.amount_cents
    return {key: (number[key], cents[key]) for key in number}


def _hourly(events):
    hour = 3_600_000
    times = [(one.customer_id, int(one.at.timestamp() * 1000)) for one in events]
    return {key: (n,) for key, n in Counter((key, at - at % hour) for key, at in times).items()}


def _copies(events):
    return Counter((event.customer_id, event.amount_cents) for event in events)


def _ends(topic):
    return sum(topic.end_offsets().values())


def _seen(topic):
    rows = read(topic).events
    return Counter(zip(rows["key"], rows["AMOUNT_CENTS"], strict=True))


def _last(topic, keys, columns):
    """Return the last values of each key in a topic."""
    rows = read(topic).events
    kept = rows.sort_values(["partition", "offset"]).groupby(keys).last()
    return dict(zip(kept.index, zip(*(kept[one] for one in columns), strict=True), strict=True))


def test_a_folder_that_cannot_be_shared_is_one_error(service_id, broker):
    """A server that cannot say that it is there serves nothing."""
    folder = folder_of(service_id)
    folder.mkdir(parents=True)
    (folder / "servers").write_text("in the way", encoding="utf-8")
    with pytest.raises(StorageError, match="EVENTLAB_HOME"):
        SqlServer(service_id)


def test_a_port_that_is_taken_is_named(service_id, broker):
    """One sentence, before anything else begins."""
    with SqlServer(service_id) as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(ServiceError, match=f"Port {port} is taken"):
            SqlServer(f"{service_id}-2", port)
