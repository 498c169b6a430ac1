"""What a query of a store's own SQL finds, and what it means that a store does not take one."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
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

    Without one the first column is the key, and no part of the row. Rows of the same key, as SQLite
    has where it is null, are numbered from the second on: None, (None, 2). What Python cannot have
    as a key, an array say, is a tuple.
    """
    rows: dict[Hashable, dict[str, Any]] = {}
    numbers: Counter[Hashable] = Counter()
    for values in asked.rows:
        row = dict(zip(asked.columns, values, strict=True)) if keys else _but_first(asked, values)
        key = _hashable(_key(values, row, keys))
        numbers[key] += 1
        rows[key if numbers[key] == 1 else (key, numbers[key])] = row
    return rows


def _but_first(asked: Found, values: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(asked.columns[1:], values[1:], strict=True))


def _key(values: Sequence[Any], row: Mapping[str, Any], keys: list[str]) -> Any:
    if not keys:
        return values[0]
    return row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys)


def _hashable(key: Any) -> Hashable:
    if isinstance(key, list | tuple):
        return tuple(_hashable(one) for one in key)
    if isinstance(key, Mapping):
        return tuple((name, _hashable(one)) for name, one in key.items())
    hashable: Hashable = key
    return hashable


def refused_query(product: str, places: str, query: str, error: Exception) -> UsageError:
    """Return the error of a query that a store does not answer; `places` stand for parameters."""
    return UsageError(
        f"{product} does not answer this query",
        expected="a statement that reads, and a value for each place in it",
        found=f"{shown(query)} ({str(error).strip()})",
        remedy=f'Write for example view.sql("select * from sold where n > {places}", [3]).',
    )
