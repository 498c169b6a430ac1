import threading
import time
from itertools import islice

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow

from eventlab.course.ch02 import right_table
from eventlab.errors import FlowError
from eventlab.events import Order, OrderCancelled, Payment, Shop
from eventlab.flows import run
from eventlab.log import produce
from eventlab.pictures import Survivor
from eventlab.pictures.survivor import KILL, START
from eventlab.streams import TopicSink, TopicSource
from tests.waiting import until

pytestmark = pytest.mark.broker

SHOP = Shop(seed=3, customers=6)
STORY = list(islice(SHOP.only(Order, OrderCancelled, Payment), 40))
NAMES = {one.customer_id: one.name for one in islice(SHOP.customers(), 6)}
RIGHT = right_table(STORY)


def fold(known, arrival):
    """Count what a customer has placed, and what of it is open."""
    row = dict(known or {"placed": 0, "open": 0})
    is_order = arrival.event["type"] == "order"
    row["placed"] += is_order
    row["open"] += 1 if is_order else -1
    return row, row


def failing(known, arrival):
    """Fail at once."""
    raise ZeroDivisionError("a fold that fails")


@pytest.fixture
def survivors(new_topic, tmp_path):
    """Return what makes a survivor; what it has started is stopped at the end."""
    made = []
    flows = []

    def make(*, recovery=True, slowly=False, step=fold):
        events, changelog = new_topic(), new_topic()

        def start(place):
            place = "earliest" if recovery else place  # a store knows its own place
            flow = Dataflow("processor")
            arrivals = op.input("in", flow, TopicSource(events, start=place))
            keyed = op.key_on("customer", arrivals, lambda arrival: arrival.key)
            op.output("out", op.stateful_map("fold", keyed, step), TopicSink(changelog))
            store = tmp_path / "store" if recovery else None
            flows.append(run(flow, where="process", recovery=store))
            return flows[-1]

        made.append(
            Survivor(changelog, start, stream=events, names=NAMES, right=RIGHT, slowly=slowly)
        )
        return made[-1].start(), events

    yield make
    for one in made:
        one.stop()
    for flow in flows:
        flow.stop()


def played(survivor, events):
    """Produce the story as a player does, one by one."""
    for event in survivor.killed_halfway(STORY):
        produce(events, [event])
    survivor.settle()


def test_killed_halfway_the_table_comes_back_and_goes_on_right(survivors):
    """Cell by cell; nothing is wrong at the end, and nothing is marked."""
    survivor, events = survivors()
    played(survivor, events)
    assert survivor.rows == RIGHT(40)
    assert survivor.before == survivor.refilled == RIGHT(20)
    cells = 2 * len(RIGHT(20))
    assert survivor.scores() == {
        "kills": 1,
        "cells before the kill": cells,
        "the same after it": cells,
        "wrong cells now": 0,
    }
    assert "not" not in survivor.sheet.still()[0]["text/html"]


@pytest.mark.long
def test_without_a_store_what_came_back_is_overwritten_and_marked(survivors):
    """Each wrong cell has the value that would be right."""
    survivor, events = survivors(recovery=False)
    played(survivor, events)
    assert survivor.before == survivor.refilled == RIGHT(20)
    wrong = survivor.scores()["wrong cells now"]
    assert wrong > 0
    assert survivor.sheet.still()[0]["text/html"].count(", not ") == wrong


def test_killed_by_hand_it_is_down_until_it_is_started_again(survivors):
    """The table is empty, and what happens meanwhile waits in the stream."""
    survivor, events = survivors(slowly=True)
    survivor._refill_seconds = 0.5  # how it fills again is not looked at here
    produce(events, STORY[:10])
    until(lambda: survivor.rows == RIGHT(10))
    survivor.acts()[KILL]()
    survivor.acts()[KILL]()
    assert not survivor.flow.is_alive
    assert survivor.sheet.rows == {}
    assert len(survivor.sheet._lines()["changelog"]) == 6
    assert survivor.scores()["wrong cells now"] == "–"
    produce(events, STORY[10:20])
    survivor.acts()[START]()
    survivor.acts()[START]()
    until(lambda: survivor.rows == RIGHT(20))
    assert survivor.kills == 1
    assert survivor.refilled == RIGHT(10)


