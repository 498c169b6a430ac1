from itertools import islice

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink

from eventlab.errors import UsageError
from eventlab.events import Shop
from eventlab.live.lanes import CHOSEN, OTHERS, READER
from eventlab.log import produce
from eventlab.pictures import Lanes
from eventlab.streams import TopicSource, run
from tests.pictures.charts import rows
from tests.waiting import until

pytestmark = pytest.mark.broker

ORDERS = list(islice(Shop(seed=3).orders(), 60))


@pytest.fixture
def topic(new_topic):
    """A topic with sixty orders in two partitions."""
    topic = new_topic(2)
    produce(topic, ORDERS)
    return topic


@pytest.fixture
def lanes(topic):
    """Lanes with three readers, the orders of one customer coloured."""
    lanes = Lanes(topic, readers=3, by="customer_id", highlight=[ORDERS[0].customer_id])
    yield lanes
    lanes.chart.stop()


def test_every_record_has_its_tick_in_its_lane(lanes, topic):
    """A tick stands at the record's own partition and offset, coloured if it is asked for."""
    until(lambda: sum("reader" not in one for one in rows(lanes)) == 60, what="sixty ticks")
    ticks = {k: row for k, row in rows(lanes).items() if "reader" not in k}
    assert {(row["partition"], row["offset"]) for row in ticks.values()} == {
        (partition, offset)
        for partition, end in topic.end_offsets().items()
        for offset in range(end)
    }
    coloured = [row for row in ticks.values() if row["group"] != OTHERS]
    first = ORDERS[0].customer_id
    assert len(coloured) == sum(order.customer_id == first for order in ORDERS)


def test_every_reader_has_a_place_in_every_lane(lanes):
    """Each place is one row that moves, and the chosen reader's stand out."""
    until(lambda: len([one for one in rows(lanes) if "reader" in one]) == 6, what="six places")
    groups = {key.split("-")[0]: row["group"] for key, row in rows(lanes).items() if "r" in key}
    assert groups == {"reader 0": READER, "reader 1": READER, "reader 2": CHOSEN}


def test_rewinding_one_reader_moves_no_other(lanes, topic):
    """The reader that is set back reads again from 0, and the others stand where they stood."""
    ends = topic.end_offsets()
    until(lambda: all(reader.position == ends for reader in lanes.readers), what="all at the end")
    lanes.rewind(2)
    until(lambda: lanes.readers[2].position != ends, what="reader 2 to go back")
    assert [reader.position for reader in lanes.readers[:2]] == [ends, ends]
    until(lambda: lanes.readers[2].position == ends, what="reader 2 to come to the end again")


def test_stopping_the_chart_stops_all_that_feeds_it(lanes):
    """Neither a reader nor the follower of the records goes on."""
    lanes.chart.stop()
    assert not any(reader.is_alive for reader in lanes.readers)


def test_a_running_flow_has_a_place_in_every_lane_that_it_reads(topic, new_topic):
    """Nobody can choose or set it back, and other topics of the flow are not drawn."""
    flow, topics = Dataflow("audit"), [topic, new_topic()]
    both = [op.input(f"in {n}", flow, TopicSource(one)) for n, one in enumerate(topics)]
    op.output("out", op.merge("all", *both), TestingSink([]))
    running = run(flow)
    lanes = Lanes(topic, readers=running)
    try:
        ends = topic.end_offsets()
        until(lambda: rows(lanes).get("flow audit-1", {}).get("offset") == ends[1])
        until(lambda: sum("flow" not in one for one in rows(lanes)) == 60, what="sixty ticks")
        places = {key: row for key, row in rows(lanes).items() if "flow" in key}
    finally:
        lanes.stop()
        running.stop()
    assert {row["partition"]: row["offset"] for row in places.values()} == ends
    assert {row["group"] for row in places.values()} == {READER}


@pytest.mark.parametrize("readers", [0, -1, "mine"])
def test_lanes_without_a_reader_are_refused(topic, readers):
    """With what is expected."""
    with pytest.raises(UsageError, match=r"a number of readers, or a running flow"):
        Lanes(topic, readers=readers)
