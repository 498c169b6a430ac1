"""Servers of one id: which parts of queries each of them runs."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice

import pytest

from eventlab.errors import DeliveryError
from eventlab.events import Shop
from eventlab.flows import in_thread
from eventlab.log import Record, Report, Topic, produce, read
from eventlab.sql.server import between, sharing
from eventlab.sql.server.refusals import Refusal
from eventlab.streams import sink
from tests.broker.homes import can_mount, small_disk
from tests.waiting import until

pytestmark = pytest.mark.broker

PARTITIONS = 4


@pytest.fixture
def orders(new_topic):
    """A topic of four partitions."""
    return new_topic(partitions=PARTITIONS)


@pytest.fixture
def stream(orders):
    """The statement that makes a stream of it, keyed as its records are."""
    return (
        "CREATE STREAM orders (customer_id STRING KEY, product_id STRING, amount_cents INT)"
        f" WITH (KAFKA_TOPIC='{orders}', VALUE_FORMAT='JSON');"
    )


@pytest.fixture
def copied(new_topic):
    """A topic, and the statement that copies orders to it."""
    topic = new_topic(partitions=PARTITIONS)
    return topic, f"CREATE STREAM copied WITH (KAFKA_TOPIC='{topic}') AS SELECT * FROM orders;"


@pytest.fixture
def counted(new_topic):
    """A topic, and the statement that counts in it each customer's orders."""
    topic = new_topic(partitions=PARTITIONS)
    return topic, (
        f"CREATE TABLE counted WITH (KAFKA_TOPIC='{topic}') AS SELECT customer_id, COUNT(*) AS n,"
        " SUM(amount_cents) AS cents FROM orders GROUP BY customer_id;"
    )


def made(orders, number, seed=5):
    """Write orders, by the key that partitions them; return their events."""
    events = list(islice(Shop(seed=seed).orders(), number))
    produce(orders, events, key="customer_id").require_all()
    return events


def sums(events):
    """Return what a table of counts and sums has to say of orders."""
    number = Counter(event.customer_id for event in events)
    cents = Counter()
    for event in events:
        cents[event.customer_id] += event.amount_cents
    return sorted((key, number[key], cents[key]) for key in number)


def spread(*desks):
    """Return how many parts of the only query each has, nothing where one is anywhere twice."""
    found = [next(iter(one.parts().values()), set()) for one in desks]
    is_once = sum(map(len, found)) == len(set().union(*found))
    return sorted(map(len, found)) if is_once else []


def test_two_share_and_each_record_is_done_once(new_live_desk, stream, copied, orders):
    """Each reads partitions of its own; what comes out is what went in, once."""
    one = new_live_desk()
    other = new_live_desk()
    one.run(stream + copied[1])
    until(lambda: spread(one, other) == [2, 2])
    events = made(orders, 400)
    until(lambda: len(read(copied[0]).events) >= len(events))
    kept = read(copied[0]).events
    assert Counter(zip(kept["key"], kept["AMOUNT_CENTS"], strict=True)) == Counter(
        (event.customer_id, event.amount_cents) for event in events
    )


def test_a_third_takes_its_share_and_nothing_is_done_twice(
    new_live_desk, stream, copied, counted, orders
):
    """What is let go of is kept first: each change is written once, while orders come."""
    desks = [new_live_desk(), new_live_desk()]
    desks[0].run(stream + counted[1])
    until(lambda: spread(*desks) == [2, 2])
    events = made(orders, 300)
    desks.append(new_live_desk())
    events += made(orders, 300, seed=6)
    until(lambda: spread(*desks) == [1, 1, 2])
    events += made(orders, 300, seed=7)
    for desk in desks:
        until(lambda desk=desk: sorted(desk.pulled("SELECT * FROM counted;")) == sums(events))
    changes = read(counted[0]).events
    assert not changes.duplicated(["key", "N"]).any()
    assert any("takes over" in report for report in desks[2].desk.reports)


def test_what_one_leaves_the_other_takes_over(new_live_desk, stream, counted, orders):
    """All of it, and each pull query is answered alike."""
    desks = [new_live_desk(), new_live_desk()]
    desks[0].run(stream + counted[1])
    events = made(orders, 200)
    until(lambda: spread(*desks) == [2, 2])
    desks[0].close()
    until(lambda: spread(desks[1]) == [PARTITIONS])
    events += made(orders, 200, seed=6)
    until(lambda: sorted(desks[1].pulled("SELECT * FROM counted;")) == sums(events))


