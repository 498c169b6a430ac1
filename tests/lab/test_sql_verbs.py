"""What a cell sees of statements: words, rows, and what moves."""

import pytest

from eventlab import Lab
from eventlab.errors import SqlError, UsageError
from eventlab.lab.side import Side
from eventlab.pictures.plan_graph import PlanGraph
from eventlab.pictures.pushed import PushChart, PushTable
from tests.log.schemas.made import CENTS, CUSTOMER, record
from tests.pictures.charts import rows
from tests.waiting import until

pytestmark = pytest.mark.broker

PAID = "CREATE STREAM paid (cents INT) WITH (KAFKA_TOPIC='paid', VALUE_FORMAT='JSON');"


@pytest.fixture
def shop(lab):
    """A lab with two payments, and a stream of them."""
    lab.new_topic("paid")
    lab.produce([("ann", {"CENTS": 20}), ("bob", {"CENTS": 5})], into="paid")
    lab.sql(PAID)
    return lab


def test_what_a_statement_says_is_printed(shop, capsys):
    """There is no value then."""
    capsys.readouterr()
    assert shop.sql("DEFINE least = '5'; DEFINE most = '7';") is None
    assert capsys.readouterr().out == "least is defined\nmost is defined\n"


def test_rows_are_a_frame(shop):
    """The last statement's are the value."""
    found = shop.sql("SHOW STREAMS; DESCRIBE paid;")
    assert list(found.COLUMN) == ["CENTS"]


def test_a_program_takes_the_rows_of_a_push_query(shop):
    """There is no page to show them on."""
    picture = shop.sql("SELECT cents FROM paid EMIT CHANGES LIMIT 2;")
    assert isinstance(picture, PushTable)
    assert list(picture.push) == [(20,), (5,)]


def test_a_plan_is_rows_for_a_program_and_a_picture_for_an_act(shop):
    """A stage shows the picture, whose rows are the same."""
    text = "EXPLAIN SELECT cents FROM paid WHERE cents > 5 EMIT CHANGES;"
    steps = list(shop.sql(text).WHAT)
    assert len(steps) == 3
    side = Side(shop, "one")
    side.new_topic("paid")
    side.sql(PAID)
    picture = side.sql(text)
    assert isinstance(picture, PlanGraph)
    assert list(picture.rows.WHAT) == steps
    side.close()


def test_without_a_person_a_plan_is_a_still_of_all_that_was_there(shop, monkeypatch):
    """It waits until the query has read it: each run of a notebook shows the same."""
    monkeypatch.setattr("eventlab.lab.lab.has_page", lambda: True)
    shop.sql("CREATE STREAM dear AS SELECT cents FROM paid WHERE cents > 5;")
    picture = shop.sql("EXPLAIN CSAS_DEAR_1;")
    assert picture.scores() == {"rows written": 1}
    assert rows(picture)["count 1 1 to 2"]["words"] == "2"
    assert not picture.chart._sender.is_alive


def test_a_push_query_can_be_a_chart(shop):
    """Where there is a number; else the query does not go on."""
    assert isinstance(shop.sql("SELECT cents FROM paid EMIT CHANGES;", chart=True), PushChart)
    with pytest.raises(SqlError, match="needs a number"):
        shop.sql("SELECT 'word' AS word FROM paid EMIT CHANGES;", chart=True)


def test_all_ends_with_the_lab(shop):
    """Queries that stand, and queries that push."""
    push = shop.sql("SELECT cents FROM paid EMIT CHANGES;").push
    shop.sql("CREATE STREAM more AS SELECT cents FROM paid;")
    (query,) = shop._sql.engine.queries.values()
    shop.close()
    assert not push.is_alive
    assert query.state == "ended"


def test_a_query_that_is_paused_loses_and_doubles_nothing(shop):
    """It goes on where it stood still; the next lab of the chapter begins anew."""
    _pause_and_resume(shop)
    with Lab(shop.chapter) as again:
        again.sql(PAID)
        _pause_and_resume(again)


