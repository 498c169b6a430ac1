"""Wait until all that one run plays has been played, and its flows have read it."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from eventlab.errors import BrokerError, LogError
from eventlab.lab.side import Side
from eventlab.log import Cluster, Playing

if TYPE_CHECKING:  # a chapter without flows needs none of this
    from eventlab.flows import Running

# A broker that was killed is back within seconds. Whoever has left it stopped wants to hear of it.
AWAY_SECONDS = 60.0
_LOOK_SECONDS = 0.01
_AWAY_LOOK_SECONDS = 0.25


class Patience:
    """How long to wait: so many seconds, or until the broker has been away for `AWAY_SECONDS`."""

    def __init__(
        self,
        cluster: Cluster,
        seconds: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cluster = cluster
        self._seconds = seconds
        self._clock = clock
        self._began = clock()
        self._away_since: float | None = None
        self._next_look = self._began

    @property
    def turn_seconds(self) -> float:
        """Return how long to wait before the next `require`."""
        if self._seconds is None:
            return _AWAY_LOOK_SECONDS
        left = self._began + self._seconds - self._clock()
        return min(_AWAY_LOOK_SECONDS, max(left, 0.0))

    def require(self, summary: str, found: str) -> None:
        """Raise LogError when the seconds have passed, BrokerError where it is the broker's fault.

        Without a number of seconds a broker that is away has its time to come back.
        """
        now = self._clock()
        is_over = self._seconds is not None and now - self._began >= self._seconds
        if is_over or now >= self._next_look:
            self._next_look = now + _AWAY_LOOK_SECONDS
            self._look_for_broker(now, is_over=is_over)
        if is_over:
            raise LogError(
                summary,
                expected=f"the end within {self._seconds:g} s",
                found=found,
                remedy="Wait longer, or look at what the stage says.",
            )

    def until_up(self) -> None:
        """Return when the broker is not known to be away."""
        self._next_look = 0.0
        self.require("The broker does not answer", "no broker")
        while self._away_since is not None:
            time.sleep(self.turn_seconds)
            self.require("The broker does not answer", "no broker")

    def _look_for_broker(self, now: float, *, is_over: bool) -> None:
        try:
            self._cluster.require_up("take and give what is played")
        except BrokerError:
            since = now if self._away_since is None else self._away_since
            self._away_since = since
            if is_over or (self._seconds is None and now - since >= AWAY_SECONDS):
                raise
        else:
            self._away_since = None


def wait_for(side: Side, seconds: float | None) -> None:
    """Return when its players have come to their ends and its flows have read all of it.

    The flows end then, as if no more could come. Raises what ended one of them, LogError when
    `seconds` have passed, and BrokerError when the broker has not come back.
    """
    ends: dict[tuple[str, int], int] = {}
    patience = Patience(side.cluster, seconds)
    for player in list(side.players):
        while not player.ends_within(patience.turn_seconds):
            summary = f"{player.into} is still being played"
            patience.require(summary, f"{player.report.sent} events sent")
        patience.until_up()
        for topic in player.topics:
            ends |= {(topic.name, number): end for number, end in topic.end_offsets().items()}
    for flow in list(side.flows):
        while flow.is_alive and not has_read(flow, ends):
            summary = f"The flow {flow.name} has not read all that was played"
            patience.require(summary, f"{flow.count} events read")
            time.sleep(_LOOK_SECONDS)
        flow.stop(close_windows=True)  # the story is over: what it has read is written now
        if flow.error is not None:
            raise flow.error


def has_read(flow: "Running", ends: dict[tuple[str, int], int]) -> bool:
    """Tell whether a flow has read all that was played; its lag is that of its last fetch."""
    if flow.lag != 0:
        return False
    return all(offset >= ends.get(place, 0) for place, offset in flow.positions.items())


def require_played(player: Playing) -> None:
    """Raise LogError where something has stopped a player before its last event."""
    if player.status.state == "stopped":
        raise LogError(
            f"{player.into} was not played to its end",
            expected="all of its events",
            found=f"a player that was stopped after {player.report.sent}",
            remedy="Run the cell with lab.stage(...) again, or press “Play again”.",
        )
