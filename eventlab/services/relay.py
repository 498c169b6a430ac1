"""One connection through a link: two ends, a pipe each way, and what the link's faults do to it.

Everything here runs in the event loop of the proxy's process. Without faults data goes straight
from one end to the other; else it waits in its pipe until it is due.
"""

import asyncio
from random import Random
from typing import Literal, Protocol

from eventlab.services.faults import Faults
from eventlab.services.framing import (
    Framing,
    HttpRequests,
    KafkaRequests,
    begins_http,
    kafka_client_id,
)
from eventlab.services.kafka_answers import KafkaAnswers
from eventlab.services.pipes import End, Pipe

Outcome = Literal["pass", "error", "reset"]

ANSWER = (
    b"HTTP/1.1 503 Service Unavailable\r\n"
    b"content-length: 0\r\n"
    b"x-fault: injected\r\n"
    b"connection: %s\r\n\r\n"
)


class Way(Protocol):
    """What a relay needs of its link."""

    faults: Faults
    is_clear: bool
    judges: bool
    connections: int
    bytes: int
    errors: int
    resets: int
    relays: "set[Relay]"
    delays: Random

    def judge(self) -> Outcome:
        """Return what becomes of the next request."""

    def way_of(self, client_id: str) -> "Way":
        """Return the way of the connections of a client of Kafka."""


class Beyond(Protocol):
    """What a relay needs of its door: what lies behind it."""

    def answers(self) -> KafkaAnswers | None:
        """Return what answers of a Kafka go through, None for a service's."""

    async def reach(self, protocol: asyncio.Protocol) -> None:
        """Connect to the target. Raises OSError."""


class Relay:
    """One connection of a client, and the one to the target that belongs to it."""

    def __init__(self, way: Way, beyond: Beyond) -> None:
        self.way = way
        self._beyond = beyond
        self._answers = beyond.answers()
        self.client_id: str | None = None
        self.client = End(self, self._from_client)
        self.server = End(self, self._from_server)
        self.to_server = Pipe(self, self.client, self.server)
        self.to_client = Pipe(self, self.server, self.client)
        self.client.out = self.to_server
        self.server.out = self.to_client
        self._is_gone = False
        self._is_known = self._answers is None
        self._connecting: asyncio.Task[None] | None = None
        self._first = b""
        self._framing: Framing | None = None
        if self._answers is not None:
            self._framing = KafkaRequests(self._answers.expect)
        self._awaits_answer = False
        self._outcome: Outcome = "pass"

    @property
    def is_passing(self) -> bool:
        """Tell whether data may go on."""
        return self.way.faults.mode != "hang"

    def into(self, end: End) -> Pipe:
        """Return the pipe that ends there."""
        return self.to_client if end is self.client else self.to_server

    def adopt(self, way: Way) -> None:
        """Go another way, whose faults are other ones."""
        self.way.relays.discard(self)
        self.way.connections -= 1
        self.way = way
        way.relays.add(self)
        way.connections += 1

    def renew(self) -> None:
        """Go on under the faults of now."""
        if self._is_gone:
            return
        if self.way.faults.mode in ("refuse", "reset"):
            if self._is_known:
                self.reset()
            return
        self._connect()
        self.to_server.renew()
        self.to_client.renew()

    def reset(self) -> None:
        """Break off both ends."""
        self._let_go()
        self.client.reset()
        self.server.reset()

    # -- what happens at the ends ----------------------------------------------------------------

    def on_end_open(self, end: End) -> None:
        """Go on to the target, or begin to pass data to it."""
        if self._is_gone:
            end.reset()
        elif end is self.server:
            self.to_server.drain()
        else:
            self.way.relays.add(self)
            self.way.connections += 1
            self.renew()

    def on_end_lost(self, error: Exception | None) -> None:
        """Break off the other end too: the way to it is gone."""
        if not self._is_gone:
            self.reset()

    def on_end_of_stream(self, end: End) -> None:
        """Pass on that one side says no more; a client that says so in a hang has given up."""
        if end is self.client and (not self.is_passing or not self._is_known):
            self._close()
        else:
            end.out.put(None)

    def on_pipe_done(self) -> None:
        """Close both ends once nothing goes through any more."""
        if self.to_server.is_done and self.to_client.is_done:
            self._close()

    # -- what comes from the target, and from the client -----------------------------------------

    def _from_server(self, data: bytes) -> None:
        way = self.way
        way.bytes += len(data)
        self._awaits_answer = False
        if self._answers is not None:
            data = self._answers.take(data)
        if way.is_clear and not self.to_client.waiting and self.client.transport is not None:
            self.client.transport.write(data)
        else:
            self.to_client.put(data)

    def _from_client(self, data: bytes) -> None:
        way = self.way
        way.bytes += len(data)
        framing = self._framing
        if framing is None and way.judges:
            framing = self._found_requests(data)
        if framing is None:
            self._pass_on(data)
        elif self._is_known:
            self._take_requests(framing, data)
        else:
            self._take_first(framing, data)

    def _pass_on(self, data: bytes) -> None:
        self._awaits_answer = True
        target = self.server.transport
        if self.way.is_clear and target is not None and not self.to_server.waiting:
            target.write(data)
        else:
            self.to_server.put(data)

    def _take_first(self, framing: Framing, data: bytes) -> None:
        """Keep the first bytes of a client of Kafka until they say who it is."""
        self._first += data
        self.client_id = kafka_client_id(self._first)
        if self.client_id is None:
            return
        self._is_known = True
        own = self.way.way_of(self.client_id)
        if own is not self.way:
            self.adopt(own)
        self.renew()
        if not self._is_gone:
            self._take_requests(framing, self._first)
        self._first = b""

    def _found_requests(self, data: bytes) -> Framing | None:
        """Begin to look for requests, if one begins here: faults are set at any moment."""
        if not self._awaits_answer and begins_http(data):
            self._framing = HttpRequests()
        return self._framing

    def _take_requests(self, framing: Framing, data: bytes) -> None:
        for piece in framing.pieces(data):
            # What is sent before the answer to the one before it (in HTTP hardly anyone does that)
            # is not judged: an answer of ours would come before that one.
            if piece.begins and (self._answers is not None or not self._awaits_answer):
                self._outcome = self.way.judge()
            self._take_piece(piece.data, framing, is_last=piece.ends)
            if self._is_gone:
                return
        if self._answers is None and not self.way.judges and framing.is_between:
            self._framing = None

    def _take_piece(self, data: bytes, framing: Framing, *, is_last: bool) -> None:
        if self._outcome == "pass":
            self._pass_on(data)
        elif self._outcome == "reset":
            self.reset()
        elif is_last or framing.wants_answer:
            keeps_alive = framing.keeps_alive and is_last
            self.to_client.put(ANSWER % (b"keep-alive" if keeps_alive else b"close"), ways=2)
            if not keeps_alive:
                self.to_client.put(None)
                self.to_server.put(None)

    # -- the connection to the target ------------------------------------------------------------

    def _connect(self) -> None:
        if self._is_known and self.is_passing and self._connecting is None:
            self._connecting = asyncio.get_running_loop().create_task(self._reach_target())

    async def _reach_target(self) -> None:
        try:
            await self._beyond.reach(self.server)
        except OSError:  # nobody is there
            self.reset()

    def _close(self) -> None:
        self._let_go()
        self.client.close()
        self.server.close()

    def _let_go(self) -> None:
        self._is_gone = True
        self.way.relays.discard(self)
        self.to_server.forget_timer()
        self.to_client.forget_timer()
