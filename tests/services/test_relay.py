"""What a connection meets on its way; in the tests' own event loop, on the loop of asyncio too."""

import asyncio
import socket

import pytest

from eventlab.services import Faults
from eventlab.services.addresses import Address
from eventlab.services.proxy import Forward
from tests.services.places import Pair, Place, break_off, sent, until
from tests.services.test_framing import kafka

LARGE = 4_000_000


@pytest.mark.parametrize("faults", [Faults(), Faults(latency_seconds=0.01)])
def test_a_half_closed_connection_goes_on_the_other_way(run, faults):
    """The target answers after the client has said its last word, and then both are closed."""

    async def test() -> None:
        async with Place() as place:
            place.forward.set(faults)
            (from_target, to_target), (from_client, to_client) = await place.pair()
            to_target.write(b"the last word")
            to_target.write_eof()
            assert await from_client.read() == b"the last word"
            to_client.write(b"an answer")
            to_client.close()
            assert await from_target.read() == b"an answer"
            await until(lambda: not place.forward.relays)

    run(test())


def test_a_reset_of_one_end_is_one_of_the_other(run):
    """The target learns that its client is gone, and the client that its target is."""

    async def test() -> None:
        async with Place() as place:
            for ends in (0, 1):
                pair = await place.pair()
                reset, other = pair[ends], pair[1 - ends]
                break_off(reset[1])
                with pytest.raises(ConnectionResetError):
                    await other[0].readexactly(1)
                await until(lambda: not place.forward.relays)

    run(test())


@pytest.mark.parametrize("mode", ["reset", "refuse"])
def test_an_open_connection_is_broken_off(run, mode):
    """Both ends of it, in the middle of a large answer."""

    async def test() -> None:
        async with Place() as place:
            (from_target, _), (from_client, to_client) = await place.pair()
            to_client.write(b"x" * 20 * LARGE)
            await from_target.readexactly(10)
            place.forward.set(Faults(mode=mode))
            with pytest.raises(ConnectionResetError):
                await from_client.readexactly(1)
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                await from_target.readexactly(20 * LARGE)
            assert not place.forward.relays

    run(test())


def test_what_hangs_comes_when_it_is_healed(run):
    """On a connection that was open, and on one that came in the meantime."""

    async def test() -> None:
        async with Place() as place:
            (from_target, to_target), (from_client, to_client) = await place.pair()
            place.forward.set(Faults(mode="hang"))
            _, to_target_later = await place.client()
            to_target.write(b"one")
            to_target_later.write(b"two")
            to_client.write(b"three")
            await until(lambda: place.forward.bytes == 11)
            assert place.accepted.empty()
            assert place.forward.connections == 2
            place.forward.set(Faults())
            assert await from_client.readexactly(3) == b"one"
            assert await from_target.readexactly(5) == b"three"
            from_later, _ = await place.accepted.get()
            assert await from_later.readexactly(3) == b"two"

    run(test())


def test_a_client_that_gives_up_in_a_hang_is_forgotten(run):
    """Its request never comes to the target, which learns that it is gone."""

    async def test() -> None:
        async with Place() as place:
            (_, to_target), (from_client, _) = await place.pair()
            place.forward.set(Faults(mode="hang"))
            to_target.write(b"a request")
            to_target.close()
            assert await from_client.read() == b""
            assert not place.forward.relays

    run(test())


def test_a_target_that_is_down_is_a_reset(run):
    """At once; and when it is back, the next connection finds it."""

    async def test() -> None:
        async with Place() as place:
            targets = place.door.targets
            with socket.socket() as nobody:
                nobody.bind(("127.0.0.1", 0))
                place.door.targets = [Address(*nobody.getsockname())]
                from_target, to_target = await place.client()
                to_target.write(b"is anybody there?")
                with pytest.raises(ConnectionResetError):
                    await from_target.readexactly(1)
            place.door.targets = targets
            await place.pair()

    run(test())


