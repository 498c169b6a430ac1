"""What one executed notebook is evidence of: its claims, its picture, when it ran, how it ended."""

from dataclasses import dataclass
from typing import Any

from eventlab.teach import claims_in

Claimed = dict[str, Any]  # as teach.claims_in returns it
Notebook = dict[str, Any]  # as nbformat reads it


@dataclass(frozen=True)
class Still:
    """The picture of a run: `png` in base64, and in `alt` what it shows; its width in pixels."""

    png: str
    alt: str
    width: int


@dataclass(frozen=True)
class Evidence:
    """What a run of a chapter left: claims by name, the error that ended it, a picture, a date.

    `date` is that of the day on which it ran ("2026-01-31"), empty where nobody knows.
    """

    claims: dict[str, Claimed]
    error: str = ""
    still: Still | None = None
    date: str = ""


def evidence_in(notebook: Notebook, *, error: str = "", date: str = "") -> Evidence:
    """Return what an executed notebook is evidence of.

    `error` is what its run is known to have ended with, `date` that of the file; what the notebook
    says itself goes before the date.
    """
    return Evidence(
        claims={claim["claim"]: claim for claim in claims_in(notebook)},
        error=error or _error_in(notebook),
        still=_first_still(notebook),
        date=_day_of(notebook) or date,
    )


def _error_in(notebook: Notebook) -> str:
    for output in _outputs(notebook):
        if output["output_type"] == "error":
            return f"{output['ename']}: {output['evalue']}"
    if any(cell.get("execution_count") is None for cell in _code_cells(notebook)):
        return "it was not run to its end"
    return ""


def _first_still(notebook: Notebook) -> Still | None:
    """Return the first picture, which is the main one, as it was when the run was over."""
    for output in _outputs(notebook):
        png = output.get("data", {}).get("image/png")
        if png:
            size = output.get("metadata", {}).get("image/png", {})
            return Still("".join(png.split()), str(size.get("alt", "")), int(size.get("width", 0)))
    return None


def _day_of(notebook: Notebook) -> str:
    ended = notebook.get("metadata", {}).get("papermill", {}).get("end_time")
    return str(ended or "")[: len("2026-01-31")]


def _outputs(notebook: Notebook) -> list[dict[str, Any]]:
    return [output for cell in _code_cells(notebook) for output in cell.get("outputs", [])]


def _code_cells(notebook: Notebook) -> list[dict[str, Any]]:
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [cell for cell in cells if cell["source"].strip()]  # an empty one never runs
