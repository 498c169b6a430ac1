"""The newest rows of something that never ends, the youngest on top."""

from collections import deque
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, NamedTuple

import traitlets

from eventlab.arguments import required_whole_number
from eventlab.live.theme import COLOURS
from eventlab.live.trouble import Bundle
from eventlab.live.widget import LiveWidget, script

_RATE = 10.0
_MOST_SHOWN = 1000
_STILL_STYLE = "border-collapse:collapse;font:13px sans-serif"


class _Line(NamedTuple):
    """A row with its running number, from 1."""

    number: int
    cells: list[str]


class Roll(LiveWidget):
    """Show the newest `most` rows, the youngest on top and lit; any thread may call its methods.

    A row is a text for each of `columns`; before it stands its running number, from 1, in which
    there may be gaps where more came than anybody could see.
    """

    _esm = script("roll.js")
    title = traitlets.Unicode().tag(sync=True)
    most = traitlets.Int().tag(sync=True)
    colour = traitlets.Unicode(COLOURS["stream"]).tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    held = traitlets.Dict().tag(sync=True)  # the page's own, kept with the saved notebook

    def __init__(self, title: str, columns: Sequence[str], *, alt: str, most: int = 12) -> None:
        most = required_whole_number("most", most, at_least=1, at_most=_MOST_SHOWN)
        self._columns = list(columns)
        self._lines: deque[_Line] = deque(maxlen=most)  # the youngest first
        self._version = 0
        self._sent = 0
        super().__init__(rate=_RATE, title=title, alt=alt, most=most)

    @property
    def rows(self) -> list[list[str]]:
        """Return the rows that are shown, the youngest first."""
        with self._sending:
            return [line.cells for line in self._lines]

    def add(self, numbered: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Take new rows in, in order, each with its number."""
        with self._sending:
            for number, row in numbered:
                self._lines.appendleft(_Line(number, list(row)))
                self._version += 1

    def _send_fresh(self) -> None:
        if self._version != self._sent:
            self._send_all()

    def _send_all(self) -> None:
        rows: list[dict[str, Any]] = [line._asdict() for line in self._lines]
        self.send({"type": "roll", "columns": self._columns, "rows": rows})
        self._sent = self._version

    def _still(self) -> Bundle:
        with self._sending:
            lines = list(self._lines)
        head = "".join(f"<th>{escape(name)}</th>" for name in ["", *self._columns])
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(line)) + "</tr>"
            for line in lines
        )
        caption = f'<caption style="white-space:nowrap">{escape(self.title)}</caption>'
        html = f'<table style="{_STILL_STYLE}">{caption}{head}{body}</table>'
        return {"text/plain": repr(self), "text/html": html}, {}


def _cells(line: _Line) -> list[str]:
    return [f"{line.number:,}", *line.cells]
