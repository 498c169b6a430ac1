"""How fast virtual time passes against the wall clock; time is an argument, so this never waits."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from eventlab.arguments import required_number

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

    def __post_init__(self) -> None:
        self.speed = required_number("speed", self.speed, at_least=0)

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
        self._virtual = virtual
        self._wall = now

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
        virtual = self.virtual_time(now)
        if self.paused or virtual is None:
            return NEVER
        return ALWAYS if self.unbounded else virtual

    def seconds_until(self, moment: datetime, now: float) -> float:
        """Return how many seconds of the wall clock are left until `moment`; 0 if it is due."""
        if self.unbounded:
            return 0.0
        virtual = self.virtual_time(now)
        if self.paused or virtual is None:
            return float("inf")
        return max(0.0, (moment - virtual).total_seconds() / self.speed)

    def reached(self, moment: datetime, now: float) -> None:
        """Take note that `moment` was played: virtual time is never before it."""
        virtual = self.virtual_time(now)
        if virtual is None or virtual < moment:
            self.start(moment, now)

    def hold_back(self, moment: datetime) -> None:
        """Let the last change have happened at `moment`, if virtual time was past it by then.

        What was behind a pace that nobody could keep is given up, and not caught up with.
        """
        if self._virtual is not None and self._virtual > moment:
            self._virtual = moment

    def change(self, now: float, *, speed: float | None = None, paused: bool | None = None) -> None:
        """Go on from here with another speed, or pause, or go on."""
        checked = self.speed
        if speed is not None:
            checked = required_number("speed", speed, at_least=0)
        self._virtual = self.virtual_time(now)
        self._wall = now
        self.speed = checked
        if paused is not None:
            self.paused = paused