def test_a_client_that_leaves_before_the_target_is_reached_leaves_nothing(run):
    """Whatever comes first."""

    async def test() -> None:
        async with Place() as place:
            for _ in range(20):
                _, to_target = await place.client()
                break_off(to_target)
            await until(lambda: place.forward.connections == 20 and not place.forward.relays)

    run(test())


# -- requests that are struck ---------------------------------------------------------------------

GET = b"GET /%d HTTP/1.1\r\nhost: a\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


async def statuses(place: Place, pair: tuple[Pair, Pair], number: int) -> list[bytes]:
    """Return the statuses of so many requests on one connection; the target answers 200."""
    (from_target, to_target), (from_client, to_client) = pair

    async def answer() -> None:
        while await from_client.readuntil(b"\r\n\r\n"):
            to_client.write(OK)

    answering = asyncio.ensure_future(answer())
    found = []
    for n in range(number):
        to_target.write(GET % n)
        found.append((await from_target.readuntil(b"\r\n\r\n"))[9:12])
    answering.cancel()
    return found


def test_each_request_of_a_connection_is_judged_by_itself(run):
    """Set anew, the same ones are struck; a larger share strikes them and more."""

    async def test() -> None:
        async with Place() as place:
            pair = await place.pair()
            none = await statuses(place, pair, 5)
            place.forward.set(Faults(error_share=0.3))
            some = await statuses(place, pair, 50)
            place.forward.set(Faults(error_share=0.3))
            assert await statuses(place, pair, 50) == some
            place.forward.set(Faults(error_share=0.6))
            more = await statuses(place, pair, 50)
            place.forward.set(Faults(error_share=0.3, seed=2))
            assert await statuses(place, pair, 50) != some
            place.forward.set(Faults())
            assert await statuses(place, pair, 5) == none == [b"200"] * 5
            struck = {n for n, status in enumerate(some) if status == b"503"}
            assert 0 < len(struck) < 50
            assert struck < {n for n, status in enumerate(more) if status == b"503"}
            assert place.forward.counts.connections == 1

    run(test())


