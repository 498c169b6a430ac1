"""Statements on a real Kafka: what each answers."""

import pytest

from eventlab.errors import SqlError
from eventlab.log import produce, read
from eventlab.log.schemas import Contract
from tests.sql.engines import AVRO_ORDER, ORDERS, PAID, SUMS, frame, until_rows

pytestmark = pytest.mark.broker


def test_a_table_is_pulled_as_it_is(shop):
    """All of it, or the rows for which a condition holds; a limit bounds them."""
    shop.execute(SUMS)
    until_rows(shop, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])
    until_rows(shop, "SELECT cents FROM sums WHERE customer = 'bob';", [(4020,)])
    until_rows(shop, "SELECT * FROM sums LIMIT 1;", [("ann", 301)])


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


def test_variables_are_put_in(shop):
    """DEFINE says them, UNDEFINE takes them back."""
    shop.execute("DEFINE least = '100';")
    (push,) = shop.execute("SELECT cents FROM orders WHERE cents > ${least} EMIT CHANGES LIMIT 2;")
    assert push.wait(2)
    assert frame(shop, "SHOW VARIABLES;").VALUE[0] == "100"


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
