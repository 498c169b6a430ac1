"""How the bench says moments, lengths of time, and why an event was not counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventlab.moments import duration_milliseconds, duration_words, from_milliseconds
from eventlab.pictures.bench.result import Filled, Missed
from eventlab.pictures.bench.scenario import Scenario

_DAY = 86_400_000
_MINUTE = 60_000
_NAMED = 3  # so many windows or partners by name


@dataclass(frozen=True)
class Words:
    """The words for one scenario; all times are milliseconds since 1970."""

    scenario: Scenario
    has_days: bool

    @classmethod
    def of(cls, scenario: Scenario) -> "Words":
        """Return the words for a scenario: with the date where its events span several days."""
        times = [event.milliseconds for event in scenario.events]
        return cls(scenario, min(times) // _DAY != max(times) // _DAY)

    def clock(self, time: int) -> str:
        """Return a moment (UTC) as one reads it off a clock: 10:05, or 10:05:30."""
        # By arithmetic: strftime would be a tenth of what a change on the bench takes.
        minutes, rest = divmod(time % _DAY, _MINUTE)
        words = f"{self._day(time)}{minutes // 60:02}:{minutes % 60:02}"
        if rest == 0:
            return words
        seconds, milliseconds = divmod(rest, 1000)
        parts = f".{milliseconds:03}" if milliseconds else ""
        return f"{words}:{seconds:02}{parts}"

    def interval(self, start: int, end: int) -> str:
        """Return from when to when something lasts."""
        if start == end:
            return self.clock(start)
        return f"{self.clock(start)} to {self.clock(end)}"

    def arrived(self, watermark: int) -> str:
        """Return where the watermark stood."""
        return f"arrived when the watermark stood at {self.clock(watermark)}"

    def too_late(self, watermark: int, start: int, end: int, closed: int) -> str:
        """Return in one sentence why an event was not counted."""
        missed = watermark - closed
        amount = f"{duration_words(missed)} too late" if missed else "just too late"
        return f"{self.arrived(watermark)}; {self._closing(start, end)}; {amount}"

    def missed(self, missed: Sequence[Missed]) -> str:
        """Return why an event was not counted, by the window that it came nearest to."""
        nearest = max(missed, key=lambda one: one.closed)
        others = len(missed) - 1
        earlier = f", and for {others} earlier window{'s' * (others > 1)} too" if others else ""
        return nearest.reason + earlier

    def behind(self, watermark: int, time: int) -> str:
        """Return how far behind the watermark an event arrived that was counted all the same."""
        return f"{self.arrived(watermark)}, {duration_words(watermark - time)} behind it"

    def windows(self, windows: Sequence[Filled]) -> str:
        """Return in which windows an event was counted."""
        named = [self.interval(window.start, window.end) for window in windows[:_NAMED]]
        more = len(windows) - len(named)
        return f"counted in {', '.join(named)}" + (f" and {more} more" if more else "")

    def partners(self, ids: Sequence[str | None]) -> str:
        """Return with which events one was joined."""
        found = [f"event {one}" for one in ids if one is not None]
        if not found:
            return "came out alone, without a partner" if ids else "found no partner"
        named = found[:_NAMED]
        more = len(found) - len(named)
        return f"joined with {', '.join(named)}" + (f" and {more} more" if more else "")

    def _day(self, time: int) -> str:
        if not self.has_days:
            return ""
        moment = from_milliseconds(time)
        return f"{moment.day} {moment:%b} "

    def _closing(self, start: int, end: int) -> str:
        grace = duration_milliseconds(self.scenario.grace)
        patience = f"with {duration_words(grace)} grace" if grace else "without grace"
        if self.scenario.kind == "session":
            gap = duration_words(duration_milliseconds(self.scenario.gap))
            session = f"session {'at ' if start == end else ''}{self.interval(start, end)}"
            return f"its {session} closed after a gap of {gap} {patience}"
        if self.scenario.is_join:
            return f"its partners were waited for until {self.clock(end)} {patience}"
        closed = f"closed when the watermark reached {self.clock(end + grace)}"
        passed = f"its end and {duration_words(grace)} grace" if grace else "its end, without grace"
        return f"its window {self.interval(start, end)} {closed} ({passed})"
