"""The ports of a proxy's links: where they lead, open or closed; in the event loop of its process.

A link to a service has one door. Clients of a Kafka have one to begin at, and one for each broker
that its answers lead them to.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence

from eventlab.services.addresses import Address
from eventlab.services.kafka_answers import Broker, KafkaAnswers
from eventlab.services.ports import LOOPBACK, Port
from eventlab.services.relay import Relay, Way

_BACKLOG = 2048


class Door:
    """The port of a link: open, or closed so that whoever comes is refused.

    `answers` makes what the answers on a connection go through, None where they go on as they are,
    and requests are not Kafka's.
    """

    def __init__(
        self,
        number: int,
        way: Way,
        targets: Sequence[Address],
        tls: ssl.SSLContext | None = None,
        answers: Callable[[], KafkaAnswers | None] = lambda: None,
    ) -> None:
        self._port = Port(number)
        self._way = way
        self._tls = tls
        self._serving: asyncio.Task[asyncio.Server] | None = None
        self.targets = targets
        self.answers = answers

    @property
    def number(self) -> int:
        """Return the port's number."""
        return self._port.number

    def listen(self) -> None:
        """Let connections in, from now on."""
        if self._serving is None:
            loop = asyncio.get_running_loop()
            # Who comes before the loop serves it waits at the listener, which is there at once.
            listener = self._port.listener()
            serve = loop.create_server(self._client, sock=listener, backlog=_BACKLOG)
            self._serving = loop.create_task(serve)

    async def refuse(self) -> None:
        """Refuse connections; the port stays ours, and what is open stays open."""
        if self._serving is not None:
            server = await self._serving
            server.close()
            self._serving = None

    async def reach(self, protocol: asyncio.Protocol) -> None:
        """Connect to the first of the targets that takes a connection. Raises OSError."""
        failure = OSError("no target")
        for target in self.targets:
            try:
                await self._connect(protocol, target)
                return
            except OSError as error:
                failure = error
        raise failure

    def _client(self) -> asyncio.Protocol:
        return Relay(self._way, self).client

    async def _connect(self, protocol: asyncio.Protocol, target: Address) -> None:
        name = None if self._tls is None else target.host
        await asyncio.get_running_loop().create_connection(
            lambda: protocol, target.host, target.port, ssl=self._tls, server_hostname=name
        )


class KafkaDoor(Door):
    """The port at which the clients of a Kafka begin, with those of its brokers.

    A broker that is alone is reached at the port at which they begin.
    """

    def __init__(
        self,
        number: int,
        way: Way,
        targets: Sequence[Address],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(number, way, targets, tls, self._new_answers)
        self._of_brokers: dict[int, Door] = {}
        self._alone: int | None = None

    def listen(self) -> None:
        """Let connections in, at all ports."""
        super().listen()
        for door in self._of_brokers.values():
            door.listen()

    async def refuse(self) -> None:
        """Refuse connections, at all ports."""
        await super().refuse()
        for door in self._of_brokers.values():
            await door.refuse()

    def _new_answers(self) -> KafkaAnswers:
        return KafkaAnswers(self._places_of)

    def _places_of(self, brokers: Sequence[Broker], are_all: bool) -> Sequence[Address]:
        if are_all:
            self._alone = brokers[0].number if len(brokers) == 1 else None
        return [Address(LOOPBACK, self._door_of(broker).number) for broker in brokers]

    def _door_of(self, broker: Broker) -> Door:
        if broker.number == self._alone:
            return self
        door = self._of_brokers.get(broker.number)
        if door is None:
            door = Door(0, self._way, [broker.address], self._tls, self._new_answers)
            self._of_brokers[broker.number] = door
            if self._serving is not None:
                door.listen()
        door.targets = [broker.address]  # started again it may be somewhere else
        return door
