"""Where a ledger's runs come from: chapters that run now, or notebooks that were run before."""

import os
from collections.abc import Iterable
from pathlib import Path
from types import UnionType
from typing import Any, Protocol

from eventlab import tour
from eventlab.course.chapters import Chapter, chosen, read_notebook
from eventlab.errors import ChapterError, StorageError, shown
from eventlab.ledger.entries import Ledger, Section
from eventlab.ledger.evidence import Claimed, Evidence, evidence_in
from eventlab.moments import clock_words

# What a claim has that this ledger reads; one of another time may lack some of it.
_PARTS: dict[str, type | UnionType] = {
    "chapter": str,
    "claim": str,
    "sentence": str,
    "holds": bool,
    "inequality": str,
    "figures": dict,
    "broken": bool,
    "seed": int | None,
    "versions": dict,
}

Runs = dict[bool, Evidence]  # by whether the chapter was broken on purpose


class OnEnd(Protocol):
    """What is called when a run has ended."""

    def __call__(self, run: tour.Run, /, *, broken: bool) -> object:
        """Take a run, and whether it was broken on purpose."""


def run_chapters(
    chapters: list[Chapter],
    folder: Path,
    parameters: dict[str, Any],
    *,
    on_end: OnEnd,
) -> Ledger:
    """Run chapters as they are and then broken, and keep the notebooks in `folder`.

    They are in `folder/normal` and `folder/broken`, from where `gather` takes them again. `on_end`
    is called with each run as it ends, and whether it was broken. Raises StorageError where the
    folders cannot be made.
    """
    runs: dict[str, Runs] = {chapter.number: {} for chapter in chapters}
    # One after the other: a chapter's two runs at once would empty each other's topics.
    for broken in (False, True):
        place = made_folder(folder / ("broken" if broken else "normal"))
        for run in tour.tour(chapters, parameters | {"BREAK": broken}, keep=place):
            notebook = read_notebook(place / run.chapter.path.name)
            runs[run.chapter.number][broken] = evidence_in(notebook, error=run.error)
            on_end(run, broken=broken)
    return _ledger(chapters, runs)


def gather(folder: Path, numbers: tuple[str, ...] = ()) -> Ledger:
    """Return the ledger of the executed notebooks in `folder` and the folders below it.

    What a notebook claimed says which chapter it is, and whether it was broken on purpose.
    `numbers` are the chapters that are wanted, all that are there for none. Raises ChapterError
    for a notebook that claims nothing or is none, two runs of the same kind, and a chapter that is
    not there.
    """
    runs: dict[str, Runs] = {}
    came_from: dict[tuple[str, bool], Path] = {}
    for path in _notebooks(folder):
        evidence = _evidence_of(path)
        chapter, broken = _run_of(path, list(evidence.claims.values()))
        _require_first(path, came_from.setdefault((chapter, broken), path))
        runs.setdefault(chapter, {})[broken] = evidence
    return _ledger(_wanted(folder, numbers, runs), runs)


def made_folder(folder: Path) -> Path:
    """Make a folder if it is not there, and return it. Raises StorageError if it cannot be used."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, (error.strerror or str(error)).lower()) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _unusable(folder, "a folder that is not yours to write to")
    return folder


def _ledger(chapters: list[Chapter], runs: dict[str, Runs]) -> Ledger:
    return Ledger([_section(chapter, runs[chapter.number]) for chapter in chapters])


def _section(chapter: Chapter, runs: Runs) -> Section:
    return Section(chapter, runs.get(False), runs.get(True))


def _notebooks(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ChapterError(
            f"There are no runs in {folder}",
            expected="a folder with executed notebooks",
            found="no folder",
            remedy="Name the folder that `eventlab ledger --into` wrote to, or one of your own.",
        )
    found = [path for path in folder.rglob("*.ipynb") if not _is_hidden(path.relative_to(folder))]
    if not found:
        raise ChapterError(
            f"There are no runs in {folder}",
            expected="executed notebooks",
            found="no notebook",
            remedy="Run chapters with `eventlab ledger --into` first, or save yours there.",
        )
    return sorted(found)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)  # .ipynb_checkpoints among them


def _evidence_of(path: Path) -> Evidence:
    try:
        return evidence_in(read_notebook(path), date=_day_of(path))
    except Exception as error:  # nbformat's own, json's, the system's: none says which file
        raise ChapterError(
            f"{path} cannot be read",
            expected="a notebook",
            found=shown(error),
            remedy="Take it out of the folder, or run and save it again.",
        ) from None


def _run_of(path: Path, claims: list[Claimed]) -> tuple[str, bool]:
    """Return which chapter a notebook is, and whether it was broken on purpose."""
    _require_claims(path, claims)
    chapters = _different(claim["chapter"] for claim in claims)
    kinds = _different(claim["broken"] for claim in claims)
    if len(chapters) > 1 or len(kinds) > 1:
        raise ChapterError(
            f"The claims in {path} are not those of one run",
            expected="one chapter, all of it normal or all of it broken on purpose",
            found=_mixture(chapters, kinds),
            remedy="Run the notebook from the top, and save it again.",
        )
    return chapters[0], kinds[0]


def _require_claims(path: Path, claims: list[Claimed]) -> None:
    if not claims:
        raise ChapterError(
            f"{path} claims nothing",
            expected="an executed chapter",
            found="no claim among its outputs",
            remedy="Run all its cells and save it, or take it out of the folder.",
        )
    for claim in claims:
        _require_whole(path, claim)


def _require_whole(path: Path, claim: Claimed) -> None:
    wrong = [name for name, kind in _PARTS.items() if not isinstance(claim.get(name), kind)]
    if wrong or "seed" not in claim:
        raise ChapterError(
            f"The claim {claim['claim']} in {path} is not whole",
            expected=", ".join(_PARTS),
            found=f"no right {', '.join(wrong) or 'seed'}",
            remedy="Run the notebook again with this eventlab, and save it.",
        )


def _different(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


def _mixture(chapters: list[str], kinds: list[bool]) -> str:
    if len(chapters) > 1:
        return f"the chapters {', '.join(chapters)}"
    return "both kinds"


def _require_first(path: Path, first: Path) -> None:
    if path != first:
        raise ChapterError(
            "Two notebooks are the same kind of run of the same chapter",
            expected="one normal and one broken run of each chapter",
            found=f"{first} and {path}",
            remedy="Leave one of them in the folder.",
        )


def _wanted(folder: Path, numbers: tuple[str, ...], runs: dict[str, Runs]) -> list[Chapter]:
    known = chosen(numbers or tuple(sorted(runs)))
    absent = [chapter.number for chapter in known if chapter.number not in runs]
    if absent:
        raise ChapterError(
            f"There is no run of chapter {', '.join(absent)} in {folder}",
            expected=f"one of {', '.join(sorted(runs))}",
            found=", ".join(absent),
            remedy="Run it with `eventlab ledger` first, or leave it out.",
        )
    return known


def _day_of(path: Path) -> str:
    return clock_words(int(path.stat().st_mtime * 1000))[: len("2026-01-31")]


def _unusable(folder: Path, found: str) -> StorageError:
    return StorageError(
        f"The ledger cannot be written to {folder}",
        expected="a folder that is yours to write to, or can be made",
        found=found,
        remedy="Name another folder with --into.",
    )
