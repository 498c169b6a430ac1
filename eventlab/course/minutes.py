"""How many minutes a chapter takes, by one rule, so that what chapters say can be compared.

Reading at 200 words a minute, ten seconds for a line of code, and the chapter's running time, which
its notebook declares in its metadata: `{"eventlab": {"running_seconds": 90}}`.
"""

import math
import re
from collections.abc import Iterable
from typing import Any

WORDS_A_MINUTE = 200
SECONDS_A_LINE = 10
OPTIONAL = "Going further"

_MARKUP = re.compile(r"<[^>]+>|\]\([^)]*\)")  # tags, and where links lead, nobody reads


def minutes(notebook: dict[str, Any]) -> int:
    """Return the whole minutes that a chapter's core takes: all up to the part Going further."""
    core = list(core_cells(notebook))
    seconds = words_in(core) * 60 / WORDS_A_MINUTE + lines_in(core) * SECONDS_A_LINE
    return math.ceil((seconds + running_seconds(notebook)) / 60)


def core_cells(notebook: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield a chapter's cells without those of the optional part, which ends with its section."""
    is_optional = False
    for cell in notebook["cells"]:
        is_heading = cell["cell_type"] == "markdown" and re.match(r"##? (.+)", cell["source"])
        if is_heading:
            is_optional = is_heading[1].strip().startswith(OPTIONAL)
        if not is_optional:
            yield cell


def words_in(cells: Iterable[dict[str, Any]]) -> int:
    """Return how many words the cells of text have."""
    texts = (cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    return sum(len(re.findall(r"\w[\w'’.,-]*", _MARKUP.sub(" ", text))) for text in texts)


def lines_in(cells: Iterable[dict[str, Any]]) -> int:
    """Return how many lines of code there are, blank ones left out."""
    sources = (cell["source"] for cell in cells if cell["cell_type"] == "code")
    return sum(1 for source in sources for line in source.splitlines() if line.strip())


def running_seconds(notebook: dict[str, Any]) -> float:
    """Return the running time that a notebook declares, 0 where it declares none that can be."""
    declared = notebook.get("metadata", {}).get("eventlab", {})
    seconds = declared.get("running_seconds", 0) if isinstance(declared, dict) else 0
    is_number = isinstance(seconds, int | float) and math.isfinite(seconds)
    return max(0.0, seconds) if is_number else 0.0
