"""Push queries, without a broker: a flow that gives what a test says."""

import threading

import pytest

from eventlab.errors import FlowError
from eventlab.sql.planning.rows import Field, Shape
from eventlab.sql.running.pushing import Push
from eventlab.sql.types import BIGINT
from eventlab.streams import Arrival

SHAPE = Shape("table", (Field("N", BIGINT),), ())


class Flow:
    """A flow as far as a push query sees one."""

    def __init__(self):
        self.is_alive, self.error, self.asked = False, None, 0

    def start(self):
        self.is_alive = True

    def ask_to_stop(self):
        self.asked += 1

    def stop(self):
        self.is_alive = False


def batch(*rows):
    """Return rows as a flow gives them, the key of each its own number."""
    return [
        (f"[{n}]", Arrival(None if row is None else (row,), None, "t", 0, n, 1000 + n, 1000 + n))
        for n, row in enumerate(rows)
    ]


def started(limit=None):
    """Return a push query and the flow that feeds it."""
    push, flow = Push("transient_1", SHAPE, limit), Flow()
    push.start(flow)
    return push, flow


def test_rows_are_kept_and_counted():
    """A row that is no more is none of them, and who asks what came sees it."""
    push, _ = started()
    push.take(batch(5, None, 6))
    assert push.rows == [(5,), (6,)]
    assert push.count == 2
    assert push.columns == SHAPE.fields
    came = push.came()
    assert [(one.number, one.key, one.row, one.time) for one in came] == [
        (1, "[0]", (5,), 1000),
        (1, "[1]", None, 1001),
        (2, "[2]", (6,), 1002),
    ]
    assert push.came() == []


def test_what_is_beyond_the_limit_is_left_out():
    """The flow is asked to end, and does not have to have ended."""
    push, flow = started(limit=2)
    push.take(batch(1, 2, 3))
    assert push.rows == [(1,), (2,)]
    assert flow.asked == 1
    assert not push.is_alive
    assert list(push) == [(1,), (2,)]


def test_one_waits_for_rows_from_another_thread():
    """Until so many are there, or no more will come."""
    push, _ = started()
    threading.Timer(0.01, lambda: push.take(batch(1, 2))).start()
    assert push.wait(2)
    threading.Timer(0.01, push.stop).start()
    assert not push.wait(3)


def test_what_ended_it_is_raised_where_rows_are_taken():
    """After the rows that came."""
    push, flow = started()
    push.take(batch(1))
    flow.is_alive, flow.error = False, FlowError("It ended")
    rows = iter(push)
    assert next(rows) == (1,)
    with pytest.raises(FlowError, match="It ended"):
        next(rows)


def test_nothing_is_there_before_it_begins():
    """Neither rows, nor an error, nor a life."""
    push = Push("transient_1", SHAPE, None)
    push.stop()
    assert (push.rows, push.error, push.is_alive) == ([], None, False)
