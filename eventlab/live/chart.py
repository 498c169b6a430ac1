"""The live chart: any Altair chart over alt.NamedData("live"), fed from any thread."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

import ipywidgets
import traitlets

from eventlab.arguments import refused, required_positive_number, required_whole_number
from eventlab.checked import checked
from eventlab.errors import UsageError, shown
from eventlab.live.busy import acts_while_busy
from eventlab.live.rows import Change, Columns, Rows
from eventlab.live.specification import DATA, alt_text, reserved_height, specification
from eventlab.live.trouble import Bundle
from eventlab.live.values import moment_values, packed
from eventlab.live.vega import vega_bundle
from eventlab.live.widget import LiveWidget, Shot, script

_MOST_ROWS = 10_000_000
_PARTS = ("vega.js", "pending.js", "look.js", "drag.js", "tips.js", "dense.js", "shots.js")


class LiveChart(LiveWidget):
    """Draw an Altair chart over alt.NamedData("live") that moves as rows are pushed.

    `push` takes rows as columns and may be called from any thread; from `show` on one sender passes
    them on, at most `rate` times a second. `time` names the field (datetimes, milliseconds since
    1970, or moments as ISO 8601 writes them) whose newest value ends a `window`, in seconds or as a
    timedelta; a row whose time is none stays. `keep` bounds the rows in any case. With `key`, the
    name of a field, a row replaces the one with the same key, and `remove` takes rows away: a table
    in place of a stream. `alt` says what the chart shows, for those who cannot see it; without it
    the chart's own description or title does. `controls` are widgets that stand above it.

    With `moved`, whoever looks can take a row by its mark and put it elsewhere along the x axis, if
    the row's field `movable` is true: `moved` is called with the row's key and its new x, and draws
    it there or does not. Raises ChartError and UsageError.
    """

    _esm = script(*_PARTS, "chart.js")
    spec = traitlets.Dict().tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    # The page's own: the last frame, kept with the saved notebook for when no kernel is there.
    picture = traitlets.Dict().tag(sync=True)

    @checked
    def __init__(
        self,
        chart: Any,
        *,
        alt: str = "",
        time: str | None = None,
        window: float | timedelta | None = None,
        keep: int = 5_000,
        rate: float = 20,
        key: str | None = None,
        controls: Sequence[ipywidgets.Widget] = (),
        moved: Callable[[Any, float], object] | None = None,
    ) -> None:
        _require_key_to_move(key, moved)
        if key == "":
            raise refused("key", key, "the name of a field, or None", '"id"')
        spec = specification(chart)
        has_own_width = isinstance(getattr(chart, "width", None), int | float)
        settings = {"time": time, "window": _window(window, time), "keep": keep, "key": key}
        settings |= {"movable": moved is not None}
        self._rows = Rows(required_whole_number("keep", keep, at_least=1, at_most=_MOST_ROWS), key)
        self._sequence = 0
        self._version = 0
        self._sent_version = 0
        self._shot: Shot | None = None
        self._page_width: float | None = None
        self._controls = list(controls)
        self._moved = moved
        self._time = time
        super().__init__(
            rate=required_positive_number("rate", rate),
            spec=spec,
            settings=settings | {"height": reserved_height(spec), "fits": not has_own_width},
            alt=alt_text(alt, spec),
        )

    # -- rows -----------------------------------------------------------------------------------

    @checked
    def push(self, /, **columns: Iterable[Any]) -> None:
        """Add rows, given as columns of equal length; datetimes become milliseconds."""
        self._rows.push(**self._timed(columns))
        self._version += 1

    @checked
    def replace(self, /, **columns: Iterable[Any]) -> None:
        """Let these rows be all that is drawn."""
        self._rows.replace(**self._timed(columns))
        self._version += 1

    @checked
    def remove(self, keys: Iterable[Any]) -> None:
        """Take away the rows with these keys."""
        self._rows.remove(keys)
        self._version += 1

    @property
    def rows(self) -> Columns:
        """Return the rows that are held, as columns."""
        return self._rows.all()

    # -- the page -------------------------------------------------------------------------------

    def with_controls(self) -> ipywidgets.Widget:
        """Return the chart with the controls above it."""
        return acts_while_busy(ipywidgets.VBox([*self._controls, self]))

    def _asked(self, widget: Any, message: dict[str, Any], buffers: Any) -> None:
        super()._asked(widget, message, buffers)
        if message.get("type") == "vega?":
            self.send({"type": "vega"}, [vega_bundle()])
        if message.get("width"):
            self._page_width = message["width"]
        if message.get("type") == "moved" and self._moved is not None:
            self._move(self._moved, message.get("row"), message.get("to"))

    def _move(self, moved: Callable[[Any, float], object], row: Any, to: Any) -> None:
        try:
            moved(row, to)
        except (Exception, SystemExit) as error:  # nobody else would ever hear of it
            self.report(error)

    def is_drawn(self) -> bool:
        """Tell whether the page has drawn all rows, and Python has what it drew."""
        if self._shot is None or self._sent_version != self._version:
            return False
        return bool(self._shot["sequence"] == self._sequence)

    def take_shots(self, shots: Sequence[Shot | None]) -> None:
        """Keep what the page has drawn of it, which is its still until other rows come."""
        self._shot = shots[0]

    def _send_fresh(self) -> None:
        version = self._version
        change = self._rows.take()
        if change is not None:
            self._send_change(change)
        self._sent_version = version

    def _send_all(self) -> None:
        version = self._version
        self._send_change(self._rows.take_all())
        self._sent_version = version

    def _send_change(self, change: Change) -> None:
        entries, buffers = packed(change.columns)
        self._sequence += 1
        message = {
            "type": "rows",
            "columns": entries,
            "count": len(next(iter(change.columns.values()), [])),
            "gone": change.gone,
            "all": change.everything,
            "sequence": self._sequence,
        }
        self.send(message, buffers)

    def _timed(self, columns: dict[str, Iterable[Any]]) -> dict[str, Iterable[Any]]:
        time = self._time
        if time is None or time not in columns:
            return columns
        moments, wrong = moment_values(time, columns[time])
        if wrong is not None:
            self.report(_no_moment(time, wrong))
        return columns | {time: moments}

    def _still(self) -> Bundle:
        if self._shot is not None and self.is_drawn():
            return self._of(self._shot)
        from eventlab.live.picture import still

        datasets = self.spec.get("datasets", {}) | {DATA: self._rows_in_window()}
        return still(self.spec | {"datasets": datasets} | self._size(), self.alt, repr(self))

    def _size(self) -> dict[str, float]:
        # As wide as it was on the page: what takes its place is not to be another picture.
        fits = self.settings["fits"] and "width" in self.spec
        return {"width": self._page_width} if fits and self._page_width else {}

    def _rows_in_window(self) -> list[dict[str, Any]]:
        columns = self._rows.all()
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        time = self.settings["time"]
        window = self.settings["window"]
        if window is None:
            return rows
        times = [row.get(time) for row in rows]
        oldest = max((t for t in times if t is not None), default=0) - window
        return [row for row, t in zip(rows, times, strict=True) if t is None or t >= oldest]


def _require_key_to_move(key: str | None, moved: object) -> None:
    if moved is not None and key is None:
        raise UsageError(
            "Rows that can be moved need a key",
            expected="the name of a field whose value tells one row from another",
            found="none",
            remedy='Add key="the field" to the chart, or leave moved out.',
        )


def _window(window: float | timedelta | None, time: str | None) -> float | None:
    if window is None:
        return None
    if time is None:
        raise UsageError(
            "A window needs a time",
            expected="the name of the field with the time",
            found="none",
            remedy='Add time="the field" to the chart, or leave the window out.',
        )
    seconds = window.total_seconds() if isinstance(window, timedelta) else window
    return 1000 * required_positive_number("window", seconds)


def _no_moment(field: str, found: Any) -> UsageError:
    return UsageError(
        f"The field {field} is the chart's time, and not every row has a moment there",
        expected="a datetime, milliseconds since 1970, or text such as 2013-03-07T12:05:00Z",
        found=shown(found, 40),
        remedy=f'Name another field: time="..."; rows without a moment in {field} stay.',
    )
