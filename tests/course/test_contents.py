import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from eventlab.course import chapters, contents
from eventlab.teach.progress import remember

CELLS = [
    'lab.predict("76.way", "Which?", ["left", "right"])',
    'lab.claim("76.more", "More", needs="a > 0", a=1)\nlab.claim("76.less", "Less", needs="b < 0")',
    'lab.check("76.1", ...)',
    "half = (",
    "lab.check(own_name)",
]


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A clone with one chapter, and a home of its own."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(chapters, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(contents, "ROOT", tmp_path)
    (tmp_path / "notebooks").mkdir()
    write(tmp_path / "notebooks" / "76_made.ipynb", "Made | *up*")
    return tmp_path


def write(path, title):
    cells = [new_markdown_cell(f"# {title}"), *map(new_code_cell, CELLS)]
    nbformat.write(new_notebook(cells=cells), path)


def counts():
    [entry] = contents.entries()
    return [entry.state, *(str(entry.counts[kind]) for kind in contents.KINDS)]


def test_what_is_done_is_counted_beside_what_there_is(shelf):
    """By its kind, read from the chapter's own source, whatever half-written cell is in it."""
    assert counts() == ["open", "0 of 1", "0 of 2", "0 of 1"]
    remember("prediction", "76.way", {"guess": "left"})
    assert counts() == ["begun", "1 of 1", "0 of 2", "0 of 1"]
    for kind, name in [("claim", "76.more"), ("claim", "76.less"), ("exercise", "76.1")]:
        remember(kind, name)
    assert counts() == ["done", "1 of 1", "2 of 2", "1 of 1"]


def test_what_is_no_part_of_a_chapter_does_not_count(shelf):
    """Another chapter's, or a name that the chapter had before."""
    remember("claim", "76.former")
    remember("claim", "01.order")
    remember("claim", "76.way")
    assert counts() == ["open", "0 of 1", "0 of 2", "0 of 1"]


def test_the_page_leads_to_each_chapter(shelf):
    """With its minutes, and a title that Markdown shows as it is."""
    row = r"[76 Made \| \*up\*](notebooks/76_made.ipynb) | 2 | 0 of 1 | 0 of 2 | 0 of 1 |"
    assert row in contents.as_markdown()


@pytest.mark.parametrize("damage", ["", "{}", "[]", '{"cells": 3, "nbformat": 4}', "\x00"])
def test_a_damaged_notebook_hides_no_other(shelf, damage):
    """Its row says that it cannot be read."""
    (shelf / "notebooks" / "77_torn.ipynb").write_text(damage, encoding="utf-8")
    page = contents.as_markdown()
    assert r"77 77\_torn.ipynb (it cannot be read)" in page
    assert "76 Made" in page


def test_without_chapters_the_page_says_so(shelf):
    """One sentence, and no traceback in JupyterLab."""
    (shelf / "notebooks" / "76_made.ipynb").unlink()
    assert "Install eventlab from a clone" in contents.as_markdown()


def test_progress_that_is_not_kept_is_told_on_the_page(shelf):
    """The chapters are there all the same."""
    (shelf / "home").write_text("no folder", encoding="utf-8")
    page = contents.as_markdown()
    assert "Your progress is not kept" in page
    assert "76 Made" in page
