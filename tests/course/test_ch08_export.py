"""The picture of a copy: what it plays between the pages, and what it says of each order."""

import pytest

from eventlab.course.ch08_charts import CLOSED, MISSED, NOT_YET, OLD, RIGHT, TWICE
from eventlab.course.ch08_copies import PAGE, open_after, trade
from eventlab.course.ch08_export import Copying
from eventlab.errors import CallError
from tests.waiting import until

TOLD = trade(7, changes=60)


class Copy:
    """One that takes page by page from what is open when it is asked."""

    progress = "read"

    def __init__(self, late=0):
        self.twice = set()
        self.kept = {}
        self.asked = []
        self.late = late

    def states(self):
        return self.kept.copy()

    def step(self, at_least):
        if self.late:
            self.late -= 1
            raise CallError("Late", expected="an answer", found="none", remedy="Ask again.")
        self.asked.append(at_least)

    def is_complete(self, end):
        return bool(self.asked) and self.asked[-1] == end


def played(picture):
    """Let it play its whole story, and return the events."""
    with picture:
        events = list(picture.story())
        picture.settle()
    return events


@pytest.mark.parametrize("late", [0, 2])
def test_so_much_changes_before_each_page_and_all_of_it_in_the_end(late):
    """Whatever the machine's pace; a source that is late is asked again."""
    copy = Copy(late)
    picture = Copying(copy, TOLD)
    assert played(picture) == list(TOLD.meanwhile)
    begin = len(TOLD.before)
    end = begin + len(TOLD.meanwhile)
    part = copy.asked[0] - begin
    assert len(copy.asked) == len(open_after(TOLD.before)) // PAGE + 1
    assert copy.asked == [min(begin + n * part, end) for n in range(1, len(copy.asked) + 1)]


def test_each_order_is_compared_with_the_shops_own_list():
    """What is not there is missed when the copy is over, and not before."""
    copy = Copy()
    picture = Copying(copy, TOLD)
    now = picture._open_now()
    there, changed, gone, twice = sorted(now)[:4]
    copy.kept = {there: now[there], changed: "other", gone: "paid", twice: now[twice]}
    copy.twice = {twice}
    del now[gone]

    def state(order):
        return picture._state(order, now, copy.states())

    assert [state(order) for order in (there, changed, gone, twice)] == [RIGHT, OLD, OLD, TWICE]
    copy.kept.clear()
    picture._before = {there: now[there]}
    assert [state(order) for order in (there, gone)] == [NOT_YET, CLOSED]
    picture._is_over = True
    assert [state(order) for order in (there, changed)] == [MISSED, OLD]


def test_a_copy_of_all_that_is_open_has_nothing_wrong():
    """And one of nothing has missed all that was there all the time."""
    copy = Copy()
    picture = Copying(copy, TOLD)
    played(picture)
    right = open_after([*TOLD.before, *TOLD.meanwhile])
    missed = picture.figures()["missed"]
    assert 0 < missed < len(right)
    copy.kept = right
    figures = picture.figures()
    assert (figures["missed"], figures["twice"], figures["out_of_date"]) == (0, 0, 0)
    assert figures["in_copy"] == figures["open"] == len(right)
    assert picture.scores()["changes"] == len(TOLD.meanwhile)


def test_every_order_is_drawn():
    """And how far the copy is."""
    picture = Copying(Copy(), TOLD)
    with picture:
        list(picture.story())
        until(lambda: MISSED in picture.chart.rows["state"], what="orders that are missed")
    assert "read" in picture.chart.rows["words"]


def test_a_copy_that_fails_ends_and_says_so():
    """The story goes on without it."""
    copy = Copy()
    copy.is_complete = lambda end: 1 / 0
    picture = Copying(copy, TOLD)
    assert played(picture) == list(TOLD.meanwhile)
    assert "division by zero" in picture.chart.trouble
