"""Chapter 05: a service that has a view of a topic; with no more imports than its process needs."""

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from confluent_kafka import OFFSET_STORED, Consumer, KafkaError, Message, Producer, TopicPartition
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eventlab.log import Topic
from eventlab.log.messages import polled
from eventlab.processes.background import Background
from eventlab.services.app import Json
from eventlab.services.inside import here

Row = dict[str, Any]
Answer = Callable[["View", Request], Any]

_ALONE = {"group.id": "none of a group", "enable.auto.commit": False}
_POLL_SECONDS = 0.1
_CATCH_UP_SECONDS = 20.0
# A question that is answered already is not answered again after a crash.
_COMMIT_MS = 200


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
    here().take_answers()
    here().producer.produce(name, value, event[key], on_delivery=on_delivery)
    return await offset


async def keep_copy(view: View, request: Request) -> Row:
    """Take a change that somebody posts, and answer with all that the copy holds."""
    if request.method == "POST":
        change = await request.json()
        view.rows[change["product_id"]] = change
    amounts = {key: row["on_hand"] for key, row in view.rows.items()}
    return {"offset": view.offset, "amounts": amounts}
