"""Services, consumers and their proxy are killed at random, and every order is accounted for."""

import os
import signal
import threading
from contextlib import suppress
from itertools import count
from random import Random

import pytest

from eventlab.errors import CallError
from eventlab.log import Topic, read
from eventlab.services import CallPolicy, HttpService, Mesh, Proxy, Service
from eventlab.services.machinery import Machinery
from tests.services import apps
from tests.waiting import until

pytestmark = pytest.mark.broker

FEW, MANY = 5, 50
PROXY = "the proxy"
ACCEPTED = "accepted"
NEVER_SENT = "refused"  # nobody listened; of a connection that broke nobody knows what came of it


class Orders:
    """Send one order after the other, as long as it is open, and note what each was answered."""

    def __init__(self, front: HttpService) -> None:
        self.outcomes: dict[str, str] = {}
        self._front = front
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Send no more, and return when the last is answered."""
        self._is_over.set()
        self._thread.join()

    def those(self, outcome: str) -> set[str]:
        """Return the orders that had this answer."""
        return {order for order, found in self.outcomes.items() if found == outcome}

    def _send(self) -> None:
        for number in count():
            if self._is_over.wait(0.005):
                return
            order = f"o-{number}"
            try:
                self._front.ask(json={"id": order}, timeout_seconds=30)
                self.outcomes[order] = ACCEPTED
            except CallError as error:
                self.outcomes[order] = error.reason


@pytest.fixture
def topics(new_topic, cluster) -> dict[str, Topic]:
    """Return the topics of a shop, below a prefix that no other test has."""
    prefix = f"{new_topic().name}."
    names = ("orders", "bills", "parcels")
    made = {name: Topic(cluster, prefix + name).reset(1) for name in names}
    yield made
    for topic in made.values():
        topic.delete()


@pytest.fixture
def shop(how, cluster, topics) -> Mesh:
    """Return a front end, billing that asks the stock, and shipping, on machinery of its own."""
    machinery = Machinery(None)
    mesh = Mesh(cluster, topics["orders"].name.removesuffix("orders"), machinery)
    mesh.serve("stock", apps.hello)
    mesh.serve("front", apps.front_end)
    calls = {"stock": CallPolicy(breaker_failures=None)}
    mesh.subscribe(
        *("billing", apps.ship_from_stock),
        **{"to": topics["orders"], "into": topics["bills"], "calls": calls, "batch": 20},
    )
    mesh.subscribe("shipping", apps.ship, to=topics["bills"], into=topics["parcels"], batch=20)
    yield mesh
    mesh.close()
    machinery.close()


def bring_back(shop: Mesh) -> None:
    """Start what has ended, as whoever looks after services does."""
    for service in shop.services.values():
        service.start()
    shop.link("billing", "stock")


def strike(shop: Mesh, chance: Random) -> None:
    """Kill one of them, or two at once, from here or from outside; or freeze it for a while."""
    for name in chance.sample([*shop.services, PROXY], chance.choice([1, 1, 2])):
        if name == PROXY:
            _without_proxy(shop._machinery._proxy)
        else:
            chance.choice([_killed, _killed_from_outside, _frozen])(shop.services[name])


def _without_proxy(proxy: Proxy) -> None:
    os.kill(proxy.pid, signal.SIGKILL)
    until(lambda: not proxy.is_alive)


def _killed(service: Service) -> None:
    service.kill()


def _killed_from_outside(service: Service) -> None:
    pid = service.pid
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        until(lambda: service.pid != pid)


def _frozen(service: Service) -> None:
    service.suspend()
    threading.Event().wait(0.2)  # how long it is frozen is a part of the story
    service.resume()


def completed(topics: dict[str, Topic]) -> set[str]:
    """Return the orders that have a parcel."""
    events = read(topics["parcels"]).events
    return set(events["id"]) if len(events) else set()


def ends_well(shop: Mesh, parcels: Topic, more: int) -> None:
    """Wait until so many parcels more are there; what has ended meanwhile is started again."""
    before = parcels.end_offsets()[0]

    def is_more() -> bool:
        bring_back(shop)
        return parcels.end_offsets()[0] >= before + more

    until(is_more, seconds=90, what="the shop to go on")


def after_kills(shop: Mesh, topics: dict[str, Topic], kills: int) -> Orders:
    """Strike so often, and return what became of the orders when all has come to rest."""
    chance = Random(11)
    orders = Orders(shop.services["front"])
    try:
        for _ in range(kills):
            ends_well(shop, topics["parcels"], chance.randrange(1, 30))
            strike(shop, chance)
    finally:
        orders.close()

    def is_complete() -> bool:
        bring_back(shop)
        return orders.those(ACCEPTED) <= completed(topics)

    until(is_complete, seconds=90, what="every accepted order to have a parcel")
    return orders


def require_accounted_for(orders: Orders, topics: dict[str, Topic], at_least: int) -> None:
    """Hold what became of each order to what was promised."""
    done = completed(topics)
    accepted = orders.those(ACCEPTED)
    unsure = set(orders.outcomes) - accepted - orders.those(NEVER_SENT)
    assert len(accepted) >= at_least
    assert accepted <= done <= accepted | unsure
    assert all(orders.outcomes.values())  # who was refused was told why


def test_a_few_kills_lose_no_order(shop, topics):
    """Each is completed, refused with a reason, or of those whose answer was lost."""
    orders = after_kills(shop, topics, FEW)
    require_accounted_for(orders, topics, at_least=FEW)


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_fifty_kills_lose_no_order(shop, topics):
    """Of services, of consumers and of the proxy, alone and two at once."""
    orders = after_kills(shop, topics, MANY)
    require_accounted_for(orders, topics, at_least=MANY)
