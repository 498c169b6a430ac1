"""What was counted in the runs that stand on the stage, and how they fare, for its scoreboard."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from eventlab.lab.acts import Counts, Kind, required_counts, value_words
from eventlab.lab.breaking import seconds_of
from eventlab.lab.ramp import speeds_around
from eventlab.lab.side import Side
from eventlab.lab.verbs import Verbs
from eventlab.live.director import Board, Saying
from eventlab.live.widget import LiveWidget
from eventlab.pictures.picture import Picture

Count = Callable[[Verbs], Counts]

OVER = {"stopped", "finished", "failed"}
_WAITING = "waiting for the broker"
# A count that reads a topic takes its time: it gets this share of it, and one at the end.
_SHARE_OF_TIME = 0.05


@dataclass
class Played:
    """One run that stands on the stage."""

    kind: Kind
    side: Side
    picture: Picture | LiveWidget
    counts: Counts = field(default_factory=dict)


class Scoring:
    """Count what the pictures of runs, and a function of the learner's, say now and then.

    `error` is what the last count raised. `count` may be called from any thread.
    """

    def __init__(self, count: Count | None) -> None:
        self.error: BaseException | None = None
        self._count = count
        self._counting = Lock()  # no older count takes the place of a newer one
        self._next_count = 0.0

    def count_when_due(self, runs: list[Played]) -> None:
        """Count, unless counting has had its share of the time."""
        if time.monotonic() >= self._next_count:
            self.count(runs)

    def count(self, runs: list[Played]) -> None:
        """Count now, and keep of each run what was counted; one that has ended keeps its counts."""
        with self._counting:
            began = time.monotonic()
            failed: BaseException | None = None
            for run in [run for run in runs if not run.side.has_ended]:
                try:
                    run.counts = self._counted(run)
                except (Exception, SystemExit) as error:  # what it reads may not be there yet
                    failed = error
            self.error = failed
            now = time.monotonic()
            self._next_count = now + (now - began) / _SHARE_OF_TIME

    def _counted(self, run: Played) -> Counts:
        counted: Counts = {}
        if isinstance(run.picture, Picture):
            counted |= required_counts(run.picture.scores(), f"{type(run.picture).__name__}.scores")
        if self._count is not None:
            counted |= required_counts(self._count(run.side), "counts")
        return counted


def board_of(runs: list[Played]) -> Board:
    """Return what was sent and counted, a column for each run."""
    plays = any(run.side.players for run in runs)
    sent = [["sent", *(_sent(run.side) for run in runs)]] if plays else []
    names = dict.fromkeys(name for run in runs for name in run.counts)
    rows = [
        [name.replace("_", " "), *(value_words(run.counts.get(name, "")) for run in runs)]
        for name in names
    ]
    return Board([run.kind.caption for run in runs], sent + rows)


def saying_of(sides: list[Side], *, is_away: bool = False) -> Saying:
    """Return how the play fares: its state, and its moment in the story.

    While the broker `is_away`, what goes into topics waits for it; requests to services go on.
    """
    players = [player for side in sides for player in side.players]
    if not players:
        return Saying()
    states = [player.status for player in players]
    state = next((one.state for one in states if one.state not in OVER), states[0].state)
    moment = states[0].virtual_time
    waits = is_away and all(one.topics for one in players if one.status.state == "playing")
    fares = _WAITING if waits and state == "playing" else state
    words = fares if moment is None else f"{fares} · {moment:%a %d %b %H:%M:%S} in the story"
    speed = players[0].speed
    length = max(side.story_seconds for side in sides)
    return Saying(state, words, speed, speeds_around(speed), seconds_of(sides), length)


def _sent(side: Side) -> str:
    """Return what Kafka has taken, and the requests that went out: what waits here is not sent."""
    reports = [(player.report, bool(player.topics)) for player in side.players]
    return f"{sum(one.acknowledged if in_log else one.sent for one, in_log in reports):,}"
