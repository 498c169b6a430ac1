from datetime import UTC, datetime

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource

from eventlab.streams import running
from eventlab.streams.running import Running
from eventlab.streams.status import PartStatus, Status


class Told(Running):
    """A flow of which one status is known."""

    def __init__(self, *parts: PartStatus, **status):
        flow = Dataflow("told")
        op.output("out", op.input("in", flow, TestingSource([])), TestingSink([]))
        super().__init__(flow)
        self.told = Status(parts=list(parts), **status)

    is_alive = True

    @property
    def status(self):
        return self.told

    def stop(self, *, close_windows=False):
        raise AssertionError

    def wait(self, timeout_seconds=None):
        raise AssertionError


def test_what_one_sees_comes_from_its_status():
    """Lag, positions, stream times, watermark and state."""
    running = Told(
        PartStatus("t", 0, 5, 2000, 2), PartStatus("t", 1, 7, 1000, 1), state_bytes={"count": 9}
    )
    assert (running.lag, running.state_bytes) == (3, {"count": 9})
    assert running.positions == {("t", 0): 5, ("t", 1): 7}
    assert running.watermark == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert running.stream_times["t", 0] == datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC)


@pytest.mark.parametrize("parts", [[], [PartStatus("t", 0, 0, -1, None)]], ids=["none", "silent"])
def test_what_nobody_knows_is_none(parts):
    """Before the first record."""
    running = Told(*parts)
    assert (running.lag, running.watermark) == (None, None)
    assert set(running.stream_times.values()) <= {None}


def test_the_rate_is_that_of_what_came_in_lately():
    """Nothing came: none a second; then something."""
    running = Told()
    assert running.rate == 0
    running.told = Status(count=100)
    assert running.rate > 0
    assert repr(running) == "Running('told', running, 100 events)"


def test_the_rate_is_known_at_the_first_question_too(monkeypatch):
    """However long ago it began; later it is that of the last two seconds."""
    now = [100.0]
    monkeypatch.setattr(running.time, "monotonic", lambda: now[0])
    told = Told()
    now[0], told.told = 110.0, Status(count=1_000)
    assert told.rate == 100
    now[0], told.told = 111.0, Status(count=1_500)
    assert told.rate == 500


def test_one_can_wait_until_so_many_items_came():
    """Or until it has ended, or the time is up."""
    running = Told(count=100)
    assert running.until(100)
    assert not running.until(101, timeout_seconds=0.01)
    running.is_alive = False
    assert not running.until(101)
