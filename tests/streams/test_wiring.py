import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource

from eventlab.streams.wiring import source_of, sources_of, steps, steps_above


def test_steps_are_found_inside_of_others():
    """An operator is made of operators."""
    made = Dataflow("wired")
    stream = op.map("same", op.input("in", made, TestingSource([])), lambda item: item)
    op.output("out", stream, TestingSink([]))
    kinds = [type(step).__name__ for step in steps(made)]
    assert kinds == ["input", "map", "flat_map_batch", "output"]


def test_the_sources_of_a_stream_are_found_through_every_step():
    """Those above it, however they were joined, and no other."""
    made = Dataflow("sources")
    sources = [TestingSource([]) for _ in range(3)]
    first, second, _other = (op.input(f"in_{n}", made, one) for n, one in enumerate(sources))
    counted = op.count_final("count", op.merge("both", first, second), str)
    assert set(map(id, sources_of(counted))) == set(map(id, sources[:2]))


def test_the_steps_above_a_stream_are_those_it_comes_from():
    """And not what it goes to."""
    made = Dataflow("above")
    stream = op.input("in", made, TestingSource([]))
    first = op.map("first", stream, lambda item: item)
    op.output("out", op.map("second", first, lambda item: item), TestingSink([]))
    names = {step.step_id.split(".")[1] for step in steps_above(first)}
    assert names == {"in", "first"}
    assert [source_of(step) is None for step in steps(made) if step.step_name == "out"] == [True]
