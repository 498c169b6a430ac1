import re

import pytest

from eventlab.course import chapters
from eventlab.errors import ChapterError


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder with two chapters and something else."""
    monkeypatch.setattr(chapters, "NOTEBOOKS", tmp_path)
    for name in ("01_log.ipynb", "00_welcome.ipynb", "workbench.ipynb"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    return tmp_path


def test_chapters_come_in_the_order_of_their_numbers(shelf):
    """Only notebooks that begin with two digits are chapters."""
    assert [chapter.number for chapter in chapters.chapters()] == ["00", "01"]


def test_a_chapter_is_found_by_its_number(shelf):
    """The number may be said with or without its zero; no number means all."""
    assert chapters.chosen(("1",)) == chapters.chosen(("01",))
    assert len(chapters.chosen(())) == 2


def test_an_unknown_number_names_the_known_ones(shelf):
    """Who asks for chapter 77 reads which there are."""
    with pytest.raises(ChapterError, match=r"no chapter 77: expected one of 00, 01"):
        chapters.chosen(("77",))


def test_a_folder_without_chapters_is_an_error(tmp_path, monkeypatch):
    """An installation that is no clone has no notebooks, and says so."""
    monkeypatch.setattr(chapters, "NOTEBOOKS", tmp_path)
    with pytest.raises(ChapterError, match="Install eventlab from a clone"):
        chapters.chapters()


def test_no_chapter_names_one_that_is_not_there():
    """What is only planned is "a later chapter"."""
    there = {chapter.number for chapter in chapters.chapters()}
    for chapter in chapters.chapters():
        named = re.findall(r"\bchapters? (\d+)", chapter.path.read_text(encoding="utf-8"), re.I)
        assert {number.zfill(2) for number in named} <= there, chapter.path.name


def test_every_chapter_of_the_project_has_a_title():
    """The first heading is what the tour prints."""
    assert all(chapter.title != chapter.path.stem for chapter in chapters.chapters())
