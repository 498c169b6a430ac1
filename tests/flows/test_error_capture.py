import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.errors import BytewaxRuntimeError
from bytewax.testing import TestingSink, TestingSource, run_main

from eventlab.flows.control import Control, attach_control
from eventlab.flows.error_capture import capture_errors


class Refusing(TestingSink):
    """Raise at the first batch."""

    def build(self, *arguments):
        part = super().build(*arguments)
        part.write_batch = lambda items: 1 / 0
        return part


def numbers():
    yield 1
    raise ZeroDivisionError


def mapped(stream):
    return op.map("step", stream, lambda item: item / 0)


def branched(stream):
    return op.branch("step", stream, lambda item: item / 0).trues


def kept(stream):
    keyed = op.key_on("key", stream, str)
    return op.stateful_map("step", keyed, lambda state, item: (None, item / 0))


def same(stream):
    return stream


@pytest.mark.parametrize(
    ("step", "source", "sink"),
    [
        (mapped, [1], TestingSink),
        (branched, [1], TestingSink),
        (kept, [1], TestingSink),
        (same, numbers(), TestingSink),
        (same, [1], Refusing),
    ],
)
def test_what_a_step_raises_is_captured(step, source, sink):
    """A function, a test, a logic, a source and a sink; the first one is the cause."""
    made, captured = Dataflow("raising"), []
    op.output("out", step(op.input("in", made, TestingSource(source))), sink([]))
    attach_control(made, Control())
    capture_errors(made, captured.append)
    with pytest.raises((BytewaxRuntimeError, ZeroDivisionError)):
        run_main(made)
    assert isinstance(captured[0], ZeroDivisionError)


def test_the_end_of_an_input_is_no_error():
    """And the items are the same."""
    made, captured, out = Dataflow("ending"), [], []
    stream = op.flat_map("step", op.input("in", made, TestingSource([1, 2])), lambda n: [n, n])
    op.output("out", stream, TestingSink(out))
    attach_control(made, Control())
    capture_errors(made, captured.append)
    run_main(made)
    assert (out, captured) == ([1, 1, 2, 2], [])
