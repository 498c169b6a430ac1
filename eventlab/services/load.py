"""Put a load on a service: an open model, in a process of its own.

Requests come at moments that were planned beforehand, whatever the service does: users do not wait
for each other. Source: B. Schroeder, A. Wierman and M. Harchol-Balter, Open Versus Closed: A
Cautionary Tale (NSDI 2006).
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
import numpy

from eventlab.arguments import (
    refused,
    required_positive_number,
    required_seed,
    required_whole_number,
)
from eventlab.checked import checked
from eventlab.errors import ServiceError, UsageError, shown
from eventlab.moments import EPOCH
from eventlab.processes.child import Child, spawn
from eventlab.services.load_report import UNSENT, LoadReport, status_words
from eventlab.services.load_worker import STOP, Answers, Begun, Plan, poisson_plan

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
OnRows = Callable[[list[dict[str, Any]]], object]

MOST_REQUESTS = 2_000_000
MOST_IN_FLIGHT = 10_000
_STOP_SECONDS = 5.0
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_MILLISECONDS = 1000  # in a second


class Load:
    """Send requests to a service on this machine, and keep what became of each.

    `rate_per_second` on the average, for so many `seconds`, at moments drawn with `seed` (a Poisson
    process). `bodies` are sent as JSON, one after the other and again from the first, by POST
    unless `method` says otherwise; without them it is GET. A request ends with its answer, with a
    status such as "refused" or "reset", or as "timeout" after `timeout_seconds` from its sending.
    None is sent twice, and none waits for another: as many are under way at once as there are, up
    to 10,000 (`most_in_flight`, or less where a process may open fewer files). What would be one
    more is not sent, its status is "too many", and `require_kept_up` says so.

    `on_rows` is called ten times a second, in a thread, with what has ended: rows of number,
    planned_seconds, lateness_ms, latency_ms, status. What it raises ends the load, and is its
    `error`. A load runs once, and may be used from any thread. Raises UsageError.
    """

    @checked
    def __init__(
        self,
        url: str,
        *,
        rate_per_second: float,
        seconds: float,
        seed: int = 0,
        method: Method | None = None,
        bodies: Sequence[Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float = 5.0,
        most_in_flight: int = MOST_IN_FLIGHT,
        on_rows: OnRows | None = None,
    ) -> None:
        self._plan = Plan(
            url=_required_url(url),
            method=method or ("GET" if bodies is None else "POST"),
            bodies=[] if bodies is None else _required_bodies(bodies),
            headers=_headers(headers or {}, has_bodies=bodies is not None),
            planned_seconds=_required_plan(rate_per_second, seconds, seed),
            timeout_seconds=required_positive_number(
                "timeout_seconds", timeout_seconds, at_most=3600
            ),
            most_in_flight=required_whole_number(
                "most_in_flight", most_in_flight, at_least=1, at_most=MOST_IN_FLIGHT
            ),
        )
        number = len(self._plan.planned_seconds)
        self._lateness = numpy.full(number, numpy.nan)
        self._latency = numpy.full(number, numpy.nan)
        self._status = numpy.full(number, UNSENT, dtype=numpy.int16)
        self._started_at = EPOCH
        self._on_rows = on_rows
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._is_complete = False
        self._is_stopping = False
        self._has_ended = threading.Event()
        self._error: BaseException | None = None

    @property
    def planned(self) -> int:
        """Return how many requests the plan has."""
        return len(self._plan.planned_seconds)

    @property
    def pid(self) -> int | None:
        """Return the process id, None before it is started."""
        return None if self._child is None else self._child.pid

    @property
    def is_alive(self) -> bool:
        """Tell whether it goes on."""
        return self._child is not None and not self._has_ended.is_set()

    @property
    def error(self) -> BaseException | None:
        """Return what ended it before its plan was done, None if nothing did."""
        return self._error

    @property
    def report(self) -> LoadReport:
        """Return what became of the requests so far; those that have not ended are "unsent"."""
        with self._lock:
            return LoadReport(
                self._started_at,
                self._plan.planned_seconds,
                self._lateness.copy(),
                self._latency.copy(),
                self._status.copy(),
            )

    def start(self) -> "Load":
        """Spawn the process, and begin; a second call does nothing."""
        with self._lock:
            if self._child is not None or self._is_stopping:
                return self
            self._child = spawn("eventlab.services.load_worker")
        self._child.send(self._plan)
        self._child.listen("a load", self._on_frame, self._on_end)
        return self

    @checked
    def wait(self, timeout_seconds: float | None = None) -> LoadReport:
        """Return the report when every request has ended, or the time is up; raise its error.

        Raises ServiceError if its process was ended from outside.
        """
        if self._child is not None:
            self._has_ended.wait(_seconds_to_wait(timeout_seconds))
        if self._error is not None:
            raise self._error
        return self.report

    def stop(self) -> None:
        """End it: nothing more is sent, and what is under way ends as "stopped"."""
        with self._lock:
            self._is_stopping = True
        if self._child is None:
            return
        self._child.command(STOP)
        if not self._has_ended.wait(_STOP_SECONDS):
            self._child.end()
            self._has_ended.wait(_STOP_SECONDS)

    def __enter__(self) -> "Load":
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    # -- in the background ----------------------------------------------------------------------

    def _on_frame(self, frame: Any) -> None:
        if isinstance(frame, Begun):
            self._started_at = EPOCH + timedelta(microseconds=frame.at_ns // 1000)
        elif isinstance(frame, Answers):
            self._keep(frame)
            if self._on_rows is not None:
                self._on_rows(self._rows(frame))
        else:
            self._is_complete = True

    def _keep(self, answers: Answers) -> None:
        with self._lock:
            self._lateness[answers.numbers] = answers.lateness_seconds
            self._latency[answers.numbers] = answers.latency_seconds
            self._status[answers.numbers] = answers.status

    def _rows(self, answers: Answers) -> list[dict[str, Any]]:
        planned = self._plan.planned_seconds[answers.numbers].tolist()
        return [
            {
                "number": number,
                "planned_seconds": at,
                "lateness_ms": late * _MILLISECONDS,
                "latency_ms": latency * _MILLISECONDS,
                "status": status_words(status),
            }
            for number, at, late, latency, status in zip(
                answers.numbers,
                planned,
                answers.lateness_seconds,
                answers.latency_seconds,
                answers.status,
                strict=True,
            )
        ]

    def _on_end(self, status: int, error: BaseException | None) -> None:
        if error is not None:
            self._error = error
        elif not (self._is_complete or self._is_stopping):
            self._error = ServiceError(
                f"The process of the load (pid {self.pid}) ended",
                expected="the end of its plan",
                found=f"signal {-status}" if status < 0 else f"status {status}",
                remedy="Start another load; what this one has seen is in its report.",
            )
        self._has_ended.set()


# -- what a load may be -------------------------------------------------------------------------


def _required_url(url: str) -> str:
    if url.isascii() and url.isprintable() and " " not in url and _is_local(url):
        return url
    raise UsageError(
        "A load cannot be put on this URL",
        expected="http, a host on this machine, a port and a path",
        found=shown(url),
        remedy='Pass the URL of a service, for example "http://127.0.0.1:8080/orders".',
    )


def _is_local(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme == "http"
            and parts.hostname in _LOOPBACK
            and (parts.port or 0) > 0
            and parts.username is None
        )
    except ValueError:  # a port that is none, a bracket that is not closed
        return False


def _required_bodies(bodies: Sequence[Any]) -> list[bytes]:
    if len(bodies):
        return [_json(number, body) for number, body in enumerate(bodies)]
    raise refused("bodies", bodies, "a list with at least one body", '[{"id": "o-1"}]')


def _json(number: int, body: Any) -> bytes:
    try:
        plain = msgspec.to_builtins(body) if isinstance(body, msgspec.Struct) else body
        return json.dumps(plain, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(
            f"The body {number} of the load is no JSON",
            expected="dicts, lists, texts, numbers, True, False, None, or an event",
            found=f"{shown(body)} ({shown(str(error))})",
            remedy='Pass for example bodies=[{"id": "o-1", "cents": 250}].',
        ) from None


def _headers(headers: Mapping[str, str], *, has_bodies: bool) -> dict[str, str]:
    for name, text in headers.items():
        if not (name and all(_can_be_sent(one) for one in (name, text))) or ":" in name:
            raise refused("headers", {name: text}, "names and texts in ASCII", '{"x-user": "ann"}')
    return ({"Content-Type": "application/json"} if has_bodies else {}) | dict(headers)


def _can_be_sent(text: str) -> bool:
    return text.isascii() and (text.isprintable() or not text)


def _required_plan(rate_per_second: float, seconds: float, seed: int) -> Any:
    rate = required_positive_number("rate_per_second", rate_per_second, at_most=100_000)
    length = required_positive_number("seconds", seconds, at_most=86_400)
    drawn_with = required_seed(seed)
    if rate * length <= MOST_REQUESTS:
        return poisson_plan(rate, length, drawn_with)
    raise UsageError(
        "A load cannot have so many requests",
        expected=f"rate_per_second times seconds up to {MOST_REQUESTS:,}",
        found=f"{rate * length:,.0f}",
        remedy="Take a lower rate or a shorter time.",
    )


def _seconds_to_wait(timeout_seconds: float | None) -> float | None:
    if timeout_seconds is None:
        return None
    return min(max(0.0, timeout_seconds), threading.TIMEOUT_MAX)
