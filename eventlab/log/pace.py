"""How fast virtual time passes against the wall clock; time is an argument, so this never waits."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from numbers import Real

from eventlab.errors import UsageError

# Of every moment there is, none is due before the first and all are due by the last.
NEVER = datetime.min.replace(tzinfo=UTC)
ALWAYS = datetime.max.replace(tzinfo=UTC)


@dataclass
class Pace:
    """Map the wall clock (seconds, monotonic) to the virtual time of a stream of events.

    `speed` is virtual seconds per second; 0 is as fast as the machine can. Every change begins a
    new straight line at the present moment, so no error adds up, however long it plays.
    """

    speed: float
    paused: bool = False
    _virtual: datetime | None = None
    _wall: float = 0.0

    def __post_init__(self):
        self.speed = checked_speed(self.speed)

    @property
    def started(self) -> bool:
        """Tell whether virtual time has begun."""
        return self._virtual is not None

    @property
    def unbounded(self) -> bool:
        """Tell whether everything is due at once."""
        return self.speed == 0 and not self.paused

    def start(self, virtual: datetime, now: float) -> None:
        """Let virtual time go on from `virtual`."""
        self._virtual, self._wall = virtual, now

    def virtual_time(self, now: float) -> datetime | None:
        """Return the virtual time at `now`, None before it has begun."""
        if self._virtual is None or self.paused or self.speed == 0:
            return self._virtual
        try:
            return self._virtual + timedelta(seconds=(now - self._wall) * self.speed)
        except OverflowError:  # past the year 9999
            return ALWAYS

    def due_until(self, now: float) -> datetime:
        """Return the moment up to which everything is due at `now`."""
        if self.paused or self._virtual is None:
            return NEVER
        return ALWAYS if self.unbounded else self.virtual_time(now)

    def seconds_until(self, moment: datetime, now: float) -> float:
        """Return how many seconds of the wall clock are left until `moment`; 0 if it is due."""
        if self.unbounded:
            return 0.0
        if self.paused:
            return float("inf")
        return max(0.0, (moment - self.virtual_time(now)).total_seconds() / self.speed)

    def reached(self, moment: datetime, now: float) -> None:
        """Take note that `moment` was played: virtual time is never before it."""
        if self.virtual_time(now) < moment:
            self.start(moment, now)

    def hold_back(self, moment: datetime) -> None:
        """Let the last change have happened at `moment`, if virtual time was past it by then.

        What was behind a pace that nobody could keep is given up, and not caught up with.
        """
        self._virtual = min(self._virtual, moment)

    def change(self, now: float, *, speed: float | None = None, paused: bool | None = None) -> None:
        """Go on from here with another speed, or pause, or go on."""
        speed = self.speed if speed is None else checked_speed(speed)
        self._virtual, self._wall = self.virtual_time(now), now
        self.speed, self.paused = speed, self.paused if paused is None else paused


def checked_speed(speed: float) -> float:
    """Return a speed that can be played, or raise UsageError."""
    number = isinstance(speed, Real) and not isinstance(speed, bool)
    if not number or not 0 <= speed < float("inf"):
        raise UsageError(
            "Events cannot be played at this speed",
            expected="virtual seconds per second, 0 for as fast as the machine can",
            found=repr(speed),
        )
    return float(speed)
