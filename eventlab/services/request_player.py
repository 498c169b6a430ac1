"""Play events as requests: each is sent to services at its time, whether they answer or not."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import uvloop
from yarl import URL

from eventlab.arguments import refused, required_positive_number
from eventlab.checked import checked
from eventlab.events import Delivery, Event
from eventlab.log import Playing, Report
from eventlab.log.records import Record
from eventlab.processes.background import Background
from eventlab.services.requests import sent

MOST_AT_ONCE = 2_000  # under way: an open model waits for nobody, and a machine has an end
AT_FULL_SPEED = 8  # of "as fast as it can" somebody has to be the measure
_TIMEOUT_SECONDS = 2.0
_LONGEST_SECONDS = 86_400.0
_STOP_SECONDS = 2.0
_LOOK_SECONDS = 0.005


@dataclass(frozen=True)
class Answer:
    """What became of one request: the number of the event, which service, and how it ended.

    `outcome` is "200" or another status, "refused", "reset" or "timeout". `seconds` count from the
    moment at which it was given to the client, whether that had a connection for it or not.
    """

    number: int
    service: str
    outcome: str
    seconds: float

    @property
    def is_accepted(self) -> bool:
        """Tell whether the service has said yes."""
        return self.outcome.startswith("2")


class Target(Protocol):
    """Where requests go: an HttpService, or a Link, over which they reach one."""

    @property
    def name(self) -> str:
        """Return what it is called."""

    @property
    def url(self) -> str:
        """Return its address."""


OnAnswer = Callable[[Answer], object]


class RequestPlayer(Playing):
    """Send each event to each of some services, as a POST of its JSON, at its virtual time.

    An open model: who is slow to answer makes nobody wait, up to `MOST_AT_ONCE` requests under way;
    at speed 0 there are `AT_FULL_SPEED`. `on_answer` is called with each Answer, in a thread of
    ours, in the order in which they come. A request that was refused is an outcome, not an error:
    in `report` every event that has its answers is acknowledged, and `reasons` counts the outcomes
    by service. See `Playing`.
    """

    @checked
    def __init__(
        self,
        services: Sequence[Target],
        events: Iterable[Event | Delivery],
        *,
        speed: float = 1.0,
        path: str = "/",
        timeout_seconds: float = _TIMEOUT_SECONDS,
        on_answer: OnAnswer | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        required_positive_number("timeout_seconds", timeout_seconds, at_most=_LONGEST_SECONDS)
        urls = _urls(services, sent(path, None, None).path)
        into = " and ".join(urls)

        def sink() -> Requests:
            return Requests(into, urls, timeout_seconds, on_answer, lambda: self.speed == 0)

        super().__init__(into, events, sink, speed=speed, key=None, clock=clock)
        self.place = " ".join(map(str, urls.values()))


def _urls(services: Sequence[Target], path: str) -> dict[str, URL]:
    names = [service.name for service in services]
    if not names or len(set(names)) < len(names):
        raise refused("services", names, "one or more, each of another name", "[shop]")
    return {one.name: URL(one.url + path, encoded=True) for one in services}


class Requests:
    """Send records as requests from an event loop in a thread of its own; a Sink for `Playing`."""

    failed = 0  # no answer is bad enough to end the play

    def __init__(
        self,
        into: str,
        urls: dict[str, URL],
        timeout_seconds: float,
        on_answer: OnAnswer | None,
        is_at_full_speed: Callable[[], bool],
    ) -> None:
        self.sent = 0
        self._into = into
        self._urls = urls
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._on_answer = on_answer
        self._is_at_full_speed = is_at_full_speed
        self._outcomes: Counter[str] = Counter()
        self._ended = 0
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._background = Background(f"requests to {into}", self._run, halt=self._halt)
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._error: BaseException | None = None  # of an on_answer

    @property
    def report(self) -> Report:
        """Return how many have their answers, and what these were."""
        with self._lock:
            return Report(
                topic=self._into,
                sent=self.sent,
                acknowledged=self._ended,
                reasons=Counter(self._outcomes),
            )

    def offer(self, record: Record, seconds: float) -> bool:
        """Send it, or return False if too many are under way for so long."""
        if not self._has_room(seconds):
            return False
        loop = self._started()
        number = self.sent
        self.sent += 1
        due = time.perf_counter()
        loop.call_soon_threadsafe(self._begin, number, record.value or b"", due)
        return True

    def serve(self) -> None:
        """Raise what an `on_answer` has raised: that ends the play."""
        if self._error is not None:
            raise self._error

    def flush(self, seconds: float) -> Report:
        """Return the report when all have their answer, or the time is up."""
        deadline = time.monotonic() + seconds
        while self._under_way and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        return self.report

    def close(self, seconds: float) -> Report:
        """Flush, give up what has no answer by then, and return the report."""
        report = self.flush(seconds)
        self._background.stop(_STOP_SECONDS)
        return report

    # -- how --------------------------------------------------------------------------------------

    @property
    def _under_way(self) -> int:
        return self.sent - self._ended

    def _has_room(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self._under_way >= (AT_FULL_SPEED if self._is_at_full_speed() else MOST_AT_ONCE):
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_SECONDS)
        return True

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = uvloop.new_event_loop()
            self._background.start()
        return self._loop

    def _halt(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self) -> None:
        loop = self._started()
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
            loop.run_until_complete(self._give_up())
        finally:
            loop.close()

    async def _give_up(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _begin(self, number: int, body: bytes, due: float) -> None:
        task = asyncio.get_running_loop().create_task(self._to_all(number, body, due))
        self._tasks.add(task)  # the loop itself would let it be collected in the middle
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        self._error = self._error or task.exception()
        with self._lock:
            self._ended += 1

    async def _to_all(self, number: int, body: bytes, due: float) -> None:
        asked = [self._ask(number, name, body, due) for name in self._urls]
        await asyncio.gather(*asked)

    async def _ask(self, number: int, name: str, body: bytes, due: float) -> None:
        outcome = await self._outcome(self._urls[name], body)
        answer = Answer(number, name, outcome, time.perf_counter() - due)
        with self._lock:
            self._outcomes[f"{name}: {outcome}"] += 1
        self._pass_on(answer)

    def _pass_on(self, answer: Answer) -> None:
        try:
            if self._on_answer is not None:
                self._on_answer(answer)
        except Exception as error:
            self._error = self._error or error

    async def _outcome(self, url: URL, body: bytes) -> str:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), timeout=self._timeout
            )
        try:
            headers = {"Content-Type": "application/json"}
            async with self._session.post(url, data=body, headers=headers) as answer:
                await answer.read()
                return str(answer.status)
        except TimeoutError:
            return "timeout"
        except aiohttp.ClientConnectorError:
            return "refused"
        except (aiohttp.ClientError, ConnectionError):
            return "reset"
