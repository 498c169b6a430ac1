"""The window bench: drag an event, and see which windows it still reaches."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import traitlets

from eventlab.errors import UsageError, shown
from eventlab.live.trouble import Bundle, error_line
from eventlab.live.widget import LiveWidget, script
from eventlab.pictures.bench.axis import axis_for, proposed_length
from eventlab.pictures.bench.message import LENGTHS, frame_message, picture_message
from eventlab.pictures.bench.result import Result
from eventlab.pictures.bench.rows import events_of
from eventlab.pictures.bench.run import run
from eventlab.pictures.bench.scenario import EPOCH, MILLISECOND, MOST_OVERLAP, Event, Scenario

_HERE = Path(__file__).parent
_SCRIPTS = ("scale.js", "drawing.js", "controls.js", "sending.js", "bench.js")
PAGE = "\n".join([script(), *((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS)])
_RATE = 20
DATA_TYPE = "application/vnd.eventlab.bench+json"


class WindowBench(LiveWidget):
    """Show 1 to 200 events as dots that one can drag: event time across, arrival upwards.

    At every change a real bytewax flow runs over the events in that order. `events` is a Scenario,
    or rows in the order of arrival (a DataFrame, dicts, or Events), of which `time`, `key`, `value`
    and `side` name the columns. The settings are a Scenario's fields (kind, length, hop, gap,
    grace, bound, measure); lengths that are not given suit the events. Any thread may use it.
    Raises UsageError and FlowError.
    """

    _esm = PAGE
    _css = LiveWidget._css + (_HERE / "bench.css").read_text(encoding="utf-8")
    # The page's own, kept with the saved notebook.
    held = traitlets.Dict().tag(sync=True)

    _has_still_at_once = True

    def __init__(
        self,
        events: Scenario | Iterable[Any],
        *,
        time: str = "timestamp",
        key: str = "key",
        value: str | None = None,
        side: str | None = None,
        **settings: Any,
    ) -> None:
        if isinstance(events, Scenario):
            self._origin = _replaced(events, settings)
        else:
            made = events_of(events, time=time, key=key, value=value, side=side)
            self._origin = _replaced(_suited(made), settings)
        self._axis = axis_for(self._origin)
        self._result = run(self._origin)
        self._listeners: list[Callable[[Result], object]] = []
        self._version = 0
        self._is_fresh = False
        super().__init__(rate=_RATE)

    # -- what one sees --------------------------------------------------------------------------

    @property
    def scenario(self) -> Scenario:
        """Return what lies on the bench now; set it to lay something else there."""
        return self._result.scenario

    @scenario.setter
    def scenario(self, scenario: Scenario) -> None:
        with self._sending:
            self._origin = scenario
            self._axis = axis_for(scenario)
            self._put(scenario)
        self._call_listeners()

    @property
    def result(self) -> Result:
        """Return what the last run of the flow gave: windows, late, pairs and events as frames."""
        return self._result

    def on_result(self, call: Callable[[Result], object]) -> None:
        """Call this with each new result, in the thread that brought the change."""
        self._listeners.append(call)

    # -- what one can do ------------------------------------------------------------------------

    def move(
        self, event_id: str, *, time: datetime | None = None, place: int | None = None
    ) -> Result:
        """Give an event another time, or another place (from 0) in the order of arrival."""
        return self._change(lambda scenario: scenario.moved(event_id, time=time, place=place))

    def set(self, **settings: Any) -> Result:
        """Change settings: kind, length, hop, gap, grace, bound, measure."""
        return self._change(lambda scenario: _replaced(scenario, settings))

    def reset(self) -> Result:
        """Put everything back to where it was in the beginning."""
        return self._change(lambda _: self._origin)

    def save(self, path: Path | str) -> Path:
        """Write what lies on the bench to a file, as JSON."""
        path = Path(path)
        path.write_text(self.scenario.to_json(), encoding="utf-8")
        return path

    @classmethod
    def load(cls, path: Path | str) -> "WindowBench":
        """Return a bench with what was saved; UsageError if the file holds no scenario."""
        try:
            text = Path(path).read_bytes()
        except OSError as error:
            raise UsageError(
                "This scenario cannot be read",
                expected="a file that bench.save has written",
                found=str(error),
                remedy="Look at the path.",
            ) from None
        return cls(Scenario.from_json(text))

    # -- how ------------------------------------------------------------------------------------

    def _change(self, changed: Callable[[Scenario], Scenario]) -> Result:
        with self._sending:
            self._put(changed(self.scenario))
        self._call_listeners()
        return self._result

    def _put(self, scenario: Scenario) -> None:
        self._result = run(scenario)
        self._version += 1
        self._is_fresh = True

    def _call_listeners(self) -> None:
        for call in self._listeners:
            call(self._result)

    def _asked(self, widget: Any, message: dict[str, Any], buffers: Any) -> None:
        super()._asked(widget, message, buffers)
        if message.get("type") == "change":
            try:
                self._answer(message)
                self._call_listeners()
            except Exception as error:  # a listener's too: nobody else would show it
                self.send({"type": "refused", "ask": message["ask"], "words": error_line(error)})

    def _answer(self, message: dict[str, Any]) -> None:
        with self._sending:
            self._put(self._wanted(message))
            self._is_fresh = False
            self._send_picture(ask=message["ask"])

    def _wanted(self, message: dict[str, Any]) -> Scenario:
        if message.get("reset"):
            return self._origin
        scenario = _settled(self.scenario, message.get("set") or {})
        move = message.get("move")
        if move is None:
            return scenario
        moment = EPOCH + MILLISECOND * int(move["time"])
        return scenario.moved(move["id"], time=moment, place=int(move["place"]))

    def _send_fresh(self) -> None:
        # What code has changed: twenty pictures a second show it, however often it changes.
        if self._is_fresh:
            self._send_all()

    def _send_all(self) -> None:
        self._is_fresh = False
        self._send_picture(frame=frame_message(self._origin, self._axis))

    def _send_picture(self, **more: Any) -> None:
        self.send({"type": "picture", **picture_message(self._result, self._axis), **more})

    def _still(self) -> Bundle:
        from eventlab.live.picture import still
        from eventlab.pictures.bench.still import (  # Altair takes half a second
            specification_of,
            words_of,
        )

        specification = specification_of(self._result, self._axis)
        data, metadata = still(specification, words_of(self._result), repr(self))
        return data | {DATA_TYPE: self._result.to_builtins()}, metadata


def _replaced(scenario: Scenario, settings: dict[str, Any]) -> Scenario:
    known = {"kind", "measure", *LENGTHS}
    unknown = sorted(settings.keys() - known)
    if unknown:
        raise UsageError(
            f"The bench has no setting {unknown[0]!r}",
            expected=", ".join(sorted(known)),
            found=shown(unknown[0]),
            remedy="Columns of the rows are named by time, key, value and side.",
        )
    return msgspec.structs.replace(scenario, **settings)


def _suited(events: tuple[Event, ...]) -> Scenario:
    if not events:
        return Scenario(events)
    length = proposed_length([event.milliseconds for event in events])
    return Scenario(
        events,
        length=MILLISECOND * length,
        hop=MILLISECOND * max(length // 2, 1),
        gap=MILLISECOND * max(length // 5, 1),
    )


def _settled(scenario: Scenario, settings: dict[str, Any]) -> Scenario:
    """Return the scenario with what the page's controls say, a hop that fits its window with it."""
    lengths = {name: MILLISECOND * int(settings[name]) for name in LENGTHS if name in settings}
    words = {name: settings[name] for name in ("kind", "measure") if name in settings}
    length = lengths.get("length", scenario.length)
    hop = lengths.get("hop", scenario.hop)
    least = -(-length // (MOST_OVERLAP * MILLISECOND)) * MILLISECOND
    fitting = min(max(hop, least), length)
    return msgspec.structs.replace(scenario, **lengths | {"hop": fitting}, **words)