@pytest.fixture
def sold(new_topic):
    """A topic, and the statement that counts in it each product's orders."""
    topic = new_topic(partitions=PARTITIONS)
    return topic, (
        f"CREATE TABLE sold WITH (KAFKA_TOPIC='{topic}') AS SELECT product_id, COUNT(*) AS n"
        " FROM orders GROUP BY product_id;"
    )


def sales(events):
    """Return what that table has to say of orders."""
    return sorted(Counter(event.product_id for event in events).items())


def test_what_has_another_key_is_passed_on(new_live_desk, stream, orders, sold):
    """Each reads partitions of the orders, and others of what is passed on; each counts once."""
    desks = [new_live_desk(), new_live_desk()]
    desks[0].run(stream + sold[1])
    events = made(orders, 200)
    until(lambda: spread(*desks) == [4, 4])
    for desk in desks:
        until(lambda desk=desk: sorted(desk.pulled("SELECT * FROM sold;")) == sales(events))
    desks[0].close()
    until(lambda: spread(desks[1]) == [2 * PARTITIONS])
    events += made(orders, 200, seed=6)
    until(lambda: sorted(desks[1].pulled("SELECT * FROM sold;")) == sales(events))


def test_a_join_by_another_column_reads_all_of_the_table(new_live_desk, stream, orders, new_topic):
    """Each order finds its product's row, wherever that is; without a row it stays alone."""
    desks = [new_live_desk(), new_live_desk()]
    events = list(islice(Shop(seed=5).orders(), 200))
    known = sorted({event.product_id for event in events})[1:]
    first = min(int(event.at.timestamp() * 1000) for event in events)
    products = new_topic(partitions=3)
    rows = [Record(one, json.dumps({"TITLE": f"t{one}"}).encode(), first - 1) for one in known]
    produce(products, rows).require_all()
    named = new_topic(partitions=PARTITIONS)
    desks[0].run(
        f"{stream} CREATE TABLE products (product_id STRING PRIMARY KEY, title STRING)"
        f" WITH (KAFKA_TOPIC='{products}', VALUE_FORMAT='JSON');"
        f"CREATE STREAM named WITH (KAFKA_TOPIC='{named}') AS SELECT o.product_id AS product_id,"
        " amount_cents, title FROM orders o LEFT JOIN products p ON o.product_id = p.product_id;"
    )
    until(lambda: spread(*desks) == [PARTITIONS, PARTITIONS])
    produce(orders, events, key="customer_id").require_all()
    titles = {one: f"t{one}" for one in known}
    expected = Counter(
        (one.product_id, one.amount_cents, titles.get(one.product_id)) for one in events
    )
    until(lambda: len(read(named).events) == len(events))
    found = read(named).events
    whole = zip(found["key"], found["AMOUNT_CENTS"], found["TITLE"], strict=True)
    assert expected == Counter(
        (key, cents, title if isinstance(title, str) else None) for key, cents, title in whole
    )


def test_one_that_is_alone_passes_nothing_on(new_live_desk, stream, orders, sold):
    """It would only take longer; what it has made stays one part, and says why."""
    desks = [new_live_desk()]
    desks[0].run(stream + sold[1])
    (query_id,) = desks[0].parts()
    events = made(orders, 50)
    until(lambda: sorted(desks[0].pulled("SELECT * FROM sold;")) == sales(events))
    assert spread(desks[0]) == [1]
    assert "because no other server is there." in _plan(desks[0], query_id)
    desks.append(new_live_desk())
    until(lambda: "was there when it was made." in _plan(desks[1], query_id))
    assert spread(*desks) == [0, 1]


def _plan(desk, query_id):
    (explained,) = desk.run(f"EXPLAIN {query_id};")
    return explained["queryDescription"]["topology"]


