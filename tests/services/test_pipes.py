"""What goes in at one end comes out at the other: all of it, in order, and not before it is due."""

import pytest

from eventlab.services import Faults
from eventlab.services.pipes import MOST_WAITING
from tests.services.places import Place, until

pytestmark = pytest.mark.processes

LARGE = 4_000_000


@pytest.mark.parametrize("faults", [Faults(), Faults(latency_seconds=0.01, jitter_seconds=0.01)])
def test_what_goes_in_comes_out_in_order(run, faults):
    """Both ways at once, a lot of it, however late the parts are."""

    async def test() -> None:
        async with Place() as place:
            place.forward.set(faults)
            (from_target, to_target), (from_client, to_client) = await place.pair()
            there = bytes(range(256)) * 4_000
            back = there[::-1]
            to_target.write(there)
            to_client.write(back)
            assert await from_client.readexactly(len(there)) == there
            assert await from_target.readexactly(len(back)) == back
            assert place.forward.counts == (1, len(there) + len(back), 0, 0)

    run(test())


@pytest.mark.parametrize("faults", [Faults(), Faults(latency_seconds=0.01), Faults(mode="hang")])
def test_a_sender_has_to_wait_for_a_reader_that_takes_nothing(run, faults):
    """What nobody takes is not kept without end in the proxy; once it is taken, all comes."""

    async def test() -> None:
        async with Place() as place:
            (_, to_target), (from_client, _) = await place.pair()
            place.forward.set(faults)
            data = b"x" * 20 * LARGE
            to_target.write(data)
            (relay,) = place.forward.relays
            await until(lambda: relay.client._is_paused)
            kept = sum(len(one or b"") for _, one in relay.to_server.waiting)
            assert kept <= 2 * MOST_WAITING
            assert place.forward.bytes < len(data)
            place.forward.set(Faults())
            taken = 0
            while taken < len(data):
                taken += len(await from_client.read(1_000_000))
            assert taken == len(data)

    run(test())


def test_what_is_late_waits_no_longer_than_the_faults_of_now(run):
    """A latency of an hour, healed, and a slow body too."""

    async def test() -> None:
        async with Place() as place:
            (_, to_target), (from_client, _) = await place.pair()
            for faults in (Faults(latency_seconds=3600), Faults(bytes_per_second=1)):
                place.forward.set(faults)
                before = place.forward.bytes
                to_target.write(b"sooner")
                await until(lambda before=before: place.forward.bytes == before + 6)
                place.forward.set(Faults())
                assert await from_client.readexactly(6) == b"sooner"

    run(test())
