"""The rows that a live picture shows: taken in as columns, from any thread, and handed on."""

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy

from eventlab.errors import UsageError

Columns = dict[str, list]


class Rows:
    """Hold the newest `keep` rows, and know which of them nobody has taken yet.

    With a `key`, a field's name, a row takes the place of the one with the same key: a table in
    place of a stream. All methods may be called from any thread.
    """

    def __init__(self, keep: int, key: str | None = None):
        self._keep, self._key = keep, key
        self._names: dict[str, int] = {}
        self._held: deque[tuple] | dict[Any, tuple] = {} if key else deque(maxlen=keep)
        self._fresh: deque[tuple] | dict[Any, tuple] = {} if key else deque(maxlen=keep)
        self._replaced = False
        self._lock = threading.RLock()

    def push(self, **columns: Iterable) -> None:
        """Append rows given as columns of equal length; a new column may come at any time."""
        rows = _rows(columns)
        with self._lock:
            for row in self._aligned(list(columns), rows):
                self._add(row)

    def replace(self, **columns: Iterable) -> None:
        """Let these rows be all there is."""
        rows = _rows(columns)
        with self._lock:
            self._held.clear()
            self._fresh.clear()
            self._replaced = True
            for row in self._aligned(list(columns), rows):
                self._add(row)

    def take(self) -> tuple[Columns, bool] | None:
        """Return the rows that came since the last take, and whether they are all there is."""
        with self._lock:
            if not self._fresh and not self._replaced:
                return None
            taken, replaced = self._columns(self._fresh), self._replaced
            self._fresh.clear()
            self._replaced = False
            return taken, replaced

    def take_all(self) -> Columns:
        """Return all rows; none of them is fresh afterwards."""
        with self._lock:
            self._fresh.clear()
            self._replaced = False
            return self.all()

    def all(self) -> Columns:
        """Return all rows as columns."""
        with self._lock:
            return self._columns(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def _aligned(self, names: list[str], rows: list[tuple]) -> Iterable[tuple]:
        if self._key and self._key not in names and rows:
            raise UsageError(
                "Rows without their key", expected=f"a column {self._key}", found=", ".join(names)
            )
        for name in names:
            self._names.setdefault(name, len(self._names))
        if names == list(self._names):
            return rows
        places = [names.index(name) if name in names else None for name in self._names]
        return (tuple(None if i is None else row[i] for i in places) for row in rows)

    def _add(self, row: tuple) -> None:
        if self._key is None:
            self._held.append(row)
            self._fresh.append(row)
            return
        key = row[self._names[self._key]]
        for rows in (self._held, self._fresh):
            rows.pop(key, None)
            rows[key] = row
        if len(self._held) > self._keep:
            del self._held[next(iter(self._held))]

    def _columns(self, held: deque | dict) -> Columns:
        rows = list(held.values()) if self._key else list(held)
        return {
            name: [row[i] if i < len(row) else None for row in rows]
            for name, i in self._names.items()
        }


def _rows(columns: dict[str, Iterable]) -> list[tuple]:
    lists = {name: _list(name, column) for name, column in columns.items()}
    lengths = {name: len(column) for name, column in lists.items()}
    if len(set(lengths.values())) > 1:
        raise UsageError(
            "Columns of rows have one length",
            expected="as many values in each",
            found=", ".join(f"{name} {length}" for name, length in lengths.items()),
        )
    return list(zip(*lists.values(), strict=True))


def _list(name: str, column: Iterable) -> list:
    if isinstance(column, str | bytes) or not isinstance(column, Iterable):
        raise UsageError(
            f"The column {name} is no list of values",
            expected="a list, an array or a pandas Series",
            found=f"{type(column).__name__} {column!r:.40}",
        )
    values = column.tolist() if hasattr(column, "tolist") else list(column)
    return [_milliseconds(v) if isinstance(v, datetime) else v for v in values]


def _milliseconds(moment: datetime) -> float:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def packed(columns: Columns) -> tuple[list[Sequence], list[bytes]]:
    """Return columns for the wire: numbers as little-endian doubles, anything else as it is.

    Each entry is [name, values] or [name, null, number of its buffer]; None among numbers is NaN.
    """
    entries, buffers = [], []
    for name, values in columns.items():
        if any(v is not None for v in values) and all(_is_number(v) for v in values):
            entries.append([name, None, len(buffers)])
            buffers.append(numpy.array(values, "<f8").tobytes())
        else:
            entries.append([name, values])
    return entries, buffers


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
