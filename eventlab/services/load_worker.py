"""The process of a load: sends each request at its planned moment; spawned by load.

Its owner sends a plan, then STOP if it is to end before. It answers with frames: Begun when the
first moment is fixed, Answers ten times a second, and None when every request has ended.
"""

import asyncio
import errno
import gc
import os
import sys
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
import numpy

from eventlab.processes.background import Background
from eventlab.processes.owner import Owner
from eventlab.services.load_report import (
    FAILED,
    REFUSED,
    RESET,
    STOPPED,
    TIMED_OUT,
    TOO_MANY,
    Floats,
)

STOP = b"s"
_REPORT_SECONDS = 0.1
_LEAD_SECONDS = 0.05  # from the first moment that is fixed to the plan's beginning
# Shorter than uvicorn keeps a connection: none is closed under a request that is just sent on it.
_IDLE_SECONDS = 4.0
_FILES_BESIDE = 64
_LOOK_SECONDS = 0.05


_RESETS = (
    aiohttp.ServerDisconnectedError,
    aiohttp.ClientPayloadError,
    aiohttp.ClientOSError,
    ConnectionError,
)


@dataclass(frozen=True)
class Plan:
    """What a process needs to know: the moments in seconds, and what is sent at each in turn."""

    url: str
    method: str
    bodies: list[bytes]
    headers: dict[str, str]
    planned_seconds: Floats
    timeout_seconds: float
    most_in_flight: int


@dataclass(frozen=True)
class Begun:
    """The plan's beginning, in nanoseconds since 1970."""

    at_ns: int


@dataclass(frozen=True)
class Answers:
    """Requests that have ended since the last of these: their numbers, and columns of them."""

    numbers: list[int]
    lateness_seconds: list[float]
    latency_seconds: list[float]
    status: list[int]


def main() -> None:
    """Send a load, and report how it goes."""
    owner = Owner()
    plan: Plan = owner.receive()
    _allow_many_files(plan.most_in_flight)
    Generator(plan, owner).run()
    owner.send(None)
    sys.stderr.flush()
    os._exit(0)


class Generator:
    """Send the requests of a plan from one asyncio loop, and their ends to the owner."""

    def __init__(self, plan: Plan, owner: Owner) -> None:
        self._plan = plan
        self._owner = owner
        self._ended: list[tuple[int, float, float, int]] = []
        self._in_flight: set[asyncio.Task[None]] = set()
        self._begin = 0.0
        self._stopping = asyncio.Event()
        self._reports = Background("reports", self._report_on)

    def run(self) -> None:
        """Run to the end of the plan, or until it is stopped."""
        # What is there by now is no garbage, and need not be looked through again and again.
        gc.collect()
        gc.freeze()
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            loop = runner.get_loop()

            def obey(_command: bytes) -> None:
                loop.call_soon_threadsafe(self._stopping.set)

            self._owner.obey(obey)
            runner.run(self._run())
        self._reports.stop()
        self._report()

    async def _run(self) -> None:
        limitless = aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_SECONDS)
        patience = self._plan.timeout_seconds
        # Without the threshold aiohttp rounds what is longer up to whole seconds.
        timeout = aiohttp.ClientTimeout(total=patience, ceil_threshold=2 * patience)
        async with aiohttp.ClientSession(
            connector=limitless, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            _send_once(session)
            self._begin = time.perf_counter() + _LEAD_SECONDS
            self._owner.send(Begun(time.time_ns() + int(_LEAD_SECONDS * 1e9)))
            self._reports.start()
            await self._send_all(session)
            await self._end_all()

    async def _send_all(self, session: aiohttp.ClientSession) -> None:
        for number, planned in enumerate(self._plan.planned_seconds.tolist()):
            await self._until(planned)
            if self._stopping.is_set():
                return
            if len(self._in_flight) >= self._plan.most_in_flight:
                # To wait for another's end would be a closed model: the service set the pace.
                self._ended.append((number, float("nan"), float("nan"), TOO_MANY))
                continue
            task = asyncio.create_task(self._send(session, number, planned))
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)

    async def _until(self, planned: float) -> None:
        """Wait for a planned moment; return soon when the load is stopped."""
        # uvloop's own clock has steps of a millisecond, perf_counter has none.
        at = self._begin + planned
        while (left := at - time.perf_counter()) > 0 and not self._stopping.is_set():
            await asyncio.sleep(min(left, _LOOK_SECONDS))

    async def _end_all(self) -> None:
        """Wait until every request has ended; one that is stopped ends at once."""
        stopping = asyncio.create_task(self._stopping.wait())
        while self._in_flight and not stopping.done():
            await asyncio.wait({*self._in_flight, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        ending = list(self._in_flight)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def _send(self, session: aiohttp.ClientSession, number: int, planned: float) -> None:
        lateness = time.perf_counter() - self._begin - planned
        status = STOPPED
        try:
            status = await self._answer(session, number)
        finally:
            latency = time.perf_counter() - self._begin - planned
            self._ended.append((number, lateness, latency, status))

    async def _answer(self, session: aiohttp.ClientSession, number: int) -> int:
        """Send one request, and return the status with which it ended."""
        plan = self._plan
        body = plan.bodies[number % len(plan.bodies)] if plan.bodies else None
        try:
            async with session.request(
                plan.method, plan.url, data=body, headers=plan.headers, allow_redirects=False
            ) as answer:
                await answer.read()
                return answer.status
        except TimeoutError:
            return TIMED_OUT
        except aiohttp.ClientConnectorError as error:
            return REFUSED if error.os_error.errno == errno.ECONNREFUSED else FAILED
        except _RESETS:
            return RESET
        except (aiohttp.ClientError, OSError, ValueError):
            return FAILED

    # -- to the owner ---------------------------------------------------------------------------

    def _report_on(self) -> None:
        # In a thread: an owner that is slow to read must not hold up the requests.
        while not self._reports.stopping.wait(_REPORT_SECONDS):
            self._report()

    def _report(self) -> None:
        ended = self._ended[:]
        del self._ended[: len(ended)]
        if ended:
            self._owner.send(Answers(*map(list, zip(*ended, strict=True))))


def _send_once(session: aiohttp.ClientSession) -> None:
    """Keep aiohttp from sending again, unasked, what a closed connection has not answered."""
    session._retry_connection = False


def _loop_factory() -> Any:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


def _allow_many_files(number: int) -> None:
    """Let this process open a connection for each request under way, as far as it may."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number + _FILES_BESIDE
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def poisson_plan(rate_per_second: float, seconds: float, seed: int) -> Floats:
    """Return the moments of a Poisson process, in seconds from its beginning, in order.

    So many requests as chance will have it, each at a moment that owes nothing to the others.
    """
    draw = numpy.random.default_rng(seed)
    number = draw.poisson(rate_per_second * seconds)
    return numpy.sort(draw.uniform(0.0, seconds, number))
