import threading
from itertools import count, islice

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink
from confluent_kafka import Consumer

from eventlab.errors import UsageError
from eventlab.events import Shop
from eventlab.flows import run
from eventlab.log import Record, produce
from eventlab.pictures import Lanes
from eventlab.pictures.lanes import BACK, KEEP
from eventlab.pictures.lanes_chart import CHOSEN, END, OTHERS, READER
from eventlab.streams import TopicSource
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
    first = ORDERS[0].customer_id
    lanes = Lanes(topic, readers=3, by="customer_id", highlight=[first], pace=24).start()
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
    assert groups == {"reader 1": READER, "reader 2": READER, "reader 3": CHOSEN}


def test_rewinding_one_reader_moves_no_other(lanes, topic):
    """The reader that is set back reads again from 0, and the others stand where they stood."""
    ends = topic.end_offsets()
    until(lambda: all(reader.position == ends for reader in lanes.readers), what="all at the end")
    lanes.rewind(3)
    until(lambda: lanes.readers[2].position != ends, what="reader 3 to go back")
    assert [reader.position for reader in lanes.readers[:2]] == [ends, ends]
    until(lambda: lanes.readers[2].position == ends, what="reader 3 to come to the end again")


@pytest.mark.parametrize("reader", [4, 0, -1, 10**30])
def test_a_reader_that_is_not_there_is_refused(lanes, reader):
    """With those that there are."""
    with pytest.raises(UsageError, match="1 or more, 3 at most"):
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
            lanes.rewind(1)
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


def come(topic, group):
    """Return a plain consumer of this group."""
    own = {"group.id": group, "auto.offset.reset": "earliest"}
    reader = Consumer(topic.cluster.settings | own)
    reader.subscribe([topic.name])
    return reader


@pytest.fixture
def pace():
    """How many records a second the slowest reads: all of them at once, as far as one sees."""
    return 200


@pytest.fixture
def own_groups(topic, pace):
    """Lanes with three plain consumers, each with a group of its own."""
    numbers = count()
    with Lanes(
        topic, readers=3, pace=pace, come=lambda: come(topic, f"{topic}.{next(numbers)}"), extent=50
    ) as lanes:
        yield lanes


@pytest.mark.parametrize("pace", [20])
def test_readers_with_groups_of_their_own_read_it_all(own_groups, topic):
    """Each of them, however slowly it reads: to settle is to wait for the slowest."""
    own_groups.settle()
    assert own_groups.scores() == {"readers who have read it all": "3 of 3"}
    assert [reader.position for reader in own_groups.readers] == [topic.end_offsets()] * 3
    assert rows(own_groups)["end"]["group"] == END


def test_the_button_sends_the_chosen_reader_back_alone(own_groups):
    """It reads everything once more, and the others have one reading."""
    own_groups.settle()
    own_groups.acts()[BACK]()
    own_groups.settle()
    assert [[len(one) for one in r.readings] for r in own_groups.readers] == [[60], [60], [60, 60]]


