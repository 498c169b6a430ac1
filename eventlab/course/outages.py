"""Outages of a story, said by the numbers of its events."""

from collections.abc import Sequence
from typing import Any

from eventlab.services import Outage


def outage(story: Sequence[Any], numbers: range, target: str, trouble: Any) -> Outage:
    """Return the outage in which these events of a story fall; it may last to the story's end."""
    return Outage(_seconds(story, numbers.start), _seconds(story, numbers.stop), target, trouble)


def _seconds(story: Sequence[Any], number: int) -> float:
    if number < len(story):
        return float((story[number].at - story[0].at).total_seconds())
    return float((story[-1].at - story[0].at).total_seconds()) + 1
