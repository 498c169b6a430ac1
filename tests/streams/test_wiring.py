import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.inputs import DynamicSource, StatelessSourcePartition
from bytewax.testing import TestingSink, TestingSource, run_main

from eventlab.errors import UsageError
from eventlab.streams.wiring import Control, sources_of, steps, take_in_hand


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


def test_steps_are_found_inside_of_others():
    """An operator is made of operators."""
    kinds = [type(step).__name__ for step in steps(flow(TestingSource([]), TestingSink([])))]
    assert kinds == ["input", "map", "flat_map_batch", "output"]


def test_the_sources_of_a_stream_are_found_through_every_step():
    """Those above it, however they were joined, and no other."""
    made = Dataflow("sources")
    sources = [TestingSource([]) for _ in range(3)]
    first, second, _other = (op.input(f"in_{n}", made, one) for n, one in enumerate(sources))
    counted = op.count_final("count", op.merge("both", first, second), str)
    assert set(map(id, sources_of(counted))) == set(map(id, sources[:2]))


def test_what_comes_in_is_counted_and_passes_unchanged():
    """The hand on the input changes nothing."""
    out, control = [], Control()
    made = flow(TestingSource(range(10), batch_size=3), TestingSink(out))
    take_in_hand(made, control)
    run_main(made)
    assert (out, control.count) == (list(range(10)), 10)


@pytest.mark.parametrize("close_windows", [True, False])
@pytest.mark.parametrize("source", [Numbers(), TestingSource(iter(int, 1))], ids=["free", "kept"])
def test_an_endless_flow_can_be_ended(source, close_windows):
    """Both kinds of source hear it."""
    out, control = [], Control()
    made = flow(source, StopAt(out, control, 5, close_windows=close_windows))
    take_in_hand(made, control)
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
        take_in_hand(made, Control())


def test_a_flow_runs_once():
    """Its operators keep what they have seen, so it has to be built again."""
    made = flow(TestingSource([1]), TestingSink([]))
    take_in_hand(made, Control())
    with pytest.raises(UsageError, match="ran before"):
        take_in_hand(made, Control())
