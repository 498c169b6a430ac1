from itertools import islice

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink

from eventlab.errors import UsageError
from eventlab.events import Shop
from eventlab.flows import run
from eventlab.live import COLOURS
from eventlab.live.picture import still
from eventlab.log import Record, produce
from eventlab.pictures import Lanes
from eventlab.pictures.lanes import CHOSEN, KEEP, OTHERS, READER, lanes_chart
from eventlab.streams import TopicSource
from tests.live.test_chart import colours, near
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
    lanes = Lanes(topic, readers=3, by="customer_id", highlight=[ORDERS[0].customer_id]).start()
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


@pytest.mark.parametrize("reader", [3, -1, 10**30])
def test_a_reader_that_is_not_there_is_refused(lanes, reader):
    """With those that there are."""
    with pytest.raises(UsageError, match="0 or more, 2 at most"):
        lanes.rewind(reader)


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
    lanes = Lanes(topic, readers=running).start()
    try:
        ends = topic.end_offsets()
        until(lambda: rows(lanes).get("flow audit-1", {}).get("offset") == ends[1])
        until(lambda: sum("flow" not in one for one in rows(lanes)) == 60, what="sixty ticks")
        places = {key: row for key, row in rows(lanes).items() if "flow" in key}
        with pytest.raises(UsageError, match="no readers of its own"):
            lanes.rewind(0)
    finally:
        lanes.stop()
        running.stop()
    assert {row["partition"]: row["offset"] for row in places.values()} == ends
    assert {row["group"] for row in places.values()} == {READER}


@pytest.mark.parametrize("readers", [0, -1, "mine", 10**30])
def test_lanes_without_a_reader_are_refused(topic, readers):
    """With what is expected."""
    with pytest.raises(UsageError, match=r"argument readers"):
        Lanes(topic, readers=readers)


VERMILION, BLUE = (0xD5, 0x5E, 0), (0, 0x72, 0xB2)


def row(name, partition, offset, group):
    return {"id": name, "partition": partition, "offset": offset, "group": group, "what": name}


def test_each_partition_is_a_lane_even_when_it_is_empty():
    """The lanes are there before the first record."""
    spec = lanes_chart(4, ["c1"]).to_dict()
    assert spec["layer"][0]["encoding"]["y"]["scale"]["domain"] == [0, 1, 2, 3]
    assert lanes_chart(8, []).to_dict()["height"] > spec["height"]


def test_a_colour_means_the_same_in_every_layer():
    """What is highlighted, the others, readers and the chosen one, in this order."""
    for layer in lanes_chart(2, ["c1", "c2"]).to_dict()["layer"]:
        scale = layer["encoding"]["color"]["scale"]
        assert scale["domain"] == ["c1", "c2", OTHERS, READER, CHOSEN]
        assert scale["range"][-2:] == [COLOURS["reader"], COLOURS["chosen"]]


def test_each_row_is_drawn_once():
    """A layer has its own groups, and the chosen reader lies on top."""
    layers = lanes_chart(2, ["c1", "c2"]).to_dict()["layer"]
    groups = [layer["transform"][0]["filter"]["oneOf"] for layer in layers]
    assert groups == [[OTHERS], ["c1", "c2"], [READER], [CHOSEN]]


def test_records_and_readers_are_drawn():
    """Ticks in the highlight's colour, and the chosen reader in its own."""
    drawn_rows = [row(f"0-{n}", 0, n, "c1") for n in range(40)]
    drawn_rows += [row(f"reader {n}", 1, 4 * n, CHOSEN) for n in range(8)]
    spec = lanes_chart(2, ["c1"]).to_dict() | {"datasets": {"live": drawn_rows}}
    drawn = colours(still(spec, "Lanes", "Lanes")[0])
    assert near(drawn, BLUE)
    assert near(drawn, VERMILION)


def test_far_more_than_it_holds_leaves_it_as_small_as_it_was(topic):
    """The newest records are held."""
    lanes = Lanes(topic, readers=1)
    for number in range(0, 3 * KEEP, 1000):
        places = {"partition": [0] * 1000, "offset": list(range(number, number + 1000))}
        lanes._draw_records(Records(places))
    assert len(lanes.chart.rows["id"]) == KEEP
    lanes.stop()


class Records:
    """A batch of a follower, as far as the picture looks at it."""

    def __init__(self, columns):
        self.columns = columns

    def __len__(self):
        return len(self.columns["offset"])


def test_a_record_that_cannot_be_read_freezes_no_lane(topic):
    """It is told, and what comes after it is drawn."""
    produce(topic, [Record("k", b"no json", 1, None, 0)])
    last = topic.end_offsets()[0]
    lanes = Lanes(topic, readers=2, by="customer_id").start()
    try:
        produce(topic, [Record("k", b'{"customer_id": [[1]]}', 1, None, 0)])
        until(lambda: f"0-{last}" in rows(lanes))
        until(lambda: all(one.position == topic.end_offsets() for one in lanes.readers))
        assert f"partition 0, offset {last - 1} that cannot be read" in lanes.chart.trouble
    finally:
        lanes.stop()
