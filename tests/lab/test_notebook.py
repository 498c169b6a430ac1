import pytest

from eventlab.lab.notebook import Cell, is_run_by_a_person, parameter, running_cell
from tests.lab.shell import Shell


@pytest.fixture
def shell(monkeypatch):
    """A kernel's shell whose running cell and variables a test sets."""
    shell = Shell()
    monkeypatch.setattr("eventlab.lab.notebook.get_ipython", lambda: shell)
    return shell


def test_a_parameter_is_the_notebooks_own_variable(shell):
    """SEED is what the notebook says, or the default where it says nothing."""
    shell.user_ns["SEED"] = 11
    assert (parameter("SEED"), parameter("BREAK", False)) == (11, False)


def test_a_cell_is_known_by_its_id_and_by_its_run(shell):
    """A front end that names no cells leaves the id out."""
    assert running_cell() == Cell("a", 1)
    shell.get_parent = dict
    assert running_cell() == Cell(None, 1)


def test_outside_of_a_notebook_parameters_have_their_defaults(monkeypatch):
    """A program has no parameters cell, and no cells."""
    monkeypatch.setattr("eventlab.lab.notebook.get_ipython", lambda: None)
    assert parameter("SEED", 3) == 3
    assert running_cell() == Cell(None, 0)


def test_a_person_runs_what_a_front_end_names(shell, monkeypatch):
    """What papermill runs, or a program, is nobody's progress."""
    assert is_run_by_a_person()
    shell.get_parent = dict
    assert not is_run_by_a_person()
    monkeypatch.setattr("eventlab.lab.notebook.get_ipython", lambda: None)
    assert not is_run_by_a_person()
