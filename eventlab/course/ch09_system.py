"""Chapter 09: a system of the business, its own rows and its copies, with few imports.

What a system has is in a SQLite file of its own: it survives a crash, and whoever draws it reads it
while the system is down.
"""

import asyncio
import csv
import json
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eventlab.log.messages import polled
from eventlab.processes.background import Background
from eventlab.services.app import Json
from eventlab.services.inside import here

Row = dict[str, Any]

SYSTEMS = [
    "shop",
    "stock",
    "customers",
    "prices",
    "payments",
    "shipping",
    "billing",
    "support",
    "marketing",
    "purchasing",
    "returns",
    "reports",
]
OWN = "its own"
CALL = "by a call"
FILE = "by a nightly file"
LOG = "through the log"
COPIES = "/copies"  # where a system takes what others tell it

_TABLES = """
create table if not exists rows(way, owner, row, version, value, primary key(way, owner, row));
create table if not exists arrivals(way, milliseconds);
create table if not exists places(topic primary key, next);
create table if not exists loaded(file primary key, written);
"""
_POLL_SECONDS = 0.05
_WAIT_SECONDS = 5.0
_COMMIT_MS = 100


def agreed(owner: str, other: str) -> str:
    """Return how two systems pass on what one of them owns: half of the pairs write files."""
    return FILE if (SYSTEMS.index(owner) + SYSTEMS.index(other)) % 2 else CALL


def both(_owner: str, _other: str) -> list[str]:
    """Return the ways of two systems that have agreed on calls, and on files too."""
    return [CALL, FILE]


class Data:
    """Keep what a system owns, and its copies of what others own, by the way that they came.

    May be used from any thread of one process.
    """

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._base = sqlite3.connect(
            file, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._base.execute("pragma journal_mode = wal")
        self._base.execute("pragma synchronous = off")  # a crash of the system, not of the machine
        self._base.executescript(_TABLES)

    def own(self, change: Row) -> None:
        """Change a row of its own."""
        self._keep(OWN, change)

    def copy(self, way: str, change: Row) -> None:
        """Take in what another system has told it."""
        self._keep(way, change)
        if "sent_at" in change:
            self._note_arrival(way, change["sent_at"])

    def follow(self, change: Row, topic: str, offset: int) -> None:
        """Take in a record of a topic, and the place after it: both, or neither."""
        with self._lock:
            self._base.execute("begin immediate")
            self._put(LOG, change)
            self._base.execute("replace into places values (?, ?)", [topic, offset + 1])
            self._base.execute("commit")
        self._note_arrival(LOG, change["sent_at"])

    def rows(self) -> list[Row]:
        """Return the rows of its own, as they are now."""
        with self._lock:
            found = self._base.execute(
                "select owner, row, version, value from rows where way = ? order by row", [OWN]
            ).fetchall()
        names = ["owner", "row", "event_id", "value"]
        return [dict(zip(names, one, strict=True)) for one in found]

    def place(self, topic: str) -> int:
        """Return the offset of the record of a topic that it takes next."""
        with self._lock:
            found = self._base.execute("select next from places where topic = ?", [topic])
            return int((found.fetchone() or [0])[0])

    def is_new(self, file: Path) -> bool:
        """Tell whether a file has been written since it was asked for last."""
        written = file.stat().st_mtime_ns
        with self._lock:
            known = self._base.execute("select written from loaded where file = ?", [file.name])
            if known.fetchone() == (written,):
                return False
            self._base.execute("replace into loaded values (?, ?)", [file.name, written])
        return True

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._base.close()

    def _keep(self, way: str, change: Row) -> None:
        with self._lock:
            self._put(way, change)

    def _put(self, way: str, change: Row) -> None:
        words = [way, *(change[name] for name in ("owner", "row", "event_id", "value"))]
        self._base.execute("replace into rows values (?, ?, ?, ?, ?)", words)

    def _note_arrival(self, way: str, sent_at: float) -> None:
        with self._lock:
            milliseconds = 1000 * (time.time() - sent_at)
            self._base.execute("insert into arrivals values (?, ?)", [way, milliseconds])


def system(
    me: str,
    folder: Path,
    changed: Callable[[Row, list[str]], Awaitable[object]],
    export: Callable[[list[Row], list[str]], object],
    topics: Sequence[str],
) -> Starlette:
    """Return a system as an app; what happens in the business is posted to it, step by step.

    A change of a row of its own is kept, and `changed(change, others)` passes it on to those that
    are there. At night `export(rows, others)` gets all its rows. Every hour it looks for files in
    `folder` that are meant for it, "stock to shop.csv", and keeps the rows of the new ones. From
    when it is there it follows the `topics` of all others, from where it was. A change that is
    posted to COPIES is kept as one that came by a call.
    """

    async def step(request: Request) -> Response:
        data: Data = request.state.data
        found = await request.json()
        others = [one for one in found["there"] if one != me]
        if me in found["there"]:
            request.state.subscription.start()
        if found["type"] == "night":
            await asyncio.to_thread(export, data.rows(), others)
        elif found["type"] == "hour":
            await asyncio.to_thread(load, data)
        elif found["owner"] == me:
            data.own(found)
            await changed(found | {"sent_at": time.time()}, others)
        return Json({})

    def load(data: Data) -> None:
        for file in sorted(folder.glob(f"* to {me}.csv")):
            if data.is_new(file):
                for row in _rows_in(file):
                    data.copy(FILE, row)

    async def posted(request: Request) -> Response:
        request.state.data.copy(CALL, await request.json())
        return Json({})

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        data = Data(folder / f"{me}.sqlite")
        subscription = Subscription(data, [one for one in topics if one != me])
        here().take_answers()  # its producer connects now, and not at its first change
        yield {"data": data, "subscription": subscription}
        subscription.stop()
        data.close()

    routes = [Route(COPIES, posted, methods=["POST"]), Route("/", step, methods=["POST"])]
    return Starlette(routes=routes, lifespan=lifespan)


def _rows_in(file: Path) -> list[Row]:
    with file.open(newline="", encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


class Subscription:
    """Keep what topics say, in a thread; their names are those of a lab, without its prefix."""

    def __init__(self, data: Data, topics: Sequence[str]) -> None:
        place = here().place
        own = {
            "group.id": place.prefix + place.name,
            "auto.commit.interval.ms": _COMMIT_MS,
        }
        self._data = data
        self._topics = [place.prefix + topic for topic in topics]
        self._consumer = Consumer(dict(place.kafka) | own)
        self._background = Background(f"subscription of {place.name}", self._read)

    def start(self) -> None:
        """Begin where it was."""
        self._background.start()

    def stop(self) -> None:
        """End it."""
        self._background.stop(_WAIT_SECONDS)

    def _read(self) -> None:
        # The places are kept with the rows, so that none is applied twice or left out; what the
        # consumer commits is for those who look at the group from outside.
        places = [TopicPartition(one, 0, self._data.place(one)) for one in self._topics]
        self._consumer.assign(places)
        while not self._background.stopping.is_set():
            message = polled(self._consumer, _POLL_SECONDS)
            if message is None or message.error() is not None:
                continue
            change = json.loads(message.value() or b"{}")
            self._data.follow(change, message.topic() or "", message.offset() or 0)
        self._consumer.close()
