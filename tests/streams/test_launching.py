import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource

from eventlab.errors import UsageError
from eventlab.streams import run
from eventlab.streams.in_processes import InProcesses
from eventlab.streams.in_thread import InThread


def numbers() -> Dataflow:
    """Return a small flow."""
    flow = Dataflow("numbers")
    op.output("out", op.input("in", flow, TestingSource(range(5))), TestingSink([]))
    return flow


@pytest.mark.parametrize(("where", "kind"), [("thread", InThread), ("process", InProcesses)])
def test_it_runs_where_it_is_told_to(where, kind):
    """And to its end in either place."""
    running = run(numbers(), where=where)
    assert isinstance(running, kind)
    assert running.wait(60)
    assert (running.count, running.error, running.is_alive) == (5, None, False)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"where": "cloud"}, "No such place"),
        ({"processes": 2}, "A thread is one"),
        ({"where": "process", "processes": 0}, "1 to 16"),
        ({"where": "process", "processes": "2"}, "found '2'"),
        ({"epoch": 1}, "An epoch is no length"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_runs(options, words):
    """One error that says what was expected."""
    with pytest.raises(UsageError, match=words):
        run(numbers(), **options)
