"""A table whose changing cells are lit, with the stream that changes it and its changelog."""

from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import traitlets

from eventlab.arguments import required_whole_number
from eventlab.live.places import Places
from eventlab.live.theme import COLOURS
from eventlab.live.trouble import Bundle
from eventlab.live.values import in_words
from eventlab.live.widget import LiveWidget, script

_RATE = 15.0
_LINES = 6
_KEEP = 50_000
_MOST_SHOWN = 1000
_STILL_STYLE = "border-collapse:collapse;font:13px sans-serif"

Row = Mapping[str, Any]
Change = tuple[str, Row | None]


class Sheet(LiveWidget):
    """Show a table's rows by key, the changed cells lit; methods may be called from any thread.

    `columns` are shown beside the key, by default those of the first row, and again of the first
    one after `clear`. Of more than `most` rows those are shown that changed last, each in a place
    that it keeps; a line says how many there are. Of more than `keep` rows the one that changed
    longest ago is forgotten, and the count is from then on "at least". `stream` and `changelog` are
    the titles of two lists beside and below, None for none; each change is a line of the second.
    `names` says what a key is called: those rows have their places from the start. With `slides` a
    slider shows the table as it was after any number of changes, and at its end follows again.
    """

    _esm = script("sheet.js")
    title = traitlets.Unicode().tag(sync=True)
    key_title = traitlets.Unicode().tag(sync=True)
    stream_title = traitlets.Unicode(allow_none=True, default_value=None).tag(sync=True)
    changelog_title = traitlets.Unicode(allow_none=True, default_value=None).tag(sync=True)
    most = traitlets.Int().tag(sync=True)
    colour = traitlets.Unicode(COLOURS["table"]).tag(sync=True)
    wrong_colour = traitlets.Unicode(COLOURS["broken"]).tag(sync=True)
    says = traitlets.Unicode().tag(sync=True)
    slides = traitlets.Bool(False).tag(sync=True)
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
        names: Mapping[str, str] | None = None,
        slides: bool = False,
    ) -> None:
        most = required_whole_number("most", most, at_least=1, at_most=_MOST_SHOWN)
        self._columns: list[str] = [] if columns is None else list(columns)
        self._takes_columns = columns is None
        self._are_columns_due = self._takes_columns
        self._keep = max(keep, most)
        self._rows: OrderedDict[str, Row] = OrderedDict()  # the one that changed last at the end
        self._has_forgotten = False
        self._names = dict(names or {})
        self._places = Places(most, self._names)
        self._changed: dict[int, set[str]] = {}
        self._wrong: dict[str, Row] = {}
        self._changes: list[Change] = []
        self._last_lines: list[str] = []  # of the changelog, while the table waits for it again
        self._at: int | None = None
        self._expected = 0
        self._stream: deque[str] = deque(maxlen=_LINES)
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
            slides=slides,
        )

    @property
    def rows(self) -> dict[str, Row]:
        """Return the rows as they are now."""
        with self._sending:
            return dict(self._rows)

    @property
    def at(self) -> int | None:
        """Return how many changes the slider lets count, None while all of them do."""
        return self._at

    def put(self, changes: Iterable[Change]) -> None:
        """Take new rows in, in order; None deletes one."""
        with self._sending:
            for change in changes:
                self._keep_change(change)
                if self._at is None:
                    self._put(*change)
                self._version += 1

    def add_events(self, lines: Iterable[str]) -> None:
        """Add lines to the stream."""
        with self._sending:
            self._stream.extend(lines)
            self._version += 1

    def clear(self, expected: int = 0, *, keeps_changelog: bool = False) -> None:
        """Let all rows vanish; `expected` changes will come again, so far the slider goes.

        With `keeps_changelog` the lines of the changelog stay until the first change comes.
        """
        with self._sending:
            self._at = None
            self._last_lines = self._changelog_lines() if keeps_changelog else []
            self._rows.clear()
            self._has_forgotten = False
            self._places = Places(self.most, self._names)
            self._changed.clear()
            self._wrong.clear()
            self._changes.clear()
            self._expected = expected
            self._is_cleared = True
            self._are_columns_due = self._takes_columns
            self._version += 1

    def show_at(self, number: int | None) -> None:
        """Show the table as it was after so many changes; None, or all of them, follows again."""
        with self._sending:
            changes = self._changes
            self._at = None if number is None or number >= len(changes) else max(0, number)
            rows: dict[str, Row | None] = dict.fromkeys(self._rows)
            for key, row in changes[: self._at]:
                rows[key] = row
            for key, row in rows.items():
                if row != self._rows.get(key):
                    self._put(key, row)
            self._version += 1

    def mark(self, wrong: Mapping[str, Row]) -> None:
        """Mark the cells that are wrong, of these keys and columns, each with what is right."""
        with self._sending:
            if wrong == self._wrong:
                return
            for key in {*wrong, *self._wrong}:
                place = self._places.place_of(key)
                if place is not None:
                    self._changed.setdefault(place, set())
            self._wrong = dict(wrong)
            self._version += 1

    def _asked(self, widget: Any, message: dict[str, Any], buffers: Any) -> None:
        super()._asked(widget, message, buffers)
        if message.get("type") == "at":
            self.show_at(message["number"])

    def _keep_change(self, change: Change) -> None:
        self._changes.append(change)
        if len(self._changes) > self._keep and self._at is None:
            del self._changes[:-_LINES]
            self.slides = False  # what the table was before is not known any more

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
        if place is None:
            return
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
                "lists": self._lines(),
                "at": len(self._changes) if self._at is None else self._at,
                "changes": max(len(self._changes), self._expected),
            }
        )
        self._changed.clear()
        self._is_cleared = False
        self._sent = self._version

    def _lines(self) -> dict[str, list[str]]:
        return {"stream": list(self._stream), "changelog": self._changelog_lines()}

    def _changelog_lines(self) -> list[str]:
        if not self._changes:
            return self._last_lines
        end = len(self._changes) if self._at is None else self._at
        first = max(0, end - _LINES)
        numbered = enumerate(self._changes[first:end], first)
        return [self._line(number, *change) for number, change in numbered]

    def _line(self, number: int, key: str, row: Row | None) -> str:
        place = f"{number}  " if self.slides else ""
        words = "(tombstone)"
        if row is not None:
            words = ", ".join(f"{name} {in_words(value)}" for name, value in row.items())
        return f"{place}{self._names.get(key, key)}  {words}"

    def _place(self, place: int, everything: bool) -> dict[str, Any]:
        key = self._places.key_at(place)
        row = None if key is None else self._rows.get(key)
        if row is None:
            return {"place": place, "key": None}
        changed = self._changed.get(place, set())
        lit = [] if everything else [name in changed for name in self._columns]
        cells = [_text(row.get(name)) for name in self._columns]
        name = self._names.get(str(key), key)
        right = self._right(str(key))
        shown = {"place": place, "key": name, "cells": cells, "lit": lit}
        return shown | {"right": [right.get(name) for name in self._columns]} if right else shown

    def _right(self, key: str) -> dict[str, str]:
        """Return what would be right, by column; a newer row may be right where the mark is not."""
        row = self._rows[key]
        right = self._wrong.get(key, {})
        return {
            name: _text(value)
            for name, value in right.items()
            if name in self._columns and _differ(row.get(name), value)
        }

    def _still(self) -> Bundle:
        with self._sending:
            keys = map(self._places.key_at, range(self.most))
            shown = [key for key in keys if key is not None and key in self._rows]
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
        right = self._right(key)
        cells = [_text(self._rows[key].get(name)) for name in self._columns]
        marked = [
            f"{cell}, not {right[name]}" if name in right else cell
            for name, cell in zip(self._columns, cells, strict=True)
        ]
        return [self._names.get(key, key), *marked]


def _text(value: Any) -> str:
    if value is None:
        return ""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if is_number else in_words(value)


def _differ(one: Any, other: Any) -> bool:
    # To Python True is the number 1.
    return isinstance(one, bool) != isinstance(other, bool) or bool(one != other)
