"""An experiment: what an act does, as it is and with what breaks it, side by side on the stage."""

import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from eventlab.arguments import refused
from eventlab.errors import LogError, UsageError, shown
from eventlab.lab.ramp import Ramp
from eventlab.lab.side import Side
from eventlab.lab.verbs import Verbs
from eventlab.live.stage import Board, Run, Saying, Stage
from eventlab.live.ticker import Ticker
from eventlab.live.values import in_words
from eventlab.live.widget import Feed, LiveWidget
from eventlab.moments import duration_milliseconds, duration_words
from eventlab.pictures.picture import Picture
from eventlab.processes.closing import close_all

if TYPE_CHECKING:  # a chapter without flows needs none of this
    from eventlab.flows import Running

Counts = dict[str, Any]
Count = Callable[[Verbs], Counts]
Act = Callable[..., Picture | LiveWidget]

BREAK = "Break it"
_LOOKS_PER_SECOND = 4
_LOOK_SECONDS = 0.01
# A count that reads a topic takes its time: it gets this share of it, and one at the end.
_SHARE_OF_TIME = 0.05
_OVER = {"stopped", "finished", "failed"}
# Virtual seconds in a second: from real time to a day in less than two seconds; 0 is full speed.
_SPEEDS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 3600, 10_000, 60_000]


class _Kind(NamedTuple):
    """One way to run the act: what its names begin with, its arguments, and words for them."""

    name: str
    arguments: dict[str, Any]
    caption: str


@dataclass
class _Played:
    """One run that stands on the stage."""

    kind: _Kind
    side: Side
    picture: Picture | LiveWidget
    counts: Counts = field(default_factory=dict)


