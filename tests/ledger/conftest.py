import pytest

from eventlab.course.chapters import Chapter
from eventlab.ledger import entries
from tests.ledger.made import ARGUMENTS


@pytest.fixture(autouse=True)
def _a_made_up_chapter(monkeypatch):
    """The book has one argument, and its chapter a title."""
    monkeypatch.setattr(entries, "ARGUMENTS", ARGUMENTS)
    monkeypatch.setattr(Chapter, "title", "Made <up>")
