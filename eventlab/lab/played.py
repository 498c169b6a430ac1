"""Wait until all that one run plays has been played, and its flows have read it."""

import time
from typing import TYPE_CHECKING

from eventlab.errors import LogError
from eventlab.lab.side import Side
from eventlab.log import Player

if TYPE_CHECKING:  # a chapter without flows needs none of this
    from eventlab.flows import Running

_LOOK_SECONDS = 0.01


def wait_for(side: Side, seconds: float | None) -> None:
    """Return when its players have come to their ends and its flows have read all of it.

    The flows end then, as if no more could come. Raises what ended one of them, and LogError when
    `seconds` have passed.
    """
    ends: dict[tuple[str, int], int] = {}
    deadline = None if seconds is None else time.monotonic() + seconds
    for player in list(side.players):
        player.wait(seconds)
        topic = player.topic
        ends |= {(topic.name, number): end for number, end in topic.end_offsets().items()}
    for flow in list(side.flows):
        while flow.is_alive and not has_read(flow, ends):
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


def has_read(flow: "Running", ends: dict[tuple[str, int], int]) -> bool:
    """Tell whether a flow has read all that was played; its lag is that of its last fetch."""
    if flow.lag != 0:
        return False
    return all(offset >= ends.get(place, 0) for place, offset in flow.positions.items())


def require_played(player: Player) -> None:
    """Raise LogError where something has stopped a player before its last event."""
    if player.status.state == "stopped":
        raise LogError(
            f"{player.topic} was not played to its end",
            expected="all of its events",
            found=f"a player that was stopped after {player.report.sent}",
            remedy="Run the cell with lab.stage(...) again, or press “Play again”.",
        )
