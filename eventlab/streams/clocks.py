"""Clocks for bytewax's own windowing operators, and what each does with an event that is late.

`windowed` needs none of them: it goes by the stream time with which each event was stamped.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bytewax.operators.windowing import Clock, EventClock, SystemClock

from eventlab.checked import checked
from eventlab.errors import UsageError, shown

_ANY_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


@checked
def event_clock(
    wait: timedelta = timedelta(0), at: Callable[[Any], datetime] = lambda item: item.timestamp
) -> Clock[Any, Any]:
    """Return a clock of event time that gives the same windows for every batch size and speed.

    Each key's watermark is the greatest time that the key has shown, less `wait`; an event behind
    it is late, and comes out in the operator's stream `late`, with the window's id. bytewax's own
    EventClock also moves the watermark with the wall clock, so that a replay's result depends on
    its speed; here that stands still, and a window closes with the next event of its key, or when
    the input ends. `at` names an item's time, by default an Arrival's.
    """
    if not isinstance(wait, timedelta) or wait < timedelta(0):
        raise UsageError(
            "A clock cannot wait so long",
            expected="a timedelta, 0 or more",
            found=shown(wait),
            remedy="Write timedelta(seconds=...).",
        )
    # Without a system time to wake at, bytewax does not spin on windows of the past (issue 578).
    return EventClock(
        at, wait, now_getter=lambda: _ANY_MOMENT, to_system_utc=lambda _timestamp: None
    )


def arrival_clock() -> Clock[Any, Any]:
    """Return a clock of arrival: an event's time is when the operator sees it, so none is late.

    The same events give other windows at another speed, and after a restart.
    """
    return SystemClock()
