from types import SimpleNamespace

import pytest

from eventlab import notebook
from eventlab.notebook import Opened, parameter


@pytest.fixture
def shell(monkeypatch):
    """A kernel's shell whose running cell and variables a test sets."""
    shell = SimpleNamespace(user_ns={}, execution_count=1, cell="a")
    shell.get_parent = lambda: {"metadata": {"cellId": shell.cell}}
    monkeypatch.setattr(notebook, "get_ipython", lambda: shell)
    return shell


def test_a_parameter_is_the_notebooks_own_variable(shell):
    """SEED is what the notebook says, or the default where it says nothing."""
    shell.user_ns["SEED"] = 11
    assert (parameter("SEED"), parameter("BREAK", False)) == (11, False)


def test_outside_of_a_notebook_parameters_have_their_defaults(monkeypatch):
    """A program has no parameters cell."""
    monkeypatch.setattr(notebook, "get_ipython", lambda: None)
    assert parameter("SEED", 3) == 3


def test_a_cell_that_runs_again_closes_what_it_opened_before(shell):
    """Only what the same cell opened in its earlier run is closed."""
    opened, closed = Opened(), []
    opened.add(lambda: closed.append("first run"))
    opened.add(lambda: closed.append("first run too"))
    shell.cell, shell.execution_count = "b", 2
    opened.add(lambda: closed.append("other cell"))
    shell.cell, shell.execution_count = "a", 3
    opened.add(lambda: closed.append("second run"))
    assert closed == ["first run too", "first run"]


def test_what_takes_a_place_closes_what_was_there(shell):
    """Two players never play into one topic, whichever cells they come from."""
    opened, closed = Opened(), []
    opened.add(lambda: closed.append("one"), "into orders")
    shell.cell = "b"
    opened.add(lambda: closed.append("two"), "into orders")
    assert closed == ["one"]
    opened.close_at("into orders")
    assert closed == ["one", "two"]


def test_all_is_closed_once_and_the_youngest_first(monkeypatch):
    """A front end that names no cells loses nothing."""
    monkeypatch.setattr(notebook, "get_ipython", lambda: None)
    opened, closed = Opened(), []
    for name in "abc":
        opened.add(lambda name=name: closed.append(name))
    opened.close_all()
    opened.close_all()
    assert closed == ["c", "b", "a"]
    assert len(opened) == 0
