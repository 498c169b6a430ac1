"""The magics: which lab they ask, and what."""

from types import SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell

from eventlab.lab import magics


@pytest.fixture
def shell(monkeypatch):
    """An IPython in which the magics ask a lab that keeps what it is asked."""
    shell = InteractiveShell()
    asked = []
    lab = SimpleNamespace(sql=lambda text, chart: asked.append((text, chart)) or "answer")
    monkeypatch.setattr(magics, "get_ipython", lambda: shell)
    magics.register_sql(lambda: lab)
    yield shell, asked
    shell.history_manager.end_session()


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("SHOW STREAMS;", ("SHOW STREAMS;", False)),
        ("--chart SELECT 1;", ("SELECT 1;", True)),
        ("-- a comment", ("-- a comment", False)),
    ],
)
def test_a_line_is_asked(shell, line, asked):
    """Its value is the answer."""
    assert shell[0].run_line_magic("sql", line) == "answer"
    assert shell[1] == [asked]


@pytest.mark.parametrize(("line", "chart"), [("", False), ("--chart", True), (" --chart ", True)])
def test_a_cell_is_asked_with_its_lines_where_they_are(shell, line, chart):
    """The magic is the first one, so an error counts as the cell does."""
    assert shell[0].run_cell_magic("sql", line, "SHOW STREAMS;") == "answer"
    ((text, has_chart),) = shell[1]
    assert text.strip() == "SHOW STREAMS;"
    assert text.splitlines()[1] == "SHOW STREAMS;"
    assert has_chart == chart


def test_outside_of_ipython_there_is_none(monkeypatch):
    """And nothing is wrong."""
    monkeypatch.setattr(magics, "get_ipython", lambda: None)
    magics.register_sql(print)
