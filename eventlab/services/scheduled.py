"""Let a schedule's outages happen while a story is played, each between the same two events."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from eventlab.processes.closing import close_all
from eventlab.services.breakable import Breakable, require_breakable
from eventlab.services.faults import FaultSchedule, Trouble


class ScheduledFaults:
    """Break and mend what a schedule names, as the events of a story pass its moments.

    The seconds of the schedule are those of the story since its first event, so that whoever plays
    it meets the same outage with the same events, at any speed. An outage in which no event falls
    does not happen. `before` and `end` are called by the player, see `log.Interludes`. Raises
    UsageError where there is nothing of a name, and for what cannot happen to it.
    """

    def __init__(self, schedule: FaultSchedule, breakables: Mapping[str, Breakable]) -> None:
        require_breakable(schedule, breakables)
        self.schedule = schedule
        self._breakables = {name: breakables[name] for name in schedule.targets}
        self._now: dict[str, Trouble | None] = dict.fromkeys(self._breakables)
        self._moments = schedule.moments
        self._began: datetime | None = None

    def seconds(self, moment: datetime | None) -> float:
        """Return how many seconds of the story have passed at a moment; 0 before its start."""
        if self._began is None or moment is None:
            return 0.0
        return (moment - self._began).total_seconds()

    def bands(self) -> list[dict[str, Any]]:
        """Return a row for each outage, to be drawn; see `FaultSchedule.bands`."""
        return self.schedule.bands()

    def before(self, due: datetime, waiting: int) -> bool:
        """Let happen what does before an event; False while events that came earlier wait."""
        if self._began is None:
            self._began = due
        seconds = self.seconds(due)
        passed = [moment for moment in self._moments if moment <= seconds]
        if not passed:
            return True
        if waiting:
            return False
        self._moments = self._moments[len(passed) :]
        self._switch(seconds)
        return True

    def end(self) -> None:
        """Mend what is broken still: no outage lasts longer than the story."""
        broken = [name for name, trouble in self._now.items() if trouble is not None]
        self._now = dict.fromkeys(self._now)
        self._moments = []
        close_all([partial(self._breakables[name].let, None) for name in broken])

    def _switch(self, seconds: float) -> None:
        wanted = {name: self.schedule.at(name, seconds) for name in self._now}
        changed = [name for name in wanted if wanted[name] != self._now[name]]
        # What breaks goes before what is mended: of a crash behind a broken link nothing is saved.
        for name in sorted(changed, key=lambda name: wanted[name] is None):
            self._now[name] = wanted[name]
            self._breakables[name].let(wanted[name])
