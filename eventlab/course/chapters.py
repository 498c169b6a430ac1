"""The chapters: notebooks/NN_topic.ipynb, found by their number alone."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventlab.errors import ChapterError

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"


@dataclass(frozen=True)
class Chapter:
    """One notebook: its number of two digits and where it is."""

    number: str
    path: Path

    @property
    def title(self) -> str:
        """Return the first heading's words."""
        cells = read_notebook(self.path)["cells"]
        headings = (re.match(r"# (.+)", cell["source"]) for cell in cells)
        return next((heading[1].strip() for heading in headings if heading), self.path.stem)


def read_notebook(path: Path) -> dict[str, Any]:
    """Return a notebook as nbformat reads it."""
    import nbformat

    notebook: dict[str, Any] = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat declares that it has types, and leaves this one out
    return notebook


def chapters() -> list[Chapter]:
    """Return the chapters in their order; ChapterError where there are none."""
    found = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise ChapterError(
            "No chapters",
            expected=f"notebooks in {NOTEBOOKS}",
            found="none",
            remedy="Install eventlab from a clone, with pip install --no-deps -e .",
        )
    return [Chapter(path.name[:2], path) for path in found]


def chosen(numbers: tuple[str, ...]) -> list[Chapter]:
    """Return the chapters of these numbers, all for none; ChapterError for an unknown one."""
    known = {chapter.number: chapter for chapter in chapters()}
    unknown = [number for number in numbers if number.zfill(2) not in known]
    if unknown:
        raise ChapterError(
            f"There is no chapter {', '.join(unknown)}",
            expected=f"one of {', '.join(known)}",
            found=", ".join(unknown),
            remedy="Name chapters by their number, such as 01.",
        )
    return [known[number.zfill(2)] for number in numbers] or list(known.values())
