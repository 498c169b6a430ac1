from datetime import UTC, datetime
from threading import Event

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource

from eventlab.errors import UsageError
from eventlab.flows import running
from eventlab.flows.running import Running
from eventlab.flows.status import PartStatus, Status


class Known(Running):
    """A flow of which one status is known."""

    def __init__(self, *parts: PartStatus, on_error=None, **status):
        flow = Dataflow("known")
        op.output("out", op.input("in", flow, TestingSource([])), TestingSink([]))
        super().__init__(flow, on_error)
        self.known = Status(parts=list(parts), **status)

    is_alive = True

    @property
    def status(self):
        return self.known

    def stop(self, *, close_windows=False):
        raise AssertionError

    def _run(self):
        raise AssertionError

    def _halt(self):
        raise AssertionError


class Ending(Known):
    """A flow that ends when it may, with an error or without one."""

    is_alive = Running.is_alive

    def __init__(self, error=None, **options):
        self.may_end = Event()
        self.runs = 0
        self.end = error
        super().__init__(**options)

    def _run(self):
        self.runs += 1
        self.may_end.wait(30)
        if self.end is not None:
            raise self.end

    def _halt(self):
        self.may_end.set()


def test_what_one_sees_comes_from_its_status():
    """Lag, positions, stream times, watermark and state."""
    running = Known(
        PartStatus("t", 0, 5, 2000, 2), PartStatus("t", 1, 7, 1000, 1), state_bytes={"count": 9}
    )
    assert (running.lag, running.state_bytes) == (3, {"count": 9})
    assert running.positions == {("t", 0): 5, ("t", 1): 7}
    assert running.watermark == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert running.stream_times["t", 0] == datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC)


@pytest.mark.parametrize("parts", [[], [PartStatus("t", 0, 0, -1, None)]], ids=["none", "silent"])
def test_what_nobody_knows_is_none(parts):
    """Before the first record."""
    running = Known(*parts)
    assert (running.lag, running.watermark) == (None, None)
    assert set(running.stream_times.values()) <= {None}


def test_the_rate_is_that_of_what_came_in_lately():
    """Nothing came: none a second; then something."""
    running = Known()
    assert running.rate == 0
    running.known = Status(count=100)
    assert running.rate > 0
    assert repr(running) == "Running('known', running, 100 events)"


def test_the_rate_is_known_at_the_first_question_too(monkeypatch):
    """However long ago it began; later it is that of the last two seconds."""
    now = [100.0]
    monkeypatch.setattr(running.time, "monotonic", lambda: now[0])
    flow = Known()
    now[0], flow.known = 110.0, Status(count=1_000)
    assert flow.rate == 100
    now[0], flow.known = 111.0, Status(count=1_500)
    assert flow.rate == 500


def test_one_can_wait_until_so_many_items_came():
    """Or until it has ended, or the time is up."""
    running = Known(count=100)
    assert running.until(100)
    assert not running.until(101, timeout_seconds=0.01)
    running.is_alive = False
    assert not running.until(101)


def test_it_begins_when_it_is_started_and_only_once():
    """Made is not begun; a second start does nothing, and its end is that of one run."""
    ending = Ending()
    assert (ending.is_alive, ending.runs) == (False, 0)
    ending.start()
    ending.start()
    assert ending.is_alive
    assert not ending.wait(0)
    ending.may_end.set()
    assert ending.wait(30)
    assert (ending.runs, ending.error) == (1, None)


def test_what_ended_it_is_kept_raised_and_reported():
    """In `error`, by `wait`, and to `on_error`: the same one."""
    reported = []
    ending = Ending(UsageError("no", expected="yes"), on_error=reported.append)
    ending.start()
    ending.may_end.set()
    with pytest.raises(UsageError, match="expected yes"):
        ending.wait(30)
    assert reported == [ending.error]
