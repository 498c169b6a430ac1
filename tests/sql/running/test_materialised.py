"""A table kept up to date: what it holds, and what is said where it cannot be read to its end."""

import threading

import pytest

from eventlab.errors import BrokerError, FlowError
from eventlab.sql.running import materialised
from eventlab.sql.running.materialised import Materialised
from eventlab.streams import Arrival


class Topic:
    """A topic with three records in one partition."""

    def end_offsets(self, *, committed):
        return {0: 3}

    def __str__(self):
        return "stock"


class Flow:
    """A flow that has read none of them yet."""

    def __init__(self):
        self.positions, self.error, self.count, self.is_stopped = {}, None, 0, False

    def start(self):
        self.positions = {("stock", 0): 0}

    def stop(self):
        self.is_stopped = True


@pytest.fixture
def table():
    """A table, and the flow that reads it."""
    made, flow = Materialised(Topic()), Flow()
    made.start(flow)
    return made, flow


def arrival(value):
    """Return a row, or the word that there is none."""
    return Arrival(value, None, "stock", 0, 0, 0, 0)


def test_the_last_row_of_each_key_is_there(table):
    """A tombstone takes one away; who asks waits until all is read."""
    made, flow = table
    done = threading.Event()
    made.take([("a", arrival((1,))), ("b", arrival((2,)))])

    def go_on():
        flow.positions = {("stock", 0): 3}
        made.take([("a", arrival(None)), ("b", arrival((3,)))])

        while not done.wait(0.001):
            made.look(None)

    threading.Timer(0.01, go_on).start()
    rows = made.rows()
    done.set()
    assert [(key, row.event) for key, row in rows] == [("b", (3,))]


def test_what_ended_the_flow_is_raised(table):
    """Rather than waited for."""
    made, flow = table
    flow.error = FlowError("It ended")
    with pytest.raises(FlowError, match="It ended"):
        made.rows()


def test_one_does_not_wait_for_ever(table, monkeypatch):
    """And is told how far it came."""
    monkeypatch.setattr(materialised, "_PATIENCE_SECONDS", 0.01)
    with pytest.raises(BrokerError, match="stock could not be read to its end"):
        table[0].rows()


def test_it_ends_with_its_flow(table):
    """Also where it never began."""
    table[0].stop()
    assert table[1].is_stopped
    Materialised(Topic()).stop()
