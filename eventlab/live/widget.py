"""What moves: a widget that is fed from any thread, sends at a steady rate, and ends as a still."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import anywidget
import ipywidgets

from eventlab.live.busy import acts_while_busy
from eventlab.live.output import Output
from eventlab.live.ticker import Ticker

_HERE = Path(__file__).parent


def script(*names: str) -> str:
    """Return a widget's JavaScript: what all of them share, and then these files, as one."""
    return "\n".join((_HERE / name).read_text() for name in ("page.js", *names))


class LiveWidget(anywidget.AnyWidget):
    """Pass on what comes, until it is stopped; then leave a still in the same output.

    A subclass has `_send_fresh` (what came since the last call), `_send_all`, `_still` (a bundle of
    mimetypes, and its metadata) and `_version` (a number that grows with every change). `_sending`
    is held while either of the first two runs: nothing overtakes "all there is", or comes twice.
    """

    _css = (_HERE / "page.css").read_text()
    _has_still_at_once = False  # where there is no page; what moves by itself waits for its end

    def __init__(self, *, rate: float, **traits: Any):
        super().__init__(**traits)
        self._sending = threading.Lock()
        self._output: Output | None = None
        self._when_stopped: list[Callable[[], object]] = []
        self._ticker: Ticker | None = Ticker(self._pass_on, rate)
        self.on_msg(self._asked)
        acts_while_busy(self)

    def show(self) -> Self:
        """Show it in the running cell's output."""
        self._output = Output(
            self._shown(),
            repr(self),
            self._still,
            lambda: self._version,
            at_once=self._has_still_at_once,
        )
        return self

    def stop(self) -> None:
        """End the movement and leave the picture in the output; call it from a cell.

        A second call does nothing.
        """
        if self._ticker is None:
            return
        ticker, self._ticker = self._ticker, None
        for call in self._when_stopped:
            call()
        ticker.stop()
        if self._output is not None:
            self._output.end()

    def on_stop(self, call: Callable[[], object]) -> None:
        """Call this when it stops: what feeds it ends with it."""
        self._when_stopped.append(call)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error) -> None:
        self.stop()

    def _ipython_display_(self) -> None:
        # As a cell's last value: shown if it was not yet, and never twice.
        if self._output is None:
            self.show()

    def __repr__(self) -> str:
        return type(self).__name__  # constant, so that the text of two runs can be compared

    def _shown(self) -> ipywidgets.Widget:
        # When the kernel has gone, the front end marks a box, and no view of anywidget's own.
        return acts_while_busy(ipywidgets.VBox([self]))

    def _pass_on(self) -> None:
        with self._sending:
            self._send_fresh()

    def _asked(self, _widget: Any, message: dict, _buffers: Any) -> None:
        if self._output is not None:
            self._output.watched = True
        if message.get("type") == "all?":
            with self._sending:
                self._send_all()
