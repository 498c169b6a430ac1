import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource

from eventlab.errors import EventlabError, FlowError, UsageError
from eventlab.streams import run


def ended_by(flow: Dataflow) -> EventlabError:
    """Return the failure of a flow."""
    running = run(flow)
    with pytest.raises(EventlabError):
        running.wait(30)
    return running.error


def mapping(mapper) -> Dataflow:
    """Return a flow whose one step is this."""
    flow = Dataflow("fails")
    numbers = op.input("in", flow, TestingSource([1]))
    op.output("out", op.map("step", numbers, mapper), TestingSink([]))
    return flow


def divide(number: int) -> float:
    return number / 0


def test_the_learner_s_own_line_is_told():
    """The cause, the function and the line, and nothing of bytewax's insides."""
    error = ended_by(mapping(divide))
    assert type(error) is FlowError
    assert str(error) == (
        "The flow 'fails' ended with an error: found ZeroDivisionError: division by zero."
        f" It happened in line {divide.__code__.co_firstlineno + 1} of divide: return number / 0"
    )


def test_an_error_of_ours_stays_itself():
    """It says already what was expected."""
    ours = UsageError("no", expected="yes")

    def refuse(_number):
        raise ours

    assert ended_by(mapping(refuse)) is ours


def test_what_bytewax_refuses_is_told_in_its_words():
    """A key that is no text is found by bytewax itself: the step is told, not the Rust source."""
    flow = Dataflow("keys")
    numbers = op.input("in", flow, TestingSource([1]))
    op.output("out", op.count_final("count", numbers, lambda number: number), TestingSink([]))
    said = str(ended_by(flow))
    assert "keys.count" in said
    assert "requires `str` keys" in said
    assert ".rs" not in said
