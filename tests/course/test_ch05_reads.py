"""The picture of orders that are read back: what customers saw, and how long they waited."""

from itertools import islice
from types import SimpleNamespace

import pytest

from eventlab.course.ch05_reads import (
    GO_ON,
    HANG,
    HOLD,
    LATE,
    NOT_YET,
    SHOWN,
    UNKNOWN,
    OwnWrites,
    held_of,
    outages,
    own_writes_chart,
    warm_up,
)
from eventlab.course.chapters import chosen
from eventlab.errors import CallError
from eventlab.events import Shop
from eventlab.live.picture import still
from eventlab.services import Answer

STORY = list(islice(Shop(seed=7).orders(), 20))


@pytest.fixture
def faults():
    """What the view's way to the log was set to, one after the other."""
    return []


@pytest.fixture
def picture(faults):
    link = SimpleNamespace(set=faults.append)
    lab = SimpleNamespace(link=lambda *_ends: link)
    return OwnWrites(lab, STORY)


class Front:
    """A front end whose pages say that there is no such order yet."""

    def __init__(self):
        self.asked = []

    def ask(self, path, *, json):
        self.asked.append((path, json))
        raise CallError("No order", expected="an answer", found="404", remedy="Wait.")


@pytest.fixture
def front():
    return Front()


def answer(number, outcome, seconds=0.1):
    return Answer(number, "front end", outcome, seconds)


def test_the_view_is_held_back_for_some_of_the_orders():
    """And late before and after them."""
    schedule = outages(STORY)
    found = [schedule.at("pages to log", (one.at - STORY[0].at).total_seconds()) for one in STORY]
    held = held_of(STORY)
    assert len(held) == 5
    assert found == [HANG if number in held else LATE for number in range(len(STORY))]


def test_what_customers_saw_is_counted(picture):
    """By the status of their page; an error is none of the three."""
    for number, outcome in enumerate(["200", "200", "202", "404", "timeout"]):
        picture.answered(answer(number, outcome, 0.1 * (number + 1)))
    assert picture.scores() == {SHOWN: 2, NOT_YET: 1, UNKNOWN: 1}
    assert picture.figures() == {
        "orders": 5,
        "shown": 2,
        "not_yet": 1,
        "stale": 1,
        "median_wait_ms": 150,
    }


def test_every_answer_is_drawn_once(picture):
    """And one that took for ever ends with the axis."""
    picture.answered(answer(0, "200"))
    picture.answered(answer(1, "timeout", 9))
    picture._draw()
    picture._draw()
    assert picture.chart.rows["number"] == [0, 1]
    assert picture.chart.rows["milliseconds"] == [100, 1200]


def test_the_buttons_hold_the_view_and_let_it_go(picture, faults):
    """As the story does."""
    picture.acts()[HOLD]()
    assert faults[-1].mode == "hang"
    picture.acts()[GO_ON]()
    assert faults[-1].mode == "pass"


def test_one_order_goes_ahead_that_is_none_of_the_story(front):
    """Whatever the page says of it."""
    warm_up(front)
    ((path, order),) = front.asked
    assert path == "/"
    assert order["order_id"] not in {one.order_id for one in STORY}


def test_the_first_order_waits_for_no_connection_either():
    """The chapter sends the one ahead before it plays the story."""
    cells = chosen(("05",))[0].path.read_text(encoding="utf-8")
    assert cells.index("ch05_reads.warm_up(front)") < cells.index("ch05_reads.outages(")


def test_the_chart_becomes_a_still():
    """As every output does."""
    spec = own_writes_chart(20).to_dict()
    spec["datasets"] = {"live": [{"number": 0, "end": 0.8, "milliseconds": 100, "seen": SHOWN}]}
    assert still(spec, "A chart", "A chart")[0]["image/png"]
