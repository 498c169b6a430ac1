"""Statements on a real Kafka: what each answers, and what it leaves behind."""

import pytest

from eventlab.errors import EventlabError, SqlError
from eventlab.log import Record, produce, read
from eventlab.log.schemas import Contract, parsed
from eventlab.sql.running.memory_registry import MemoryRegistry
from tests.log.schemas.made import CENTS, field, record
from tests.sql.engines import ORDERS, Topics, engine, frame, until_rows
from tests.waiting import until

pytestmark = pytest.mark.broker

SUMS = "CREATE TABLE sums AS SELECT customer, SUM(cents) AS cents FROM orders GROUP BY customer;"

AVRO_ORDER = parsed(record(field("string", "item"), CENTS))


@pytest.fixture
def topics(new_topic):
    """Topics of the test's own, with four orders."""
    topics = Topics(new_topic)
    topics.orders(1, 20, 300, 4000)
    return topics


@pytest.fixture
def shop(topics):
    """An engine that knows the stream of orders."""
    with engine(topics, begins_anew=True) as one:
        one.execute(ORDERS)
        yield one


def test_a_topic_that_is_there_keeps_the_number_of_its_partitions(shop, topics):
    """Another number is refused with the one that it has, and nothing is created."""
    begin = "CREATE STREAM again (good STRING) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON', "
    with pytest.raises(SqlError, match="PARTITIONS=1, or none") as caught:
        shop.execute(begin + "PARTITIONS=7);")
    assert "PARTITIONS=7" in caught.value.found
    assert "AGAIN" not in shop.catalog.sources
    shop.execute(begin + "PARTITIONS=1);")
    assert len(topics("orders").partitions) == 1


def test_a_standing_query_keeps_its_result_in_a_topic(shop, topics):
    """Record by record, with the key of the statement."""
    (said,) = shop.execute("CREATE STREAM dear AS SELECT * FROM orders WHERE cents > 100;")
    assert str(said) == "CSAS_DEAR_1 keeps the stream DEAR in the topic DEAR"
    until(lambda: len(read(topics("DEAR")).events) == 2)
    assert list(read(topics("DEAR")).events["CENTS"]) == [300, 4000]


def test_a_table_is_pulled_as_it_is(shop):
    """All of it, or the rows for which a condition holds; a limit bounds them."""
    shop.execute(SUMS)
    until_rows(shop, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])
    until_rows(shop, "SELECT cents FROM sums WHERE customer = 'bob';", [(4020,)])
    until_rows(shop, "SELECT * FROM sums LIMIT 1;", [("ann", 301)])


def test_a_table_goes_on_with_what_comes(shop, topics):
    """A pull query sees it without being told."""
    shop.execute(SUMS)
    until_rows(shop, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])
    topics.add(5)
    until_rows(shop, "SELECT * FROM sums;", [("ann", 306), ("bob", 4020)])


def test_a_push_query_ends_at_its_limit(shop):
    """With the rows from the first one on."""
    (push,) = shop.execute("SELECT cents FROM orders EMIT CHANGES LIMIT 3;")
    assert push.wait(3)
    assert push.rows == [(1,), (20,), (300,)]
    assert not push.is_alive


def test_only_what_comes_is_pushed_where_that_is_set(shop, topics):
    """auto.offset.reset is earliest, unless a statement says another."""
    shop.execute("SET 'auto.offset.reset'='latest';")
    (push,) = shop.execute("SELECT cents FROM orders EMIT CHANGES;")
    until(lambda: topics.add(7) or push.count > 0)
    assert set(push.rows) == {(7,)}


def test_one_row_is_inserted(shop, topics):
    """It is in the topic when the statement has answered."""
    (said,) = shop.execute("INSERT INTO orders (customer, good, cents) VALUES ('eve', 'milk', 9);")
    assert str(said) == "One row was written to ORDERS"
    assert read(topics("orders")).events["CENTS"].iloc[-1] == 9


