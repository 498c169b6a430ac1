"""A new chapter from templates: notebook, course module, exercise, solution and test.

What is made is a whole chapter, small and dull: it runs, its claim holds and can be broken, its
exercise is judged. Its author puts another experiment in the place of each part.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat

from eventlab.course.chapters import ROOT
from eventlab.course.minutes import minutes
from eventlab.errors import ChapterError, StorageError, UsageError, shown

_TEMPLATES = Path(__file__).with_name("templates")
_MOST_LETTERS = 40
_TOPIC = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_PLANNED = re.compile(r"(?m)^\| (?P<number>\d\d) \| (?P<title>.+) \| planned \|$")

# Each template, and what it becomes in a clone.
_MADE = {
    "NN_topic.ipynb.txt": "notebooks/NN_topic.ipynb",
    "chNN.py.txt": "eventlab/course/chNN.py",
    "NN_1.py.txt": "notebooks/solutions/NN_1.py",
    "test_chNN.py.txt": "tests/course/test_chNN.py",
}


def make_chapter(number: str, topic: str, root: Path = ROOT) -> list[Path]:
    """Make the chapter of a number that README.md plans, mark it ready, return what was written.

    Raises UsageError for a number or a topic that cannot be, ChapterError for a chapter that is
    there, StorageError where it cannot be written. Then nothing has been written.
    """
    page = root / "README.md"
    listed = _listed(page)
    chosen = _required_number(number, listed, root)
    _require_topic(topic)
    files = _files(chosen, topic, _planned(listed)[chosen], root)
    link = f"[ready](notebooks/{chosen}_{topic}.ipynb)"
    ready = re.sub(rf"(?m)^(\| {chosen} \| .+ \| )planned( \|)$", rf"\g<1>{link}\g<2>", listed)
    with _all_or_none() as written:
        for path, text in files.items():
            with path.open("x", encoding="utf-8", newline="\n") as file:
                written.append(path)
                file.write(text)
        _replace(page, ready)
    return [*files, page]


def _listed(page: Path) -> str:
    """Return the page that lists the chapters; ChapterError where this is no clone."""
    try:
        return page.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ChapterError(
            "There is no place for a chapter",
            expected=f"a clone of the project, with {page}",
            found="none",
            remedy="Install eventlab from a clone, with pip install --no-deps -e .",
        ) from None


def _planned(listed: str) -> dict[str, str]:
    """Return the titles of the chapters that are planned, by their numbers."""
    return {row["number"]: row["title"].strip() for row in _PLANNED.finditer(listed)}


def _required_number(number: str, listed: str, root: Path) -> str:
    """Return a number of two digits; raise unless it is that of a planned chapter."""
    chosen = number.zfill(2)
    planned = ", ".join(_planned(listed)) or "none"
    there = _there(chosen, root) if re.fullmatch(r"[0-9]{2}", chosen) else []
    if there:
        raise ChapterError(
            f"Chapter {chosen} is there already",
            expected=f"the number of a planned chapter: {planned}",
            found=", ".join(path.relative_to(root).as_posix() for path in there),
            remedy="Choose another number, or go on with what is there.",
        )
    if chosen not in _planned(listed):
        raise UsageError(
            "This is not the number of a planned chapter",
            expected=f"one of {planned}",
            found=shown(number),
            remedy="A chapter that is not planned needs its line in README.md first.",
        )
    return chosen


def _there(number: str, root: Path) -> list[Path]:
    """Return what there is of a chapter, under whatever topic."""
    patterns = (target.replace("NN", number).replace("topic", "*") for target in _MADE.values())
    return sorted(path for pattern in patterns for path in root.glob(pattern))


def _require_topic(topic: str) -> None:
    if _TOPIC.fullmatch(topic) and len(topic) <= _MOST_LETTERS:
        return
    raise UsageError(
        "This cannot be the topic in a chapter's file name",
        expected=f"small letters and digits, words with _ between, {_MOST_LETTERS} at most",
        found=shown(topic),
        remedy="Choose for example replayable_log.",
    )


def _files(number: str, topic: str, title: str, root: Path) -> dict[Path, str]:
    """Return the text of each file of a chapter by its path."""
    as_json = json.dumps(title, ensure_ascii=False)[1:-1]  # what alone has a title is the notebook
    files = {}
    for template, target in _MADE.items():
        text = (_TEMPLATES / template).read_text(encoding="utf-8")
        path = root / target.replace("NN", number).replace("topic", topic)
        files[path] = _with_minutes(path, text.replace("NN", number).replace("TITLE", as_json))
    return files


def _with_minutes(path: Path, text: str) -> str:
    """Return the text of a notebook with the minutes that it takes, any other as it is."""
    if path.suffix != ".ipynb":
        return text
    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]  # it declares that it has types
    return text.replace("MINUTES", str(minutes(notebook)))


@contextmanager
def _all_or_none() -> Iterator[list[Path]]:
    """Yield a list of what has been written, which is taken away again if not all of it can be."""
    written: list[Path] = []
    try:
        yield written
    except BaseException as error:
        for path in written:
            with suppress(OSError):
                path.unlink()
        if isinstance(error, OSError):
            raise _not_written(error) from error
        raise


def _replace(page: Path, text: str) -> None:
    """Change a page as a whole."""
    arriving = page.with_name(f"{page.name}.{os.getpid()}.new")
    try:
        arriving.write_text(text, encoding="utf-8", newline="\n")
        arriving.replace(page)
    finally:
        arriving.unlink(missing_ok=True)


def _not_written(error: OSError) -> StorageError:
    return StorageError(
        "The chapter cannot be written, and nothing of it was",
        expected="a clone whose folders are there, and are yours to write to",
        found=f"{(error.strerror or str(error)).lower()}: {error.filename}",
        remedy="Make it in a clone of your own.",
    )
