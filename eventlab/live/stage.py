"""The stage: one experiment with all that belongs to it, in view while the notebook scrolls."""

from collections.abc import Sequence
from functools import partial
from html import escape
from threading import Lock
from typing import Any, NamedTuple
from uuid import uuid4

import ipywidgets
import traitlets

from eventlab.live.director import Band, Board, Director
from eventlab.live.output import Output, has_page
from eventlab.live.trouble import Bundle, as_html
from eventlab.live.widget import LiveWidget, Shot, script, style
from eventlab.processes.background import Background

# What has one value of many: of those that are chosen while the stage is busy the last one counts.
_SETTINGS = {"speed", "turn", "trouble"}
_RATE = 4.0  # times a second, what it says of itself; the pictures on it have rates of their own
_CELL = 'style="padding:1px 16px 1px 0;text-align:left"'


class Run(NamedTuple):
    """One run on the stage: the words above its picture, and the live widget that draws it."""

    caption: str
    picture: LiveWidget


class Stage(LiveWidget):
    """Show runs side by side, with the controls of what plays, switches, and a scoreboard.

    In JupyterLab and Notebook it stands in a panel beside the notebook (below it where there is
    little room), one for each notebook: a newer stage takes it, and the older one goes back into
    its cell, as it does at the learner's word. Without a page it is a still with the scoreboard.
    What the learner does there the director does, one thing at a time, in a thread of its own; of
    what is set meanwhile the last is done next, and a button that is pressed meanwhile does
    nothing. What it raises is told under the pictures. Methods may be called from any thread.
    """

    _esm = script("shots.js", "panel.js", "stage.js")
    _css = LiveWidget._css + style("controls.css") + style("stage.css")
    title = traitlets.Unicode().tag(sync=True)
    views = traitlets.List(traitlets.Instance(ipywidgets.Widget)).tag(
        sync=True, **ipywidgets.widget_serialization
    )
    captions = traitlets.List(traitlets.Unicode()).tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    acts = traitlets.List(traitlets.Dict()).tag(sync=True)
    board = traitlets.Dict().tag(sync=True)
    places = traitlets.List(traitlets.Dict()).tag(sync=True)
    bands = traitlets.List(traitlets.Dict()).tag(sync=True)
    turns = traitlets.List(traitlets.Dict()).tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)

    def __init__(self, title: str, director: Director) -> None:
        self._director = director
        self._runs: list[Run] = []
        self._is_busy = False
        self._next: dict[tuple[Any, ...], tuple[str, Any]] = {}
        self._deciding = Lock()  # what is done next, by who asks and by who has just done something
        super().__init__(rate=_RATE, title=title, name=uuid4().hex)
        self._send_fresh()

    def show_already(self) -> None:
        """Show it before anything stands on it, where there is a page: that takes its time."""
        if has_page():
            self.show()

    def version(self) -> int:
        """Return a number that grows with every change of a picture on it."""
        return sum(run.picture.version() for run in self._runs)

    def is_drawn(self) -> bool:
        """Tell whether a still of it needs nothing drawn."""
        return all(run.picture.is_drawn() for run in self._runs)

    def take_shots(self, shots: Sequence[Shot | None]) -> None:
        """Give to each run's picture what the page has drawn of it."""
        for run, shot in zip(self._runs, shots, strict=False):  # the runs may be others by now
            run.picture.take_shots([shot])

    def put(self, runs: Sequence[Run]) -> None:
        """Let these runs stand on it, in place of those before, which their owner has stopped."""
        self._runs = list(runs)
        self.captions = [run.caption for run in runs]
        self.views = [run.picture.with_controls() for run in runs]

    def offer(self, names: Sequence[str], pressed: Sequence[str] = ()) -> None:
        """Offer a button for each name; a switch that is on is among those that are `pressed`."""
        self.acts = [{"name": name, "on": name in pressed} for name in names]

    def tell(self) -> None:
        """Tell the page at once what the director says by now, and not at the next turn."""
        self._send_or_tell(self._send_fresh)

    def _asked(self, widget: Any, message: dict[str, Any], buffers: Any) -> None:
        super()._asked(widget, message, buffers)
        if message.get("type") == "do":
            self._do_or_note(message["what"], message["value"])
        if message.get("type") == "shots" and self._output is not None:
            self._keep_beside(self._output, message["shots"])

    def _keep_beside(self, output: Output, shots: Sequence[Shot | None]) -> None:
        # A chart that the page has not drawn yet is not worth drawing here: others will come.
        pairs = zip(self._runs, shots, strict=False)
        if all(shot is not None or run.picture.is_drawn() for run, shot in pairs):
            output.keep_beside(self._still_of(shots))

    def _do_or_note(self, what: str, value: Any) -> None:
        with self._deciding:
            is_free = not self._is_busy
            self._is_busy = True
            if not is_free and what in _SETTINGS:
                whose = () if what == "speed" else (value[0],)
                self._next[(what, *whose)] = (what, value)
        if is_free:
            self._do(what, value)

    def _do(self, what: str, value: Any) -> None:
        self.trouble = ""
        self.tell()
        act = partial(self._director.command, what, value)
        Background(f"stage: {what}", act, on_end=self._done).start()

    def _done(self, error: BaseException | None) -> None:
        if error is not None:
            self.report(error)
        with self._deciding:
            following = [self._next.pop(first) for first in list(self._next)[:1]]
            self._is_busy = bool(following)
        for what, value in following:
            self._do(what, value)
        self.tell()

    def _send_fresh(self) -> None:
        board = self._director.board()
        words = [board.in_words(run) for run in range(len(board.heads))]
        self.board = {"heads": list(board.heads), "rows": _lists(board.rows), "words": words}
        self.places = _as_dicts(self._director.places())
        self.bands = _as_dicts(self._director.bands())
        self.turns = _as_dicts(self._director.turns())
        # Last: when the page learns that nothing is done any more, it knows what has come of it.
        saying = self._director.saying()
        self.status = {**saying._asdict(), "speeds": list(saying.speeds), "busy": self._is_busy}

    def _send_all(self) -> None:
        self.send({"type": "here"})

    def _still(self) -> Bundle:
        return self._drawn([run.picture.still() for run in self._runs])

    def _still_of(self, shots: Sequence[Shot | None]) -> Bundle:
        """Return the still with what the page has drawn, where that is a picture."""
        pairs = zip(self._runs, shots, strict=False)
        return self._drawn([run.picture.still_of(shot) for run, shot in pairs])

    def _drawn(self, stills: Sequence[Bundle]) -> Bundle:
        board = self._director.board()
        counted = [_with_words(still, board.in_words(run)) for run, still in enumerate(stills)]
        figures = [
            f"<figure><figcaption>{escape(run.caption)}</figcaption>{as_html(still)}</figure>"
            for run, still in zip(self._runs, counted, strict=False)
        ]
        said = _outages(self._director.bands()) + _table(board)
        html = f"<h4>{escape(self.title)}</h4>{''.join(figures)}{said}"
        data, metadata = counted[0] if counted else ({}, {})  # for where no HTML is shown
        return {**data, "text/html": html, "text/plain": repr(self)}, metadata


