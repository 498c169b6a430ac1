"""What a guess may be: one of some options, a number, or a point on a line.

Each kind reads what a learner answers and what a run gave, says both in words, and judges how near
they are. A drawn curve, which has a module of its own, is one more kind.
"""

import math
import re
from dataclasses import dataclass
from typing import Any, Protocol

from eventlab.arguments import refused
from eventlab.checked import checked
from eventlab.errors import UsageError, shown
from eventlab.teach.line import number_text

Guess = str | float | tuple[float, ...]

# Who guesses within a tenth has understood what decides the size.
NEAR = 0.1
_TIMES = 2  # from here on one says "three times as many", not how many more

# A float holds no hundredth of less, and no difference of more.
_SHORTEST = 1e-300
_LONGEST = 1e300

# Of a unit that names one of these there are parts; whatever else has a name is counted.
_MEASURE = re.compile(
    r"\b([munµ]?s|(second|minute|hour|day|week|month|year)s?|percent|times|"
    r"bits?|bytes?|[kKMGTP]i?B|[mck]?m|k?g|t|cents?|euros?)\b|%"
)

_THOUSANDS_APART = re.compile(r"(?<=\d)[,_ ](?=\d{3}\b)")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?")


@dataclass(frozen=True)
class Judgement:
    """Hold whether a guess was right, and the clause that says so or how far off it was."""

    is_right: bool
    words: str


class Answer(Protocol):
    """What every kind of answer has."""

    @property
    def kind(self) -> str:
        """Return the name by which the page knows it."""

    @property
    def asked(self) -> str:
        """Return what is asked for, as a noun phrase."""

    @property
    def settings(self) -> dict[str, Any]:
        """Return what the page needs to take such a guess, as JSON."""

    def read(self, answer: object) -> Guess:
        """Return an answer as a guess; UsageError if it is none."""

    def read_outcome(self, outcome: object) -> Any:
        """Return what a run gave, so that it can be judged; UsageError if it is of another kind."""

    def words(self, guess: Any) -> str:
        """Return a guess or an outcome as one says it."""

    def judge(self, guess: Any, outcome: Any) -> Judgement:
        """Return how near a guess came."""


@dataclass(frozen=True)
class Choice:
    """Take one of some options."""

    options: tuple[str, ...]

    kind = "choice"

    @property
    def asked(self) -> str:
        """Return the options."""
        return " / ".join(self.options)

    @property
    def settings(self) -> dict[str, Any]:
        """Return the options for the page."""
        return {"options": list(self.options)}

    def read(self, answer: object) -> str:
        """Return the option; UsageError if it is none of them."""
        option = _text(answer)
        if option in self.options:
            return option
        raise UsageError(
            "This is none of the options",
            expected=" or ".join(repr(option) for option in self.options),
            found=shown(answer),
            remedy="Choose one of them, letter for letter.",
        )

    def read_outcome(self, outcome: object) -> str:
        """Return the option that came out."""
        return self.read(outcome)

    def words(self, guess: str) -> str:
        """Return the option in quotation marks."""
        return f"“{guess}”"

    def judge(self, guess: str, outcome: str) -> Judgement:
        """Return whether it is the one that came out."""
        is_right = guess == outcome
        return Judgement(is_right, "right" if is_right else "not so")


@checked
@dataclass(frozen=True)
class Number:
    """Take a number in a unit, `at_least` and `at_most` so large; raises UsageError.

    Of things ("orders") a guess is a whole number, of a measure ("seconds") or of no unit any.

    Examples:
        >>> Number("orders", at_least=0).read("1,200")
        1200.0
    """

    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    kind = "number"

    def __post_init__(self) -> None:
        low = self._low
        if not low < self._high:
            raise refused("at_most", self.at_most, f"a number above {low:g}", f"{low + 1:g}")

    @property
    def asked(self) -> str:
        """Return a number of what, and within which bounds."""
        words = f"a number of {self.unit}" if self.unit else "a number"
        bounds = _bounds(self._low, self._high)
        return f"{words}, {bounds}" if bounds else words

    @property
    def settings(self) -> dict[str, Any]:
        """Return what stands in the empty field, and the unit beside it."""
        return {"placeholder": self.asked, "unit": self.unit}

    def read(self, answer: object) -> float:
        """Return the number, thousands apart or not; UsageError if it is none or out of range."""
        number = _number(answer)
        if self._is_counted and not number.is_integer():
            raise UsageError(
                f"There are no parts of {self.unit}",
                expected="a whole number such as 12",
                found=shown(answer),
                remedy="Guess a whole number.",
            )
        return _within(number, self._low, self._high, self.unit)

    def read_outcome(self, outcome: object) -> float:
        """Return the number that came out, which may lie anywhere."""
        return _number(outcome)

    def words(self, guess: float) -> str:
        """Return the number with its unit."""
        return with_unit(guess, self.unit)

    def judge(self, guess: float, outcome: float) -> Judgement:
        """Return whether it is the number, or near it, or how many times off."""
        if guess == outcome:
            return Judgement(True, "right")
        is_near = abs(guess - outcome) <= NEAR * abs(outcome)
        off = _off(guess, outcome, self.unit)
        return Judgement(is_near, f"nearly right, {off}" if is_near else off)

    @property
    def _is_counted(self) -> bool:
        return bool(self.unit) and _MEASURE.search(self.unit) is None

    @property
    def _low(self) -> float:
        return -math.inf if self.at_least is None else self.at_least

    @property
    def _high(self) -> float:
        return math.inf if self.at_most is None else self.at_most


