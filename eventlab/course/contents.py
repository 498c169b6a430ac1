"""The course's table of contents: each chapter with its minutes and what is done of it."""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from eventlab.course.chapters import ROOT, Chapter, chapters, read_notebook
from eventlab.course.minutes import minutes
from eventlab.errors import ChapterError
from eventlab.teach.progress import Kind, remembered, trouble

KINDS: tuple[Kind, ...] = ("prediction", "claim", "exercise")
_ASKED_BY: dict[str, Kind] = {
    "lab.predict": "prediction",
    "lab.claim": "claim",
    "lab.check": "exercise",
}
_HEAD = """# eventlab

Each argument of *Designing Event-Driven Systems*, as an experiment on a real Apache Kafka. Click \
a chapter to open it, and run its cells one after the other with Shift+Enter.

| Done | Chapter | Minutes | Predictions | Claims | Exercises |
|:-:|---|--:|--:|--:|--:|
"""
_FOOT = """
A prediction counts when you have committed to it, a claim when your own run has shown it, an \
exercise when your answer is right. Come back to this page to see how far you are.

The next class begins anew with `eventlab progress --reset`.
"""


@dataclass(frozen=True)
class Count:
    """How many there are of a kind in a chapter, and how many of them are done."""

    done: int
    of: int

    def __str__(self) -> str:
        return f"{self.done} of {self.of}" if self.of else "–"


@dataclass(frozen=True)
class Entry:
    """One chapter in the table; a notebook that cannot be read has no minutes and no counts."""

    chapter: Chapter
    title: str
    minutes: int | None
    counts: dict[Kind, Count]

    @property
    def state(self) -> str:
        """Return "done", "begun" or "open"."""
        done = sum(count.done for count in self.counts.values())
        whole = sum(count.of for count in self.counts.values())
        if not done:
            return "open"
        return "done" if done == whole else "begun"

    @property
    def mark(self) -> str:
        """Return the state as one sign."""
        return {"done": "✔", "begun": "◐", "open": "○"}[self.state]


def entries() -> list[Entry]:
    """Return the table as it stands now; ChapterError where there are no chapters."""
    done = {kind: set(remembered(kind)) for kind in KINDS}
    return [_entry(chapter, done) for chapter in chapters()]


def as_markdown() -> str:
    """Return the table as a page, whose links open the chapters; never raises for a chapter."""
    try:
        rows = "".join(_row(entry) for entry in entries())
    except ChapterError as error:
        return f"# eventlab\n\n{error}\n"
    found = trouble()
    warning = f"\n**Your progress is not kept.** {_escaped(str(found))}\n" if found else ""
    return _HEAD + rows + _FOOT + warning


def names_in(notebook: dict[str, Any]) -> dict[Kind, set[str]]:
    """Return the names of what a chapter has of each kind, read from its source."""
    names: dict[Kind, set[str]] = {kind: set() for kind in KINDS}
    for call in _calls(notebook):
        kind = _ASKED_BY.get(ast.unparse(call.func))
        first = call.args[0] if call.args else None
        if kind and isinstance(first, ast.Constant):
            names[kind].add(str(first.value))
    return names


def _calls(notebook: dict[str, Any]) -> Iterator[ast.Call]:
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        with suppress(SyntaxError):  # a learner's half-written cell
            nodes = ast.walk(ast.parse(cell["source"]))
            yield from (node for node in nodes if isinstance(node, ast.Call))


def _entry(chapter: Chapter, done: dict[Kind, set[str]]) -> Entry:
    try:
        notebook = read_notebook(chapter.path)
        names = names_in(notebook)
        counts = {kind: Count(len(names[kind] & done[kind]), len(names[kind])) for kind in KINDS}
        return Entry(chapter, chapter.title, minutes(notebook), counts)
    except Exception:  # a notebook that a learner has damaged, in whatever way, hides no other
        return Entry(chapter, f"{chapter.path.name} (it cannot be read)", None, {})


def _row(entry: Entry) -> str:
    target = entry.chapter.path.relative_to(ROOT).as_posix()
    link = f"[{entry.chapter.number} {_escaped(entry.title)}]({target})"
    counts = [str(entry.counts.get(kind, "–")) for kind in KINDS]
    mark = f'<span title="{entry.state}">{entry.mark}</span>'
    return f"| {' | '.join([mark, link, str(entry.minutes or '–'), *counts])} |\n"


def _escaped(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", text)
