"""An experiment: what an act does, as it is and with what breaks it, side by side on the stage."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import RLock
from typing import Any, Self

from eventlab.arguments import refused, required_number
from eventlab.errors import BrokerError, EventlabError, UsageError
from eventlab.lab.acts import (
    BREAK,
    Act,
    Counts,
    Kind,
    kinds_of,
    require_free_names,
    require_picture,
    required_buttons,
)
from eventlab.lab.breaking import bands_of, let, places_of
from eventlab.lab.played import require_played, wait_for
from eventlab.lab.ramp import Ramp
from eventlab.lab.scoring import OVER, Count, Played, Scoring, board_of, saying_of
from eventlab.lab.side import Side
from eventlab.lab.turns import Turns
from eventlab.lab.verbs import Verbs
from eventlab.live.director import Band, Board, Place, Saying, Turn
from eventlab.live.stage import Run, Stage
from eventlab.live.ticker import Ticker
from eventlab.live.trouble import error_line
from eventlab.live.widget import Feed, LiveWidget
from eventlab.pictures.picture import Picture
from eventlab.processes.closing import close_all

_LOOKS_PER_SECOND = 4
_BEGINNING = "getting ready …"


class Experiment:
    """What an act does, once as it is and, at a switch, beside it once more with what breaks it.

    The act is called as act(lab, **arguments), where `lab` has the verbs for topics, events, flows
    and tables on names of one run's own; it returns its picture. `broken` are the arguments that
    break it. `counts` gets that lab too, now and then and at the end, and returns counts by name.
    `acts` are further buttons, and `turn` arguments with the values that one can give them. With
    `is_broken` the first run is a broken one. `show` begins it; `stage` is what is shown. Methods
    may be called from any thread. Raises UsageError, and what the act raises.
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
        turn: Mapping[str, Sequence[Any]],
        is_broken: bool,
    ) -> None:
        self._lab = lab
        self._act = act
        self._scoring = Scoring(counts)
        require_free_names(acts, "acts")
        self._acts = dict(acts)
        self._kinds = kinds_of(act, broken, is_broken=is_broken)
        self._turns = Turns(act, turn)
        self._can_break = bool(broken)
        self._standing = self._kinds[:1]
        self._runs: list[Played] = []
        self._places: list[Place] = []
        self._is_beginning = True
        self._is_ended = False
        self._trouble_words = ""
        self._ramp = Ramp([], 0.0)
        self._lock = RLock()
        self._is_settled = False  # all that stands on the stage has been waited for
        self._is_resting = False  # and the next experiment has its topics and its room
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
        self.stage.show_already()
        try:
            self._begin(self._kinds[:1])
        except BaseException as error:  # an interrupt too: nothing will ever stand on it
            self.stage.report(error)
            self.stop()
            raise
        self.stage.show()
        self._ticker.start()
        return self

    def again(self) -> None:
        """Let what stands on the stage begin anew: its topics emptied, the same events."""
        self._begin(self._standing)

    def break_it(self) -> Self:
        """Begin anew with a second run beside the first one, on the same events, that is broken."""
        if not self._can_break:
            raise UsageError(
                "This experiment does not say what breaks it",
                expected="the arguments that break it",
                found="none",
                remedy='Write lab.stage(..., broken={"key": None}).',
            )
        self._begin(self._kinds)
        return self

    def turn(self, name: str, value: Any) -> Self:
        """Begin anew with another value of an argument that can be turned."""
        self._turns.to(name, value)
        self.again()
        return self

    def let(self, name: str, words: str) -> Self:
        """Break something by hand: "killed", "hangs", and what else the stage offers; "" mends it.

        `name` is a service, or a link as "stock to warehouse".
        """
        self._require_going_on()
        let(self._sides(), name, words)
        return self

    def press(self, name: str) -> Self:
        """Press a button of the stage: one of `acts`, of the picture's own, or "Break it"."""
        buttons = self._buttons()
        if not isinstance(name, str) or name not in buttons:
            raise refused("name", name, " or ".join(map(repr, buttons)), repr(BREAK))
        self._require_going_on()
        if name != BREAK:
            close_all(buttons[name])
        elif len(self._runs) == 2:
            self._begin(self._kinds[:1])
        else:
            self.break_it()
        return self

    def wait(self, seconds: float | None = None) -> Self:
        """Return when all has been played, every flow has come to its end, and it is counted.

        A flow that has read the last event ends as if no more could come: its last windows close.
        An interrupt of the kernel ends the wait, not the play. What was waited for before the next
        experiment came stays as it was found. Raises what ended a player or flow,
        LogError when `seconds` have passed, or something has stopped a player before its end, and
        BrokerError when the broker has been away for a minute.
        """
        if seconds is not None:
            required_number("seconds", seconds, at_least=0)
        if self._is_resting:
            self._require_going_on()
            return self
        runs: list[Played] = []
        while runs is not self._begun():  # at the learner's word all may have begun anew meanwhile
            runs = self._begun()
            try:
                self._wait_for(runs, seconds)
            except EventlabError:
                if runs is self._begun():
                    raise
        self._require_going_on()
        for player in [player for run in runs for player in run.side.players]:
            require_played(player)
        self._scoring.count(self._runs)
        self.stage.tell()  # what the cell says next must not stand beside an older count
        with self._lock:
            self._is_settled = runs is self._runs
        return self

    def rest(self) -> None:
        """End the processes of its services, if all has come to its end; it can begin anew.

        The next experiment needs their room, and nothing happens in this one any more.
        """
        with self._lock:
            if self._is_settled:
                self._is_resting = True
                close_all([run.side.rest for run in self._runs])

    def stop(self) -> None:
        """End all of it, and leave its pictures and its scoreboard in the output."""
        with self._lock:
            self._is_ended = True
            runs = self._runs
            endings = [run.picture.stop for run in runs] + [run.side.close for run in runs]
            close_all([self._ticker.stop, *endings, self.stage.stop])

    # -- what the stage asks --------------------------------------------------------------------

    def saying(self) -> Saying:
        """Return how the play fares: its state, and its moment in the story."""
        saying = saying_of(self._sides(), is_away=self._why_away() is not None)
        return saying._replace(words=_BEGINNING) if self._is_beginning else saying

    def board(self) -> Board:
        """Return what was sent and counted, a column for each run."""
        return board_of(self._runs)

    def places(self) -> list[Place]:
        """Return what can be broken by hand; what was, while it begins anew: nothing is to jump."""
        if not self._is_beginning:
            self._places = places_of(self._sides())
        return self._places

    def bands(self) -> list[Band]:
        """Return the outages that the story has."""
        return bands_of(self._sides())

    def turns(self) -> list[Turn]:
        """Return what can be turned."""
        return self._turns.shown()

    def command(self, what: str, value: Any) -> None:
        """Do what the learner asks for on the stage."""
        if what == "again":
            self.again()
        if what == "act":
            self.press(value)
        if what == "trouble":
            self.let(*value)
        if what == "turn":
            self.turn(*self._turns.at(*value))
        for player in [player for run in self._runs for player in run.side.players]:
            if what == "speed":
                player.speed = value
            elif what == "pause":
                player.pause()
            elif what == "play":
                player.play()

    # -- how ------------------------------------------------------------------------------------

    def _begin(self, kinds: list[Kind]) -> None:
        """Let runs of these kinds stand on the stage; where that fails, those that stood there.

        Where not even those can begin, they stay as they have ended: one can try again.
        """
        with self._lock:
            self._require_going_on()
            earlier = self._runs
            if any(run.side.needs_kafka for run in earlier):
                self._lab.cluster.require_up("begin anew")  # before anything is ended
            self._is_settled = False
            self._is_resting = False
            self._is_beginning = True  # services, databases and flows take their seconds
            try:
                errors = _end(earlier)
                self._put_anew_or_back(kinds, earlier)
            finally:
                self._is_beginning = False
            self._standing = kinds
            for error in errors[:1]:
                self.stage.report(error)

    def _put_anew_or_back(self, kinds: list[Kind], earlier: list[Played]) -> None:
        try:
            self._put_anew(kinds, earlier)
        except Exception:
            if earlier:
                with suppress(Exception):  # one error is enough, and the first is the cause
                    self._put_anew(self._standing, earlier)
            raise

    def _put_anew(self, kinds: list[Kind], earlier: list[Played]) -> None:
        made: list[Played] = []
        try:
            for kind in kinds:
                made.append(self._made(kind, earlier))
            self._buttons_of(made)  # which refuses what is no button
        except BaseException:
            _end(made)
            self._offer()
            raise
        self._runs = made
        self._scoring.error = None
        self.stage.put([Run(run.kind.caption, _live(run.picture)) for run in made])
        self._offer()
        self._play()

    def _wait_for(self, runs: list[Played], seconds: float | None) -> None:
        for run in runs:
            wait_for(run.side, seconds)
        for picture in _pictures(runs):
            picture.settle()

    def _begun(self) -> list[Played]:
        """Return what stands on the stage; while it begins anew, what comes of that."""
        with self._lock:
            return self._runs

    def _offer(self) -> None:
        self.stage.offer(list(self._buttons()), pressed=[BREAK] if len(self._runs) == 2 else [])

    def _made(self, kind: Kind, earlier: list[Played]) -> Played:
        kind = self._turns.applied(kind)
        side = Side(self._lab, kind.name)
        try:
            picture = self._act(side, **kind.arguments)
            require_picture(picture)
            picture.start()
        except BaseException:
            side.close()
            raise
        # The scoreboard keeps its lines from one play to the next.
        return Played(kind, side, picture, {name: "–" for run in earlier for name in run.counts})

    def _sides(self) -> list[Side]:
        return [run.side for run in self._runs]

    def _buttons(self) -> dict[str, list[Callable[[], object]]]:
        return self._buttons_of(self._runs)

    def _buttons_of(self, runs: list[Played]) -> dict[str, list[Callable[[], object]]]:
        """Return what each button does; one that both pictures have is pressed for both."""
        buttons: dict[str, list[Callable[[], object]]] = {BREAK: []} if self._can_break else {}
        for picture in _pictures(runs):
            whose = f"{type(picture).__name__}.acts"
            acts = required_buttons(picture.acts(), whose)
            require_free_names(acts, whose)
            for name, act in acts.items():
                buttons.setdefault(name, []).append(act)
        return buttons | {name: [act] for name, act in self._acts.items()}

    def _require_going_on(self) -> None:
        if self._is_ended:
            raise UsageError(
                "This experiment has ended",
                expected="one that stands on the stage",
                found="one that was stopped, or whose lab was closed",
                remedy="Run the cell with lab.stage(...) again.",
            )

    def _play(self) -> None:
        players = [player for run in self._runs for player in run.side.players]
        spacing = max((run.side.spacing_seconds for run in self._runs), default=0.0)
        self._ramp = Ramp(players, spacing)
        for player in players:
            player.start()

    def _look(self) -> None:
        self._ramp.go_on()
        self._scoring.count_when_due(self._runs)
        self._show_trouble(self._error_now())

    def _error_now(self) -> BaseException | None:
        """Return what is wrong just now: what ended a player or flow goes before all else."""
        feeds: list[Feed] = []
        for run in self._runs:
            feeds += [*run.side.players, *run.side.flows]
        ended = next((feed.error for feed in feeds if feed.error is not None), None)
        return ended or self._why_away() or self._scoring.error

    def _why_away(self) -> BrokerError | None:
        players = [player for run in self._runs for player in run.side.players]
        if all(player.status.state in OVER for player in players):
            return None
        try:
            self._lab.cluster.require_up("take what is played")
        except BrokerError as error:
            return error
        return None

    def _show_trouble(self, error: BaseException | None) -> None:
        """Let the stage say it as long as it is so, and what a button raised until the next one."""
        words = "" if error is None else error_line(error)
        if words != self._trouble_words:
            if words or self.stage.trouble == self._trouble_words:
                self.stage.trouble = words
            self._trouble_words = words


def _end(runs: list[Played]) -> list[Exception]:
    """End what stands on the stage; return what went wrong, which is no reason to keep the rest."""
    errors: list[Exception] = []
    for run in runs:
        for close in (run.picture.stop, run.side.close):
            try:
                close()
            except Exception as error:
                errors.append(error)
    return errors


def _pictures(runs: list[Played]) -> list[Picture]:
    """Return the pictures that move; one that has ended has nothing to press or to wait for."""
    moving = [run.picture for run in runs if not run.side.has_ended]
    return [picture for picture in moving if isinstance(picture, Picture)]


def _live(picture: Picture | LiveWidget) -> LiveWidget:
    return picture.chart if isinstance(picture, Picture) else picture
