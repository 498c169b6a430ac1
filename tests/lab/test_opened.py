from types import SimpleNamespace

import pytest

from eventlab.errors import UsageError
from eventlab.lab.opened import Opened, closing
from tests.lab.shell import Shell


@pytest.fixture
def shell(monkeypatch):
    """A kernel's shell whose running cell a test sets."""
    shell = Shell()
    monkeypatch.setattr("eventlab.lab.notebook.get_ipython", lambda: shell)
    return shell


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


def test_what_an_earlier_run_has_opened_can_be_closed_beforehand(shell):
    """For what the new run needs the room of; this run's own stays."""
    opened, closed = Opened(), []
    opened.add(lambda: closed.append("first run"))
    opened.close_earlier()
    assert closed == []
    shell.execution_count = 2
    opened.close_earlier()
    assert closed == ["first run"]
    assert len(opened) == 0


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
    monkeypatch.setattr("eventlab.lab.notebook.get_ipython", lambda: None)
    opened, closed = Opened(), []
    for name in "abc":
        opened.add(lambda name=name: closed.append(name))
    opened.close_all()
    opened.close_all()
    assert closed == ["c", "b", "a"]
    assert len(opened) == 0


def test_what_cannot_be_closed_keeps_nothing_else_open(shell):
    """The others are closed, the error is raised at the end, and nothing is tried twice."""
    opened, closed = Opened(), []
    opened.add(lambda: closed.append("first"))
    opened.add(lambda: 1 / 0)
    opened.add(lambda: closed.append("last"))
    with pytest.raises(ZeroDivisionError):
        opened.close_all()
    assert closed == ["last", "first"]
    opened.close_all()


def test_what_takes_the_place_of_something_that_cannot_be_closed_is_remembered(shell):
    """Else nobody would ever close it."""
    opened, closed = Opened(), []
    opened.add(lambda: 1 / 0, "into orders")
    with pytest.raises(ZeroDivisionError):
        opened.add(lambda: closed.append("new"), "into orders")
    opened.close_all()
    assert closed == ["new"]


@pytest.mark.parametrize("name", ["stop", "close"])
def test_a_thing_is_closed_by_its_own_stop_or_close(name):
    """As followers, consumers and files have it."""
    assert closing(SimpleNamespace(**{name: print})) is print


def test_a_function_closes_by_being_called():
    """For whatever ends in another way."""
    assert closing(print) is print


def test_what_nobody_can_close_is_refused():
    """With what to pass in its place."""
    with pytest.raises(UsageError, match=r"stop\(\) or close\(\).*Pass a function"):
        closing(42)