@checked
@dataclass(frozen=True)
class Point:
    """Take a point on a line from `first` to `last`, in a unit; raises UsageError.

    Examples:
        >>> Point(0, 60, "seconds").words(12)
        '12 seconds'
    """

    first: float
    last: float
    unit: str = ""

    kind = "point"

    def __post_init__(self) -> None:
        require_ends(self.first, self.last)

    @property
    def asked(self) -> str:
        """Return from where to where the line goes."""
        return f"a point from {number_text(self.first)} to {with_unit(self.last, self.unit)}"

    @property
    def settings(self) -> dict[str, Any]:
        """Return the line's ends, its unit and the length of a step."""
        step = step_of(self.first, self.last)
        return {"first": self.first, "last": self.last, "unit": self.unit, "step": step}

    def read(self, answer: object) -> float:
        """Return the point; UsageError if it is no number or not on the line."""
        return _within(_number(answer), self.first, self.last, self.unit)

    def read_outcome(self, outcome: object) -> float:
        """Return the point that came out, which may lie beyond the line's ends."""
        return _number(outcome)

    def words(self, guess: float) -> str:
        """Return the point with its unit."""
        return with_unit(guess, self.unit)

    def judge(self, guess: float, outcome: float) -> Judgement:
        """Return how far apart the two are; within a tenth of the line is near."""
        if guess == outcome:
            return Judgement(True, "right")
        is_near = abs(guess - outcome) <= NEAR * (self.last - self.first)
        apart = f"{with_unit(abs(guess - outcome), self.unit)} away"
        return Judgement(is_near, f"nearly right, {apart}" if is_near else apart)


def require_ends(first: float, last: float) -> None:
    """Raise UsageError unless a line can go from one number to the other, in steps."""
    if not first < last:
        expected = f"a number above first, which is {first:g}"
        raise refused("last", last, expected, f"{first + 1:g}")
    length = float(last) - float(first)
    if not _SHORTEST <= length <= _LONGEST:
        raise UsageError(
            f"No steps fit between first and last, which are {first:g} and {last:g}",
            expected=f"a difference from {_SHORTEST:g} to {_LONGEST:g}",
            found=f"{length:g}",
            remedy="Choose a unit in which the numbers are neither so large nor so small.",
        )


def with_unit(number: float, unit: str) -> str:
    """Return a number as one says it, with its unit."""
    return f"{number_text(number)} {unit}".strip()


def step_of(first: float, last: float) -> float:
    """Return a step of 1, 2 or 5 times a power of ten, of which at least a hundred fit between."""
    hundredth = (last - first) / 100
    power = 10.0 ** math.floor(math.log10(hundredth))
    return max(step for step in (power, 2 * power, 5 * power) if step <= hundredth * 1.000001)


def _number(answer: object) -> float:
    written = _THOUSANDS_APART.sub("", _text(answer)).strip()
    number = float(written) if re.fullmatch(_NUMBER, written) else math.nan
    if math.isfinite(number):
        return number
    raise UsageError(
        "This is no number",
        expected="a number such as 1200 or 0.5",
        found=shown(answer),
        remedy="Write digits only, without a unit.",
    )


def _within(number: float, low: float, high: float, unit: str) -> float:
    if low <= number <= high:
        return number
    raise UsageError(
        "This guess is out of range",
        expected=f"a number, {_bounds(low, high)}",
        found=with_unit(number, unit),
        remedy="Guess within the range.",
    )


def _bounds(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return ""
    if math.isinf(high):
        return f"{number_text(low)} or more"
    if math.isinf(low):
        return f"{number_text(high)} or less"
    return f"from {number_text(low)} to {number_text(high)}"


def _off(guess: float, outcome: float, unit: str) -> str:
    word = "too high" if guess > outcome else "too low"
    if guess * outcome > 0:
        times = max(guess / outcome, outcome / guess)
        if times >= _TIMES:
            return f"{word} by a factor of {number_text(times)}"
    difference = abs(guess - outcome)
    return f"{with_unit(difference, '' if difference == 1 else unit)} {word}"  # units are plural


def _text(answer: object) -> str:
    try:
        return str(answer)
    except Exception:  # it is no answer, and the error says so
        return shown(answer)
