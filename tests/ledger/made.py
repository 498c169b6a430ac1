"""Notebooks as a run leaves them, made up: no kernel runs."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from eventlab.course.arguments import Argument
from eventlab.course.chapters import Chapter
from eventlab.ledger.entries import Section
from eventlab.ledger.evidence import Evidence, evidence_in
from eventlab.teach import Claim

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
ARGUMENTS = {"77": (Argument("Order | is kept", ("77.order",)),)}


def claim(name: str = "77.order", *, crossings: int = 0, broken: bool = False) -> Claim:
    """Return a claim that holds without crossings."""
    return Claim(
        name,
        f"Order of {name} <holds>",
        needs="crossings < 1",
        figures={"crossings": crossings, "orders_read": 2000},
        broken=broken,
        seed=7,
        versions={"kafka": "4.4.0"},
    )


def cell(*outputs, ran: bool = True):
    """Return a cell that left these outputs."""
    return new_code_cell("...", outputs=list(outputs), execution_count=1 if ran else None)


def shown(one: Claim):
    """Return the output of a claim."""
    return new_output("display_data", data=one._repr_mimebundle_())


def still(alt: str):
    """Return the output of a picture."""
    metadata = {"image/png": {"alt": alt, "width": 640}}
    return new_output("display_data", data={"image/png": PIXEL}, metadata=metadata)


def notebook(*claims: Claim, alt: str = ""):
    """Return an executed notebook that made these claims, with a picture if it has a text."""
    cells = [cell(still(alt))] if alt else []
    return new_notebook(cells=[*cells, *(cell(shown(one)) for one in claims)])


def saved(path: Path, *claims: Claim, alt: str = "") -> Path:
    """Save an executed notebook, and make its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook(*claims, alt=alt), path)
    return path


def evidence(*claims: Claim, alt: str = "", error: str = "") -> Evidence:
    """Return what such a notebook is evidence of."""
    return evidence_in(notebook(*claims, alt=alt), error=error, date="2026-01-31")


def normal_and_broken(number: str = "77") -> Section:
    """Return a section as it should be: the claim holds, and broken it does not."""
    return Section(
        Chapter(number, Path(f"{number}_made.ipynb")),
        evidence(claim(), alt="Lanes & readers"),
        evidence(claim(crossings=3, broken=True), alt="Lanes that cross"),
    )
