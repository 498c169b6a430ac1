"""What a push query of SQL gives, as it comes: a table of rows, or a chart of its first number."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from eventlab.checked import checked
from eventlab.errors import SqlError
from eventlab.live import LiveChart
from eventlab.live.roll import Roll
from eventlab.live.sheet import Sheet
from eventlab.live.widget import Feed, LiveWidget
from eventlab.pictures.picture import Picture
from eventlab.processes.background import Background
from eventlab.sql.planning.rows import Field
from eventlab.sql.running.pushed_keys import PushedKey, pushed_key
from eventlab.sql.running.pushing import Change, Push
from eventlab.sql.texts import timestamp_text, writer
from eventlab.sql.types import BIGINT, DOUBLE, INTEGER, DecimalType

_PER_SECOND = 10.0
_MARKS = 30  # of which the rate is taken: three seconds
_KEPT = 2000
_PATIENCE_SECONDS = 10.0
_A_LITTLE_SECONDS = 1.5
_NUMBERS = (INTEGER, BIGINT, DOUBLE)


class PushPicture(Picture):
    """Draw the rows of a push query, which ends with the picture; the base of the two there are.

    With `ends_itself` the picture becomes a still when the query has come to its end.
    """

    def __init__(self, push: Push, chart: LiveWidget, *, ends_itself: bool = True) -> None:
        super().__init__(chart)
        self.push = push
        self._ends_itself = ends_itself
        self._has_window = push.shape.window is not None
        self._marks: deque[tuple[float, int]] = deque([(time.monotonic(), 0)], _MARKS)
        self._ending = Background("eventlab-push-end", self.stop)

    def wait_a_little(self) -> None:
        """Wait for what comes within a second or two, or for all of a limit, and end the query.

        For where there is no page on which it could move.
        """
        limit = self.push.limit
        if limit is not None:
            self.push.wait(limit, _PATIENCE_SECONDS)
        else:
            self.push.wait(1, _PATIENCE_SECONDS)
            self.push.wait(self.push.count + _KEPT, _A_LITTLE_SECONDS)
        self._ends_itself = False
        self.push.stop()

    def scores(self) -> dict[str, Any]:
        """Return how many rows came."""
        return {"rows": self.push.count}

    def _feeds(self) -> Iterator[Feed]:
        yield self.push  # ended first: what it gave last is taken after it
        yield self._again(self._go_on, _PER_SECOND)

    def _go_on(self) -> None:
        has_ended = not self.push.is_alive  # asked before: what comes after that is taken too
        self._draw(self.push.came())
        self._say(self._words(has_ended=has_ended))
        if has_ended and self._ends_itself:
            self._ending.start()

    def _words(self, *, has_ended: bool) -> str:
        count = self.push.count
        rows = f"{count:,} row{'' if count == 1 else 's'}"
        if has_ended:
            is_full = self.push.limit is not None and count >= self.push.limit
            return f"{rows}: the limit of the query" if is_full else f"{rows} until it ended"
        self._marks.append((time.monotonic(), count))
        since, before = self._marks[0]
        rate = (count - before) / max(time.monotonic() - since, 1e-9)
        return f"{rows} so far, {rate:,.0f} a second"

    def _draw(self, changes: list[Change]) -> None:
        raise NotImplementedError

    def _say(self, words: str) -> None:
        raise NotImplementedError


class PushTable(PushPicture):
    """Show the newest rows of a stream, the youngest on top; of a table, the last row of each key.

    Of more than `most` rows of a table those are shown that changed last, each in its place.
    """

    @checked
    def __init__(self, push: Push, *, most: int = 12, ends_itself: bool = True) -> None:
        self._names = [one.name for one in push.columns]
        self._cells = _cells_of(push.columns)
        self._key_columns: int | None = None  # how many columns are the key's own, once one came
        self.rows: Roll | Sheet
        if push.shape.kind == "stream":
            names = [one.name for one in push.columns]
            self.rows = Roll("No row yet", names, alt="The newest rows of a query", most=most)
        else:
            alt = "The rows of a query by their keys; changed cells are lit"
            self.rows = Sheet("No row yet", key="key", alt=alt, most=most)
        super().__init__(push, self.rows, ends_itself=ends_itself)

    def _draw(self, changes: list[Change]) -> None:
        if isinstance(self.rows, Sheet):
            self.rows.put([(self._label(one), self._row(one)) for one in changes])
        else:
            self.rows.add([(one.number, self._cells(one.row)) for one in changes if one.row])

    def _label(self, change: Change) -> str:
        key = pushed_key(change.key, has_window=self._has_window)
        words = key.words
        return words if key.start is None else f"{words}  {timestamp_text(key.start)[:16]}"

    def _row(self, change: Change) -> dict[str, str] | None:
        """Return a row without the columns that the key says already."""
        if change.row is None:
            return None
        cells = self._cells(change.row)
        if self._key_columns is None:
            words = pushed_key(change.key, has_window=self._has_window).words
            self._say_key(words, cells)
        return dict(zip(self._names[self._key_columns :], cells[self._key_columns :], strict=True))

    def _say_key(self, words: str, cells: list[str]) -> None:
        counts = [n for n in range(1, len(cells)) if ", ".join(cells[:n]) == words]
        self._key_columns = counts[0] if counts else 0
        names = ", ".join(self._names[: self._key_columns]) or "key"
        title = f"{names}, from" if self._has_window else names
        if isinstance(self.rows, Sheet):
            self.rows.key_title = title

    def _say(self, words: str) -> None:
        self.rows.title = words


class PushChart(PushPicture):
    """Draw the first number of each row: over time, or for each key of a table a bar.

    The time of a stream's row is its own, that of a windowed table's is where its window begins,
    and each of its keys has a line. Raises SqlError where no column is a number.
    """

    @checked
    def __init__(self, push: Push, *, ends_itself: bool = True) -> None:
        self._place = _first_number(push.columns)
        self._is_table = push.shape.kind == "table"
        name = push.columns[self._place].name
        self.drawn = LiveChart(
            _chart(push, name),
            key="id" if self._is_table else None,
            keep=_KEPT,
            alt=f"{name} of a query's rows, as they come",
        )
        super().__init__(push, self.drawn, ends_itself=ends_itself)

    def _draw(self, changes: list[Change]) -> None:
        if self._is_table:  # of each key the last change counts
            changes = list({one.key: one for one in changes}.values())
            self.drawn.remove([one.key for one in changes if one.row is None])
        rows = [one for one in changes if one.row is not None]
        if rows:
            keys = [pushed_key(one.key, has_window=self._has_window) for one in rows]
            self.drawn.push(
                id=[one.key or "" for one in rows],
                key=[one.words for one in keys],
                at=[_time_of(key, one) for key, one in zip(keys, rows, strict=True)],
                number=[_number(one.row[self._place]) for one in rows if one.row is not None],
            )

    def _say(self, words: str) -> None:
        """Say nothing: a chart that says its title anew would be drawn anew."""


def _cells_of(columns: Sequence[Field]) -> Callable[[Sequence[Any]], list[str]]:
    """Return what makes texts of a row's values; NULL is written so, as in every tool of SQL."""
    writers = [writer(one.kind) for one in columns]

    def cells(row: Sequence[Any]) -> list[str]:
        return [
            "NULL" if value is None else write(value)
            for write, value in zip(writers, row, strict=True)
        ]

    return cells


def _first_number(columns: Sequence[Field]) -> int:
    for place, one in enumerate(columns):
        if one.kind in _NUMBERS or isinstance(one.kind, DecimalType):
            return place
    raise SqlError(
        "A chart needs a number",
        expected="a column of numbers in the result",
        found=", ".join(f"{one.name} {one.kind}" for one in columns),
        remedy="Select a number, or leave --chart out to see the rows.",
    )


def _chart(push: Push, name: str) -> Any:
    import altair as alt

    number = alt.Y("number:Q", title=name)
    drawn = alt.Chart(alt.NamedData("live")).properties(width="container", height=240)
    if push.shape.kind == "table" and push.shape.window is None:
        return drawn.mark_bar().encode(alt.X("key:N", title="key"), number)
    title = "window begins at (UTC)" if push.shape.window else "time of the row (UTC)"
    at = alt.X("at:T", title=title, scale=alt.Scale(type="utc"))
    if push.shape.kind == "stream":
        return drawn.mark_line(point=True).encode(at, number)
    return drawn.mark_line(point=True).encode(at, number, alt.Color("key:N", title="key"))


def _time_of(key: PushedKey, change: Change) -> int:
    return change.time if key.start is None else key.start


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
