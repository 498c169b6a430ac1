import pickle

import pytest

from eventlab.errors import UsageError
from eventlab.log import Record, produce
from eventlab.streams import GlobalTable, join_global_table
from tests.streams.flowing import events, flowed, joins, keyed

ORDERS = [("o1", 5, {"customer": "ann"}), ("o2", 6, {"customer": "bob"}), ("o3", 7, None)]


@pytest.fixture
def customers(new_topic):
    topic = new_topic(3)
    rows = [("ann", {"level": "gold"}), ("bob", {"level": "new"}), ("bob", None), ("x", b"{")]
    produce(topic, rows).require_all()
    return topic


def joined(table, **options):
    return joins(
        flowed(
            lambda flow: join_global_table(
                "level",
                keyed("in", flow, events(*ORDERS)),
                table,
                lambda _key, order: order["customer"],
                **options,
            )
        )
    )


@pytest.mark.broker
def test_each_event_meets_the_row_that_it_names(customers):
    """Every partition of the table was read whole before the first event passes."""
    found = joined(GlobalTable(customers), how="left")
    gold = {"level": "gold"}
    assert found == [("o1", {"customer": "ann"}, gold, 5), ("o2", {"customer": "bob"}, None, 6)]
    assert joined(GlobalTable(customers)) == [("o1", {"customer": "ann"}, gold, 5)]


@pytest.mark.broker
def test_a_process_reads_it_anew(customers):
    """What was read does not travel, the topic does."""
    table = GlobalTable(customers)
    table.catch_up()
    again = pickle.loads(pickle.dumps(table))
    assert again.get("ann") is None
    again.catch_up()
    assert again.get("ann")[0] == {"level": "gold"}


@pytest.mark.broker
def test_it_follows_its_topic(customers):
    """A row that changes is met by the next event."""
    table = GlobalTable(customers)
    table.catch_up()
    produce(customers, [("ann", {"level": "silver"})]).require_all()
    while table.get("ann")[0] != {"level": "silver"}:  # the test's own time-out is the deadline
        table.catch_up()


def test_what_makes_no_join_is_refused():
    """Before anything runs."""
    with pytest.raises(UsageError, match="expected a topic"):
        GlobalTable("customers")
    with pytest.raises(UsageError, match="expected a GlobalTable"):
        joined({"ann": 1})


@pytest.mark.broker
def test_a_row_whose_time_is_in_another_unit_changes_nothing(new_topic):
    """As what cannot be decoded does not."""
    topic = new_topic()
    produce(topic, [("ann", {"n": 1}), Record("ann", b'{"n": 2}', 1_790_000_000_000_000_000)])
    table = GlobalTable(topic)
    table.catch_up()
    assert table.get("ann")[0] == {"n": 1}