def test_a_query_can_insert_into_a_stream(shop, topics):
    """The stream has what was in it, and what the query gives."""
    shop.execute("CREATE STREAM few (customer STRING KEY, cents INT) WITH (KAFKA_TOPIC='few', "
                 "VALUE_FORMAT='JSON', PARTITIONS=1);")  # fmt: skip
    (said,) = shop.execute("INSERT INTO few SELECT customer, cents FROM orders WHERE cents < 100;")
    assert "INSERTQUERY_1" in str(said)
    until(lambda: len(read(topics("few")).events) == 2)


def test_a_paused_query_loses_nothing(shop, topics):
    """What came meanwhile is counted when it goes on."""
    shop.execute(SUMS)
    until_rows(shop, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])
    shop.execute("PAUSE CTAS_SUMS_1;")
    assert frame(shop, "SHOW QUERIES;").STATE[0] == "paused"
    topics.add(5)
    shop.execute("RESUME CTAS_SUMS_1;")
    until_rows(shop, "SELECT * FROM sums;", [("ann", 306), ("bob", 4020)])


def test_with_a_store_a_query_goes_on_where_it_was(topics, tmp_path):
    """Nothing is counted twice, though another engine takes it up."""
    with engine(topics, store=lambda name: tmp_path / name) as first:
        first.execute(ORDERS + SUMS)
        until_rows(first, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])
    topics.add(5)
    with engine(topics, store=lambda name: tmp_path / name) as second:
        second.execute(ORDERS + SUMS)
        until_rows(second, "SELECT * FROM sums;", [("ann", 306), ("bob", 4020)])


def test_what_begins_anew_has_nothing_twice(topics):
    """The same statement makes the same again."""
    for _ in range(2):
        with engine(topics, begins_anew=True) as one:
            one.execute(ORDERS + SUMS)
            until_rows(one, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])


def test_what_is_replaced_has_one_query(shop):
    """OR REPLACE ends the query that kept the table before."""
    shop.execute(SUMS)
    shop.execute(SUMS.replace("CREATE", "CREATE OR REPLACE").replace("SUM(", "MAX("))
    assert list(frame(shop, "SHOW QUERIES;").QUERY_ID) == ["CTAS_SUMS_2"]
    until_rows(shop, "SELECT * FROM sums;", [("ann", 300), ("bob", 4000)])


def test_what_cannot_be_replaced_stays_as_it_was(shop):
    """The table, its query and its rows: a replacement without a topic changes nothing."""
    shop.execute(SUMS)
    until_rows(shop, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])
    before = dict(shop.catalog.sources)
    for text in (
        "CREATE OR REPLACE STREAM orders (good STRING)"
        " WITH (KAFKA_TOPIC='nowhere', VALUE_FORMAT='JSON');",
        "CREATE OR REPLACE TABLE sums WITH (PARTITIONS=1000000)"
        " AS SELECT customer, COUNT(*) AS n FROM orders GROUP BY customer;",
    ):
        with pytest.raises(EventlabError):
            shop.execute(text)
        assert shop.catalog.sources == before
    assert list(frame(shop, "SHOW QUERIES;").QUERY_ID) == ["CTAS_SUMS_1"]
    until_rows(shop, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])


def test_a_table_that_is_replaced_is_read_by_its_new_columns(shop, topics):
    """Also where it was looked at before."""
    prices = (
        "CREATE OR REPLACE TABLE prices (good STRING PRIMARY KEY, {})"
        " WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON', PARTITIONS=1);"
    )
    shop.execute(prices.format("cents INT"))
    produce(topics("prices"), [Record("tea", b'{"CENTS": 5, "NAME": "Tea"}', 1)]).require_all()
    until_rows(shop, "SELECT * FROM prices;", [("tea", 5)])
    shop.execute(prices.format("name STRING"))
    until_rows(shop, "SELECT * FROM prices;", [("tea", "Tea")])


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