class Experiment:
    """What an act does, once as it is and, at a switch, beside it once more with what breaks it.

    The act is called as act(lab, **arguments), where `lab` has the verbs for topics, events, flows
    and tables on names of one run's own; it returns its picture. `broken` are the arguments that
    break it. `counts` gets that lab too, now and then and at the end, and returns counts by name.
    `acts` are further buttons. With `is_broken` the first run is a broken one. `show` begins it;
    `stage` is what is shown. Methods may be called from any thread. Raises UsageError, and what the
    act raises.
    """

    def __init__(
        self,
        lab: Verbs,
        title: str,
        act: Act,
        *,
        broken: Mapping[str, Any],
        counts: Count | None,
        acts: Mapping[str, Callable[[], object]],
        is_broken: bool,
    ) -> None:
        self._lab = lab
        self._act = act
        self._count = counts
        self._acts = dict(acts)
        self._broken = _taken(act, broken)
        self._kinds = _kinds(act, self._broken, is_broken=is_broken)
        self._runs: list[_Played] = []
        self._ramp = Ramp([], 0.0)
        self._lock = RLock()
        self._next_count = 0.0
        self._ticker = Ticker(self._look, _LOOKS_PER_SECOND)
        self.stage = Stage(title, self)

    # -- what one sees --------------------------------------------------------------------------

    @property
    def picture(self) -> Any:
        """Return the picture of the run as it is, None before it has begun."""
        return self._runs[0].picture if self._runs else None

    @property
    def counts(self) -> Counts:
        """Return what was counted last in the run as it is, by name."""
        return self._runs[0].counts if self._runs else {}

    @property
    def broken_counts(self) -> Counts:
        """Return what was counted last in the broken run; UsageError before there was one."""
        if len(self._runs) == 2:
            return self._runs[1].counts
        raise UsageError(
            "Nothing was broken yet",
            expected="a broken run beside the one as it is",
            found=f"{len(self._runs)} run on the stage",
            remedy="Press “Break it” on the stage, or call break_it().",
        )

    def __repr__(self) -> str:
        return "Experiment"  # constant, so that the text of two runs can be compared

    def _ipython_display_(self) -> None:
        """Show nothing more: its stage is shown already."""

    # -- what one can do ------------------------------------------------------------------------

    def show(self) -> Self:
        """Begin it, and show its stage in the running cell's output; once."""
        self._begin(self._kinds[:1])
        self.stage.show()
        self._ticker.start()
        return self

    def again(self) -> None:
        """Let what stands on the stage begin anew: its topics emptied, the same events."""
        self._begin([run.kind for run in self._runs])

    def break_it(self) -> Self:
        """Begin anew with a second run beside the first one, on the same events, that is broken."""
        if not self._broken:
            raise UsageError(
                "This experiment does not say what breaks it",
                expected="the arguments that break it",
                found="none",
                remedy='Write lab.stage(..., broken={"key": None}).',
            )
        self._begin(self._kinds)
        return self

    def press(self, name: str) -> Self:
        """Press a button of the stage: one of `acts`, of the picture's own, or "Break it"."""
        if name not in self._buttons():
            raise refused("name", name, " or ".join(map(repr, self._buttons())), repr(BREAK))
        self._do(name)
        return self

    def wait(self, seconds: float | None = None) -> Self:
        """Return when all has been played, every flow has come to its end, and it is counted.

        A flow that has read the last event ends as if no more could come: its last windows close.
        An interrupt of the kernel ends the wait, not the play. Raises what ended a player or flow,
        and LogError when `seconds` have passed.
        """
        runs: list[_Played] = []
        while runs is not self._runs:  # at the learner's word all may have begun anew meanwhile
            runs = self._runs
            for run in runs:
                _wait_for(run.side, seconds)
            for picture in _pictures(runs):
                picture.settle()
        self._count_now()
        return self

    def stop(self) -> None:
        """End all of it, and leave its pictures and its scoreboard in the output."""
        with self._lock:
            runs = self._runs
            endings = [run.picture.stop for run in runs] + [run.side.close for run in runs]
            close_all([self._ticker.stop, *endings, self.stage.stop])

    # -- what the stage asks --------------------------------------------------------------------

    def saying(self) -> Saying:
        """Return how the play fares: its state, and its moment in the story."""
        players = [player for run in self._runs for player in run.side.players]
        if not players:
            return Saying()
        states = [player.status for player in players]
        state = next((one.state for one in states if one.state not in _OVER), states[0].state)
        moment = states[0].virtual_time
        words = state if moment is None else f"{state} · {moment:%a %d %b %H:%M:%S} in the story"
        speed = players[0].speed
        return Saying(state, words, speed, _speeds(speed))

    def board(self) -> Board:
        """Return what was sent and counted, a column for each run."""
        runs = self._runs
        sent = [["sent", *(_sent(run.side) for run in runs)]] if runs else []
        names = dict.fromkeys(name for run in runs for name in run.counts)
        rows = [[name, *(_words(run.counts.get(name, "")) for run in runs)] for name in names]
        return Board([run.kind.caption for run in runs], sent + rows)

    def command(self, what: str, value: Any) -> None:
        """Do what the learner asks for on the stage."""
        if what == "again":
            self.again()
        if what == "act":
            self._do(value)
        for player in [player for run in self._runs for player in run.side.players]:
            if what == "speed":
                player.speed = value
            elif what == "pause":
                player.pause()
            elif what == "play":
                player.play()

    # -- how ------------------------------------------------------------------------------------

    def _do(self, name: str) -> None:
        if name != BREAK:
            close_all(self._buttons()[name])
        elif len(self._runs) == 2:
            self._begin(self._kinds[:1])
        else:
            self.break_it()

    def _begin(self, kinds: list[_Kind]) -> None:
        with self._lock:
            earlier = self._runs
            _close(earlier)
            self._runs = self._all_made(kinds, earlier)
            self.stage.put([Run(run.kind.caption, _live(run.picture)) for run in self._runs])
            self._offer()
            self._play()

    def _all_made(self, kinds: list[_Kind], earlier: list[_Played]) -> list[_Played]:
        """Return a run of each kind; where one cannot be made, none goes on."""
        made: list[_Played] = []
        try:
            for kind in kinds:
                made.append(self._made(kind, earlier))
        except BaseException:
            _close(made)
            raise
        return made

    def _made(self, kind: _Kind, earlier: list[_Played]) -> _Played:
        side = Side(self._lab, kind.name)
        try:
            picture = self._act(side, **kind.arguments)
            _require_picture(picture)
            picture.start()
        except BaseException:
            side.close()
            raise
        # The scoreboard keeps its lines from one play to the next.
        return _Played(kind, side, picture, {name: "–" for run in earlier for name in run.counts})

    def _offer(self) -> None:
        self.stage.offer(list(self._buttons()), pressed=[BREAK] if len(self._runs) == 2 else [])

    def _buttons(self) -> dict[str, list[Callable[[], object]]]:
        """Return what each button does; one that both pictures have is pressed for both."""
        buttons: dict[str, list[Callable[[], object]]] = {BREAK: []} if self._broken else {}
        for picture in _pictures(self._runs):
            for name, act in picture.acts().items():
                buttons.setdefault(name, []).append(act)
        return buttons | {name: [act] for name, act in self._acts.items()}

    def _play(self) -> None:
        players = [player for run in self._runs for player in run.side.players]
        spacing = max((run.side.spacing_seconds for run in self._runs), default=0.0)
        self._ramp = Ramp(players, spacing)
        for player in players:
            player.start()

    def _look(self) -> None:
        self._ramp.go_on()
        feeds: list[Feed] = []
        for run in self._runs:
            feeds += [*run.side.players, *run.side.flows]
        error = next((feed.error for feed in feeds if feed.error is not None), None)
        if error is not None and not self.stage.trouble:
            self.stage.report(error)
        if time.monotonic() >= self._next_count:
            self._count_now()

    def _count_now(self) -> None:
        began = time.monotonic()
        for run in self._runs:
            try:
                run.counts = self._counted(run)
            except Exception as error:  # what it reads may not be there yet
                self.stage.report(error)
        now = time.monotonic()
        self._next_count = now + (now - began) / _SHARE_OF_TIME

    def _counted(self, run: _Played) -> Counts:
        own = run.picture.scores() if isinstance(run.picture, Picture) else {}
        return own if self._count is None else own | self._count(run.side)