@pytest.mark.parametrize("end", ["TERMINATE ALL;", "DROP TABLE sold;", "TERMINATE CLUSTER"])
def test_the_topic_that_rows_are_passed_on_through_ends_with_its_query(
    new_live_desk, cluster, stream, orders, sold, end
):
    """Only SHOW ALL TOPICS names it; it stays while its query goes from one server to another."""
    desks = [new_live_desk(), new_live_desk()]
    desks[0].run(stream + sold[1])
    events = made(orders, 50)
    plan = _plan(desks[1], next(iter(desks[0].parts())))
    topic = plan.partition("through ")[2].partition(":")[0]
    assert "In 8 parts: 4 pass rows on, 4 do the rest." in plan
    shown = [desks[0].run(f"SHOW {which} TOPICS;")[0]["topics"] for which in ("ALL", "")]
    assert [topic in {one["name"] for one in names} for names in shown] == [True, False]
    desks[0].close()
    desks.append(new_live_desk())
    until(lambda: sorted(desks[2].pulled("SELECT * FROM sold;")) == sales(events))
    assert topic in cluster.metadata().topics
    if end == "TERMINATE CLUSTER":
        desks[1].ask(lambda desk: desk.commands.terminate())
    else:
        desks[1].run(end)
    assert topic not in cluster.metadata().topics


def test_what_should_be_so_waits_for_what_is_passed_on(new_live_desk, stream, orders, sold):
    """Both those that pass rows on and those behind them have to have read all."""
    desks = [new_live_desk(), new_live_desk()]
    desks[0].run(stream + sold[1])
    until(lambda: spread(*desks) == [4, 4])
    (event,) = made(orders, 1)
    for desk in desks:
        row = f"('{event.product_id}', 1)"
        (said,) = desk.run(f"ASSERT VALUES sold (product_id, n) VALUES {row};")
        assert said["@type"] == "assert_source"


def test_what_was_passed_on_and_read_is_deleted(
    new_live_desk, cluster, stream, orders, sold, monkeypatch
):
    """When what was made of it is kept: who takes over goes on, and counts each order once."""
    monkeypatch.setattr(between, "_PURGE_SECONDS", 0.0)
    desks = [new_live_desk(), new_live_desk()]
    desks[0].run(stream + sold[1])
    until(lambda: spread(*desks) == [4, 4])
    events = made(orders, 100)
    (query_id,) = desks[0].parts()
    topic = Topic(cluster, desks[0].desk.engine.queries.topic_between(query_id))
    until(lambda: 0 < sum(topic.end_offsets().values()) == sum(topic.start_offsets().values()))
    desks[0].close()
    events += made(orders, 100, seed=6)
    until(lambda: sorted(desks[1].pulled("SELECT * FROM sold;")) == sales(events))


def test_what_cannot_be_passed_on_is_one_part(new_live_desk, stream, orders, new_topic):
    """Rows of a table, by another column: one server does it, and the other takes it over."""
    desks = [new_live_desk(), new_live_desk()]
    desks[0].run(
        f"{stream} CREATE TABLE known (id STRING PRIMARY KEY, product_id STRING)"
        f" WITH (KAFKA_TOPIC='{orders}', VALUE_FORMAT='JSON');"
        f"CREATE TABLE likes WITH (KAFKA_TOPIC='{new_topic()}') AS SELECT product_id,"
        " COUNT(*) AS n FROM known GROUP BY product_id;"
    )
    events = made(orders, 200)
    until(lambda: spread(*desks) == [0, 1])
    (runner,) = [one for one in desks if spread(one) == [1]]
    (other,) = [one for one in desks if one is not runner]
    runner.close()
    events += made(orders, 200, seed=6)
    liked = Counter({event.customer_id: event.product_id for event in events}.values())
    until(lambda: _not_zero(other.pulled("SELECT * FROM likes;")) == sorted(liked.items()))


def _not_zero(rows):
    return sorted((key, number) for key, number in rows if number)


def test_a_join_by_the_key_is_split_too(new_live_desk, stream, orders, new_topic):
    """Each event finds the row of its time, in the same partition; then what comes of it groups."""
    desks = [new_live_desk(), new_live_desk()]
    people = new_topic(partitions=PARTITIONS)
    events = list(islice(Shop(seed=5).orders(), 200))
    known = sorted({event.customer_id for event in events})[::2]
    first = min(int(event.at.timestamp() * 1000) for event in events)
    rows = [Record(one, json.dumps({"TOWN": f"t{one}"}).encode(), first - 1) for one in known]
    produce(people, rows).require_all()
    desks[0].run(
        f"{stream} CREATE TABLE people (id STRING PRIMARY KEY, town STRING)"
        f" WITH (KAFKA_TOPIC='{people}', VALUE_FORMAT='JSON');"
        f"CREATE TABLE homes WITH (KAFKA_TOPIC='{new_topic(partitions=PARTITIONS)}') AS"
        " SELECT o.customer_id AS id, COUNT(*) AS n, LATEST_BY_OFFSET(p.town) AS town"
        " FROM orders o JOIN people p ON o.customer_id = p.id GROUP BY o.customer_id;"
    )
    until(lambda: spread(*desks) == [2, 2])
    produce(orders, events, key="customer_id").require_all()
    numbers = Counter(event.customer_id for event in events)
    expected = sorted((one, numbers[one], f"t{one}") for one in known)
    for desk in desks:
        until(lambda desk=desk: sorted(desk.pulled("SELECT * FROM homes;")) == expected)


