"""The services of one lab: who is there, at which port, and who may call whom."""

from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.arguments import required_name, required_whole_number
from eventlab.checked import checked
from eventlab.errors import UsageError, shown
from eventlab.log.cluster import Cluster
from eventlab.log.records import Key
from eventlab.log.topics import Topic
from eventlab.processes.closing import close_all
from eventlab.processes.forking import Forking
from eventlab.services.consuming import Consuming
from eventlab.services.http_service import HttpService
from eventlab.services.inside import Peer, Place
from eventlab.services.policies import CallPolicy
from eventlab.services.ports import LOOPBACK, Port
from eventlab.services.service import EventService, Service

Calls = Mapping[str, CallPolicy] | Sequence[str]

# What a service is made of is imported once, and every service forked from that.
MODULES = ("eventlab.services.server", "eventlab.services.consuming")


class Mesh:
    """Start services that find each other by name; `prefix` begins the names of their topics.

    A name has one port, which it keeps as long as the mesh is open: a service may be called before
    it is there (refused), and after it was deployed anew. May be used from any thread.
    """

    def __init__(self, cluster: Cluster, prefix: str, forking: Forking) -> None:
        self._cluster = cluster
        self._prefix = prefix
        self._forking = forking
        self._ports: dict[str, Port] = {}
        self.services: dict[str, Service] = {}

    @checked
    def serve(self, name: str, app: Any, *, calls: Calls = ()) -> HttpService:
        """Start an HTTP service; see `Verbs.serve`. What had its name goes on beside it."""
        place = self._place(name, calls)
        service = HttpService(app, place, self._forking, self._port(name))
        service.start()
        self.services[name] = service
        return service

    @checked
    def subscribe(
        self,
        name: str,
        handle: Any,
        *,
        to: Topic,
        into: Topic | None = None,
        key: Key = None,
        calls: Calls = (),
        batch: int = 100,
    ) -> EventService:
        """Start an event-driven service; see `Verbs.subscribe`."""
        place = self._place(name, calls)
        if not callable(handle):
            raise UsageError(
                f"The service {name!r} cannot take events",
                expected="a function of an event",
                found=f"{type(handle).__name__} {shown(handle)}",
                remedy='Write: def ship(order): return {"order_id": order["order_id"]}',
            )
        required_whole_number("batch", batch, at_least=1)
        for topic in (to, into):
            if topic is not None:
                topic.end_offsets()  # raises TopicError where it does not exist
        work = Consuming(
            handle, to.name, self._prefix + name, None if into is None else into.name, key, batch
        )
        service = EventService(work, place, self._forking)
        service.start()
        self.services[name] = service
        return service

    def close(self) -> None:
        """End all services at once, and let their ports go."""
        services = list(self.services.values())
        for service in services:
            service.ask_to_stop()
        close_all([*(one.stop for one in services), *(port.close for port in self._ports.values())])
        self.services.clear()
        self._ports.clear()

    def _place(self, name: str, calls: Calls) -> Place:
        required_name("name", name, example='"warehouse"')
        peers = {peer: Peer(self._url(peer), policy) for peer, policy in _policies(calls).items()}
        return Place(name, peers, dict(self._cluster.settings), self._prefix)

    def _port(self, name: str) -> Port:
        if name not in self._ports:
            self._ports[name] = Port()
        return self._ports[name]

    def _url(self, name: str) -> str:
        return f"http://{LOOPBACK}:{self._port(name).number}"


def _policies(calls: Calls) -> dict[str, CallPolicy]:
    if isinstance(calls, str) or not isinstance(calls, Mapping | Sequence):
        raise _refused(calls)
    policies = calls if isinstance(calls, Mapping) else {name: CallPolicy() for name in calls}
    for name, policy in policies.items():
        required_name("calls", name, example='["warehouse"]')
        if not isinstance(policy, CallPolicy):
            raise _refused(calls)
    return dict(policies)


def _refused(calls: object) -> UsageError:
    return UsageError(
        "It is not clear whom the service calls",
        expected="names, or a CallPolicy for each name",
        found=shown(calls),
        remedy='Write calls=["warehouse"], or calls={"warehouse": CallPolicy(retries=0)}.',
    )