def _pause_and_resume(lab):
    lab.sql("CREATE STREAM more AS SELECT cents FROM paid;")
    before = len(lab.read("paid"))
    until(lambda: len(lab.read("MORE")) == before)
    lab.sql("PAUSE ALL;")
    lab.produce([("eve", {"CENTS": 9})], into="paid")
    lab.sql("RESUME ALL;")
    until(lambda: len(lab.read("MORE")) > before)
    assert list(lab.read("MORE")["CENTS"]) == list(lab.read("paid")["CENTS"])


def test_an_act_asks_topics_of_its_own(shop):
    """And returns the picture to its stage."""
    side = Side(shop, "one")
    side.new_topic("paid")
    side.produce([("ann", {"CENTS": 7})], into="paid")
    side.sql(PAID)
    with side.sql("SELECT cents FROM paid EMIT CHANGES;") as picture:
        until(lambda: picture.push.rows == [(7,)])
    side.close()


def test_a_function_of_python_s_can_be_called(shop):
    """Scalar, aggregate or table; again under the same name it takes the other's place."""

    @shop.sql_function
    def euros(cents: int) -> float:
        """Return cents as euros."""
        return cents / 100

    @shop.sql_function(kind="table", name="upto")
    def numbers(most: int) -> list[int]:
        return list(range(most))

    @shop.sql_function
    class Longest:
        def begin(self):
            return ""

        def add(self, state, text: str):
            return max(state, text, key=len)

        def result(self, state) -> str:
            return state

    assert euros(150) == 1.5
    rows = list(shop.sql("SELECT euros(cents) AS e FROM paid EMIT CHANGES LIMIT 2;").push)
    assert rows == [(0.2,), (0.05,)]
    rows = list(shop.sql("SELECT upto(2) AS n FROM paid EMIT CHANGES LIMIT 4;").push)
    assert rows == [(0,), (1,), (0,), (1,)]
    assert shop.sql("DESCRIBE FUNCTION longest;").SIGNATURE[0] == "(text STRING) STRING"


def test_a_function_that_does_not_say_its_types_is_refused(shop):
    """With how to say them."""

    def half(n):
        return n / 2

    with pytest.raises(UsageError, match="Annotate it"):
        shop.sql_function(half)


ORDERS = "CREATE STREAM orders WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='AVRO');"
SUMS = "CREATE TABLE sums AS SELECT customer, SUM(cents) AS cents FROM orders GROUP BY customer;"


def test_statements_and_contracts_share_a_registry(lab):
    """What Python has written is read in SQL, and what SQL writes in Python."""
    registry = lab.new_registry()
    topic = lab.new_topic("orders")
    contract = registry.contract("orders", record(CUSTOMER, CENTS))
    lab.produce([{"customer": "ann", "cents": n} for n in (20, 5)], into=topic, contract=contract)
    lab.sql(ORDERS + SUMS)
    assert list(lab.sql("SELECT cents FROM sums;").CENTS) == [25]
    lab.sql("ASSERT SCHEMA SUBJECT 'SUMS-value';")
    written = lab.read("SUMS", contract=registry.contract("SUMS"))
    assert list(written["CENTS"])[-1] == 25
    lab.sql("CREATE STREAM paid (n INT) WITH (KAFKA_TOPIC='p', VALUE_FORMAT='AVRO', PARTITIONS=1);")
    lab.sql("DROP STREAM paid DELETE TOPIC; ASSERT NOT EXISTS SCHEMA SUBJECT 'p-value';")


def test_a_registry_that_begins_anew_knows_nothing(lab):
    """What was registered before is registered again."""
    lab.new_registry()
    lab.new_topic("t")
    paid = "CREATE STREAM paid (n INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='AVRO');"
    lab.sql(paid)
    lab.new_registry()
    with pytest.raises(SqlError, match="no schema of the subject"):
        lab.sql("ASSERT SCHEMA SUBJECT 't-value' TIMEOUT 1 MILLISECOND;")
    lab.sql(paid.replace("CREATE", "CREATE OR REPLACE"))
    lab.sql("ASSERT SCHEMA SUBJECT 't-value';")


def test_without_a_registry_it_is_said_how_to_start_one(lab, monkeypatch):
    """Of the lab's own, or another."""
    monkeypatch.delenv("EVENTLAB_SCHEMA_REGISTRY", raising=False)
    lab.new_topic("orders")
    with pytest.raises(SqlError, match=r"registry = lab.new_registry\(\)"):
        lab.sql(ORDERS)
