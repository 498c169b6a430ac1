"""Chapter 19: a grace that is long enough and no longer, and exactly one event that is too late."""

from collections.abc import Sequence
from numbers import Real

from eventlab.teach.exercises import Wrong, takes

SHARE = 0.995
STEP_MINUTES = 5


@takes("a number of minutes, and by how many minutes each flight came after its window's end")
def check_1(minutes: float, *, needed: Sequence[float]) -> str:
    """Judge a grace by what it would have counted, and by what a shorter one would have."""
    if not isinstance(minutes, Real) or isinstance(minutes, bool) or minutes < 0:
        raise Wrong(f"A grace is a number of minutes, 0 or more; this is {minutes!r}.")
    counted = share_counted(minutes, needed)
    if counted < SHARE:
        raise Wrong(
            f"With {minutes:g} minutes {counted:.2%} of the flights are counted. The airline wants"
            f" {SHARE:.1%}."
        )
    shorter = minutes - STEP_MINUTES
    if shorter >= 0 and share_counted(shorter, needed) >= SHARE:
        raise Wrong(
            f"{minutes:g} minutes are enough, and {shorter:g} would be too: every result comes"
            " later than it could."
        )
    return f"{minutes:g} minutes count {counted:.2%} of the flights, and less would not do."


@takes("the ids of the events that came too late")
def check_2(too_late: Sequence[str], *, before: int) -> str:
    """Judge how many events are too late on the bench; `before` is how many there are now."""
    if len(too_late) != 1:
        raise Wrong(
            f"{before} flights are too late for a window now, and it should be exactly one."
            " Watch where the watermark stands when a flight comes, and when its window closes."
        )
    return f"Flight {too_late[0]} is too late, and no other."


def share_counted(minutes: float, needed: Sequence[float]) -> float:
    """Return the share of the events that a grace of so many minutes lets in.

    A window is closed when stream time has reached its end and the grace, so what needs exactly so
    many minutes is too late. A number below zero says that the window had not ended at all.
    """
    return sum(one < minutes for one in needed) / len(needed)
