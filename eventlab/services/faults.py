"""What may happen to calls on their way and to services, and when: plain data.

`Faults` says what a link does to what goes through it. A `FaultSchedule` says from when to when a
link does so, or a service is down, for `ScheduledFaults` to play and a stage to draw.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any, Literal

from eventlab.arguments import (
    refused,
    required_name,
    required_number,
    required_positive_number,
    required_seed,
    required_whole_number,
)
from eventlab.checked import checked
from eventlab.errors import UsageError

Mode = Literal["pass", "refuse", "reset", "hang"]
Down = Literal["killed", "frozen"]

_LONGEST_SECONDS = 3600.0
_TARGET = '"warehouse"'
_MODE_WORDS = {"refuse": "refuses", "reset": "resets", "hang": "hangs"}


@checked
@dataclass(frozen=True)
class Faults:
    """Say what a link does to what goes through it; `Faults()` is none.

    `latency_seconds` is how much later everything arrives, each way, give or take up to
    `jitter_seconds`; the order stays. `mode` "refuse" closes the port, so that nobody can connect;
    "reset" breaks every connection off; "hang" accepts connections and says nothing, and with any
    of the three the open connections are struck too. `bytes_per_second` is how fast a body comes
    at most, each way. Of the HTTP requests, `error_share` (0 to 1) are answered with status 503 in
    the place of the target, and `reset_share` are broken off; the target sees none of these.

    Which requests are struck hangs on `seed`, on the link's name and on the number of the request,
    counted from when the faults were set: two runs meet the same, and a larger share strikes the
    same requests and more. Raises UsageError.
    """

    latency_seconds: float = 0.0
    jitter_seconds: float = 0.0
    mode: Mode = "pass"
    bytes_per_second: float | None = None
    error_share: float = 0.0
    reset_share: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        self._take("latency_seconds", at_most=_LONGEST_SECONDS)
        self._take("jitter_seconds", at_most=_LONGEST_SECONDS)
        self._take("error_share", at_most=1)
        self._take("reset_share", at_most=1)
        if self.bytes_per_second is not None:
            rate = required_number("bytes_per_second", self.bytes_per_second, at_least=1)
            object.__setattr__(self, "bytes_per_second", rate)
        object.__setattr__(self, "seed", required_seed(self.seed))
        self._require_one_outcome()

    @property
    def is_none(self) -> bool:
        """Tell whether nothing happens to what goes through."""
        return self == Faults(seed=self.seed)

    @property
    def words(self) -> str:
        """Return what happens, as a picture says it: "50 ms later each way"; "" for nothing."""
        if self.mode != "pass":
            return _MODE_WORDS[self.mode]
        return ", ".join(self._parts())

    def _parts(self) -> Iterator[str]:
        if self.latency_seconds or self.jitter_seconds:
            give_or_take = f" ± {_span(self.jitter_seconds)}" if self.jitter_seconds else ""
            yield f"{_span(self.latency_seconds)}{give_or_take} later each way"
        if self.bytes_per_second is not None:
            yield f"{self.bytes_per_second:,.0f} bytes a second"
        if self.error_share:
            yield f"{100 * self.error_share:g} % answered 503"
        if self.reset_share:
            yield f"{100 * self.reset_share:g} % reset"

    def _take(self, name: str, *, at_most: float) -> None:
        number = required_number(name, getattr(self, name), at_least=0, at_most=at_most)
        object.__setattr__(self, name, number)

    def _require_one_outcome(self) -> None:
        together = self.error_share + self.reset_share
        if together > 1:
            raise UsageError(
                "A request is either answered with an error or reset",
                expected="error_share and reset_share of 1 at most together",
                found=f"{self.error_share:g} and {self.reset_share:g}",
                remedy="Make one of them smaller.",
            )


Trouble = Faults | Down  # of a link, or of a service


def trouble_words(trouble: Trouble) -> str:
    """Return what happens, as a picture says it: "hangs", or "killed"."""
    return trouble.words if isinstance(trouble, Faults) else trouble


@checked
@dataclass(frozen=True)
class Outage:
    """Say what is wrong with something from `begin_seconds` until `end_seconds`, not included.

    `target` is a link, "stock to warehouse", or "front end to log"; `trouble` are then its Faults.
    Or it is a service, "warehouse", which is "killed", or "frozen". The seconds are those of the
    story since its first event. Raises UsageError.
    """

    begin_seconds: float
    end_seconds: float
    target: str
    trouble: Faults | Down

    def __post_init__(self) -> None:
        required_name("target", self.target, example=_TARGET)
        begin = required_number("begin_seconds", self.begin_seconds, at_least=0)
        end = required_number("end_seconds", self.end_seconds, at_least=0)
        if end <= begin:
            raise refused("end_seconds", end, f"a number above {begin:g}", f"{begin + 1:g}")
        object.__setattr__(self, "begin_seconds", begin)
        object.__setattr__(self, "end_seconds", end)

    @property
    def span_seconds(self) -> tuple[float, float]:
        """Return its begin and its end."""
        return (self.begin_seconds, self.end_seconds)

    def __str__(self) -> str:
        return f"{self.target} from {self.begin_seconds:g} to {self.end_seconds:g} s"


class FaultSchedule:
    """Hold outages in order of time, at most one at a time for each link or service.

    `seed` is what they were made from, None if they were written down. One may begin when another
    one ends. Raises UsageError, which names two that overlap. Cannot be changed, so that any
    thread may read it.
    """

    @checked
    def __init__(self, outages: Sequence[Outage], *, seed: int | None = None) -> None:
        ordered = sorted(outages, key=lambda one: (one.begin_seconds, one.target))
        self.seed = None if seed is None else required_seed(seed)
        self.outages = tuple(ordered)
        names = sorted({one.target for one in ordered})
        self._by_target = {name: self._of(name) for name in names}
        for outages_of_one in self._by_target.values():
            _require_apart(outages_of_one)

    @classmethod
    @checked
    def random(
        cls,
        seed: int,
        targets: Sequence[str],
        seconds: float,
        outages: int,
        length_seconds: float,
        trouble: Faults | Down,
    ) -> "FaultSchedule":
        """Return so many outages of one length, at random moments of the first `seconds`.

        Each target has as many as the next one, or one more. The same seed gives the same schedule.
        Raises UsageError when there is no room for so many.
        """
        names = _required_targets(targets)
        seconds = required_positive_number("seconds", seconds)
        number = required_whole_number("outages", outages, at_least=0, at_most=10_000)
        length = required_positive_number("length_seconds", length_seconds)
        most = -(-number // len(names))
        if most * length > seconds:
            raise UsageError(
                f"There is no room for {most} outages of one target",
                expected=f"{seconds:g} s together at most",
                found=f"{most} of {length:g} s",
                remedy="Ask for fewer outages, or for shorter ones.",
            )
        random = Random(required_seed(seed))
        random.shuffle(names)
        shares = [len(range(place, number, len(names))) for place in range(len(names))]
        made = [
            Outage(begin, begin + length, name, trouble)
            for name, share in zip(names, shares, strict=True)
            for begin in _begins(random, share, length, seconds)
        ]
        return cls(made, seed=seed)

    @property
    def targets(self) -> list[str]:
        """Return the names of the links and services that have an outage."""
        return list(self._by_target)

    @property
    def moments(self) -> list[float]:
        """Return the seconds at which something changes, in order."""
        return sorted({second for one in self.outages for second in one.span_seconds})

    @property
    def end_seconds(self) -> float:
        """Return when the last outage is over; 0 without any."""
        return max((one.end_seconds for one in self.outages), default=0.0)

    @checked
    def at(self, target: str, seconds: float) -> Trouble | None:
        """Return what is wrong with a link or service at a moment, None if nothing is."""
        for outage in self._by_target.get(target, ()):
            if outage.begin_seconds <= seconds < outage.end_seconds:
                return outage.trouble
        return None

    def bands(self) -> list[dict[str, Any]]:
        """Return a row for each outage, to be drawn: `target`, `begin`, `end`, and `words`."""
        return [
            {
                "target": one.target,
                "begin": one.begin_seconds,
                "end": one.end_seconds,
                "words": trouble_words(one.trouble),
            }
            for one in self.outages
        ]

    def __repr__(self) -> str:
        return f"FaultSchedule({list(self.outages)!r}, seed={self.seed!r})"

    def _of(self, target: str) -> tuple[Outage, ...]:
        return tuple(one for one in self.outages if one.target == target)


def _require_apart(outages: Sequence[Outage]) -> None:
    for one, other in pairwise(outages):
        if other.begin_seconds < one.end_seconds:
            raise UsageError(
                f"Two outages of {one.target!r} overlap",
                expected="each to begin when the one before it is over",
                found=f"{one}, and {other}",
                remedy="Move one of them, or make one outage of both.",
            )


def _required_targets(targets: Sequence[str]) -> list[str]:
    names = [required_name("targets", name, example=f"[{_TARGET}]") for name in targets]
    if names and len(set(names)) == len(names):
        return names
    raise refused("targets", targets, "one name or more, each of them once", f"[{_TARGET}]")


def _begins(random: Random, number: int, length: float, seconds: float) -> Iterator[float]:
    """Yield moments at which outages begin, each after the end of the one before it."""
    # Places in the time that is left over, moved apart by the outages before each.
    free = max(0.0, seconds - number * length)
    places = sorted(random.uniform(0, free) for _ in range(number))
    end = 0.0
    for before, place in enumerate(places):
        begin = max(end, place + before * length)  # the rounding of a sum is no overlap
        end = begin + length
        yield begin


def _span(seconds: float) -> str:
    return f"{seconds:g} s" if seconds >= 1 or not seconds else f"{1000 * seconds:g} ms"
