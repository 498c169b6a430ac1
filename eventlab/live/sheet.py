"""A table whose changing cells are lit, with the stream that changes it and its changelog."""

from collections import deque
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import traitlets

from eventlab.arguments import required_whole_number
from eventlab.live.theme import COLOURS
from eventlab.live.trouble import Bundle
from eventlab.live.values import in_words
from eventlab.live.widget import LiveWidget, script

_RATE = 15.0
_LINES = 8
_KEEP = 50_000
_MOST_SHOWN = 1000
_STILL_STYLE = "border-collapse:collapse;font:13px sans-serif"

Row = Mapping[str, Any]


class Sheet(LiveWidget):
    """Show a table's rows by key, the changed cells lit; methods may be called from any thread.

    `columns` are shown beside the key, by default those of the first row, and again of the first
    one after `clear`. Of more than `most` rows those are shown that changed last, each in a place
    that it keeps; a line says how many there are. Of more than `keep` rows the one that changed
    longest ago is forgotten, and the count is from then on "at least". `stream` and `changelog` are
    the titles of two lists beside and below, None for none.
    """

    _esm = script("sheet.js")
    title = traitlets.Unicode().tag(sync=True)
    key_title = traitlets.Unicode().tag(sync=True)
    stream_title = traitlets.Unicode(allow_none=True, default_value=None).tag(sync=True)
    changelog_title = traitlets.Unicode(allow_none=True, default_value=None).tag(sync=True)
    most = traitlets.Int().tag(sync=True)
    colour = traitlets.Unicode(COLOURS["table"]).tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    held = traitlets.Dict().tag(sync=True)  # the page's own, kept with the saved notebook

    def __init__(
        self,
        title: str,
        *,
        key: str,
        alt: str,
        columns: Iterable[str] | None = None,
        stream: str | None = None,
        changelog: str | None = None,
        most: int = 12,
        keep: int = _KEEP,
    ) -> None:
        most = required_whole_number("most", most, at_least=1, at_most=_MOST_SHOWN)
        self._columns: list[str] = [] if columns is None else list(columns)
        self._takes_columns = columns is None
        self._are_columns_due = self._takes_columns
        self._keep = max(keep, most)
        self._rows: dict[str, Row] = {}  # the one that changed last at the end
        self._has_forgotten = False
        self._places = _Places(most)
        self._changed: dict[int, set[str]] = {}
        self._lists: dict[str, deque[str]] = {
            "stream": deque(maxlen=_LINES),
            "changelog": deque(maxlen=_LINES),
        }
        self._is_cleared = False
        self._version = 0
        self._sent = 0
        super().__init__(
            rate=_RATE,
            title=title,
            key_title=key,
            alt=alt,
            most=most,
            stream_title=stream,
            changelog_title=changelog,
        )

    @property
    def rows(self) -> dict[str, Row]:
        """Return the rows as they are now."""
        with self._sending:
            return dict(self._rows)

    def put(self, changes: Iterable[tuple[str, Row | None]]) -> None:
        """Take new rows in, in order; None deletes one."""
        with self._sending:
            for key, row in changes:
                self._put(key, row)
                self._version += 1

    def add_lines(self, name: str, lines: Iterable[str]) -> None:
        """Add lines to the list "stream" or "changelog"."""
        with self._sending:
            self._lists[name].extend(lines)
            self._version += 1

    def clear(self) -> None:
        """Let all rows vanish."""
        with self._sending:
            self._rows.clear()
            self._has_forgotten = False
            self._places = _Places(self.most)
            self._changed.clear()
            self._is_cleared = True
            self._are_columns_due = self._takes_columns
            self._version += 1

    def _put(self, key: str, row: Row | None) -> None:
        before = self._rows.pop(key, None)
        if row is None:
            if before is not None:
                self._free_place(key)
            return
        self._rows[key] = row
        self._forget_the_oldest()
        if self._are_columns_due:
            self._columns = list(row)
            self._are_columns_due = False
        place = self._places.take(key)
        earlier = before or {}
        changed = {name for name in self._columns if _differ(row.get(name), earlier.get(name))}
        self._changed[place] = self._changed.get(place, set()) | changed

    def _free_place(self, key: str) -> None:
        place = self._places.free(key)
        if place is not None:
            self._changed[place] = set()

    def _forget_the_oldest(self) -> None:
        # It has no place any more: those that have one changed later.
        if len(self._rows) > self._keep:
            del self._rows[next(iter(self._rows))]
            self._has_forgotten = True

    def _send_fresh(self) -> None:
        if self._version != self._sent:
            self._send_places(sorted(self._changed), everything=False)

    def _send_all(self) -> None:
        self._send_places(range(self.most), everything=True)

    def _send_places(self, places: Iterable[int], *, everything: bool) -> None:
        self.send(
            {
                "type": "sheet",
                "all": everything or self._is_cleared,
                "columns": self._columns,
                "places": [self._place(place, everything) for place in places],
                "total": len(self._rows),
                "total_is_least": self._has_forgotten,
                "lists": {name: list(lines) for name, lines in self._lists.items()},
            }
        )
        self._changed.clear()
        self._is_cleared = False
        self._sent = self._version

    def _place(self, place: int, everything: bool) -> dict[str, Any]:
        key = self._places.key_at(place)
        row = None if key is None else self._rows.get(key)
        if row is None:
            return {"place": place, "key": None}
        changed = self._changed.get(place, set())
        lit = [] if everything else [name in changed for name in self._columns]
        cells = [_text(row.get(name)) for name in self._columns]
        return {"place": place, "key": key, "cells": cells, "lit": lit}

    def _still(self) -> Bundle:
        with self._sending:
            shown = [key for key in map(self._places.key_at, range(self.most)) if key is not None]
            head = "".join(f"<th>{escape(name)}</th>" for name in [self.key_title, *self._columns])
            body = "".join(
                "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in self._cells(key)) + "</tr>"
                for key in shown
            )
            least = "at least " if self._has_forgotten else ""
            words = f"{self.title}: {len(shown)} of {least}{len(self._rows)} rows"
        html = (
            f'<table style="{_STILL_STYLE}"><caption>{escape(words)}</caption>{head}{body}</table>'
        )
        return {"text/plain": repr(self), "text/html": html}, {}

    def _cells(self, key: str) -> list[str]:
        return [key, *(_text(self._rows[key].get(name)) for name in self._columns)]


class _Places:
    """Which key stands where: a new one takes a free place, or that touched longest ago."""

    def __init__(self, most: int) -> None:
        self._free = list(range(most - 1, -1, -1))
        self._at: dict[str, int] = {}  # in the order in which they were touched
        self._keys: dict[int, str] = {}

    def take(self, key: str) -> int:
        place = self._at.pop(key, None)
        if place is None:
            place = self._free.pop() if self._free else self._at.pop(next(iter(self._at)))
        self._at[key] = place
        self._keys[place] = key
        return place

    def free(self, key: str) -> int | None:
        place = self._at.pop(key, None)
        if place is not None:
            del self._keys[place]
            self._free.append(place)
        return place

    def key_at(self, place: int) -> str | None:
        return self._keys.get(place)


def _text(value: Any) -> str:
    if value is None:
        return ""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if is_number else in_words(value)


def _differ(one: Any, other: Any) -> bool:
    # To Python True is the number 1.
    return isinstance(one, bool) != isinstance(other, bool) or bool(one != other)
