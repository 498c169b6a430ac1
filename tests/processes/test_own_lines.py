import json
import linecache

import pytest

from eventlab.arguments import required_seed
from eventlab.processes.own_lines import notebook_sources, own_line, use_sources

CELL = "def divide(order):\n    return 1 / order\n"


@pytest.fixture
def cell():
    """A function of a cell: its lines are in the linecache, and there is no file."""
    name = "/tmp/no-such-kernel/123.py"
    linecache.cache[name] = (len(CELL), None, CELL.splitlines(keepends=True), name)
    space = {}
    exec(compile(CELL, name, "exec"), space)
    yield name, space["divide"]
    linecache.cache.pop(name, None)


def error_of(function, *arguments) -> BaseException:
    try:
        function(*arguments)
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def test_the_innermost_line_of_the_learner_s_is_named(cell):
    """With what it says, though there is no file."""
    error = error_of(lambda: cell[1](0))
    assert own_line(error) == "It happened in line 2 of divide: return 1 / order"


def test_lines_of_libraries_and_of_eventlab_are_nobody_s_own():
    """It is the call of them that the learner can mend."""

    def parse():
        json.loads("{")

    def seed():
        required_seed(-1)

    assert own_line(error_of(parse)).endswith('of parse: json.loads("{")')
    assert own_line(error_of(seed)).endswith("of seed: required_seed(-1)")


def test_an_error_without_such_a_line_has_none():
    """One that was never raised, or that Python's own code has raised alone."""
    assert own_line(ValueError("made")) == ""
    space = {}
    exec("def divide():\n    1 / 0", space)
    error = error_of(space["divide"])
    error.__traceback__ = error.__traceback__.tb_next
    assert own_line(error) == ""


def test_another_process_can_show_the_lines_of_a_cell(cell):
    """They are found here, and used there as if they were a file's."""
    name, divide = cell
    sources = notebook_sources()
    assert sources[name] == CELL.splitlines(keepends=True)
    linecache.cache.pop(name)
    assert "1 / order" not in own_line(error_of(divide, 0))
    use_sources(sources)
    assert own_line(error_of(divide, 0)).endswith("return 1 / order")


def test_files_are_not_sent_along():
    """The other process reads them itself."""
    linecache.getlines(__file__)
    assert __file__ not in notebook_sources()
