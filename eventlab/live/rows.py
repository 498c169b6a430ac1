"""The rows that a live picture shows: taken in as columns, from any thread, and handed on."""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from eventlab.errors import UsageError
from eventlab.live.values import plain_values

Columns = dict[str, list]


@dataclass(frozen=True)
class Change:
    """What became of the rows: these came, these keys went; or, with `everything`, these are all.

    What went, went before the rest came.
    """

    columns: Columns
    gone: list = field(default_factory=list)
    everything: bool = False


class Rows:
    """Hold the newest `keep` rows, and know which of them nobody has taken yet.

    With a `key`, a field's name, a row takes the place of the one with the same key: a table in
    place of a stream. All methods may be called from any thread.
    """

    def __init__(self, keep: int, key: str | None = None):
        self._keep, self._key = keep, key
        self._names: dict[str, int] = {}
        # With a key: the row of each key, the one that changed last at the end; None is a row that
        # went and of which that is still to be told.
        self._held: deque[tuple] | dict[Any, tuple] = {} if key else deque(maxlen=keep)
        self._fresh: deque[tuple] | dict[Any, tuple | None] = {} if key else deque(maxlen=keep)
        self._replaced = False
        self._lock = threading.RLock()

    def push(self, **columns: Iterable) -> None:
        """Append rows given as columns of equal length; a new column may come at any time."""
        rows = self._checked(columns)
        with self._lock:
            self._add(list(columns), rows)

    def replace(self, **columns: Iterable) -> None:
        """Let these rows be all there is."""
        rows = self._checked(columns)
        with self._lock:
            self._held.clear()
            self._fresh.clear()
            self._replaced = True
            self._add(list(columns), rows)

    def remove(self, keys: Iterable) -> None:
        """Let the rows with these keys go; a key that is not there is no error."""
        if self._key is None:
            raise UsageError(
                "Only rows with a key can be removed",
                expected='key="the field that names a row" from the start',
                remedy="Or set all rows with replace.",
            )
        with self._lock:
            for key in plain_values(self._key, keys):
                self._forget(key)

    def take(self) -> Change | None:
        """Return what changed since the last take, None for nothing."""
        with self._lock:
            if not self._fresh and not self._replaced:
                return None
            change = self._change()
            self._fresh.clear()
            self._replaced = False
            return change

    def take_all(self) -> Change:
        """Return all rows; none of them is fresh afterwards."""
        with self._lock:
            self._fresh.clear()
            self._replaced = False
            return Change(self.all(), everything=True)

    def all(self) -> Columns:
        """Return all rows as columns."""
        with self._lock:
            return self._columns(self._held.values() if self._key else self._held)

    def __len__(self) -> int:
        return len(self._held)

    def _change(self) -> Change:
        if self._key is None:
            return Change(self._columns(self._fresh), everything=self._replaced)
        came = [row for row in self._fresh.values() if row is not None]
        gone = [key for key, row in self._fresh.items() if row is None]
        return Change(self._columns(came), gone, self._replaced)

    def _checked(self, columns: dict[str, Iterable]) -> list[tuple]:
        rows = _rows(columns)
        if self._key and rows and self._key not in columns:
            raise UsageError(
                "Rows without their key", expected=f"a column {self._key}", found=", ".join(columns)
            )
        return rows

    def _add(self, names: list[str], rows: list[tuple]) -> None:
        aligned = self._aligned(names, rows)
        if self._key is None:
            aligned = list(aligned)
            self._held.extend(aligned)
            self._fresh.extend(aligned)
        elif rows:
            self._put(aligned, self._names[self._key])

    def _aligned(self, names: list[str], rows: list[tuple]) -> Iterable[tuple]:
        for name in names:
            self._names.setdefault(name, len(self._names))
        if names == list(self._names):
            return rows
        places = [names.index(name) if name in names else None for name in self._names]
        return (tuple(None if i is None else row[i] for i in places) for row in rows)

    def _put(self, rows: Iterable[tuple], key_place: int) -> None:
        for row in rows:
            key = row[key_place]
            for kept in (self._held, self._fresh):
                kept.pop(key, None)
                kept[key] = row
            if len(self._held) > self._keep:
                self._forget(next(iter(self._held)))

    def _forget(self, key: Any) -> None:
        if self._held.pop(key, None) is not None:
            self._fresh[key] = None

    def _columns(self, rows: Iterable[tuple]) -> Columns:
        # A row that came before a column did is shorter.
        rows = list(rows)
        return {
            name: [row[i] if i < len(row) else None for row in rows]
            for name, i in self._names.items()
        }


def _rows(columns: dict[str, Iterable]) -> list[tuple]:
    lists = {name: plain_values(name, column) for name, column in columns.items()}
    if len({len(column) for column in lists.values()}) > 1:
        raise UsageError(
            "Columns of rows have one length",
            expected="as many values in each",
            found=", ".join(f"{name} {len(column)}" for name, column in lists.items()),
        )
    return list(zip(*lists.values(), strict=True))