def test_whoever_has_killed_it_before_the_middle_has_done_it(survivors):
    """It is not killed once more."""
    survivor, events = survivors()
    story = survivor.killed_halfway(STORY)
    produce(events, islice(story, 10))
    until(lambda: survivor.rows == RIGHT(10))
    survivor.kill()
    produce(events, story)
    survivor.settle()
    assert survivor.kills == 1
    assert survivor.rows == RIGHT(40)


def test_a_processor_that_fails_is_told_and_not_started_again(survivors):
    """By whoever waits for it."""
    survivor, events = survivors(step=failing)
    produce(events, STORY[:1])
    with pytest.raises(FlowError, match="a fold that fails"):
        survivor.settle()


def test_stopped_it_starts_nothing_any_more(survivors):
    """Though it was killed, and was to be started by itself."""
    survivor, events = survivors(slowly=True)
    produce(events, STORY[:2])
    until(lambda: survivor.rows == RIGHT(2))
    survivor.kill()
    survivor.stop()
    survivor.start_again()
    survivor.settle()
    assert not survivor.flow.is_alive


@pytest.mark.long
def test_killed_after_the_end_it_says_that_a_kill_is_too_late(survivors):
    """Whether its process still waits for more or has ended; what the first kill showed stays."""
    survivor, events = survivors()
    for event in survivor.killed_halfway(STORY):
        produce(events, [event])
    until(lambda: survivor.rows == RIGHT(40) and survivor.flow.lag == 0, seconds=60)
    assert survivor.flow.is_alive
    for _ in range(2):
        survivor.acts()[KILL]()
        assert "a kill would change nothing" in survivor.sheet.says
        survivor.settle()
        assert "a kill would change nothing" in survivor.sheet.says
    assert survivor.kills == 1
    assert survivor.before == RIGHT(20)
    assert survivor.rows == RIGHT(40)


@pytest.mark.long
def test_where_nothing_is_to_be_started_the_button_says_why(survivors):
    """Before a kill and after the end; the words stay until something is done."""
    survivor, events = survivors()
    survivor.acts()[START]()
    produce(events, STORY[:2])
    until(lambda: survivor.rows == RIGHT(2) and survivor.flow.lag == 0)
    survivor._judge()
    runs = f"The processor runs, as process {survivor.flow.pids[0]}"
    assert survivor.sheet.says == f"{runs}: it can be started again when it was killed"
    survivor.kill()
    assert "The changelog still has all 2" in survivor.sheet.says
    until(lambda: survivor.flow.is_alive)
    for event in list(survivor.killed_halfway(STORY))[2:]:
        produce(events, [event])
    survivor.settle()
    assert survivor.sheet.says == "The processor has read all events"
    for _ in range(2):
        survivor.acts()[START]()
        assert "there is nothing left to start it for" in survivor.sheet.says
        survivor.settle()
    assert not survivor.flow.is_alive
    assert survivor.rows == RIGHT(40)


def test_a_look_that_a_kill_has_overtaken_says_nothing(survivors, monkeypatch):
    """What it saw is over: the words of the kill stay."""
    survivor, events = survivors(slowly=True)
    produce(events, STORY[:2])
    until(lambda: survivor.rows == RIGHT(2) and survivor.flow.lag == 0)

    def overtaken():
        killing = threading.Thread(target=survivor.kill)
        killing.start()
        killing.join()
        return {}

    monkeypatch.setattr(survivor, "_least_wrong", overtaken)
    survivor._judge()
    assert "The changelog still has all 2" in survivor.sheet.says


def test_killed_during_a_refill_it_is_killed_at_once(survivors):
    """The refill is cut short; the table before the kill is whole, and the words say what is so."""
    survivor, events = survivors(slowly=True)
    produce(events, STORY)
    until(lambda: survivor.rows == RIGHT(40))
    survivor.kill()
    assert "still has all 40 records" in survivor.sheet.says
    survivor.start_again()
    assert "a recovery store the counts" in survivor.sheet.says
    began = time.monotonic()
    survivor.kill()
    assert time.monotonic() - began < 5  # the whole refill takes eight
    assert survivor.kills == 2
    assert survivor.sheet.rows == {}
    assert survivor.before == RIGHT(40)
