from datetime import UTC, datetime, timedelta

import bytewax.operators as op
import bytewax.operators.windowing as win
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource

from eventlab.errors import EventlabError, FlowError, UsageError
from eventlab.flows import run
from eventlab.streams import Tumbling, event_clock, windowed
from tests.streams.histories import arrivals
from tests.streams.test_windows import COUNT


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


def test_the_learner_s_own_line_is_reported():
    """The cause, the function and the line, and nothing of bytewax's insides."""
    error = ended_by(mapping(divide))
    assert type(error) is FlowError
    assert str(error) == (
        "The flow 'fails' ended with an error: expected steps that take every item,"
        " found ZeroDivisionError: division by zero."
        f" It happened in line {divide.__code__.co_firstlineno + 1} of divide: return number / 0"
    )


def test_an_error_of_ours_stays_itself():
    """It says already what was expected."""
    ours = UsageError("no", expected="yes")

    def refuse(_number):
        raise ours

    assert ended_by(mapping(refuse)) is ours


def test_what_bytewax_refuses_is_reported_in_its_words():
    """A key that is no text is found by bytewax: the error has the step, not the Rust source."""
    flow = Dataflow("keys")
    numbers = op.input("in", flow, TestingSource([1]))
    op.output("out", op.count_final("count", numbers, lambda number: number), TestingSink([]))
    said = str(ended_by(flow))
    assert "in its step 'count'" in said
    assert "requires `str` keys" in said
    assert ".rs" not in said


def keyed_by(key, stream):
    return op.key_on("by", stream, lambda _arrival: key)


def counted(stream, zone=UTC):
    """Count with bytewax's own windows; the first one begins in this zone."""
    day = win.TumblingWindower(align_to=datetime(2025, 3, 3, tzinfo=zone), length=timedelta(1))
    clock = event_clock(at=lambda one: one.timestamp.replace(tzinfo=zone))
    return win.count_window("days", stream, clock, day, key=lambda one: one.key).down


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda s: keyed_by(5, s), r"in its step 'by'.*must be a `str`.*A key is text"),
        (lambda s: keyed_by(None, s), r"in its step 'by'.*NoneType.*A key is text"),
        (
            lambda s: windowed("windows", s, Tumbling(timedelta(1)), COUNT, partitions=[]).windows,
            r"in its step 'windows'.*got Arrival.*op\.key_on",
        ),
        (lambda s: counted(s, zone=None), r"in its step 'days'.*A moment needs a time zone"),
    ],
    ids=["number", "nothing", "no key", "naive"],
)
def test_what_learners_run_into_has_a_remedy(build, words):
    """The step, what was found there, and what to do."""
    flow = Dataflow("wrong")
    stream = op.input("in", flow, TestingSource(arrivals([("a", 0, 0)])))
    op.output("out", build(stream), TestingSink([]))
    said = str(ended_by(flow))
    assert ".rs" not in said
    with pytest.raises(FlowError, match=words):
        raise FlowError(said)