def test_what_begins_with_what_comes_begins_there_wherever_it_runs(
    new_live_desk, stream, copied, orders
):
    """The place is that of the statement, not of the moment at which a part begins."""
    desks = [new_live_desk(), new_live_desk()]
    made(orders, 50)
    desks[0].freeze()
    desks[1].freeze()
    desks[0].run(f"{stream} SET 'auto.offset.reset' = 'latest'; {copied[1]}")
    desks[0].close()
    events = made(orders, 100, seed=6)
    desks[1].close()
    last = new_live_desk()
    until(lambda: spread(last) == [PARTITIONS])
    until(lambda: len(read(copied[0]).events) == len(events))


def test_a_name_that_two_want_at_once_one_gets(new_live_desk, stream):
    """The other is refused as if it came later; both know the same."""
    desks = [new_live_desk() for _ in range(2)]

    def create(desk):
        try:
            desk.run(stream)
        except Refusal as refused:
            return refused.fields["message"]
        return ""

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(create, desks))
    assert answers[0] == ""
    assert "The name ORDERS is taken" in answers[1]
    for desk in desks:
        until(lambda desk=desk: len(desk.run("SHOW STREAMS;")[0]["streams"]) == 1)


@pytest.mark.parametrize("end", ["TERMINATE ALL;", "DROP TABLE counted;", "TERMINATE CLUSTER"])
def test_what_one_ends_has_ended_everywhere(new_live_desk, stream, counted, orders, stores, end):
    """When the statement is answered: nobody writes any more, and what was known is gone."""
    desks = [new_live_desk(), new_live_desk()]
    desks[0].run(stream + counted[1])
    made(orders, 100)
    until(lambda: spread(*desks) == [2, 2])
    until(lambda: len(stores()) == PARTITIONS)
    if end == "TERMINATE CLUSTER":
        desks[1].ask(lambda desk: desk.commands.terminate())
    else:
        desks[1].run(end)
    assert stores() == set()
    (queries,) = desks[0].run("SHOW QUERIES;")
    assert queries["queries"] == []
    tables = len(desks[0].run("SHOW TABLES;")[0]["tables"])
    assert tables == (1 if end == "TERMINATE ALL;" else 0)


def test_a_topic_is_dropped_when_nobody_writes_to_it(new_live_desk, stream, counted, orders):
    """Though another server did; and it can be made again at once."""
    desks = [new_live_desk(), new_live_desk()]
    desks[0].run(stream + counted[1])
    until(lambda: spread(*desks) == [2, 2])
    desks[0].run("DROP TABLE counted DELETE TOPIC;")
    assert not counted[0].exists
    events = made(orders, 50)
    desks[1].run(counted[1])
    until(lambda: sorted(desks[0].pulled("SELECT * FROM counted;")) == sums(events))


def test_one_pauses_and_the_other_resumes(new_live_desk, stream, copied, orders):
    """All parts stand still meanwhile, and lose nothing."""
    desks = [new_live_desk(), new_live_desk()]
    desks[0].run(stream + copied[1])
    until(lambda: spread(*desks) == [2, 2])
    desks[0].run("PAUSE ALL;")
    for desk in desks:
        until(lambda desk=desk: _states(desk) == ["PAUSED"])
    made(orders, 100)
    desks[1].run("RESUME ALL;")
    until(lambda: len(read(copied[0]).events) == 100)


def test_what_should_be_so_waits_for_all_servers(new_live_desk, stream, counted, orders):
    """Also on one that runs no part of what writes the table."""
    desks = [new_live_desk(), new_live_desk()]
    desks[0].run(stream + counted[1])
    until(lambda: spread(*desks) == [2, 2])
    (event,) = made(orders, 1)
    row = f"('{event.customer_id}', 1, {event.amount_cents})"
    for desk in desks:
        (said,) = desk.run(f"ASSERT VALUES counted (customer_id, n, cents) VALUES {row};")
        assert said["@type"] == "assert_source"
    with pytest.raises(Refusal, match="no further row"):
        desks[0].run("ASSERT VALUES counted (n) VALUES (2);")