def _with_words(still: Bundle, words: str) -> Bundle:
    """Return a still whose picture says what was counted too, to those who cannot see it."""
    data, metadata = still
    picture = metadata.get("image/png", {})
    if not words or "alt" not in picture:
        return still
    return data, {
        **metadata,
        "image/png": {**picture, "alt": f"{picture['alt']}. Counted: {words}"},
    }


def _lists(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [list(row) for row in rows]


def _as_dicts(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [row._asdict() for row in rows]


def _outages(bands: Sequence[Band]) -> str:
    said = [f"{one.target}: {one.words}, {one.begin:,.0f} to {one.end:,.0f} s" for one in bands]
    lines = [f"<li>{escape(words)}</li>" for words in said]
    return f"<p>What happens in the story:</p><ul>{''.join(lines)}</ul>" if lines else ""


def _table(board: Board) -> str:
    if not board.rows:
        return ""
    head = "".join(f'<th scope="col" {_CELL}>{escape(words)}</th>' for words in board.heads)
    rows = [
        f'<tr><th scope="row" {_CELL}>{escape(name)}</th>'
        + "".join(f"<td {_CELL}>{escape(words)}</td>" for words in cells)
        + "</tr>"
        for name, *cells in board.rows
    ]
    return f"<table><tr><td></td>{head}</tr>{''.join(rows)}</table>"