def test_what_is_dropped_ends_the_query_that_made_it(shop, topics):
    """With its topic where that is said; also where that is gone by now."""
    shop.execute(SUMS)
    until_rows(shop, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])
    (query,) = shop.queries.values()
    shop.execute("DROP TABLE sums DELETE TOPIC;")
    assert query.state == "ended"
    assert frame(shop, "SHOW QUERIES;").empty
    assert not topics("SUMS").exists
    shop.execute(SUMS)
    topics("SUMS").delete()
    shop.execute("DROP TABLE sums DELETE TOPIC;")
    assert frame(shop, "SHOW TABLES;").empty


def test_what_was_made_can_be_taken_back(shop, topics):
    """Queries end, sources are no more, and topics go that CREATE has made."""
    shop.execute("CREATE STREAM few (cents INT) WITH (KAFKA_TOPIC='few', VALUE_FORMAT='JSON', "
                 "PARTITIONS=1);" + SUMS)  # fmt: skip
    assert shop.has_made_topic_of("FEW")
    assert not shop.has_made_topic_of("ORDERS")
    shop.take_back(["CTAS_SUMS_1"], ["FEW", "SUMS", "ORDERS"])
    assert frame(shop, "SHOW QUERIES;").empty
    assert frame(shop, "SHOW STREAMS;").empty
    assert topics("orders").exists
    assert not topics("few").exists


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("CREATE STREAM no (a INT) WITH (KAFKA_TOPIC='no', VALUE_FORMAT='JSON');", "no topic no"),
        ("SELECT * FROM orders;", "Write EMIT CHANGES"),
        ("SELECT cust FROM orders EMIT CHANGES;", "CUSTOMER"),
        ("TERMINATE nothing;", "no query NOTHING"),
        (ORDERS, "is taken"),
        ("ALTER TABLE orders ADD COLUMN x INT;", "Write ALTER STREAM"),
    ],
)
def test_what_cannot_be_run_is_refused(shop, text, words):
    """With what to do; and the engine goes on."""
    with pytest.raises(SqlError, match=words):
        shop.execute(text)
    assert list(frame(shop, "SHOW STREAMS;").NAME) == ["ORDERS"]


def test_what_cannot_be_read_is_reported(shop, topics):
    """The rest goes on."""
    produce(topics("orders"), [Record("ann", b"no json", 9000)]).require_all()
    (push,) = shop.execute("SELECT cents FROM orders EMIT CHANGES;")
    assert push.wait(4)
    until(lambda: shop.reports)


def test_variables_are_put_in(shop):
    """DEFINE says them, UNDEFINE takes them back."""
    shop.execute("DEFINE least = '100';")
    (push,) = shop.execute("SELECT cents FROM orders WHERE cents > ${least} EMIT CHANGES LIMIT 2;")
    assert push.wait(2)
    assert frame(shop, "SHOW VARIABLES;").VALUE[0] == "100"


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


# -- Avro ---------------------------------------------------------------------------------------


PAID = (
    "CREATE STREAM paid (id INT KEY, cents BIGINT)"
    " WITH (KAFKA_TOPIC='paid', FORMAT='AVRO', PARTITIONS=1);"
)


@pytest.fixture
def avro(topics):
    """An engine with a registry in memory, and that registry."""
    registry = MemoryRegistry()
    with engine(topics, begins_anew=True, registry=lambda: registry) as one:
        yield one, registry