def test_it_is_said_who_runs_what(new_live_desk, stream, copied):
    """In SHOW QUERIES and EXPLAIN, on each of them."""
    desks = [new_live_desk(), new_live_desk()]
    desks[0].run(stream + copied[1])
    until(lambda: spread(*desks) == [2, 2])

    def hosts(desk):
        (found,) = desk.run("SHOW QUERIES;")
        return {name: len(parts) for name, parts in found["queries"][0]["hosts"].items()}

    for desk in desks:
        until(lambda desk=desk: hosts(desk) == {"127.0.0.1:1": 2, "127.0.0.1:2": 2})
    (query_id,) = desks[0].parts()
    (explained,) = desks[0].run(f"EXPLAIN {query_id};")
    assert explained["queryDescription"]["ksqlHostQueryStatus"] == {
        "127.0.0.1:1": "RUNNING",
        "127.0.0.1:2": "RUNNING",
    }


def test_what_fails_on_one_all_see(new_live_desk, stream, copied, orders):
    """And what one resumes goes on everywhere; partitions that are new are read too."""
    desks = [new_live_desk(), new_live_desk()]
    desks[0].run(stream + copied[1])
    until(lambda: sum(map(_partitions_read, desks)) == PARTITIONS)
    orders.add_partitions(PARTITIONS + 1)
    for desk in desks:
        until(lambda desk=desk: _states(desk) == ["ERROR"])
    (query_id,) = desks[0].parts()

    def errors():
        (found,) = desks[0].run(f"EXPLAIN {query_id};")
        return [one["errorMessage"] for one in found["queryDescription"]["queryErrors"]]

    until(lambda: len(errors()) == PARTITIONS)
    assert all("other partitions" in one for one in errors())
    produce(orders, [Record("ann", b"{}", 1, partition=PARTITIONS)]).require_all()
    desks[1].run("RESUME ALL;")
    for desk in desks:
        until(lambda desk=desk: _states(desk) == ["RUNNING"])
    until(lambda: len(read(copied[0]).events) == 1)


def test_who_is_behind_sees_partitions_that_are_new(new_live_desk, stream, orders, new_topic):
    """A window is closed when all partitions have passed it, those that are new among them."""
    desks = [new_live_desk(), new_live_desk()]
    finals = new_topic(partitions=PARTITIONS)
    desks[0].run(
        f"{stream} CREATE TABLE finals WITH (KAFKA_TOPIC='{finals}') AS SELECT product_id,"
        " COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY product_id EMIT FINAL;"
    )
    until(lambda: sum(map(_partitions_read, desks)) == 2 * PARTITIONS)
    (query_id,) = desks[0].parts()
    orders.add_partitions(PARTITIONS + 1)

    def errors():
        (found,) = desks[0].run(f"EXPLAIN {query_id};")
        return found["queryDescription"]["queryErrors"]

    until(lambda: len(errors()) == 2 * PARTITIONS)
    desks[1].run("RESUME ALL;")
    until(lambda: not errors())
    pen = b'{"PRODUCT_ID": "pen"}'
    produce(orders, [Record("a", pen, time, partition=0) for time in (1500, 9000)]).require_all()
    produce(orders, [Record("a", pen, 9000, partition=n) for n in range(1, PARTITIONS)])
    until(lambda: _read_by(desks, orders) == 2 + PARTITIONS - 1)
    last = [Record("a", pen, time, partition=PARTITIONS) for time in (1500, 9000)]
    produce(orders, last).require_all()
    until(lambda: len(read(finals).events))
    assert list(read(finals).events["N"]) == [2]


def _read_by(desks, topic):
    """Return how many records of a topic the parts of the only query have read."""

    def of(desk):
        (query,) = desk.engine.queries.values()
        return sum(end for (name, _), end in query.positions.items() if name == topic.name)

    return sum(one.ask(of) for one in desks)


class Panic(BaseException):
    """What bytewax raises where its own code fails is no Exception either."""


