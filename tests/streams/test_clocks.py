from datetime import UTC, datetime, timedelta

import bytewax.operators as op
import bytewax.operators.windowing as win
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.streams.clocks import arrival_clock, event_clock
from tests.properties import examples
from tests.streams.histories import NOON, arrivals, histories

LENGTH = timedelta(seconds=5)
START = datetime.fromtimestamp(NOON / 1000, UTC)


def counted(history, clock, batch_size) -> tuple[list, list]:
    """Return bytewax's counts by key and window, and the offsets of what was late."""
    counts, late = [], []
    flow = Dataflow("clocks")
    arriving = op.input("in", flow, TestingSource(arrivals(history), batch_size=batch_size))
    windower = win.TumblingWindower(length=LENGTH, align_to=START)
    windows = win.count_window("count", arriving, clock, windower, key=lambda arrival: arrival.key)
    op.output("counts", windows.down, TestingSink(counts))
    op.output("late", windows.late, TestingSink(late))
    run_main(flow)
    return sorted(counts), sorted((key, window, one.offset) for key, (window, one) in late)


@examples(25)
@given(histories, st.integers(2, 50), st.integers(0, 10))
def test_event_time_gives_the_same_for_every_batch_size(history, batch_size, wait):
    """What was counted and what was late."""
    clock = event_clock(timedelta(seconds=wait))
    assert counted(history, clock, batch_size) == counted(history, clock, 1)


def test_an_event_behind_its_key_s_watermark_is_late():
    """By the greatest time that the key has shown, less the wait."""
    history = [("a", 10, 0), ("a", 3, 0), ("b", 3, 0)]
    assert counted(history, event_clock(), 1)[1] == [("a", 0, 1)]
    assert counted(history, event_clock(timedelta(seconds=7)), 1)[1] == []


def test_by_arrival_nothing_is_late():
    """Every event is counted in the window of now, whatever its own time."""
    counts, late = counted([("a", 10, 0), ("a", 3, 0)], arrival_clock(), 1)
    assert (sum(count for _, (_, count) in counts), late) == (2, [])


@pytest.mark.parametrize("wait", [-timedelta(seconds=1), 5, None])
def test_a_wait_is_a_length_of_time(wait):
    """One clear error."""
    with pytest.raises(UsageError, match="expected a timedelta"):
        event_clock(wait)
