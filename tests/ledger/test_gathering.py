import os
from pathlib import Path

import nbformat
import pytest

from eventlab import tour
from eventlab.course.chapters import Chapter
from eventlab.errors import ChapterError, StorageError
from eventlab.ledger.gathering import gather, made_folder, run_chapters
from eventlab.teach.claim import CLAIM_MIMETYPE
from tests.ledger.made import claim, notebook, saved


@pytest.fixture(autouse=True)
def _two_chapters(monkeypatch):
    known = [Chapter(number, Path(f"{number}_made.ipynb")) for number in ("76", "77")]
    monkeypatch.setattr("eventlab.course.chapters.chapters", lambda: known)


@pytest.fixture
def runs(tmp_path):
    """A folder with a normal and a broken run of chapter 77."""
    saved(tmp_path / "normal" / "77_made.ipynb", claim())
    saved(tmp_path / "broken" / "77_made.ipynb", claim(crossings=2, broken=True))
    return tmp_path


def test_runs_are_told_apart_by_what_they_claimed(runs):
    """Whatever their folders and names are; the date is that of the file."""
    (runs / "normal" / "77_made.ipynb").rename(runs / "mine.ipynb")
    os.utime(runs / "mine.ipynb", (1_700_000_000, 1_700_000_000))
    (section,) = gather(runs).sections
    assert (section.chapter.number, section.faults) == ("77", [])
    assert section.normal.date == "2023-11-14"


def test_what_jupyter_puts_aside_is_no_run(runs):
    """Its checkpoints lie in a hidden folder, and would be second runs."""
    saved(runs / ".ipynb_checkpoints" / "77_made-checkpoint.ipynb", claim())
    assert len(gather(runs).sections) == 1


def test_only_the_chapters_that_are_wanted_are_taken(runs):
    """All that are there, unless somebody names some; with or without a zero before the number."""
    saved(runs / "76.ipynb", claim("76.order"))
    assert [section.chapter.number for section in gather(runs).sections] == ["76", "77"]
    assert [section.chapter.number for section in gather(runs, ("77",)).sections] == ["77"]


def refusal(folder, *numbers) -> str:
    """Return the one error with which a folder is refused."""
    with pytest.raises(ChapterError) as caught:
        gather(folder, numbers)
    assert caught.value.remedy
    return str(caught.value)


def test_a_chapter_without_a_run_is_refused(runs):
    """Those that have one are named."""
    assert "no run of chapter 76 in" in refusal(runs, "76")
    assert "expected one of 77, found 76" in refusal(runs, "76")


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_without_notebooks_is_refused(tmp_path, made):
    """Whether it is there or not."""
    folder = tmp_path / "empty"
    if made:
        folder.mkdir()
    assert f"There are no runs in {folder}" in refusal(folder)


def test_a_notebook_that_claims_nothing_is_refused(runs):
    """It was never run, or is no chapter."""
    saved(runs / "new.ipynb")
    assert f"{runs / 'new.ipynb'} claims nothing: expected an executed chapter" in refusal(runs)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"nbformat": 4}'])
def test_a_file_that_is_no_notebook_is_refused(runs, text):
    """The file is named, and no traceback of nbformat's shown."""
    (runs / "odd.ipynb").write_text(text, encoding="utf-8")
    assert f"{runs / 'odd.ipynb'} cannot be read: expected a notebook" in refusal(runs)


def test_claims_of_two_kinds_of_run_in_one_notebook_are_refused(tmp_path):
    """Somebody set BREAK and ran only a part again."""
    saved(tmp_path / "77.ipynb", claim(), claim("77.replay", broken=True))
    assert "not those of one run" in refusal(tmp_path)
    assert "found both kinds" in refusal(tmp_path)


def test_claims_of_two_chapters_in_one_notebook_are_refused(tmp_path):
    """A chapter makes its own."""
    saved(tmp_path / "77.ipynb", claim(), claim("76.order"))
    assert "found the chapters 77, 76" in refusal(tmp_path)


def test_two_runs_of_one_kind_are_refused(runs):
    """Which of them counts nobody can know."""
    saved(runs / "again.ipynb", claim())
    message = refusal(runs)
    assert f"found {runs / 'again.ipynb'} and {runs / 'normal' / '77_made.ipynb'}" in message


def test_a_chapter_that_is_not_of_the_course_is_refused(tmp_path):
    """The known ones are named."""
    saved(tmp_path / "12.ipynb", claim("12.order"))
    assert "There is no chapter 12: expected one of 76, 77" in refusal(tmp_path)


def other_claim(path, **changes):
    """Save a notebook whose one claim has other parts than it should; None takes one away."""
    made = notebook(claim())
    carried = made.cells[0].outputs[0].data[CLAIM_MIMETYPE]
    carried.update(changes)
    for name in [name for name, value in changes.items() if value is None]:
        del carried[name]
    nbformat.write(made, path)


@pytest.mark.parametrize(
    "changes", [{"inequality": None}, {"figures": [1]}, {"seed": "seven"}, {"seed": None}]
)
def test_a_claim_of_another_time_is_refused(tmp_path, changes):
    """What it lacks, or has otherwise, is named."""
    other_claim(tmp_path / "old.ipynb", **changes)
    message = refusal(tmp_path)
    assert "The claim 77.order in" in message
    assert f"found no right {next(iter(changes))}" in message


def test_a_claim_without_a_name_is_refused(tmp_path):
    """Nobody could say which it is."""
    other_claim(tmp_path / "old.ipynb", claim=None)
    assert f"{tmp_path / 'old.ipynb'} cannot be read" in refusal(tmp_path)


def test_chapters_run_as_they_are_and_then_broken(tmp_path, monkeypatch):
    """Never both at once; what they ended with is in the ledger, and the notebooks are kept."""
    asked = []

    def toured(chapters, parameters, *, keep):
        asked.append(parameters)
        broken = parameters["BREAK"]
        for chapter in reversed(chapters):
            name = f"{chapter.number}.order"
            saved(keep / chapter.path.name, claim(name, crossings=int(broken), broken=broken))
            yield tour.Run(chapter, [], "gone" if broken and chapter.number == "76" else "")

    monkeypatch.setattr(tour, "tour", toured)
    ended = []

    def end(run, *, broken):
        ended.append((run.chapter.number, broken))

    chapters = [Chapter(number, Path(f"{number}_made.ipynb")) for number in ("76", "77")]
    ledger = run_chapters(chapters, tmp_path / "runs", {"SPEED": 0}, on_end=end)
    assert asked == [{"SPEED": 0, "BREAK": False}, {"SPEED": 0, "BREAK": True}]
    assert [section.chapter.number for section in ledger.sections] == ["76", "77"]
    assert [section.broken.error for section in ledger.sections] == ["gone", ""]
    assert ended == [("77", False), ("76", False), ("77", True), ("76", True)]
    assert [section.entries for section in gather(tmp_path / "runs").sections] == [
        section.entries for section in ledger.sections
    ]


def test_a_folder_is_made_with_those_above_it(tmp_path):
    """A second time it is only found."""
    folder = tmp_path / "a" / "b"
    assert made_folder(folder) == made_folder(folder)
    assert folder.is_dir()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    """A file is in its place."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match=r"cannot be written to .*file"):
        made_folder(tmp_path / "file")
    with pytest.raises(StorageError, match="not a directory"):
        made_folder(tmp_path / "file" / "below")
