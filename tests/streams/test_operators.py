"""The decorator of our operators: bytewax's own, and a call that is checked first."""

import inspect

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow, Stream
from bytewax.testing import TestingSource

from eventlab.errors import UsageError
from eventlab.streams.operators import operator


@operator
def doubled(step_id: str, up: Stream[int], *, times: int = 1) -> Stream[int]:
    """Double each number."""
    return op.map("double", up, lambda number: number * 2**times)


@pytest.fixture
def up():
    """Return a stream of numbers."""
    return op.input("in", Dataflow("flow"), TestingSource([1]))


def test_a_step_is_added(up):
    """As bytewax's own decorator adds it, with the same signature."""
    doubled("twice", up)
    assert "twice" in {step.step_name for step in up.flow().substeps}
    assert list(inspect.signature(doubled).parameters) == ["step_id", "up", "times"]


def test_a_name_that_no_step_can_have_is_refused(up):
    """One with a dot, and one that another step has."""
    doubled("twice", up)
    for name in ("a.b", "twice"):
        with pytest.raises(UsageError, match="no other step of the flow has"):
            doubled(name, up)


def test_wrong_arguments_are_refused(up):
    """Before a step is added."""
    with pytest.raises(UsageError, match=r"argument up .* a stream of a flow, found None"):
        doubled("none", None)
    with pytest.raises(UsageError, match=r"argument times .* a whole number, found 'two'"):
        doubled("none", up, times="two")
    assert "none" not in {step.step_name for step in up.flow().substeps}
