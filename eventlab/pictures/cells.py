"""Rows by key, compared cell by cell."""

from collections.abc import Mapping
from typing import Any

from eventlab.live.sheet import Row

Rows = Mapping[str, Row]


def wrong_cells(found: Rows, right: Rows) -> dict[str, dict[str, Any]]:
    """Return by key and column the right value of each cell that is missing or differs."""
    cells = cells_of(found)
    wrong: dict[str, dict[str, Any]] = {}
    for (key, column), value in cells_of(right).items():
        if cells.get((key, column)) != value:
            wrong.setdefault(key, {})[column] = value
    return wrong


def cells_of(rows: Rows) -> dict[tuple[str, str], Any]:
    """Return the cells of some rows by key and column."""
    return {(key, name): value for key, row in dict(rows).items() for name, value in row.items()}
