"""The fold of a table: the newest value of each key, and no row for a key that was deleted."""

from collections.abc import MutableMapping
from typing import Any

from eventlab.views.folding import Place

Key = str | bytes | None


def newest(rows: MutableMapping[Key, Any], event: Any, place: Place) -> None:
    """Keep the newest event of each key in memory; a record without a value deletes its key's.

    As a fold: `lab.view("stock", newest, of="stock")` is the topic as a table.
    """
    put(rows, place.key, event)


def put(rows: MutableMapping[Key, Any], key: Key, event: Any) -> None:
    """Make one change of a table part of its rows: another value, or None to delete."""
    if event is None:
        rows.pop(key, None)
    else:
        rows[key] = event
