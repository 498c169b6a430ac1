"""The rows that a live picture shows: taken in as columns, from any thread, and handed on."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from eventlab.errors import UsageError, shown
from eventlab.live.row_stores import ByKey, Newest, Row, Store
from eventlab.live.values import plain_values

Columns = dict[str, list[Any]]


@dataclass(frozen=True)
class Change:
    """What became of the rows: these came, these keys went; or, with `everything`, these are all.

    What went, went before the rest came.
    """

    columns: Columns
    gone: list[Any] = field(default_factory=list)
    everything: bool = False


class Rows:
    """Hold the newest `keep` rows, and know which of them nobody has taken yet.

    With a `key`, a field's name, a row takes the place of the one with the same key: a table in
    place of a stream. All methods may be called from any thread.
    """

    def __init__(self, keep: int, key: str | None = None) -> None:
        self._key = key
        self._names: dict[str, int] = {}
        self._newest = Newest(keep)
        self._by_key = ByKey(keep, self._key_of)
        self._store: Store = self._newest if key is None else self._by_key
        self._lock = threading.RLock()

    def push(self, /, **columns: Iterable[Any]) -> None:
        """Append rows given as columns of equal length; a new column may come at any time."""
        rows = self._checked(columns)
        with self._lock:
            self._store.add(self._aligned(list(columns), rows))

    def replace(self, /, **columns: Iterable[Any]) -> None:
        """Let these rows be all there is."""
        rows = self._checked(columns)
        with self._lock:
            self._store.clear()
            self._store.add(self._aligned(list(columns), rows))

    def remove(self, keys: Iterable[Any]) -> None:
        """Let the rows with these keys go; a key that is not there is no error."""
        if self._key is None:
            raise UsageError(
                "Only rows with a key can be removed",
                expected='key="the field that names a row" from the start',
                found="no key",
                remedy="Or set all rows with replace.",
            )
        names = plain_values(self._key, keys)
        _require_names(self._key, names)
        with self._lock:
            for name in names:
                self._by_key.remove(name)

    def take(self) -> Change | None:
        """Return what changed since the last take, None for nothing."""
        with self._lock:
            taken = self._store.take()
            if taken is None:
                return None
            return Change(self._columns(taken.came), taken.gone, taken.everything)

    def take_all(self) -> Change:
        """Return all rows; none of them is fresh afterwards."""
        with self._lock:
            self._store.take()
            return Change(self.all(), everything=True)

    def all(self) -> Columns:
        """Return all rows as columns."""
        with self._lock:
            return self._columns(self._store.rows())

    def __len__(self) -> int:
        return len(self._store)

    def _checked(self, columns: dict[str, Iterable[Any]]) -> list[Row]:
        rows = _rows(columns)
        if self._key and rows and self._key not in columns:
            raise UsageError(
                "Rows without their key",
                expected=f"a column {self._key}",
                found=", ".join(columns),
                remedy=f"Push the column {self._key} too, or make the chart without a key.",
            )
        if self._key and rows:
            place = list(columns).index(self._key)
            _require_names(self._key, [row[place] for row in rows])
        return rows

    def _aligned(self, names: list[str], rows: list[Row]) -> Iterable[Row]:
        for name in names:
            self._names.setdefault(name, len(self._names))
        if names == list(self._names):
            return rows
        places = [names.index(name) if name in names else None for name in self._names]
        return (tuple(None if i is None else row[i] for i in places) for row in rows)

    def _key_of(self, row: Row) -> Any:
        return row[self._names[str(self._key)]]

    def _columns(self, rows: list[Row]) -> Columns:
        width = len(self._names)
        if set(map(len, rows)) != {width}:  # a row that came before a column did is shorter
            rows = [(*row, *[None] * (width - len(row))) for row in rows]
        columns = zip(*rows, strict=True) if rows else [()] * width
        return dict(zip(self._names, map(list, columns), strict=True))


def _rows(columns: dict[str, Iterable[Any]]) -> list[Row]:
    lists = {name: plain_values(name, column) for name, column in columns.items()}
    if len({len(column) for column in lists.values()}) > 1:
        raise UsageError(
            "Columns of rows have one length",
            expected="as many values in each",
            found=", ".join(f"{name} {len(column)}" for name, column in lists.items()),
            remedy="Push one value for each row in each column, None where there is none.",
        )
    return list(zip(*lists.values(), strict=True))


def _require_names(key: str, values: list[Any]) -> None:
    nameless = next((value for value in values if isinstance(value, list | dict)), None)
    if nameless is not None:
        raise UsageError(
            f"A row cannot be named by what its field {key} holds",
            expected="a word, a number or a truth value",
            found=shown(nameless, 40),
            remedy="Take another field as the key, or the text of this one.",
        )
