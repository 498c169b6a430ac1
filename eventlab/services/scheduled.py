"""Play a schedule of faults: switch the links of a proxy as a clock passes the moments."""

from collections.abc import Callable

from eventlab.checked import checked
from eventlab.errors import UsageError
from eventlab.processes.background import STOP_SECONDS, Background
from eventlab.processes.closing import close_all
from eventlab.services.faults import Faults, FaultSchedule
from eventlab.services.links import Proxy

_LOOK_SECONDS = 0.01


class ScheduledFaults:
    """Switch a proxy's links as a schedule says, in a thread of its own.

    `clock` returns the seconds since the start of the play, and may stand still, run fast or jump:
    at each look the links get the faults of that moment, and an outage that it has jumped over does
    not happen. When the last outage is over the thread ends. What the clock or the proxy raises
    ends it too, and stays in `error`. Raises UsageError for a link that the proxy does not have.
    All methods may be called from any thread.
    """

    @checked
    def __init__(self, proxy: Proxy, schedule: FaultSchedule, clock: Callable[[], float]) -> None:
        _require_known(schedule, proxy)
        self.schedule = schedule
        self._proxy = proxy
        self._clock = clock
        self._now = dict.fromkeys(schedule.links, Faults())
        self._background = Background("scheduled faults", self._run, on_end=_kept)

    @property
    def is_alive(self) -> bool:
        """Tell whether it still plays."""
        return self._background.is_alive

    @property
    def error(self) -> BaseException | None:
        """Return what ended it, None if nothing did."""
        return self._background.error

    def start(self) -> None:
        """Begin to play; a second call does nothing."""
        self._background.start()

    def stop(self) -> None:
        """End it and heal the links of the schedule; a second call does nothing."""
        self._background.stop(STOP_SECONDS)

    @checked
    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait for the end, at most so long; return whether it has ended, and raise its error."""
        return self._background.wait(timeout_seconds)

    def _run(self) -> None:
        try:
            while self._switch(self._clock()):
                if self._background.stopping.wait(_LOOK_SECONDS):
                    break
        finally:
            self._heal()

    def _switch(self, seconds: float) -> bool:
        """Let each link have what it should have now; return whether more is to come."""
        for link, faults in self._now.items():
            wanted = self.schedule.at(link, seconds)
            if wanted != faults:
                self._now[link] = wanted
                self._proxy.links[link].set(wanted)
        return seconds < self.schedule.end_seconds

    def _heal(self) -> None:
        if self._proxy.is_alive:
            struck = [link for link, faults in self._now.items() if not faults.is_none]
            close_all([self._proxy.links[link].heal for link in struck])


def _require_known(schedule: FaultSchedule, proxy: Proxy) -> None:
    for link in schedule.links:
        if link not in proxy.links:
            raise UsageError(
                f"The proxy has no link {link!r}",
                expected=" or ".join(map(repr, proxy.links)) or "a proxy that has links",
                found=f"an outage of {link!r}",
                remedy="Make the link first, or mend its name in the schedule.",
            )


def _kept(error: BaseException | None) -> None:
    """Leave the error where it is looked for."""