def test_avro_is_read_by_a_contract_and_written_by_one(avro, topics):
    """What a stream writes, and what it takes its columns from."""
    shop, registry = avro
    shop.execute(f"{PAID} INSERT INTO paid VALUES (1, 20);")
    subject = f"{topics('paid').name}-value"
    contract = Contract(registry.version(subject), registry)
    assert list(read(topics("paid"), contract=contract).events["CENTS"]) == [20]
    theirs = Contract(registry.register(f"{topics('orders').name}-value", AVRO_ORDER), registry)
    produce(topics("orders"), [{"item": "ink", "cents": 7}], contract=theirs)
    shop.execute(
        "CREATE STREAM theirs WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='AVRO');"
        "CREATE TABLE sums AS SELECT item, SUM(cents) AS cents FROM theirs GROUP BY item;"
    )
    until_rows(shop, "SELECT * FROM sums;", [("ink", 7)])
    assert any("names no schema" in one for one in shop.reports)
    described = frame(shop, "DESCRIBE theirs;")
    assert list(described.COLUMN) == ["ITEM", "CENTS"]


def test_an_incompatible_schema_is_refused_before_anything_ends(avro, topics):
    """Where the subject is somebody else's; what was there goes on."""
    shop, registry = avro
    registry.register(f"{topics('sums').name}-value", AVRO_ORDER)
    shop.execute(f"{PAID}")
    with pytest.raises(SqlError, match="does not take the schema of these columns"):
        shop.execute("CREATE STREAM sums WITH (KAFKA_TOPIC='sums') AS SELECT * FROM paid;")
    assert set(shop.catalog.sources) == {"PAID"}
    assert not topics("sums").exists
    assert not shop.queries


def test_a_topic_that_is_emptied_may_have_another_schema(avro, topics):
    """Where its subject began with this engine; with the topic it goes."""
    shop, registry = avro
    shop.execute(f"{PAID} CREATE STREAM s AS SELECT * FROM paid;")
    shop.execute(
        "CREATE OR REPLACE STREAM s AS SELECT id, CAST(cents AS STRING) AS cents FROM paid;"
    )
    subject = f"{topics('S').name}-value"
    assert '"string"' in registry.version(subject).schema.text
    assert registry.version(subject).version == 1
    shop.execute("TERMINATE ALL; DROP STREAM s DELETE TOPIC;")
    assert registry.subjects() == [f"{topics('paid').name}-key", f"{topics('paid').name}-value"]


def test_without_a_registry_nothing_is_made(shop, topics):
    """And it is said what to do."""
    with pytest.raises(SqlError, match=r"needs a schema registry.*new_registry"):
        shop.execute(PAID)
    assert not topics("paid").exists
    assert set(shop.catalog.sources) == {"ORDERS"}


def test_columns_are_added_to_a_stream(shop, topics):
    """Queries that stand go on without them, later ones have them."""
    shop.execute(SUMS)
    (said,) = shop.execute("ALTER STREAM orders ADD COLUMN note STRING, ADD weight DOUBLE;")
    assert str(said) == "The stream ORDERS has the column NOTE, WEIGHT now"
    shop.execute("INSERT INTO orders (customer, cents, note) VALUES ('ann', 9, 'soon');")
    until_rows(shop, "SELECT * FROM sums;", [("ann", 310), ("bob", 4020)])
    (push,) = shop.execute("SELECT note FROM orders WHERE cents < 10 EMIT CHANGES LIMIT 2;")
    assert push.wait(2)
    assert push.rows == [(None,), ("soon",)]


def test_columns_are_added_to_a_table(shop, topics):
    """A pull query shows them at once."""
    shop.execute(
        "CREATE TABLE names (k STRING PRIMARY KEY, name STRING)"
        " WITH (KAFKA_TOPIC='names', VALUE_FORMAT='JSON', PARTITIONS=1);"
        "INSERT INTO names VALUES ('a', 'Ann');"
    )
    until_rows(shop, "SELECT * FROM names;", [("a", "Ann")])
    shop.execute("ALTER TABLE names ADD age INT; INSERT INTO names VALUES ('b', 'Bob', 7);")
    until_rows(shop, "SELECT name, age FROM names WHERE k = 'b';", [("Bob", 7)])
    until_rows(shop, "SELECT age IS NULL AS a FROM names WHERE k = 'a';", [(True,)])
