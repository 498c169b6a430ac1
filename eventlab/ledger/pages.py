"""The ledger as files: one page of HTML that needs no other file, a CSV and a Markdown table."""

import csv
import io
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

from eventlab.errors import StorageError
from eventlab.ledger.entries import Entry, Ledger, Section
from eventlab.ledger.evidence import Claimed, Evidence
from eventlab.teach.line import number_text

_TEMPLATE = Path(__file__).parent / "page.html"
_NOT_MADE = "not made"

COLUMNS = (
    *("chapter", "argument", "claim", "sentence", "needs"),
    *("verdict", "verdict_broken", "figures", "figures_broken"),
    *("seed", "seed_broken", "versions", "date", "date_broken"),
)
_HEADINGS = (
    *("Argument of the book", "Claim", "Needed"),
    *("As it is", "Figures", "Broken on purpose", "Figures when broken", "Run"),
)


@dataclass(frozen=True)
class Verdict:
    """How a claim came out in one run, in words, and whether it was to come out so."""

    word: str
    is_right: bool


def write(ledger: Ledger, folder: Path) -> list[Path]:
    """Write ledger.html, ledger.csv and ledger.md into a folder that is there; return their paths.

    A file is replaced when the new one is whole. Raises StorageError if one cannot be written.
    """
    texts = {
        "ledger.html": html_text(ledger),
        "ledger.csv": csv_text(ledger),
        "ledger.md": markdown_text(ledger),
    }
    return [_replaced(folder / name, text) for name, text in texts.items()]


def html_text(ledger: Ledger) -> str:
    """Return the ledger as a page: a section a chapter, with the pictures of both runs."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals |= {
        "figures": _figure_words,
        "verdict": normal_verdict,
        "verdict_broken": broken_verdict,
        "by_argument": _by_argument,
        "origin": _origin,
    }
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(ledger=ledger)


def csv_text(ledger: Ledger) -> str:
    """Return the ledger as CSV with a head: a row a claim, figures and versions as JSON."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for section in ledger.sections:
        rows.writerows(_csv_row(section, entry) for entry in section.entries)
    return text.getvalue()


def markdown_text(ledger: Ledger) -> str:
    """Return the ledger as Markdown: what is wrong, if anything, and one table."""
    lines = ["# The ledger of the arguments", "", ledger.summary, ""]
    if ledger.faults:
        lines += [*(f"- {escape(_one_line(fault), quote=False)}" for fault in ledger.faults), ""]
    lines += [_markdown_row(_HEADINGS), _markdown_row(["---"] * len(_HEADINGS))]
    for section in ledger.sections:
        lines += [_markdown_row(_markdown_cells(section, entry)) for entry in section.entries]
    return "\n".join(lines) + "\n"


def normal_verdict(entry: Entry) -> Verdict:
    """Return how the claim came out in the normal run, where it has to hold."""
    if entry.normal is None:
        return Verdict(_NOT_MADE, False)
    return Verdict("holds" if entry.holds else "does not hold", entry.holds)


def broken_verdict(entry: Entry) -> Verdict:
    """Return how the claim came out in the broken run, where it must not hold."""
    if entry.broken is None:
        return Verdict(_NOT_MADE, False)
    return Verdict("does not hold" if entry.flips else "still holds", entry.flips)


def _csv_row(section: Section, entry: Entry) -> list[object]:
    return [
        *(section.chapter.number, entry.argument, entry.claim, entry.sentence, entry.needs),
        *(normal_verdict(entry).word, broken_verdict(entry).word),
        *(_json(entry.normal, "figures"), _json(entry.broken, "figures")),
        *(_seed(entry.normal), _seed(entry.broken)),
        _json(entry.normal or entry.broken, "versions"),
        *(_date(section.normal), _date(section.broken)),
    ]


def _markdown_cells(section: Section, entry: Entry) -> list[str]:
    claim = f"{entry.claim}: {entry.sentence}" if entry.sentence else entry.claim or "no claim"
    needs = f"`{entry.needs}`" if entry.needs else ""
    return [
        *(entry.argument or "none", escape(claim, quote=False), needs),
        *(normal_verdict(entry).word, escape(", ".join(_figure_words(entry.normal)), quote=False)),
        *(broken_verdict(entry).word, escape(", ".join(_figure_words(entry.broken)), quote=False)),
        _origin(section),
    ]


def _by_argument(section: Section) -> list[tuple[str, list[Entry]]]:
    """Return a section's entries in their order, those of one argument together."""
    groups = groupby(section.entries, lambda entry: entry.argument)
    return [(argument, list(entries)) for argument, entries in groups]


def _figure_words(claimed: Claimed | None) -> list[str]:
    """Return each figure with its name, as people write it: "orders read 2,000"."""
    figures = claimed["figures"] if claimed else {}
    return [f"{name.replace('_', ' ')} {number_text(value)}" for name, value in figures.items()]


def _origin(section: Section) -> str:
    """Return which runs a section rests on: their seed, versions and date."""
    claims = [claim for run in _runs(section) for claim in run.claims.values()]
    seeds = dict.fromkeys(str(claim["seed"]) for claim in claims if claim["seed"] is not None)
    versions = dict.fromkeys(
        f"{name} {version}" for claim in claims for name, version in claim["versions"].items()
    )
    dates = dict.fromkeys(run.date for run in _runs(section) if run.date)
    seed = [f"seed {' and '.join(seeds)}"] if seeds else []
    return ", ".join([*seed, *versions, " and ".join(dates)]).strip(", ")


def _runs(section: Section) -> list[Evidence]:
    return [run for run in (section.normal, section.broken) if run is not None]


def _json(claimed: Claimed | None, part: str) -> str:
    return json.dumps(claimed[part], ensure_ascii=False) if claimed else ""


def _seed(claimed: Claimed | None) -> object:
    return claimed["seed"] if claimed else None


def _date(run: Evidence | None) -> str:
    return run.date if run else ""


def _markdown_row(cells: Sequence[str]) -> str:
    lines = [_one_line(cell).replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(lines)} |"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _replaced(path: Path, text: str) -> Path:
    """Put a text into a file, which is whole at any moment, and return its path."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="")
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise StorageError(
            f"The ledger cannot be written to {path}",
            expected="a file that can be replaced, and space for it",
            found=(error.strerror or str(error)).lower(),
            remedy="Name another folder with --into; the runs are kept, and --from reads them.",
        ) from None
    return path
