"""Rows by key, compared cell by cell."""

from collections.abc import Mapping
from typing import Any

from eventlab.errors import UsageError, shown
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


def columns_of(rows: Rows) -> list[str]:
    """Return the columns of some rows, which are those of the first; UsageError if it has none."""
    if not isinstance(rows, Mapping) or not all(isinstance(row, Mapping) for row in rows.values()):
        raise UsageError(
            "These are no rows of a table",
            expected='rows by key, such as {"ann": {"open": 1}}',
            found=shown(rows),
            remedy="Let the function that says which rows are right return a dict of dicts.",
        )
    return list(next(iter(rows.values()), {}))


def apply_change(rows: dict[str, Row], key: str, row: Row | None) -> None:
    """Make one change part of the rows; None deletes the row."""
    if row is None:
        rows.pop(key, None)
    else:
        rows[key] = row
