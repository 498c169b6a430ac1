"""The axis of event time: how far it reaches, and in which steps one moves along it."""

from typing import NamedTuple

from eventlab.pictures.bench.scenario import MILLISECOND, Scenario

_SECOND = 1_000  # milliseconds
_MINUTE = 60_000
_HOUR = 3_600_000
_DAY = 86_400_000
# Lengths that one can say in a word, so that times stay round while a dot is dragged.
_ROUND = [
    *(size * ten for ten in (1, 10, 100) for size in (1, 2, 5)),
    *(size * _SECOND for size in (1, 2, 5, 10, 15, 30)),
    *(size * _MINUTE for size in (1, 2, 5, 10, 15, 30)),
    *(size * _HOUR for size in (1, 2, 3, 6, 12)),
    _DAY,
]
_STEPS = 400
_SLIDER_STEPS = 120
_AROUND = 0.06  # of the events' span, free on both sides
_WINDOWS = 6  # so many of the length that is proposed fit into the span


class Axis(NamedTuple):
    """From where to where an event can be dragged, and in which steps; all in milliseconds."""

    first: int
    last: int
    step: int


def round_length(milliseconds: float) -> int:
    """Return the least length that is as long and easily said, in milliseconds."""
    return next((size for size in _ROUND if size >= milliseconds), _days(milliseconds))


def axis_for(scenario: Scenario) -> Axis:
    """Return an axis with room around the events."""
    times = [event.milliseconds for event in scenario.events]
    span = span_of(times)
    step = round_length(span / _STEPS)
    around = step * round(max(_AROUND * span, step) / step)
    first = min(times) - around
    last = max(times) + around
    return Axis(max(first - first % step, 0), last - last % -step, step)


def span_of(times: list[int]) -> int:
    """Return how long the events last, in milliseconds; a minute if they are all at once."""
    return max(times) - min(times) or _MINUTE


def proposed_length(times: list[int]) -> int:
    """Return a window's length that suits events, in milliseconds."""
    return round_length(span_of(times) / _WINDOWS)


def sliders_for(scenario: Scenario) -> dict[str, tuple[int, int, int]]:
    """Return least, greatest and step of each setting's slider, in milliseconds."""
    span = span_of([event.milliseconds for event in scenario.events])
    step = round_length(span / _SLIDER_STEPS)
    most = step * round(span / step / 2)
    least = {"length": step, "hop": step, "gap": step, "grace": 0, "bound": 0}
    return {
        name: (low, max(most, getattr(scenario, name) // MILLISECOND), step)
        for name, low in least.items()
    }


def _days(milliseconds: float) -> int:
    return _DAY * -int(-milliseconds // _DAY)
