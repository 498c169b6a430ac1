"""Chapter 05: a view in a service, what the claims compare, the words for it, and the exercise.

The pictures are in ch05_race and ch05_copies.
"""

import asyncio
import inspect
import json
import statistics
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from confluent_kafka import OFFSET_STORED, Consumer, KafkaError, Message, Producer, TopicPartition
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eventlab.events import Stock
from eventlab.log import Topic
from eventlab.log.messages import polled
from eventlab.processes.background import Background
from eventlab.services.app import Json
from eventlab.services.inside import here
from eventlab.teach.exercises import Wrong, takes

Row = dict[str, Any]
_ALONE = {"group.id": "none of a group", "enable.auto.commit": False}
Answer = Callable[["View", Request], Any]

_POLL_SECONDS = 0.1
_CATCH_UP_SECONDS = 20.0
_MINUTE_SECONDS = 60.0
_LOOK_SECONDS = 0.002
# A question that is answered already is not answered again after a crash.
_COMMIT_MS = 200


# -- a service that has a view of a topic ---------------------------------------------------------


class View:
    """Keep the newest row of each key of a topic, and the offset of the last record it has read.

    A consumer of its own reads the one partition from its first record on, in a thread. For the
    event loop in which it is made.
    """

    def __init__(self, kafka: Mapping[str, Any], topic: str) -> None:
        self.rows: dict[str, Row] = {}
        self.offset = -1
        self._consumer = Consumer(dict(kafka) | _ALONE)
        self._place = TopicPartition(topic, 0, 0)
        self._loop = asyncio.get_running_loop()
        self._moved = asyncio.Event()
        self._background = Background(f"view of {topic}", self._read)

    async def start(self) -> None:
        """Begin, and return when all that is in the topic now is in the view."""
        _, end = await asyncio.to_thread(
            self._consumer.get_watermark_offsets, self._place, _CATCH_UP_SECONDS
        )
        self._background.start()
        await self.reaches(end - 1, _CATCH_UP_SECONDS)

    async def reaches(self, offset: int, seconds: float) -> bool:
        """Wait until it has read the record at this offset; tell whether it has in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.offset < offset:
                    await self._moved.wait()
        return self.offset >= offset

    def _read(self) -> None:
        self._consumer.assign([self._place])
        while not self._background.stopping.is_set():
            message = polled(self._consumer, _POLL_SECONDS)
            if message is None or message.error() is not None:
                continue
            self.rows[(message.key() or b"").decode()] = json.loads(message.value() or b"{}")
            self.offset = message.offset() or 0
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()


def with_view(
    topic: Topic, answer: Answer, questions: Topic | None = None, answers: Topic | None = None
) -> Starlette:
    """Return an app with a view of a topic; it answers each request with `answer(view, request)`.

    What comes after the first slash of the path is the path parameter `key`. With `questions` it
    answers those of that topic too, from the same view.
    """

    async def endpoint(request: Request) -> Response:
        found = answer(request.state.view, request)
        if inspect.isawaitable(found):
            found = await found
        return found if isinstance(found, Response) else Json(found)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        view = View(here().place.kafka, topic.name)
        await view.start()
        if questions is not None and answers is not None:
            _Answering(view, questions.name, answers.name).start()
        yield {"view": view}

    route = Route("/{key:path}", endpoint, methods=["GET", "POST"])
    return Starlette(routes=[route], lifespan=lifespan)


class _Answering:
    """Answer each question of a topic, in a thread, with the row of its key.

    The question's headers, and so its correlation id, go with the answer. What was asked while
    nobody was there is answered later.
    """

    def __init__(self, view: View, questions: str, answers: str) -> None:
        kafka = dict(here().place.kafka)
        own = {"group.id": questions, "auto.offset.reset": "earliest"}
        self._consumer = Consumer(kafka | own | {"auto.commit.interval.ms": _COMMIT_MS})
        self._producer = Producer(kafka | {"linger.ms": 0, "acks": 1})
        self._view = view
        self._questions = questions
        self._answers = answers
        self._background = Background("answers", self._answer)

    def start(self) -> None:
        self._background.start()

    def _answer(self) -> None:
        self._consumer.assign([TopicPartition(self._questions, 0, OFFSET_STORED)])
        while not self._background.stopping.is_set():
            question = polled(self._consumer, _POLL_SECONDS)
            if question is None or question.error() is not None:
                continue
            row = self._view.rows.get((question.key() or b"").decode())
            value = json.dumps(row)
            self._producer.produce(self._answers, value, headers=question.headers())
            self._producer.poll(0)


async def written(topic: str, event: Row, *, key: str) -> int:
    """Write an event from a service, and return the offset that the log acknowledges it with."""
    loop = asyncio.get_running_loop()
    offset: asyncio.Future[int] = loop.create_future()

    def on_delivery(error: KafkaError | None, message: Message) -> None:
        found = None if error is not None else message.offset()
        loop.call_soon_threadsafe(offset.set_result, -1 if found is None else found)

    value = json.dumps(event)
    name = here().place.prefix + topic
    here().producer.produce(name, value, event[key], on_delivery=on_delivery)
    return await offset


async def keep_copy(view: View, request: Request) -> Row:
    """Take a change that somebody posts, and answer with all that the copy holds."""
    if request.method == "POST":
        change = await request.json()
        view.rows[change["product_id"]] = change
    amounts = {key: row["on_hand"] for key, row in view.rows.items()}
    return {"offset": view.offset, "amounts": amounts}


def until(condition: Callable[[], bool]) -> None:
    """Return when a condition has come true, or after a minute."""
    deadline = time.monotonic() + _MINUTE_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)


# -- look-ups -------------------------------------------------------------------------------------

SAME = "about as fast"
TWICE = "two or three times as slow"
SLOWER = "four to fifteen times as slow"
FAR = "more than fifteen times as slow"
GUESSES = [SAME, TWICE, SLOWER, FAR]
_BOUNDS = [(1.5, SAME), (3.5, TWICE), (15.5, SLOWER)]


def lookup_figures(asked: Sequence[float], compared: Sequence[float], wrong: int) -> Row:
    """Return the medians of both ways in milliseconds, and the factor between them."""
    ours = 1000 * statistics.median(asked or [0.0])
    theirs = 1000 * statistics.median(compared or [0.0])
    return {
        "look_ups": len(asked),
        "wrong_answers": wrong,
        "shop_ms": round(ours, 2),
        "topics_ms": round(theirs, 2),
        "factor": round(theirs / ours, 2) if ours else 0.0,
    }


def outcome(factor: float) -> str:
    """Return which of the guesses came true."""
    return next((words for bound, words in _BOUNDS if factor < bound), FAR)


def why(found: Row) -> str:
    """Return what both ways took, in a sentence."""
    return (
        f"In the middle the shop's own way took {found['shop_ms']:.2g} ms, and the way through"
        f" two topics {found['topics_ms']:.2g} ms: {found['factor']:.1f} times as long."
    )


# -- copies ---------------------------------------------------------------------------------------

COPIES = ["web shop", "support", "purchasing"]
CUT_OFF = "support"


def amounts_after(changes: Sequence[Stock]) -> dict[str, int]:
    """Return what is on hand of each product after these changes, by the shop's own list."""
    return {change.product_id: change.on_hand for change in changes}


