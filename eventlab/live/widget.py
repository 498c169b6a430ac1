"""What moves: a widget that is fed from any thread, sends at a steady rate, and ends as a still."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

import anywidget
import ipywidgets
import traitlets

from eventlab.checked import checked
from eventlab.live.busy import acts_while_busy
from eventlab.live.output import Output
from eventlab.live.ticker import Ticker
from eventlab.live.trouble import Bundle, error_line, with_trouble
from eventlab.processes.closing import close_all

_HERE = Path(__file__).parent
# A page that is looked at has drawn what came last after a tenth of a second; one that is out of
# sight never does, and then Python draws.
_ASK_SECONDS = 0.3
_PATIENCE_SECONDS = 1.2


# What a page has drawn: png, width, height, and the sequence of the rows that are in it.
Shot = dict[str, Any]


class Feed(Protocol):
    """What a picture is fed by: it runs in the background, and keeps what ended it in `error`."""

    @property
    def error(self) -> BaseException | None:
        """Return what ended it, None if nothing did."""

    def stop(self) -> object:
        """End it; a second call does nothing."""


def style(name: str) -> str:
    """Return a stylesheet that lies beside this module."""
    return (_HERE / name).read_text(encoding="utf-8")


def script(*names: str) -> str:
    """Return a widget's JavaScript: what all of them share, and then these files, as one."""
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("page.js", *names))


class LiveWidget(anywidget.AnyWidget):
    """Pass on what comes, from `show` or `start` until `stop`; then leave a still in its place.

    A subclass has `_send_fresh` (what came since the last call), `_send_all`, `_still` (a bundle of
    mimetypes, and its metadata) and `_version` (a number that grows with every change). `_sending`
    is held while either of the first two runs: nothing overtakes "all there is", or comes twice.
    What ends a feed, or cannot be sent or drawn, is told in one line under the picture, and the
    rest goes on.
    """

    _css = style("page.css")
    _has_still_at_once = False  # where there is no page; what moves by itself waits for its end
    _version: int
    trouble = traitlets.Unicode().tag(sync=True)

    def __init__(self, *, rate: float, **traits: Any) -> None:
        super().__init__(**traits)
        self._sending = threading.Lock()
        self._output: Output | None = None
        self._still_beside: Bundle | None = None
        self._shots_came = threading.Event()
        self._feeds: list[Feed] = []
        self._is_stopped = False
        self._sender = Ticker(self._pass_on, rate, on_error=self.report)
        self.on_msg(self._asked)
        acts_while_busy(self)

    def start(self) -> Self:
        """Begin to pass on what comes, in the background; a second call does nothing."""
        self._sender.start()
        return self

    def show(self) -> Self:
        """Show it in the running cell's output, and start; a second call does nothing."""
        if self._output is None:
            self._output = Output(
                self.with_controls(),
                repr(self),
                self.still,
                self.version,
                at_once=self._has_still_at_once,
            )
        return self.start()

    def stop(self) -> None:
        """End the movement and leave the picture in the output; call it from a cell.

        What feeds it ends with it. A second call does nothing. Raises what could not be ended,
        after everything else has.
        """
        if self._is_stopped:
            return
        self._is_stopped = True
        feeds = [feed.stop for feed in self._feeds]
        close_all([*feeds, self._look_at_feeds, self._sender.stop, self._end_output])

    def fed_by(self, feed: Feed) -> None:
        """End this feed when the picture stops, and show under the picture what ended it before."""
        self._feeds.append(feed)

    @checked
    def report(self, error: BaseException) -> None:
        """Show an error in one line under the picture; any thread may call it."""
        self.trouble = error_line(error)

    def version(self) -> int:
        """Return a number that grows with every change of what it shows."""
        return self._version

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _ipython_display_(self) -> None:
        # As a cell's last value: shown if it was not yet, and never twice.
        if self._output is None:
            self.show()

    def __repr__(self) -> str:
        return type(self).__name__  # constant, so that the text of two runs can be compared

    def with_controls(self) -> ipywidgets.Widget:
        """Return the widget that shows it, with its controls if it has any."""
        # When the kernel has gone, the front end marks a box, and no view of anywidget's own.
        return acts_while_busy(ipywidgets.VBox([self]))

    def _pass_on(self) -> None:
        self._look_at_feeds()
        self._send_or_tell(self._send_fresh)

    def _send_or_tell(self, send: Callable[[], object]) -> None:
        try:
            with self._sending:
                send()
        except Exception as error:  # what comes next can be sent all the same
            self.report(error)

    def _look_at_feeds(self) -> None:
        errors = [feed.error for feed in self._feeds]
        first = next((error for error in errors if error is not None), None)
        if first is not None and not self.trouble:
            self.report(first)

    def still(self) -> Bundle:
        """Return what stands for it where nothing can move: mimetypes, and their metadata."""
        try:
            still = self._still()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # what draws is Rust, whose panics are no Exception
            self.report(error)
            still = ({"text/plain": repr(self)}, {})
        return with_trouble(still, self.trouble)

    def still_of(self, shot: Shot | None) -> Bundle:
        """Return the still, with what the page has drawn (png, width, height) if that is given."""
        return self.still() if shot is None else with_trouble(self._of(shot), self.trouble)

    def _of(self, shot: Shot) -> Bundle:
        size = {"width": shot["width"], "height": shot["height"]}
        metadata = {"image/png": size | {"alt": getattr(self, "alt", repr(self))}}
        return {"image/png": shot["png"], "text/plain": repr(self)}, metadata

    def _put_beside(self, shot: Shot | None) -> None:
        """Put a still beside the view, unless it is there: for that the view is drawn anew."""
        if self._output is None:
            return
        still = self.still_of(shot)
        if still != self._still_beside:
            self._still_beside = still
            self._output.keep_beside(still)

    def _end_output(self) -> None:
        if self._output is not None:
            if self._output.has_page:
                self._await_shots()
            self._output.end()

    def is_drawn(self) -> bool:
        """Tell whether a still needs nothing drawn: words never do, nor does what a page drew."""
        return True

    def take_shots(self, shots: Sequence[Shot | None]) -> None:
        """Keep what the page has drawn of it, for its still; of words there is nothing."""

    def _await_shots(self) -> None:
        # To draw it here would take 100 MB, as long as the kernel lives.
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self.is_drawn() and time.monotonic() < deadline:
            self._shots_came.clear()
            self.send({"type": "shots?"})
            self._shots_came.wait(_ASK_SECONDS)

    def _asked(self, _widget: Any, message: dict[str, Any], _buffers: Any) -> None:
        if self._output is not None:
            self._output.watched = True
        if message.get("type") == "all?":
            self._send_or_tell(self._send_all)
        if message.get("type") == "drawn":
            self.take_shots(message["shots"])
            self._shots_came.set()
        if message.get("type") == "rest":
            self._put_beside(message.get("shot"))

    def _send_fresh(self) -> None:
        raise NotImplementedError

    def _send_all(self) -> None:
        raise NotImplementedError

    def _still(self) -> Bundle:
        raise NotImplementedError
