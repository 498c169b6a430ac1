import bytewax.operators as op
from bytewax.dataflow import Dataflow, Operator
from bytewax.outputs import Sink
from bytewax.testing import TestingSink, TestingSource, run_main

from eventlab.streams import bytewax_steps
from eventlab.streams.bytewax_steps import source_of, sources_of, steps, steps_above


def every_kind() -> dict[str, Operator]:
    """Return a step of each kind that is known by name, by the name of its class."""
    made = Dataflow("kinds")
    numbers = op.input("in", made, TestingSource([1]))
    branched = op.branch("branch", numbers, lambda number: True)
    keyed = op.key_on("key", op.inspect("look", branched.trues), str)
    counted = op.stateful_map("count", keyed, lambda state, item: (state, item))
    op.output("out", counted, TestingSink([]))
    return {type(step).__name__: step for step in steps(made)}


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


def test_what_a_step_is_made_of_is_known_by_kind():
    """Source, sink, builder and function, each of the steps that have one and of no other."""
    kinds = every_kind()

    def having(part):
        return {kind for kind, step in kinds.items() if part(step) is not None}

    assert having(source_of) == {"input"}
    assert having(bytewax_steps.sink_of) == {"output"}
    assert having(bytewax_steps.builder_of) == {"stateful_batch"}
    assert having(bytewax_steps.function_of) == {"flat_map_batch", "branch", "inspect_debug"}
    assert isinstance(bytewax_steps.sink_of(kinds["output"]), Sink)


def test_outputs_and_what_is_recovered_are_told_apart():
    """An inspection is an output too, and keeps nothing."""
    kinds = every_kind()
    assert {kind for kind, step in kinds.items() if bytewax_steps.is_output(step)} == {
        "output",
        "inspect_debug",
    }
    assert {kind for kind, step in kinds.items() if bytewax_steps.is_recovered(step)} == {
        "input",
        "stateful_batch",
        "output",
    }
    assert bytewax_steps.name_in_flow(kinds["stateful_batch"]) == "count"
    assert bytewax_steps.gives_items_late(kinds["flat_map_batch"])
    assert not bytewax_steps.gives_items_late(kinds["branch"])


def test_every_part_can_be_replaced():
    """bytewax runs what was put there, and the step's own parts no more."""
    made, out = Dataflow("replaced"), []
    mapped = op.map("same", op.input("in", made, TestingSource([1, 2])), lambda item: item)
    keyed = op.key_on("key", mapped, str)
    op.output("out", op.stateful_map("keep", keyed, lambda _, n: (None, n)), TestingSink(out))
    for step in list(steps(made)):
        if source_of(step):
            bytewax_steps.replace_source(step, TestingSource([5]))
        if bytewax_steps.name_in_flow(step) == "same" and bytewax_steps.function_of(step):
            bytewax_steps.replace_function(step, lambda batch: [item * 2 for item in batch])
        if build := bytewax_steps.builder_of(step):
            bytewax_steps.replace_builder(step, lambda state, build=build: build(state))
    run_main(made)
    assert out == [("10", 10)]
