import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource

from eventlab.errors import UsageError
from eventlab.flows import run
from eventlab.flows.in_processes import InProcesses
from eventlab.flows.in_thread import InThread
from tests.waiting import until


def numbers() -> Dataflow:
    """Return a small flow."""
    flow = Dataflow("numbers")
    op.output("out", op.input("in", flow, TestingSource(range(5))), TestingSink([]))
    return flow


@pytest.mark.parametrize(("where", "kind"), [("thread", InThread), ("process", InProcesses)])
def test_it_runs_where_it_should(where, kind):
    """And to its end in either place."""
    running = run(numbers(), where=where)
    assert isinstance(running, kind)
    assert running.wait(60)
    assert (running.count, running.error, running.is_alive) == (5, None, False)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"where": "cloud"}, "'thread' or 'process'"),
        ({"processes": 2}, "A thread is one"),
        ({"where": "process", "processes": 0}, "1 to 16"),
        ({"where": "process", "processes": "2"}, "found '2'"),
        ({"epoch": 1}, "expected a timedelta"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_runs(options, words):
    """One error that says what was expected."""
    with pytest.raises(UsageError, match=words):
        run(numbers(), **options)


@pytest.mark.parametrize("where", ["thread", "process"])
def test_an_error_is_reported_from_either_place(where):
    """`on_error` gets what `error` keeps, without anybody waiting for the flow."""
    reported = []
    flow = Dataflow("divides")
    numbers = op.input("in", flow, TestingSource([1]))
    op.output("out", op.map("divide", numbers, lambda number: number / 0), TestingSink([]))
    running = run(flow, where=where, on_error=reported.append)
    until(lambda: reported)
    assert reported == [running.error]
    assert "ZeroDivisionError" in running.error.found
