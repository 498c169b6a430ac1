"""What became of the requests of a load: when planned, how late sent, how long, and how it ended.

Latency counts from the planned moment, not from the sending: a client that waits for one answer
before it sends the next request leaves out just those that would have waited (coordinated
omission). Source: G. Tene, How NOT to Measure Latency.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy

from eventlab.arguments import refused, required_positive_number
from eventlab.checked import checked
from eventlab.errors import ServiceError

if TYPE_CHECKING:  # 55 MB that the process of a load never needs
    from pandas import DataFrame

Floats = numpy.ndarray[Any, numpy.dtype[numpy.float64]]
Statuses = numpy.ndarray[Any, numpy.dtype[numpy.int16]]
Flags = numpy.ndarray[Any, numpy.dtype[numpy.bool_]]

# What is no HTTP status. A request that has not ended is as if it was not sent.
UNSENT = 0
TIMED_OUT = -1
REFUSED = -2
RESET = -3
FAILED = -4
STOPPED = -5
TOO_MANY = -6
STATUS_WORDS = {
    UNSENT: "unsent",
    TIMED_OUT: "timeout",
    REFUSED: "refused",
    RESET: "reset",
    FAILED: "failed",
    STOPPED: "stopped",
    TOO_MANY: "too many",
}

KEPT_UP_SECONDS = 0.010
_SHARES = (50.0, 95.0, 99.0, 99.9)
_MILLISECONDS = 1000  # in a second
_OK = range(200, 400)


@dataclass(frozen=True)
class LoadReport:
    """One row a planned request, in the order of the plan; a report stays as it is.

    `planned_seconds` since `started_at`; `lateness_seconds`, by which the generator itself was late
    to send it; `latency_seconds` from the planned moment to the whole answer, or to what took its
    place; `status`, that of HTTP or one of STATUS_WORDS. NaN where there is none (yet).
    """

    started_at: datetime
    planned_seconds: Floats
    lateness_seconds: Floats
    latency_seconds: Floats
    status: Statuses

    def __len__(self) -> int:
        return len(self.status)

    @property
    def sent(self) -> int:
        """Return how many requests were sent."""
        return int(numpy.isfinite(self.lateness_seconds).sum())

    @property
    def counts(self) -> dict[str, int]:
        """Return how many requests ended in each way, the most frequent first."""
        found, numbers = numpy.unique(self.status, return_counts=True)
        pairs = sorted(zip(numbers.tolist(), found.tolist(), strict=True), reverse=True)
        return {status_words(status): number for number, status in pairs}

    @property
    def availability(self) -> float:
        """Return the share of those sent that got an answer below 400 in time; NaN of none."""
        good = int(((self.status >= _OK.start) & (self.status < _OK.stop)).sum())
        return good / self.sent if self.sent else float("nan")

    @property
    def rate_per_second(self) -> float:
        """Return at which rate requests were sent, from the first one to the last; NaN of one."""
        at = self.planned_seconds + self.lateness_seconds
        at = at[numpy.isfinite(at)]
        seconds = float(numpy.ptp(at)) if len(at) else 0.0
        return (len(at) - 1) / seconds if seconds else float("nan")

    def frame(self) -> "DataFrame":
        """Return the requests as a DataFrame.

        Columns: planned_at (UTC), planned_seconds, lateness_ms, latency_ms, response_ms (from the
        sending: what a client that waits would have measured), status (text).
        """
        import pandas

        return pandas.DataFrame(
            {
                "planned_at": self.started_at
                + pandas.to_timedelta(self.planned_seconds, unit="s").round("us"),
                "planned_seconds": self.planned_seconds,
                "lateness_ms": self.lateness_seconds * _MILLISECONDS,
                "latency_ms": self.latency_seconds * _MILLISECONDS,
                "response_ms": (self.latency_seconds - self.lateness_seconds) * _MILLISECONDS,
                "status": [status_words(status) for status in self.status.tolist()],
            }
        )

    def percentiles(self, *shares: float) -> dict[float, float]:
        """Return percentiles of the latency in milliseconds, by their shares: 50, 95, 99, 99.9.

        Of the requests that were answered, in whatever way, or timed out, whose wait counts as
        their latency. What was refused or reset has no latency: look at `counts`. Empty if nothing
        was answered. Raises UsageError for a share outside of 0 to 100.
        """
        return _percentiles(self.latency_seconds[self._has_waited()], shares or _SHARES)

    def lateness_percentiles(self, *shares: float) -> dict[float, float]:
        """Return percentiles of the generator's own lateness in milliseconds, of all it sent."""
        lateness = self.lateness_seconds
        return _percentiles(lateness[numpy.isfinite(lateness)], shares or _SHARES)

    @checked
    def require_kept_up(self, limit_seconds: float = KEPT_UP_SECONDS) -> "LoadReport":
        """Return the report; raise ServiceError where the generator fell behind its own plan.

        It fell behind when 1 % of the requests were sent later than planned by more than the
        limit, or when some were not sent because too many were under way. Then the figures are
        those of the generator, and say little of the service.
        """
        required_positive_number("limit_seconds", limit_seconds)
        late_ms = self.lateness_percentiles(99).get(99, 0.0)
        too_many = int((self.status == TOO_MANY).sum())
        if late_ms <= limit_seconds * _MILLISECONDS and not too_many:
            return self
        raise ServiceError(
            "The load generator did not keep up with its own plan",
            expected=f"99 % sent within {limit_seconds * _MILLISECONDS:g} ms of their moment",
            found=f"{late_ms:.1f} ms, and {too_many} not sent as too many were under way",
            remedy="Lower rate_per_second, or leave the machine to the load and the service.",
        )

    def _has_waited(self) -> Flags:
        return numpy.asarray((self.status > 0) | (self.status == TIMED_OUT), dtype=numpy.bool_)


def status_words(status: int) -> str:
    """Return a status as text: "200", or how a request ended that was not answered."""
    return STATUS_WORDS.get(status, str(status))


def _percentiles(seconds: Floats, shares: tuple[float, ...]) -> dict[float, float]:
    for share in shares:
        if not (isinstance(share, int | float) and 0 <= share <= 100):
            raise refused("shares", share, "numbers from 0 to 100", "99")
    if not len(seconds):
        return {}
    found = numpy.percentile(seconds, shares) * _MILLISECONDS
    return dict(zip(shares, found.tolist(), strict=True))
