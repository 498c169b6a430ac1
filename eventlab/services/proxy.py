"""The proxy's process: all links in one event loop; spawned by `links`, ended with its owner.

The owner sends frames of a number and a command, and each is answered by a frame of that number
and a result. What a link does to a connection is in `relay`.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from eventlab.processes.background import Background
from eventlab.processes.owner import Owner
from eventlab.services.addresses import Address
from eventlab.services.doors import Door, KafkaDoor
from eventlab.services.faults import Faults
from eventlab.services.kafka_tls import tls_context
from eventlab.services.relay import Outcome, Relay, Way

_MOST_FILES = 65_536  # two for each connection


@dataclass(frozen=True)
class AddLink:
    """Listen on a port, and pass on to the target."""

    link: str
    port: int
    target: Address


@dataclass(frozen=True)
class AddKafkaLink:
    """Listen on a port, and pass the clients of a Kafka on to its brokers.

    `tls` are the settings by which they are reached, as `kafka_tls` takes them.
    """

    link: str
    port: int
    servers: Sequence[Address]
    tls: Mapping[str, str]


@dataclass(frozen=True)
class AddClient:
    """Let a client of Kafka have faults of its own on a port that it shares with others."""

    link: str
    kafka_link: str
    client_id: str


@dataclass(frozen=True)
class SetFaults:
    """Let a link have these faults."""

    link: str
    faults: Faults


@dataclass(frozen=True)
class Retarget:
    """Let new connections go to other targets."""

    link: str
    targets: Sequence[Address]


@dataclass(frozen=True)
class Count:
    """Tell what has gone through a link."""

    link: str


class LinkCounts(NamedTuple):
    """What has gone through a link since it was made.

    `connections` were accepted, open ones included; `bytes` came in, both ways together; `errors`
    and `resets` are the requests that were struck by the faults' shares.
    """

    connections: int
    bytes: int
    errors: int
    resets: int


def main() -> None:
    """Serve until the owner is gone."""
    owner = Owner()
    _allow_many_connections()
    _run(Switchboard(owner).serve())


class Forward:
    """The way of a link's connections, with its faults and its counts."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.relays: set[Relay] = set()
        self.clients: dict[str, Forward] = {}
        self.connections = 0
        self.bytes = 0
        self.errors = 0
        self.resets = 0
        self._take(Faults())

    @property
    def counts(self) -> LinkCounts:
        """Return what has gone through."""
        return LinkCounts(self.connections, self.bytes, self.errors, self.resets)

    def set(self, faults: Faults) -> None:
        """Have these faults, for the connections that are open too."""
        self._take(faults)
        for relay in list(self.relays):
            relay.renew()

    def judge(self) -> Outcome:
        """Return what becomes of the next request."""
        draw = self._outcomes.random()
        if draw < self.faults.error_share:
            self.errors += 1
            return "error"
        # From the other side, so that a larger share of either strikes the same requests and more.
        if draw >= 1 - self.faults.reset_share:
            self.resets += 1
            return "reset"
        return "pass"

    def way_of(self, client_id: str) -> Way:
        """Return the way of the connections of a client of Kafka: its own, or everybody's."""
        return self.clients.get(client_id, self)

    def add_client(self, client_id: str, own: "Forward") -> None:
        """Let a client's connections have a way of their own, those that are open too."""
        self.clients[client_id] = own
        for relay in [one for one in self.relays if one.client_id == client_id]:
            relay.adopt(own)
            relay.renew()

    def break_off(self) -> None:
        """Break off all connections that are open."""
        for forward in (self, *self.clients.values()):
            for relay in list(forward.relays):
                relay.reset()

    def _take(self, faults: Faults) -> None:
        self.faults = faults
        self.judges = bool(faults.error_share or faults.reset_share)
        is_late = faults.latency_seconds or faults.jitter_seconds
        self.is_clear = faults.mode == "pass" and not is_late and faults.bytes_per_second is None
        # Apart from each other: how often data came, which varies, must not move the outcomes.
        self._outcomes = Random(f"outcomes {self.name} {faults.seed}")
        self.delays = Random(f"delays {self.name} {faults.seed}")


class Switchboard:
    """All links, and what the owner does with them."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._forwards: dict[str, Forward] = {}
        self._doors: dict[str, Door] = {}
        self._doings: dict[type, Callable[[Any], Awaitable[object]]] = {
            AddLink: self._add_link,
            AddKafkaLink: self._add_kafka_link,
            AddClient: self._add_client,
            SetFaults: self._set_faults,
            Retarget: self._retarget,
            Count: self._count,
        }

    async def serve(self) -> None:
        """Do what the owner says, one after the other, until it is gone."""
        frames: asyncio.Queue[tuple[int, object]] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def listen() -> None:
            with suppress(EOFError):
                while True:
                    loop.call_soon_threadsafe(frames.put_nowait, self._owner.receive())

        Background("commands of the owner", listen, on_end=_end_process).start()
        while True:
            number, command = await frames.get()
            self._owner.send((number, await self._answer(command)))

    async def _answer(self, command: object) -> object:
        try:
            return await self._doings[type(command)](command)
        except Exception as error:  # the owner is to say it
            return error

    async def _add_link(self, command: AddLink) -> None:
        forward = Forward(command.link)
        self._open(forward, Door(command.port, forward, [command.target]))

    async def _add_kafka_link(self, command: AddKafkaLink) -> None:
        forward = Forward(command.link)
        tls = tls_context(command.tls)
        self._open(forward, KafkaDoor(command.port, forward, command.servers, tls))

    def _open(self, forward: Forward, door: Door) -> None:
        door.listen()
        self._forwards[forward.name] = forward
        self._doors[forward.name] = door

    async def _add_client(self, command: AddClient) -> None:
        everybody = self._forwards[command.kafka_link]
        own = Forward(command.link)
        everybody.add_client(command.client_id, own)
        self._forwards[command.link] = own

    async def _set_faults(self, command: SetFaults) -> None:
        forward = self._forwards[command.link]
        forward.set(command.faults)
        door = self._doors.get(command.link)
        if door is None:
            return
        if command.faults.mode == "refuse":
            await door.refuse()
            forward.break_off()
        else:
            door.listen()

    async def _retarget(self, command: Retarget) -> None:
        self._doors[command.link].targets = command.targets

    async def _count(self, command: Count) -> LinkCounts:
        return self._forwards[command.link].counts


def _run(serving: Any) -> None:
    try:
        import uvloop
    except ImportError:  # not everywhere; slower, and otherwise the same
        asyncio.run(serving)
    else:
        uvloop.run(serving)


def _allow_many_connections() -> None:
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if most == resource.RLIM_INFINITY else min(most, _MOST_FILES)
    with suppress(ValueError, OSError):  # fewer have to do
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _end_process(error: BaseException | None) -> None:
    if error is not None:
        print(f"A command of the owner failed: {error!r}", file=sys.stderr, flush=True)
    os._exit(0 if error is None else 1)
