"""A small control for whatever plays: pause, speed, stop, and a line that says how it fares."""

from datetime import datetime
from html import escape
from typing import Any, Protocol, Self

import ipywidgets

from eventlab.checked import checked
from eventlab.live.busy import acts_while_busy
from eventlab.live.output import Output
from eventlab.live.status_line import StatusLine
from eventlab.live.steps import StepSlider
from eventlab.live.ticker import Ticker
from eventlab.live.trouble import Bundle, error_line
from eventlab.processes.closing import close_all

_LOOKS_PER_SECOND = 4
# Virtual seconds in a second: from real time to a day in less than two seconds.
_SPEEDS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 3600, 10_000, 60_000]
# As high as the control, so that the page does not jump when the line takes its place.
_FROZEN = "min-height:68px;padding:4px;font-size:13px"
_ENDED = {"stopped", "finished", "failed"}


class Status(Protocol):
    """What a player says of itself."""

    @property
    def state(self) -> str:
        """Return "playing", "paused", "stopped", "finished" or "failed"."""

    @property
    def sent(self) -> int:
        """Return how many events were sent."""

    @property
    def acknowledged(self) -> int:
        """Return how many of them the broker has."""

    @property
    def virtual_time(self) -> datetime | None:
        """Return the moment in the story."""

    @property
    def events_per_second(self) -> float:
        """Return the rate."""

    @property
    def error(self) -> BaseException | None:
        """Return what ended it."""


class Plays(Protocol):
    """What can be controlled: a log's player, or anything like it."""

    speed: float

    @property
    def status(self) -> Status:
        """Return how it fares now."""

    def play(self) -> None:
        """Go on."""

    def pause(self) -> None:
        """Stand still."""

    def stop(self) -> object:
        """End for good."""


class PlayerControl(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Control a player, while a cell runs too; when the player has ended, its last line stays."""

    @checked
    def __init__(self, player: Plays) -> None:
        self._player = player
        self._output: Output | None = None
        self._version = 0
        self._button = _button("pause", "pause")
        self._end = _button("stop", "stop for good")
        self._speed = StepSlider("speed", _speeds(player.speed), player.speed)
        self._line = StatusLine(value=_sentence(player.status))
        super().__init__([ipywidgets.HBox([self._button, self._end, self._speed]), self._line])
        self._button.on_click(lambda _: self._toggle())
        self._end.on_click(lambda _: self._player.stop())
        self._speed.observe(self._set_speed, "index")
        acts_while_busy(self)
        self._ticker = Ticker(self._look, _LOOKS_PER_SECOND, on_error=self._report)

    def start(self) -> Self:
        """Begin to look at the player, in the background; a second call does nothing."""
        self._ticker.start()
        return self

    def show(self) -> Self:
        """Show it in the running cell's output, and start; a second call does nothing."""
        if self._output is None:
            self._output = Output(
                self, repr(self), self._still, lambda: self._version, speaks=False
            )
        return self.start()

    def stop(self) -> None:
        """Look no more and leave the last line in the output; a second call does nothing."""
        close_all([self._ticker.stop, self._end_output])

    def __repr__(self) -> str:
        return "PlayerControl"  # constant, so that the text of two runs can be compared

    def _ipython_display_(self) -> None:
        if self._output is None:
            self.show()

    def _toggle(self) -> None:
        if self._player.status.state == "playing":
            self._player.pause()
        else:
            self._player.play()
        self._look()

    def _look(self) -> None:
        status = self._player.status
        self._say(_sentence(status))
        self._line.spoken = _spoken(status)
        self._button.icon = "pause" if status.state == "playing" else "play"
        self._button.description = self._button.icon
        self._button.tooltip = self._button.icon
        self._follow_speed(self._player.speed)
        if status.state in _ENDED:
            self._freeze()

    def _say(self, sentence: str) -> None:
        if sentence != self._line.value:
            self._version += 1
            self._line.value = sentence

    def _set_speed(self, _change: dict[str, Any]) -> None:
        self._player.speed = self._speed.value

    def _follow_speed(self, speed: float) -> None:
        # Code may set it too, and to what the slider does not offer.
        if speed != self._speed.value:
            self._speed.unobserve(self._set_speed, "index")
            self._speed.offer(_speeds(speed), speed)
            self._speed.observe(self._set_speed, "index")

    def _freeze(self) -> None:
        for control in (self._button, self._end, self._speed):
            control.disabled = True
        self._ticker.stop()
        if self._output is not None and self._output.watched:
            self._output.end()  # without a page, the end of the running cell does it

    def _end_output(self) -> None:
        if self._output is not None:
            self._output.end()

    def _report(self, error: BaseException) -> None:
        self._say(escape(error_line(error)))
        self._line.spoken = error_line(error)

    def _still(self) -> Bundle:
        html = f'<div style="{_FROZEN}">{self._line.value}</div>'
        return {"text/plain": repr(self), "text/html": html}, {}


def _sentence(status: Status) -> str:
    parts = [f"<b>{status.state}</b>", f"{status.sent:,} events sent"]
    if status.sent != status.acknowledged:
        parts.append(f"{status.acknowledged:,} acknowledged")
    if status.virtual_time is not None:
        parts.append(f"{status.virtual_time:%a %d %b %H:%M:%S} in the story")
    if status.state == "playing":
        parts.append(f"{status.events_per_second:,.0f} events a second")
    if status.error is not None:
        parts.append(escape(str(status.error)))
    return " · ".join(parts)


def _spoken(status: Status) -> str:
    if status.error is not None:
        return f"{status.state}: {status.error}"
    sent = f", {status.sent:,} events sent" if status.state in _ENDED else ""
    return f"{status.state}{sent}"


def _speeds(now: float) -> list[tuple[str, float]]:
    speeds = sorted({float(speed) for speed in _SPEEDS} | ({now} if now else set()))
    # As fast as the machine can is written 0, and stands at the fast end.
    return [(f"{speed:,.10g}", speed) for speed in speeds] + [("full", 0.0)]


def _button(name: str, tooltip: str) -> ipywidgets.Button:
    # With a word beside it: the icon alone is a sign without a name, and no tooltip mends that.
    layout = ipywidgets.Layout(width="auto")
    return ipywidgets.Button(icon=name, description=name, tooltip=tooltip, layout=layout)
