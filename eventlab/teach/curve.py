"""A curve as a guess: the learner draws how one thing goes with another, the run draws its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from eventlab.arguments import is_finite_number, required_whole_number
from eventlab.checked import checked
from eventlab.errors import UsageError, shown
from eventlab.teach.answers import NEAR, Judgement, require_ends, step_of, with_unit

_FEWEST = 2
_MOST_POINTS = 50  # more of them cannot be taken hold of


@checked
@dataclass(frozen=True)
class Axis:
    """Hold what an axis shows, from `first` to `last`, in a unit; raises UsageError."""

    title: str
    first: float
    last: float
    unit: str = ""

    def __post_init__(self) -> None:
        require_ends(self.first, self.last)

    @property
    def settings(self) -> dict[str, Any]:
        """Return the axis for the page, with the length of a step."""
        ends = {"first": self.first, "last": self.last, "step": step_of(self.first, self.last)}
        return {"title": self.title, "unit": self.unit, **ends}

    def words(self, value: float) -> str:
        """Return a value on it as one says it."""
        return with_unit(value, self.unit)


@dataclass(frozen=True)
class Run:
    """Hold the curve that a run gave: its points from left to right."""

    x: tuple[float, ...]
    y: tuple[float, ...]


@checked
@dataclass(frozen=True)
class Curve:
    """Take a curve over the axis `across`, drawn at so many points; its values lie on `up`.

    A guess is the curve's values at these points, from left to right. What a run gave is a dict or
    a pandas Series, from a place on `across` to a value, or a value for each point. Raises
    UsageError.

    Examples:
        >>> grows = Curve(Axis("readers", 1, 5), Axis("records a second", 0, 100), points=3)
        >>> grows.read([20, 60, 100])
        (20.0, 60.0, 100.0)
    """

    across: Axis
    up: Axis
    points: int = 9

    kind = "curve"

    def __post_init__(self) -> None:
        required_whole_number("points", self.points, at_least=_FEWEST, at_most=_MOST_POINTS)

    @property
    def asked(self) -> str:
        """Return what the curve shows over what."""
        return f"a curve: {self.up.title} over {self.across.title}"

    @property
    def settings(self) -> dict[str, Any]:
        """Return both axes and where the points lie."""
        axes = {"across": self.across.settings, "up": self.up.settings}
        return axes | {"x": list(self.places)}

    @property
    def places(self) -> tuple[float, ...]:
        """Return where across the points lie, evenly from end to end."""
        import numpy  # not for the server of JupyterLab, which knows of progress alone

        places = numpy.linspace(self.across.first, self.across.last, self.points)
        return tuple(places.tolist())

    def read(self, answer: object) -> tuple[float, ...]:
        """Return the values at the points; UsageError if they are too few, or out of range."""
        values = _numbers(answer)
        if len(values) != self.points:
            expected = f"{self.points} numbers, one for each point of the curve"
            raise _no_curve(expected, answer, "Draw it from the left end to the right end.")
        for value in values:
            if not self.up.first <= value <= self.up.last:
                expected = f"values from {self.up.words(self.up.first)} to"
                expected = f"{expected} {self.up.words(self.up.last)}"
                raise _no_curve(expected, value, "Draw it within the frame.")
        return values

    def read_outcome(self, outcome: object) -> Run:
        """Return the curve that came out; it may leave the frame. UsageError if it is none."""
        if _has_places(outcome):
            pairs = dict(outcome.items())
            x = _numbers(list(pairs))
            y = _numbers(list(pairs.values()))
        else:
            x = self.places
            y = _numbers(outcome)
        if len(x) != len(y) or len(x) < _FEWEST:
            expected = f"a dict from {self.across.title} to {self.up.title}"
            expected = f"{expected}, or {self.points} values"
            raise _no_curve(expected, outcome, "Give two points or more.")
        order = sorted(range(len(x)), key=x.__getitem__)
        return Run(tuple(x[n] for n in order), tuple(y[n] for n in order))

    def words(self, guess: tuple[float, ...] | Run) -> str:
        """Return where a curve begins, where it ends, and its highest value if that is between."""
        y = guess.y if isinstance(guess, Run) else guess
        ends = f"a curve from {self.up.words(y[0])} to {self.up.words(y[-1])}"
        highest = max(y)
        return ends if highest in (y[0], y[-1]) else f"{ends}, at most {self.up.words(highest)}"

    def judge(self, guess: tuple[float, ...], outcome: Run) -> Judgement:
        """Return how far apart the curves are; within a tenth of the frame's height is near."""
        import numpy

        run = numpy.interp(self.places, outcome.x, outcome.y)
        apart = numpy.abs(run - numpy.array(guess))
        furthest = int(apart.argmax())
        is_near = float(apart.mean()) <= NEAR * (self.up.last - self.up.first)
        if not apart.any():
            return Judgement(True, "right")
        where = f"{self.across.title} {self.across.words(self.places[furthest])}"
        most = (
            f"furthest off at {where}: you drew {self.up.words(guess[furthest])}, "
            f"the run gave {self.up.words(float(run[furthest]))}"
        )
        return Judgement(is_near, f"nearly right, {most}" if is_near else most)


def _has_places(outcome: object) -> TypeGuard[Mapping[object, object]]:
    is_series = getattr(outcome, "ndim", 0) == 1 and hasattr(outcome, "items")
    return isinstance(outcome, Mapping) or is_series


def _numbers(found: object) -> tuple[float, ...]:
    import numpy

    is_list = isinstance(found, Sequence | numpy.ndarray) and not isinstance(found, str | bytes)
    values = list(found) if is_list else []  # type: ignore[call-overload]  # it is one of the two
    if values and all(is_finite_number(value) for value in values):
        return tuple(float(value) for value in values)
    raise _no_curve("numbers, one after the other", found, "Give a list of numbers.")


def _no_curve(expected: str, found: object, remedy: str) -> UsageError:
    return UsageError("This is no curve", expected=expected, found=shown(found), remedy=remedy)