def test_the_slider_moves_the_chosen_reader(own_groups, topic):
    """To a part of each partition, and it follows the reader from there."""
    own_groups.settle()
    chosen = own_groups.readers[2]
    until(lambda: own_groups._share.value == 100, what="the slider to follow")
    own_groups._share.value = 50
    halves = {n: end // 2 for n, end in topic.end_offsets().items()}
    first = until(lambda: chosen.readings[1], what="what it reads again")
    assert first[0].offset() == halves[first[0].partition()]
    own_groups.settle()
    until(lambda: own_groups._share.value == 100, what="the slider to follow")


def test_a_move_by_hand_while_the_slider_follows_counts(own_groups, monkeypatch):
    """It comes from another thread; what the picture moves itself moves no reader."""
    own_groups.settle()
    own_groups.stop()
    slider = own_groups._share
    slider.value = 0
    moved = []
    monkeypatch.setattr(own_groups, "rewind", lambda reader, to: moved.append(to))

    def move(_change):
        slider.unobserve(move, names="index")
        by_hand = threading.Thread(target=lambda: setattr(slider, "value", 50))
        by_hand.start()
        by_hand.join()

    slider.observe(move, names="index")
    own_groups._follow_chosen()
    assert moved == [0.5]


def test_a_triangle_that_is_dragged_moves_its_reader_in_its_lane(own_groups, topic):
    """It becomes the chosen one, and stays in the other lanes, where it is; so do the others."""
    own_groups.settle()
    chart = own_groups.chart
    dragged = own_groups.readers[0]
    chart._asked(chart, {"type": "moved", "row": "reader 1-1", "to": 4.3}, [])
    first = until(lambda: dragged.readings[1], what="what it reads again")
    assert (first[0].partition(), first[0].offset()) == (1, 4)
    own_groups.settle()
    assert {message.partition() for message in dragged.readings[1]} == {1}
    assert [len(reader.readings) for reader in own_groups.readers] == [2, 1, 1]
    until(lambda: rows(own_groups)["reader 1-0"]["group"] == CHOSEN, what="the chosen one")


def test_a_reader_that_is_set_back_is_the_chosen_one(own_groups):
    """Whichever the learner had chosen before: what moves is what stands out."""
    own_groups._which.value = 1
    own_groups.rewind(2)
    own_groups.settle()
    assert {place.reader for place in own_groups._places if place.group == CHOSEN} == {2}


def test_nothing_but_a_reader_can_be_dragged(own_groups):
    """A record stays where it is; a reader may have left the lane meanwhile."""
    own_groups.settle()
    for row in ["0-3", "end", "reader 9-0", None]:
        own_groups.chart._asked(own_groups.chart, {"type": "moved", "row": row, "to": 0}, [])
    assert [len(reader.readings) for reader in own_groups.readers] == [1, 1, 1]
    assert own_groups.chart.trouble == ""


@pytest.mark.parametrize(("to", "first"), [(-1e30, 0), (-1, 0), (1e30, None)])
def test_a_triangle_is_not_dragged_out_of_its_lane(own_groups, topic, to, first):
    """Before the first record there is none, and behind the last one nothing to read again."""
    own_groups.settle()
    own_groups.chart._asked(own_groups.chart, {"type": "moved", "row": "reader 1-1", "to": to}, [])
    own_groups.settle()
    again = own_groups.readers[0].readings[1]
    assert (again[0].offset() if again else None) == first
    assert own_groups.readers[0].position == topic.end_offsets()


def test_a_place_that_is_no_number_is_told(own_groups):
    """By the page such a message never comes."""
    own_groups.settle()
    for to in (None, "a", float("nan")):
        own_groups.chart._asked(
            own_groups.chart, {"type": "moved", "row": "reader 1-1", "to": to}, []
        )
        assert "The argument to is not valid" in own_groups.chart.trouble


def test_readers_of_one_group_share_the_work(topic):
    """None has it all, and settling does not wait for what never comes."""
    with Lanes(topic, readers=3, pace=0, come=lambda: come(topic, f"{topic}.all")) as lanes:
        lanes.settle()
        places = [place for reader in lanes.readers for place in reader.position.items()]
        assert sorted(places) == sorted(topic.end_offsets().items())


def test_values_are_shown_by_their_names(topic):
    """What a dict calls them."""
    first = ORDERS[0].customer_id
    with Lanes(topic, readers=1, by="customer_id", highlight={first: "Ann"}) as lanes:
        until(lambda: sum("reader" not in one for one in rows(lanes)) == 60, what="sixty ticks")
    named = [row for row in rows(lanes).values() if row["group"] == "Ann"]
    assert named
    assert named[0]["what"].startswith("Ann, offset")


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
    lanes = Lanes(topic, readers=2, by="customer_id", pace=0).start()
    try:
        produce(topic, [Record("k", b'{"customer_id": [[1]]}', 1, None, 0)])
        until(lambda: f"0-{last}" in rows(lanes))
        until(lambda: all(one.position == topic.end_offsets() for one in lanes.readers))
        assert f"partition 0, offset {last - 1} that cannot be read" in lanes.chart.trouble
    finally:
        lanes.stop()
