import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from eventlab.course.minutes import minutes
from eventlab.course.new_chapter import make_chapter
from eventlab.errors import ChapterError, StorageError, UsageError
from tests.structure.chapter_rules import faults
from tests.structure.files import ROOT, tracked_files

README = """| 03 | Businesses need *one* "thing" | planned |
| 01 | A log | [ready](notebooks/01_log.ipynb) |
"""
# What its author writes: which argument of the book its claim bears out.
ITS_ARGUMENT = """
ARGUMENTS["03"] = (Argument("What is sent can be read again", ("03.all",)),)
"""
FOLDERS = ["notebooks/solutions", "eventlab/course", "tests/course"]


@pytest.fixture
def clone(tmp_path):
    """A clone that plans one chapter, and has another."""
    for folder in FOLDERS:
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    (tmp_path / "notebooks" / "01_log.ipynb").write_text("{}", encoding="utf-8")
    return tmp_path


def contents(root: Path) -> dict[str, str]:
    """Return the text of each file."""
    paths = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in paths}


def test_a_chapter_is_its_five_files_and_its_line(clone):
    """All of them carry its number, and the page of the project calls it ready."""
    made = make_chapter("3", "one_thing", clone)
    assert [str(path.relative_to(clone)) for path in made] == [
        "notebooks/03_one_thing.ipynb",
        "eventlab/course/ch03.py",
        "notebooks/solutions/03_1.py",
        "tests/course/test_ch03.py",
        "README.md",
    ]
    texts = contents(clone)
    assert '"thing" | [ready](notebooks/03_one_thing.ipynb) |' in texts["README.md"]
    assert not [name for name, text in texts.items() if "NN" in text or "TITLE" in text]
    assert len(texts) == 6


def test_its_notebook_keeps_the_rules(clone):
    """Its title is what the project plans, whatever letters are in it."""
    notebook = nbformat.read(make_chapter("03", "one_thing", clone)[0], 4)
    assert faults(notebook) == []
    assert notebook.cells[0].source.startswith('# Businesses need *one* "thing"\n')
    assert 1 < minutes(notebook) < 20


@pytest.mark.parametrize("number", ["", "x", "3.0", "-3", "003", "100", "04", "٠٣", "0*", "../3"])
def test_a_number_that_is_not_planned_is_refused(clone, number):
    """With those that are, and nothing is written."""
    before = contents(clone)
    with pytest.raises(UsageError, match="expected one of 03, found"):
        make_chapter(number, "one_thing", clone)
    assert contents(clone) == before


@pytest.mark.parametrize(
    "topic", ["", "One", "one thing", "one-thing", "_one", "one_", "../one", "é", "one.x", "a" * 41]
)
def test_a_topic_that_makes_no_file_name_is_refused(clone, topic):
    """With an example, and nothing is written."""
    before = contents(clone)
    with pytest.raises(UsageError, match="for example replayable_log"):
        make_chapter("03", topic, clone)
    assert contents(clone) == before


@pytest.mark.parametrize(
    "there",
    [
        "notebooks/03_other.ipynb",
        "notebooks/solutions/03_1.py",
        "eventlab/course/ch03.py",
        "tests/course/test_ch03.py",
    ],
)
def test_what_is_there_is_never_written_over(clone, there):
    """Any of its files makes a chapter be there already, and is named."""
    (clone / there).write_text("mine", encoding="utf-8")
    before = contents(clone)
    with pytest.raises(ChapterError, match=f"Chapter 03 is there already.*{there}"):
        make_chapter("3", "one_thing", clone)
    assert contents(clone) == before


def test_a_chapter_that_is_ready_is_there_already(clone):
    """The error names its notebook."""
    with pytest.raises(ChapterError, match=r"Chapter 01 is there already.*01_log\.ipynb"):
        make_chapter("1", "log", clone)


def test_where_the_last_file_cannot_be_written_none_is(clone):
    """What has been written by then is taken away."""
    shutil.rmtree(clone / "tests")
    before = contents(clone)
    with pytest.raises(StorageError, match=r"nothing of it was.*test_ch03\.py"):
        make_chapter("03", "one_thing", clone)
    assert contents(clone) == before


def test_where_the_page_cannot_be_changed_none_is_written(clone, monkeypatch):
    """A chapter without its line would fail the project's own tests."""
    before = contents(clone)

    def full(*_):
        raise OSError(28, "No space left on device", "README.md")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageError, match="no space left on device"):
        make_chapter("03", "one_thing", clone)
    assert contents(clone) == before


def test_outside_of_a_clone_there_is_no_place_for_it(tmp_path):
    """An installation has neither notebooks nor tests."""
    with pytest.raises(ChapterError, match="Install eventlab from a clone"):
        make_chapter("03", "one_thing", tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A copy of the project with a chapter that was made in it."""
    copy = tmp_path_factory.mktemp("project") / "copy"
    for path in tracked_files():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, copy / path)
    make_chapter("03", "asynchronicity", copy)
    with (copy / "eventlab" / "course" / "arguments.py").open("a", encoding="utf-8") as table:
        table.write(ITS_ARGUMENT)
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *command], cwd=copy, check=True)
    return copy


def run_in(copy: Path, *arguments: str) -> str:
    """Return how pytest ends in the copy, whose own code it tests."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy)},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    return done.stdout


@pytest.mark.long
@pytest.mark.broker
def test_the_project_with_a_new_chapter_keeps_its_rules(whole):
    """Style, imports, exports, README and the notebook's own rules."""
    assert "passed" in run_in(whole, "tests/structure", "--ignore=tests/structure/test_types.py")


@pytest.mark.broker
@pytest.mark.long
def test_the_project_with_a_new_chapter_keeps_its_types(whole):
    """Which takes half a minute in a copy."""
    assert "passed" in run_in(whole, "tests/structure/test_types.py")


@pytest.mark.long
@pytest.mark.broker
@pytest.mark.notebook
def test_a_new_chapter_runs_is_broken_and_judged(whole):
    """Its own tests pass: the claim holds and flips, the exercise is open, solved and wrong."""
    assert "passed" in run_in(whole, "tests/course/test_ch03.py")
