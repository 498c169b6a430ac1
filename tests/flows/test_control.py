import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.inputs import DynamicSource, Source, StatelessSourcePartition
from bytewax.testing import TestingSink, TestingSource, run_main

from eventlab.errors import UsageError
from eventlab.flows.control import Control, attach_control, require_runnable
from eventlab.streams import Tumbling, watermarked, windowed
from tests.streams.histories import NOON, arrivals
from tests.streams.test_windows import COUNT, SECOND


def flow(source=None, sink=None) -> Dataflow:
    """Return a flow with as much of an input and an output as is given."""
    made = Dataflow("wired")
    if source is not None:
        stream = op.map("same", op.input("in", made, source), lambda item: item)
        if sink is not None:
            op.output("out", stream, sink)
    return made


class Numbers(DynamicSource):
    """Give numbers without end, one at a time, from a source that keeps no state."""

    def build(self, step_id, worker_index, worker_count):
        class Part(StatelessSourcePartition):
            number = -1

            def next_batch(self):
                self.number += 1
                return iter([self.number])

        return Part()


class StopAt(TestingSink):
    """Ask for the end once so many items are there."""

    def __init__(self, ls, control, count, **how):
        super().__init__(ls)
        self.ls, self.control, self.count, self.how = ls, control, count, how

    def build(self, step_id, worker_index, worker_count):
        part, write = super().build(step_id, worker_index, worker_count), None
        write = part.write_batch

        def write_batch(items):
            write(items)
            if len(self.ls) >= self.count:
                self.control.stop(**self.how)

        part.write_batch = write_batch
        return part


def test_what_comes_in_is_counted_and_passes_unchanged():
    """The control before the input changes nothing."""
    out, control = [], Control()
    made = flow(TestingSource(range(10), batch_size=3), TestingSink(out))
    attach_control(made, control)
    run_main(made)
    assert (out, control.count) == (list(range(10)), 10)


@pytest.mark.parametrize("close_windows", [True, False])
@pytest.mark.parametrize("source", [Numbers(), TestingSource(iter(int, 1))], ids=["free", "kept"])
def test_an_endless_flow_can_be_ended(source, close_windows):
    """With both kinds of source."""
    out, control = [], Control()
    made = flow(source, StopAt(out, control, 5, close_windows=close_windows))
    attach_control(made, control)
    run_main(made)
    assert len(out) >= 5
    assert control.is_stopping


@pytest.mark.parametrize(
    ("made", "missing"),
    [(flow(), "input"), (flow(TestingSource([])), "output")],
    ids=["input", "output"],
)
def test_a_flow_that_cannot_run_is_refused(made, missing):
    """The error names what is missing and how to add it."""
    with pytest.raises(UsageError, match=f"has no {missing}.*op.{missing}"):
        attach_control(made, Control())


def test_a_flow_runs_once():
    """Its operators keep what they have seen, so it has to be built again."""
    made = flow(TestingSource([1]), TestingSink([]))
    attach_control(made, Control())
    with pytest.raises(UsageError, match="ran before"):
        attach_control(made, Control())


def test_what_is_no_flow_is_refused():
    """A learner may pass a stream."""
    with pytest.raises(UsageError, match="expected a Dataflow"):
        require_runnable("flow")


def test_the_watermark_is_what_is_stamped():
    """The last one; none in a flow that stamps nothing."""
    control, made, out = Control(), Dataflow("stamped"), []
    source = TestingSource(arrivals([("a", 1, 0), ("a", 7, 1)]))
    partitions = [("t", 0), ("t", 1)]
    up = watermarked("stamp", op.input("in", made, source), partitions=partitions)
    keyed = op.key_on("key", up, lambda arrival: arrival.key)
    windows = windowed("count", keyed, Tumbling(5 * SECOND), COUNT).windows
    op.output("out", windows, TestingSink(out))
    attach_control(made, control)
    run_main(made)
    assert control.status.watermark == NOON + 1000
    assert len(out) == 2
    assert Control().status.watermark is None


def test_a_source_of_no_known_kind_is_refused():
    """bytewax knows two, and the error names them."""

    class Strange(Source):
        pass

    with pytest.raises(UsageError, match=r"cannot read from this.*found Strange"):
        attach_control(flow(Strange(), TestingSink([])), Control())