def wrong_products(found: Mapping[str, int], right: Mapping[str, int]) -> list[str]:
    """Return the products of which a copy has another amount than it should have."""
    return [product for product, amount in right.items() if found.get(product) != amount]


def why_copies(kept: Row, broken: Row) -> str:
    """Return how many products one copy has wrong in either run."""
    wrong = f"wrong in {CUT_OFF}"
    return (
        f"In the run with calls {broken[wrong]} of 12 are wrong, in the run beside it"
        f" {kept[wrong]}. A call that failed is not made again later."
    )


# -- the exercise ---------------------------------------------------------------------------------

REQUEST = "a request"
EVENT = "an event"
_SORTED: dict[str, tuple[str, str]] = {
    "a": (REQUEST, "the customer looks at the page and waits for it; nothing changes"),
    "b": (EVENT, "it has happened, and several others act on it, each in its own time"),
    "c": (EVENT, "it is a fact, and whoever keeps the address must not be missed"),
    "d": (REQUEST, "one asks, one answers, and nobody else needs to know"),
    "e": (REQUEST, "it is a look-up, one that waits for its own write"),
    "f": (EVENT, "it is a fact, and the warehouse need not know who cares"),
    "g": (REQUEST, "the till cannot go on without a yes or no"),
    "h": (EVENT, "who wants everything follows the log, in place of asking again and again"),
}


@takes("the letters of the requests, and those of the events")
def check_1(requests: Collection[str], events: Collection[str]) -> str:
    """Judge which of eight interactions are best asked as requests, and which told as events."""
    placed = {REQUEST: _letters(requests), EVENT: _letters(events)}
    _require_each_once(placed)
    for letter, (kind, reason) in _SORTED.items():
        if letter not in placed[kind]:
            other = EVENT if kind == REQUEST else REQUEST
            raise Wrong(f"Look at ({letter}) again: is it {other}? Think of this: {reason}.")
    return " ".join(f"({letter}) {kind}: {why}." for letter, (kind, why) in _SORTED.items())


def _letters(given: Collection[str]) -> list[str]:
    return [one.strip().lower() for one in given if one.strip(" ,;()")]


def _require_each_once(placed: Mapping[str, Sequence[str]]) -> None:
    all_of_them = [letter for letters in placed.values() for letter in letters]
    unknown = sorted(set(all_of_them) - set(_SORTED))
    if unknown:
        raise Wrong(f"There is no interaction {unknown[0]!r}: expected letters from a to h.")
    for kind, letters in placed.items():
        if len(letters) == len(_SORTED):
            raise Wrong(f"Not everything is {kind}. Who waits for an answer, and who else cares?")
    for letter in _SORTED:
        times = all_of_them.count(letter)
        if times != 1:
            raise Wrong(f"Put ({letter}) in one of the two: it is in {times or 'none'} of them.")
