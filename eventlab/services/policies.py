"""How one service calls another: how long it waits, how often it tries, and when it gives up."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from eventlab.arguments import (
    required_number,
    required_positive_number,
    required_whole_number,
)
from eventlab.errors import CallError


@dataclass(frozen=True, kw_only=True)
class CallPolicy:
    """Call with a time-out, with retries after growing pauses, and with a circuit breaker.

    timeout_seconds: how long one try may take (aiohttp's own default is five minutes).
    retries: how many more tries follow one that was refused, reset or timed out, or was answered
        with 502, 503 or 504. What may arrive twice has to be safe twice: send ids along.
    back_off_seconds, most_back_off_seconds: before the n-th retry a random pause between zero and
        back_off * 2**(n - 1), at most that ("full jitter", Brooker, AWS Architecture Blog, 2015).
    breaker_failures: after so many failed tries in a row the breaker opens, and calls fail at once;
        None: there is no breaker. (Nygard, Release It!, "Circuit Breaker")
    breaker_rest_seconds: how long it stays open; then one call tries, and closes it if it succeeds.
    connections: how many connections are kept open and used again; further calls wait for one.
    at_once: how many calls may be under way; one more fails at once, in place of piling up
        (a bulkhead); None: as many as there are.
    """

    timeout_seconds: float = 1.0
    retries: int = 2
    back_off_seconds: float = 0.05
    most_back_off_seconds: float = 1.0
    breaker_failures: int | None = 5
    breaker_rest_seconds: float = 1.0
    connections: int = 100
    at_once: int | None = 200

    def __post_init__(self) -> None:
        required_positive_number("timeout_seconds", self.timeout_seconds)
        required_whole_number("retries", self.retries, at_least=0)
        required_number("back_off_seconds", self.back_off_seconds, at_least=0)
        required_number("most_back_off_seconds", self.most_back_off_seconds, at_least=0)
        required_number("breaker_rest_seconds", self.breaker_rest_seconds, at_least=0)
        required_whole_number("connections", self.connections, at_least=1)
        for name in ("breaker_failures", "at_once"):
            limit = getattr(self, name)
            if limit is not None:
                required_whole_number(name, limit, at_least=1)


class Breaker:
    """Count failed tries in a row, and refuse calls for a while when there were too many.

    `clock` returns seconds that only grow. For one thread, that of the event loop.
    """

    def __init__(
        self, peer: str, policy: CallPolicy, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._peer = peer
        self._policy = policy
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._is_trying = False

    @property
    def is_open(self) -> bool:
        """Tell whether calls are refused just now."""
        return self._opened_at is not None

    def require_closed(self) -> None:
        """Raise CallError while it is open, unless this is the one call that may try."""
        if self._opened_at is None:
            return
        rested = self._clock() - self._opened_at >= self._policy.breaker_rest_seconds
        if rested and not self._is_trying:
            self._is_trying = True
            return
        raise CallError(
            f"{self._peer} was not called",
            expected="a closed circuit breaker",
            found=f"an open one, after {self._failures} failed tries in a row",
            remedy="It lets a call through as soon as it has rested.",
            reason="breaker open",
        )

    def succeeded(self) -> None:
        """Close it: the other side answers."""
        self._failures = 0
        self._opened_at = None
        self._is_trying = False

    def failed(self) -> None:
        """Count one more, and open it when these are enough, or the one that tried has failed."""
        self._failures += 1
        limit = self._policy.breaker_failures
        if limit is not None and (self._is_trying or self._failures >= limit):
            self._opened_at = self._clock()
        self._is_trying = False

    def gave_up(self) -> None:
        """Let the next one try, where the one that tried was cancelled."""
        self._is_trying = False
