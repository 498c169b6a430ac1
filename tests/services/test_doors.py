"""The ports of links: open, closed, and where what comes in goes on to."""

import asyncio
import socket

import pytest

from eventlab.services.addresses import Address
from eventlab.services.doors import Door, KafkaDoor
from eventlab.services.kafka_answers import Broker
from eventlab.services.proxy import Forward
from tests.services.places import Place, until

BROKERS = [Broker(1, Address("a", 1)), Broker(2, Address("b", 2))]


def test_who_comes_at_once_is_let_in(run):
    """Though the loop has not begun to serve; refused, nobody is, and then again."""

    async def test() -> None:
        async with Place() as place:
            for _ in range(2):
                place.door.listen()
                place.door.listen()
                with socket.create_connection(("127.0.0.1", place.port)) as early:
                    await place.accepted.get()
                    early.close()
                await place.door.refuse()
                await place.door.refuse()
                with pytest.raises(ConnectionRefusedError):
                    await place.client()

    run(test())


def test_the_first_target_that_is_there_is_reached(run):
    """Of bootstrap servers some may be down; where all are, the last one says why."""

    async def test() -> None:
        async with Place() as place:
            with socket.socket() as nobody:
                nobody.bind(("127.0.0.1", 0))
                down = Address(*nobody.getsockname())
                place.door.targets = [down, *place.door.targets]
                await place.pair()
                place.door.targets = [down, down]
                with pytest.raises(ConnectionRefusedError):
                    await place.door.reach(asyncio.Protocol())
                place.door.targets = []
                with pytest.raises(OSError, match="no target"):
                    await place.door.reach(asyncio.Protocol())

    run(test())


def test_a_door_for_services_leaves_answers_alone():
    """They are not Kafka's."""
    assert Door(0, Forward("a"), [Address("a", 1)]).answers() is None


def test_each_broker_has_a_door_that_stays(run):
    """By its number: started again at another address it is found behind the same one."""

    async def test() -> None:
        door = KafkaDoor(0, Forward("a"), [Address("a", 1)])
        door.listen()
        places = door._places_of(BROKERS, True)
        assert len({door.number, *(place.port for place in places)}) == 3
        moved = Broker(2, Address("c", 3))
        assert door._places_of([moved], False) == [places[1]]
        assert door._of_brokers[2].targets == [moved.address]
        for place in places:
            socket.create_connection(place).close()
        await door.refuse()
        for port in [door.number, *(place.port for place in places)]:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port))
        late = Broker(3, Address("d", 4))
        (place,) = door._places_of([late], False)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(place)
        door.listen()
        await until(lambda: all(one._serving.done() for one in door._of_brokers.values()))
        await door.refuse()

    run(test())


def test_a_broker_that_is_alone_is_where_clients_begin(run):
    """It is one as long as nobody hears of another one."""

    async def test() -> None:
        door = KafkaDoor(0, Forward("a"), [Address("a", 1)])
        begin = Address("127.0.0.1", door.number)
        assert door._places_of(BROKERS[:1], True) == [begin]
        assert door._places_of(BROKERS[:1], False) == [begin]
        assert begin not in door._places_of(BROKERS, True)
        assert begin not in door._places_of(BROKERS[:1], False)

    run(test())
