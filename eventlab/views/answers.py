"""What a query of a store's own SQL finds, and what it means that a store does not take one."""

from collections.abc import Hashable
from typing import Any, NamedTuple

from eventlab.errors import UsageError, shown


class Found(NamedTuple):
    """The names of the columns, and the rows."""

    columns: list[str]
    rows: list[Any]


def found(cursor: Any) -> Found:
    """Return what a cursor has found: that of sqlite3, psycopg or DuckDB."""
    if cursor.description is None:
        return Found([], [])
    return Found([column[0] for column in cursor.description], cursor.fetchall())


def by_key(asked: Found, keys: list[str]) -> dict[Hashable, dict[str, Any]]:
    """Return rows as dicts by their primary key, a tuple where it has several columns.

    Without one the first column is the key, and no part of the row.
    """
    if not keys:
        columns = asked.columns[1:]
        return {key: dict(zip(columns, row, strict=True)) for key, *row in asked.rows}
    rows = [dict(zip(asked.columns, row, strict=True)) for row in asked.rows]
    if len(keys) == 1:
        return {row[keys[0]]: row for row in rows}
    return {tuple(row[key] for key in keys): row for row in rows}


def refused_query(product: str, places: str, query: str, error: Exception) -> UsageError:
    """Return the error of a query that a store does not answer; `places` stand for parameters."""
    return UsageError(
        f"{product} does not answer this query",
        expected="a statement that reads, and a value for each place in it",
        found=f"{shown(query)} ({str(error).strip()})",
        remedy=f'Write for example view.sql("select * from sold where n > {places}", [3]).',
    )
