"""What wrong calls are tried in: a lab with a topic, a player and a flow that are to stay."""

import threading
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import altair
import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink
from confluent_kafka import Consumer, TopicPartition

from eventlab import Lab
from eventlab.database import Database
from eventlab.events import Shop
from eventlab.flows import Running, run
from eventlab.folders import data_folder
from eventlab.log import Player, Topic, groups, produce, topics
from eventlab.processes.closing import close_all
from eventlab.services import EventService, HttpService, Registry
from tests.lab.flows import countries
from tests.services import apps
from tests.streams.flowing import events, keyed

MOMENT = datetime(2025, 3, 3, 8, tzinfo=UTC)
SECONDS = timedelta(seconds=10)
RECORDS = 3


@dataclass
class Call:
    """A valid call; `after` makes what it returns do its work, and closes it."""

    verb: Callable[..., Any]
    arguments: dict[str, Any]
    after: Callable[[Any], object] = lambda result: None
    positional: tuple[str, ...] = ()

    def __call__(self) -> None:
        """Do it to the end."""
        arguments = dict(self.arguments)
        placed = [arguments.pop(name) for name in self.positional]
        self.after(self.verb(*placed, **arguments))


@dataclass
class World:
    """A lab, and what stands in it."""

    lab: Lab
    opened: list[Callable[[], object]] = field(default_factory=list)
    player: Player = None
    flow: Running = None
    services: dict[str, HttpService] = field(default_factory=dict)
    _joining: set[str] = field(default_factory=set)
    _number: int = 0

    def stand(self) -> None:
        """Let the topic, the player and the flow be there; those that are stay."""
        if self.player is None or self.player.status.state != "playing":
            self.lab.new_topic("played")
            forever = Shop(seed=1).orders()
            self.player = self.lab.play(forever, into="played", speed=1e-9, control=False)
        if self.flow is None or not self.flow.is_alive:
            self.flow = self.lab.run(countries(self.lab))

    @property
    def topic(self) -> Topic:
        """Return a topic with three orders, to be read."""
        return self.lab.topic("orders")

    @property
    def scratch(self) -> Topic:
        """Return a topic that may be written to."""
        return self.lab.topic("scratch")

    @cached_property
    def orders(self) -> list[Any]:
        """Return three orders."""
        return list(islice(Shop(seed=1).orders(), RECORDS))

    def served(self, name: str) -> HttpService:
        """Return a service that answers; one for all cells, as long as it is up."""
        if name not in self.services or self.services[name].state != "up":
            self.services[name] = self.lab.serve(name, apps.hello)
        return self.services[name]

    @cached_property
    def registry(self) -> Registry:
        """Return a schema registry."""
        return self.lab.new_registry()

    @property
    def prefix(self) -> str:
        """Return what the names of its topics and groups begin with."""
        return self.group.removesuffix("group")

    @property
    def group(self) -> str:
        """Return a group that has read one of the orders."""
        return self.lab.name("group")

    @cached_property
    def database(self) -> Database:
        """Return a database; as long as it is there, its server is."""
        return self.lab.new_database("stays")

    def name(self) -> str:
        """Return a name that nothing of this world has had."""
        self._number += 1
        return f"n{self._number}"

    def fresh_topic(self) -> Topic:
        """Return a topic that is not there yet."""
        return self.lab.topic(self.name())

    def kill(self, service: EventService) -> None:
        """Kill a service; its group may be there only after a while, for it may be joining."""
        self._joining.add(self.lab.name(service.name))
        service.kill()

    def kept(self, thing: Any) -> Any:
        """Close a thing when the cell is over."""
        self.opened.append(getattr(thing, "stop", None) or thing.close)
        return thing

    def close_opened(self) -> None:
        """Close what the cell has opened."""
        opened = self.opened
        self.opened = []
        close_all(opened)

    def look(self) -> dict[str, Any]:
        """Return all that a refused call must not change."""
        cluster = self.lab.cluster
        listed = topics(cluster, self.prefix)  # others have topics and groups of their own
        return {
            "topics": dict(zip(listed["topic"], listed["partitions"], strict=True)),
            "records": self.topic.end_offsets(),
            "scratch": self.scratch.end_offsets(),
            "settings": self.topic.settings(),
            "groups": sorted({*groups(cluster, self.prefix)["group"]} - self._joining),
            "player": self.player.status.state,
            "flow": self.flow.is_alive,
            "stores": sorted(map(str, (data_folder() / "flows").glob(f"{self.prefix}*"))),
        }


@contextmanager
def made() -> Iterator[World]:
    """Make a world, and close it; what a call names a folder is made in one of its own."""
    with TemporaryDirectory(prefix="wrong calls ") as folder, chdir(folder), _made() as world:
        yield world


@contextmanager
def _made() -> Iterator[World]:
    # What a world has made stays on the broker, and one that follows must not meet it.
    with Lab(chapter=f"wrong-calls-{uuid4().hex[:8]}") as lab:
        world = World(lab)
        lab.new_topic("orders", partitions=2)
        lab.new_topic("scratch")
        lab.new_topic("counts")
        produce(world.topic, world.orders)
        _commit(world)
        world.stand()
        yield world


def _commit(world: World) -> None:
    reader = Consumer(world.lab.kafka | {"group.id": world.group})
    reader.commit(offsets=[TopicPartition(world.topic.name, 0, 1)], asynchronous=False)
    reader.close()


# -- what one needs for a call --------------------------------------------------------------------


def first(result: Any) -> None:
    """Take the first item of what is lazy."""
    next(iter(result), None)


def moved(thing: Any) -> None:
    """Start what moves once it is shown, and stop it."""
    try:
        thing.start()
    finally:
        thing.stop()


def stream(name: str, flow: Dataflow) -> Any:
    """Return a stream of three events by key."""
    rows = [("ann", 1000, {"cents": 5}), ("bob", 2000, {"cents": 7}), ("ann", 3000, None)]
    return keyed(name, flow, events(*rows, topic=name))


def ran(flow: Dataflow, result: Any) -> None:
    """Run a flow until its input ends, and raise what ended it."""
    for name in ("windows", "joined"):
        result = getattr(result, name, result)
    op.output("out", result, TestingSink([]))
    running = run(flow)
    try:
        assert running.wait(4)
    finally:
        running.stop()


def chart() -> altair.Chart:
    """Return a chart over live data."""
    return altair.Chart(altair.NamedData("live")).mark_point().encode(x="at:T", y="cents:Q")


def threads() -> set[str]:
    """Return the names of the threads that run."""
    return {thread.name for thread in threading.enumerate()}