@pytest.mark.parametrize("kind", [OSError, Panic])
def test_what_keeps_a_part_from_beginning_ends_no_server(
    new_live_desk, stream, copied, orders, monkeypatch, kind
):
    """It is the error of the query, whatever was raised; RESUME tries it again."""

    def fail(_folder, _flow):
        raise kind("nobody has foreseen it")

    desk = new_live_desk()
    with monkeypatch.context() as broken:
        broken.setattr(in_thread, "recovery_config", fail)
        desk.run(stream + copied[1])
        until(lambda: _states(desk) == ["ERROR"])
    assert any(f"{kind.__name__}: 'nobody has foreseen it'" in one for one in desk.desk.reports)
    made(orders, 20)
    desk.run("RESUME ALL;")
    until(lambda: len(read(copied[0]).events) == 20)


def undelivered(report):
    """Return what writes nothing, and says what became of the records."""

    def fail(_part, _items):
        raise DeliveryError(
            "Not all was written", expected="all", found="less", remedy="Wait.", report=report
        )

    return fail


def test_what_the_absence_of_the_log_has_ended_goes_on_by_itself(
    new_live_desk, stream, copied, orders, monkeypatch
):
    """As soon as what was not acknowledged can be written."""
    monkeypatch.setattr(sharing, "_AGAIN_SECONDS", 0.0)
    desk = new_live_desk()
    with monkeypatch.context() as away:
        away.setattr(sink._Part, "write_batch", undelivered(Report("copied", sent=20)))
        desk.run(stream + copied[1])
        made(orders, 20)
        until(lambda: _states(desk) == ["ERROR"])
    until(lambda: len(read(copied[0]).events) == 20)
    until(lambda: _states(desk) == ["RUNNING"])


def test_what_kafka_has_refused_is_not_tried_again(
    new_live_desk, stream, copied, orders, monkeypatch
):
    """Each time the records around it would be written once more; RESUME tries it by hand."""
    monkeypatch.setattr(sharing, "_AGAIN_SECONDS", 0.0)
    refused = Report("copied", sent=20, acknowledged=19, failed=1)
    desk = new_live_desk()

    def flows(one):
        (query,) = one.engine.queries.values()
        return dict(query.flows)

    def look(one):
        one.commands.look()

    with monkeypatch.context() as refusing:
        refusing.setattr(sink._Part, "write_batch", undelivered(refused))
        desk.run(stream + copied[1])
        made(orders, 20)
        until(lambda: _states(desk) == ["ERROR"])
        before = desk.ask(flows)
        for _ in range(3):
            desk.ask(look)
        assert desk.ask(flows) == before
        assert _states(desk) == ["ERROR"]
    desk.run("RESUME ALL;")
    until(lambda: len(read(copied[0]).events) == 20)


@pytest.mark.skipif(not can_mount(), reason="only root can mount a small disk")
def test_a_full_disk_ends_no_server(new_live_desk, stream, copied, orders, tmp_path):
    """The query is in ERROR and says what to do; with some space it goes on by RESUME."""
    with small_disk(tmp_path, 1000):
        desk = new_live_desk()
        desk.run(stream)
        rest = tmp_path / "servers" / "filled"
        with rest.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(1024))
        desk.run(copied[1])
        assert _states(desk) == ["ERROR"]
        (query_id,) = desk.parts()
        (found,) = desk.run(f"EXPLAIN {query_id};")
        errors = [one["errorMessage"] for one in found["queryDescription"]["queryErrors"]]
        assert errors
        assert all("is full" in one for one in errors)
        rest.unlink()
        made(orders, 20)
        until(lambda: _resumed(desk) == ["RUNNING"])
        until(lambda: len(read(copied[0]).events) == 20)
        desk.close()


def _resumed(desk):
    desk.run("RESUME ALL;")
    return _states(desk)


def test_one_that_hangs_does_not_hold_up_the_others(
    new_live_desk, stream, counted, orders, monkeypatch
):
    """What it still runs is said, and forgotten when it goes on."""
    desks = [new_live_desk(), new_live_desk()]
    desks[0].run(stream + counted[1])
    until(lambda: spread(*desks) == [2, 2])
    monkeypatch.setattr(sharing, "_END_SECONDS", 0.1)
    desks[0].freeze()
    desks[1].run("TERMINATE ALL;")
    assert any("another server still runs it" in one for one in desks[1].desk.reports)
    assert desks[1].parts() == {}
    desks[0].ask(lambda desk: desk.commands.look())
    assert desks[0].parts() == {}


def _partitions_read(desk):
    (query,) = desk.desk.engine.queries.values()
    return len(query.positions)


def _states(desk):
    (found,) = desk.run("SHOW QUERIES;")
    return [one["state"] for one in found["queries"]]