def test_a_request_sent_before_the_answer_to_another_one_is_not_struck(run):
    """An answer of the proxy's would come before that one, and be taken for it."""

    async def test() -> None:
        async with Place() as place:
            (from_target, to_target), (from_client, to_client) = await place.pair()
            await sent(to_target, GET % 1)
            assert await from_client.readuntil(b"\r\n\r\n") == GET % 1
            place.forward.set(Faults(error_share=1))
            await sent(to_target, GET % 2)
            assert await from_client.readuntil(b"\r\n\r\n") == GET % 2
            to_client.write(OK * 2)
            for _ in range(2):
                assert await from_target.readuntil(b"\r\n\r\n") == OK
            to_target.write(GET % 3)
            assert (await from_target.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 503 ")

    run(test())


def test_a_body_in_parts_is_struck_as_a_whole(run):
    """The target sees nothing of it, and the connection is good for the next request."""

    async def test() -> None:
        async with Place() as place:
            (from_target, to_target), (from_client, _) = await place.pair()
            place.forward.set(Faults(error_share=1))
            for part in (b"POST / HTTP/1.1\r\ncontent-len", b"gth: 40\r\n\r\n", GET % 1, b"." * 12):
                await sent(to_target, part)
            answer = await from_target.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"keep-alive" in answer
            place.forward.set(Faults())
            to_target.write(GET % 2)
            assert await from_client.readuntil(b"\r\n\r\n") == GET % 2

    run(test())


@pytest.mark.parametrize("header", [b"connection: close", b"expect: 100-continue"])
def test_a_request_that_is_the_last_one_is_answered_and_closed(run, header):
    """One that waits to be asked for its body is not asked."""

    async def test() -> None:
        async with Place() as place:
            (from_target, to_target), (from_client, _) = await place.pair()
            place.forward.set(Faults(error_share=1))
            length = 5 if header.startswith(b"expect") else 0
            to_target.write(
                b"PUT / HTTP/1.1\r\ncontent-length: %d\r\n%s\r\n\r\n" % (length, header)
            )
            answer = await from_target.read()
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"connection: close" in answer
            assert await from_client.read() == b""

    run(test())


def test_a_share_of_requests_is_reset(run):
    """All of them, here: the target sees nothing of the request."""

    async def test() -> None:
        async with Place() as place:
            (from_target, to_target), (from_client, _) = await place.pair()
            place.forward.set(Faults(reset_share=1))
            to_target.write(GET % 1)
            with pytest.raises(ConnectionResetError):
                await from_target.readexactly(1)
            with pytest.raises(ConnectionResetError):
                await from_client.readexactly(1)
            assert place.forward.counts.resets == 1

    run(test())


def test_shares_leave_what_is_not_http_alone(run):
    """Bytes of another protocol go on as they are."""

    async def test() -> None:
        async with Place() as place:
            place.forward.set(Faults(error_share=1))
            (_, to_target), (from_client, _) = await place.pair()
            to_target.write(b"\x16\x03\x01 something")
            assert await from_client.readexactly(13) == b"\x16\x03\x01 something"

    run(test())


# -- clients of Kafka -----------------------------------------------------------------------------


def test_the_faults_of_a_client_of_kafka_are_its_own(run):
    """By the client.id of its first request, in however many parts this comes."""

    async def test() -> None:
        async with Place(is_kafka=True) as place:
            own = Forward("warehouse")
            place.forward.add_client("warehouse", own)
            own.set(Faults(mode="reset"))
            from_target, to_target = await place.client()
            for byte in kafka("warehouse", b""):
                to_target.write(bytes([byte]))
                await asyncio.sleep(0)
            with pytest.raises(ConnectionResetError):
                await from_target.readexactly(1)
            other = kafka("other") + kafka("warehouse", b"y" * 1000)
            (_, to_target), (from_client, _) = await asked_for(place, other)
            assert await from_client.readexactly(len(other)) == other
            assert (own.connections, place.forward.connections) == (1, 1)

    run(test())


def test_a_client_of_kafka_is_found_when_it_gets_a_link_of_its_own(run):
    """Its connection was open before."""

    async def test() -> None:
        async with Place(is_kafka=True) as place:
            pair = await asked_for(place, kafka("late"))
            own = Forward("late")
            place.forward.add_client("late", own)
            own.set(Faults(mode="reset"))
            with pytest.raises(ConnectionResetError):
                await pair[0][0].readexactly(1)

    run(test())


def test_a_share_of_kafka_requests_is_reset(run):
    """Counted by request, also where many are sent before the first answer."""

    async def test() -> None:
        async with Place(is_kafka=True) as place:
            place.forward.set(Faults(reset_share=0.2))
            requests = [kafka("a", b"%d" % number) for number in range(50)]
            _client, (from_client, _) = await asked_for(place, b"".join(requests))
            with pytest.raises(ConnectionResetError):
                await from_client.readexactly(10_000)
            assert place.forward.resets == 1

    run(test())


def test_a_kafka_client_that_hangs_does_not_hold_up_the_others(run):
    """One broker's port, two clients."""

    async def test() -> None:
        async with Place(is_kafka=True) as place:
            own = Forward("hangs")
            place.forward.add_client("hangs", own)
            own.set(Faults(mode="hang"))
            _, to_target = await place.client()
            to_target.write(kafka("hangs"))
            await until(lambda: own.connections == 1)
            await asked_for(place, kafka("goes on"))
            own.set(Faults())
            from_hanging, _ = await place.accepted.get()
            assert await from_hanging.readexactly(len(kafka("hangs"))) == kafka("hangs")

    run(test())


async def asked_for(place: Place, data: bytes) -> tuple[Pair, Pair]:
    """Return a connection on which this was sent, and what the target sees of it."""
    client = await place.client()
    client[1].write(data)
    return client, await place.accepted.get()
