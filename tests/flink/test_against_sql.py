"""Apache Flink itself: a second oracle for what our own streaming SQL answers.

Nothing is downloaded here: where it is not installed, or the memory is not there, this is skipped.
"""

from datetime import timedelta
from itertools import islice

import pandas
import psutil
import pytest

from eventlab import Lab
from eventlab.course.chapters import NOTEBOOKS, Chapter
from eventlab.errors import SqlError
from eventlab.events import Shop
from eventlab.flink import why_not
from eventlab.flink.holder import MODULE
from eventlab.tour import execute
from tests.waiting import until

pytestmark = [
    pytest.mark.broker,
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.skipif(why_not() != "", reason=why_not()),
    pytest.mark.xdist_group("flink"),  # two would need twice the memory
]

_SECONDS = 300.0  # a busy machine takes long to compile a first query
_COLUMNS = "order_id STRING, country STRING, amount_cents INT"
_STREAM = (
    "CREATE STREAM orders (order_id STRING, country STRING, amount_cents INT)"
    " WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON');"
)


@pytest.fixture(scope="module")
def events():
    """Half a day of the shop."""
    return list(islice(Shop(seed=11, customers=40).orders(), 1500))


@pytest.fixture(scope="module")
def asked(broker, events):
    """A lab whose orders both engines can ask, and Flink; one for all, since it takes long."""
    with Lab(chapter="against-flink") as lab:
        lab.new_topic("orders", partitions=2)
        lab.produce(events, into="orders", key="customer_id")
        lab.sql(_STREAM)
        flink = lab.flink()
        flink.table("orders", _COLUMNS)
        yield lab, flink


def sorted_rows(frame) -> list[tuple]:
    """The rows of a frame, in an order of their own."""
    return sorted(map(tuple, frame.to_numpy().tolist()))


def test_a_windowed_count_is_the_same(asked, events):
    """Each half hour and country, by Flink, by our own engine, and by pandas."""
    lab, flink = asked
    by_flink = flink.sql(
        "SELECT country, window_start, COUNT(*) AS orders FROM TABLE("
        "TUMBLE(TABLE orders, DESCRIPTOR(record_time), INTERVAL '30' MINUTES))"
        " GROUP BY country, window_start, window_end",
        timeout_seconds=_SECONDS,
    )
    lab.sql(
        "CREATE TABLE per_half_hour AS SELECT country, COUNT(*) AS orders"
        " FROM orders WINDOW TUMBLING (SIZE 30 MINUTES) GROUP BY country;"
    )
    ours = lab.sql("SELECT country, WINDOWSTART, orders FROM per_half_hour;")
    ours["WINDOWSTART"] = pandas.to_datetime(ours.WINDOWSTART, unit="ms", utc=True)
    frame = pandas.DataFrame([(one.country, one.at) for one in events], columns=["country", "at"])
    expected = frame.groupby(["country", frame["at"].dt.floor("30min")]).size().reset_index()
    assert len(expected) > 20
    assert sorted_rows(by_flink) == sorted_rows(expected)
    assert sorted_rows(ours) == sorted_rows(expected)


def test_an_aggregate_without_windows_is_the_same(asked, events):
    """Its changes come to our table; and there are more of them than rows."""
    lab, flink = asked
    query = "SELECT country, COUNT(*) AS orders, SUM(amount_cents) AS cents FROM orders"
    lab.sql(f"CREATE TABLE per_country AS {query} GROUP BY country;")
    ours = lab.sql("SELECT country, orders, cents FROM per_country;")
    query += " GROUP BY country"
    assert sorted_rows(flink.sql(query, timeout_seconds=_SECONDS)) == sorted_rows(ours)
    changes = flink.sql(query, changes=True, timeout_seconds=_SECONDS)
    assert len(changes) == 2 * len(events) - len(ours)


def test_a_table_that_goes_on_gives_as_many_rows_as_are_asked_for(asked):
    """As many rows as are asked for, and then the query is ended."""
    _, flink = asked
    five = timedelta(minutes=5)
    flink.table("on_and_on", _COLUMNS, topic="orders", bounded=False, wait=five)
    assert len(flink.sql("SELECT * FROM on_and_on", rows=7, timeout_seconds=_SECONDS)) == 7


def test_it_writes_into_a_topic(asked, events):
    """INSERT INTO starts a job that goes on."""
    lab, flink = asked
    lab.new_topic("big_orders")
    flink.table("big_orders", "order_id STRING, amount_cents INT")
    flink.sql(
        "INSERT INTO big_orders (order_id, amount_cents)"
        " SELECT order_id, amount_cents FROM orders WHERE amount_cents > 20000",
        timeout_seconds=_SECONDS,
    )
    expected = {one.order_id for one in events if one.amount_cents > 20_000}
    until(lambda: len(lab.read("big_orders")) == len(expected), seconds=60)
    assert set(lab.read("big_orders").order_id) == expected


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT nix FROM orders", "Column 'nix' not found in any table"),
        ("SELECT * FROM nowhere", "Object 'nowhere' not found"),
        ("SELEC 1", "Non-query expression"),
        ("SELECT 1 +", "Encountered"),
        ("SELECT 1 / 0", "Division by zero"),
    ],
)
def test_a_mistake_is_one_sentence(asked, statement, words):
    """Flink's own innermost words, and no stack."""
    with pytest.raises(SqlError, match=words) as caught:
        asked[1].sql(statement, timeout_seconds=_SECONDS)
    assert "\n" not in str(caught.value)
    assert "Exception" not in str(caught.value)


def test_it_listens_on_loopback_alone_and_nothing_stays(lab):
    """While a query runs, and when the lab is closed."""
    before = {child.pid for child in psutil.Process().children()}
    flink = lab.flink()
    flink.sql("SELECT 1", timeout_seconds=_SECONDS)
    (holder,) = [
        one
        for one in psutil.Process().children()
        if one.pid not in before and MODULE in one.cmdline()
    ]
    (program,) = holder.children()
    listening = [one for one in program.net_connections("inet") if one.status == "LISTEN"]
    assert {one.laddr.ip.removeprefix("::ffff:") for one in listening} == {"127.0.0.1"}
    lab.close()
    assert not holder.is_running()
    assert not program.is_running()


@pytest.mark.notebook
def test_the_playground_asks_it_where_a_learner_says_so(tmp_path):
    """Its own assertion holds: both engines have the same rows."""
    parameters = {"SPEED": 0, "SEED": 11, "N_EVENTS": 600, "FLINK": True}
    target = tmp_path / "out.ipynb"
    run = execute(Chapter("sql", NOTEBOOKS / "playground_sql.ipynb"), target, parameters)
    assert run.error == ""
    assert "windows, and each the same in both" in target.read_text(encoding="utf-8")