def _close(runs: list[_Played]) -> None:
    close_all([run.picture.stop for run in runs] + [run.side.close for run in runs])


def _pictures(runs: list[_Played]) -> list[Picture]:
    return [run.picture for run in runs if isinstance(run.picture, Picture)]


def _taken(act: Act, broken: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that break an act; raise UsageError for those that it does not take."""
    if not callable(act):
        raise refused("act", act, "a function that returns a picture", "ten_readers")
    parameters = list(inspect.signature(act).parameters)
    if not parameters:
        raise refused("act", act, "a function that takes the lab of its run", "ten_readers")
    names = parameters[1:]
    unknown = [name for name in broken if name not in names]
    if unknown:
        raise refused("broken", broken, f"arguments of the act: {', '.join(names)}", "{...}")
    return dict(broken)


def _kinds(act: Act, broken: dict[str, Any], *, is_broken: bool) -> list[_Kind]:
    whole = {
        name: parameter.default for name, parameter in inspect.signature(act).parameters.items()
    }
    as_it_is = {name: whole[name] for name in broken}
    first = broken if is_broken else as_it_is
    return [_Kind("", first, _caption(first)), _Kind("broken", broken, _caption(broken))]


def _caption(arguments: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {_words(value)}" for name, value in arguments.items())


def _words(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, timedelta):
        return duration_words(duration_milliseconds(value))
    if isinstance(value, int | float):
        return f"{value:,.6g}" if isinstance(value, float) else f"{value:,}"
    return getattr(value, "__name__", in_words(value))


def _require_picture(found: Any) -> None:
    if isinstance(found, Picture | LiveWidget):
        return
    raise UsageError(
        "The act of an experiment returns its picture",
        expected="a picture of eventlab.pictures, or a live widget",
        found=f"{type(found).__name__} {shown(found)}",
        remedy="End the function with, for example, return Lanes(orders, readers=10).",
    )


def _live(picture: Picture | LiveWidget) -> LiveWidget:
    return picture.chart if isinstance(picture, Picture) else picture


def _wait_for(side: Side, seconds: float | None) -> None:
    ends: dict[tuple[str, int], int] = {}
    deadline = None if seconds is None else time.monotonic() + seconds
    for player in list(side.players):
        player.wait(seconds)
        topic = player.topic
        ends |= {(topic.name, number): end for number, end in topic.end_offsets().items()}
    for flow in list(side.flows):
        while flow.is_alive and not _has_read(flow, ends):
            if deadline is not None and time.monotonic() > deadline:
                raise LogError(
                    f"The flow {flow.name} has not read all that was played",
                    expected=f"the end within {seconds:g} s",
                    found=f"{flow.count} events read",
                    remedy="Wait longer, or look at the flow's error.",
                )
            time.sleep(_LOOK_SECONDS)
        flow.stop(close_windows=True)  # the story is over: what it has read is written now
        if flow.error is not None:
            raise flow.error


def _has_read(flow: "Running", ends: dict[tuple[str, int], int]) -> bool:
    """Tell whether a flow has read all that was played; its lag is that of its last fetch."""
    if flow.lag != 0:
        return False
    return all(offset >= ends.get(place, 0) for place, offset in flow.positions.items())


def _sent(side: Side) -> str:
    return f"{sum(player.report.sent for player in side.players):,}"


def _rounded(speed: float) -> float:
    return float(f"{speed:.2g}")  # between two that can be chosen, as it climbs


def _speeds(now: float) -> list[tuple[str, float]]:
    speeds = sorted({float(speed) for speed in _SPEEDS} | ({now} if now else set()))
    # As fast as the machine can is written 0, and stands at the fast end.
    return [*((_speed_words(speed), speed) for speed in speeds), ("as fast as it can", 0.0)]


def _speed_words(speed: float) -> str:
    return "real time" if speed == 1 else f"{_rounded(speed):,.10g} times as fast"
