"""The live chart: any Altair chart over alt.NamedData("live"), fed from any thread."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import ipywidgets
import traitlets

from eventlab.errors import ChartError, UsageError
from eventlab.live.busy import acts_while_busy
from eventlab.live.rows import Rows, packed
from eventlab.live.theme import use_theme
from eventlab.live.vega import vega_bundle
from eventlab.live.widget import LiveWidget, script

DATA = "live"
_SEVERAL = {"hconcat", "vconcat", "concat", "facet", "repeat"}


class LiveChart(LiveWidget):
    """Draw an Altair chart over alt.NamedData("live") that moves as rows are pushed.

    `push` takes rows as columns and may be called from any thread; one sender passes them on, at
    most `rate` times a second. `time` names the field (a datetime, or milliseconds) whose newest
    value ends a `window` of so many seconds; `keep` bounds the rows in any case. With `key`, the
    name of a field, a row replaces the one with the same key. `alt` says what the chart shows, for
    those who cannot see it. `controls` are widgets that stand above it. Raises ChartError and
    UsageError.
    """

    _esm = script("chart.js")
    spec = traitlets.Dict().tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        chart: Any,
        *,
        alt: str,
        time: str | None = None,
        window: float | timedelta | None = None,
        keep: int = 5_000,
        rate: float = 20,
        key: str | None = None,
        controls: Sequence[ipywidgets.Widget] = (),
    ):
        settings = {"time": time, "window": _window(window, time), "keep": keep, "key": key}
        self._rows = Rows(_positive("keep", keep), key)
        self._sequence = self._version = 0
        self._controls = list(controls)
        super().__init__(
            rate=_positive("rate", rate),
            spec=_spec(chart),
            settings=settings,
            alt=_required_alt(alt),
        )

    # -- rows -----------------------------------------------------------------------------------

    def push(self, **columns: Iterable) -> None:
        """Add rows, given as columns of equal length; datetimes become milliseconds."""
        self._rows.push(**columns)
        self._version += 1

    def replace(self, **columns: Iterable) -> None:
        """Let these rows be all that is drawn."""
        self._rows.replace(**columns)
        self._version += 1

    @property
    def rows(self) -> dict[str, list]:
        """Return the rows that are held, as columns."""
        return self._rows.all()

    # -- the page -------------------------------------------------------------------------------

    def _shown(self) -> ipywidgets.Widget:
        if not self._controls:
            return self
        return acts_while_busy(ipywidgets.VBox([*self._controls, self]))

    def _asked(self, widget: Any, message: dict, buffers: Any) -> None:
        super()._asked(widget, message, buffers)
        if message.get("type") == "vega?":
            self.send({"type": "vega"}, [vega_bundle()])

    def _send_fresh(self) -> None:
        fresh = self._rows.take()
        if fresh is not None:
            self._send_rows(*fresh)

    def _send_all(self) -> None:
        self._send_rows(self._rows.take_all(), everything=True)

    def _send_rows(self, columns: dict[str, list], everything: bool) -> None:
        entries, buffers = packed(columns)
        self._sequence += 1
        count = len(next(iter(columns.values()), []))
        message = {"type": "rows", "columns": entries, "count": count}
        self.send(message | {"all": everything, "sequence": self._sequence}, buffers)

    def _still(self) -> tuple[dict, dict]:
        from eventlab.live.picture import still

        columns = self._rows.all()
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        shown = _within(rows, self.settings["time"], self.settings["window"])
        return still(self.spec | {"datasets": {DATA: shown}}, self.alt, repr(self))


def _within(rows: list[dict], time: str | None, window: float | None) -> list[dict]:
    if not (window and time and rows):
        return rows
    oldest = max(row[time] for row in rows if row[time] is not None) - window
    return [row for row in rows if row[time] is None or row[time] >= oldest]


def _spec(chart: Any) -> dict[str, Any]:
    use_theme()
    try:
        spec = chart.to_dict()
    except AttributeError:
        raise ChartError(
            "This is no chart", expected="an Altair chart", found=type(chart).__name__
        ) from None
    if f'"name": "{DATA}"' not in str(spec).replace("'", '"'):
        raise ChartError(
            "This chart does not draw what is live",
            expected='a chart over alt.NamedData("live")',
            found=f"data {spec.get('data')}",
            remedy='Begin it with alt.Chart(alt.NamedData("live")).',
        )
    if not _SEVERAL & set(spec):  # the outer box keeps its size when words or axes change
        spec.setdefault("autosize", {"type": "fit", "contains": "padding"})
        spec.setdefault("width", spec["config"]["view"]["continuousWidth"])
        spec.setdefault("height", spec["config"]["view"]["continuousHeight"])
    return spec


def _required_alt(alt: str) -> str:
    if isinstance(alt, str) and alt.strip():
        return alt
    raise ChartError(
        "A chart needs words for those who cannot see it",
        expected='alt="what it shows"',
        found=repr(alt),
    )


def _window(window: float | timedelta | None, time: str | None) -> float | None:
    if window is None:
        return None
    if time is None:
        raise UsageError("A window needs a time", expected='time="the field with the time"')
    seconds = window.total_seconds() if isinstance(window, timedelta) else window
    return 1000 * _positive("window", seconds)


def _positive(name: str, value: float) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return value
    raise UsageError(f"{name} cannot be that", expected="a number above 0", found=repr(value))
