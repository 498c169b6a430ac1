import inspect
from collections.abc import Iterator

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow

from eventlab import streams
from eventlab.lab import Lab
from eventlab.live import output
from tests.docs.examples import Example, example_in, faults_of, lines_of, operators, verbs

# They need Kafka, or a step of bytewax's own beside them: semantics.md and the chapters have them.
WITHOUT = {
    *("join_global_table", "table_at"),
    *("arrival_clock", "event_clock", "watermark_clock"),
}
AT_MOST = 6  # lines; more is read by nobody


@pytest.fixture
def lab(monkeypatch) -> Iterator[Lab]:
    """A lab with a topic of orders, as the page says; what is shown is an output, and no text."""
    monkeypatch.setattr(output, "display", lambda *_data, **_more: None)
    with Lab(chapter="examples") as lab:
        lab.new_topic("orders")
        lab.produce([("ann", {"cents": 20}), ("bob", {"cents": 5})], into="orders")
        yield lab


@pytest.mark.parametrize("name", [name for name in operators() if name not in WITHOUT])
def test_an_operator_does_what_its_example_says(name):
    """A reader who types it sees the same."""
    docstring = inspect.getdoc(getattr(streams, name))
    example = example_in(name, docstring, Example().names)
    assert faults_of(example) == ""
    assert 0 < lines_of(example) <= AT_MOST


@pytest.mark.broker
@pytest.mark.xdist_group("lab examples")  # their topics have the names that a reader sees
@pytest.mark.parametrize("name", [*verbs()])
def test_a_verb_does_what_its_example_says(lab, name):
    """A reader who types it in a notebook sees the same."""
    names = {"lab": lab, "Lab": Lab, "Dataflow": Dataflow, "op": op}
    example = example_in(name, inspect.getdoc(getattr(Lab, name)), names)
    assert faults_of(example) == ""
    assert 0 < lines_of(example) <= AT_MOST


def test_an_example_that_says_something_else_is_found():
    """The run compares, and tells both."""
    example = example_in("wrong", ">>> 1 + 1\n3\n", {})
    assert "Expected:\n    3\nGot:\n    2" in faults_of(example)
