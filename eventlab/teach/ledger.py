"""The ledger: what an executed notebook claimed and how its exercises were judged."""

from collections.abc import Iterator
from typing import Any

from eventlab.arguments import refused
from eventlab.checked import checked
from eventlab.teach.check import VERDICT_MIMETYPE
from eventlab.teach.claim import CLAIM_MIMETYPE

Notebook = dict[str, Any]  # as nbformat, or json, reads it


@checked
def claims_in(notebook: Notebook) -> list[dict[str, Any]]:
    """Return the claims of an executed notebook, in its order.

    Each is a dict with `chapter, claim, sentence, holds, broken, seed, figures, inequality,
    versions`. Of a claim that was made twice in one run, the last counts.
    """
    return _last_of_each(_carried(notebook, CLAIM_MIMETYPE), "claim")


@checked
def verdicts_in(notebook: Notebook) -> list[dict[str, Any]]:
    """Return how the exercises of an executed notebook were judged; of each, the last verdict.

    Each is a dict with `exercise, state, message`.
    """
    return _last_of_each(_carried(notebook, VERDICT_MIMETYPE), "exercise")


def _last_of_each(rows: Iterator[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return list({row[name]: row for row in rows}.values())


def _carried(notebook: Notebook, mimetype: str) -> Iterator[dict[str, Any]]:
    if not isinstance(notebook.get("cells"), list):
        raise refused("notebook", notebook, "a notebook as nbformat reads it", "nbformat.read(...)")
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if mimetype in output.get("data", {}):
                yield dict(output["data"][mimetype])
