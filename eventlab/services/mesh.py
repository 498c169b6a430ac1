"""The services of one lab: who is there, at which port, and who calls whom over which link."""

import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from eventlab.arguments import required_name, required_whole_number
from eventlab.checked import checked
from eventlab.errors import UsageError, shown
from eventlab.log.client_settings import client_settings
from eventlab.log.cluster import Cluster
from eventlab.log.records import Key
from eventlab.log.topics import Topic
from eventlab.processes.closing import close_all
from eventlab.services.app import require_app, require_function_of_one
from eventlab.services.breakable import Breakable, BreakableLink, BreakableService
from eventlab.services.consuming import Consuming
from eventlab.services.http_service import HttpService
from eventlab.services.inside import Peer, Place
from eventlab.services.link import HttpLink, Link
from eventlab.services.machinery import Machinery
from eventlab.services.policies import CallPolicy
from eventlab.services.ports import Port
from eventlab.services.recording import SpanTopic
from eventlab.services.service import EventService, Service
from eventlab.services.thread_service import ThreadService

if TYPE_CHECKING:  # whoever writes JSON needs none of this
    from eventlab.log.schemas import Contract

Calls = Mapping[str, CallPolicy] | Sequence[str]
Where = Literal["process", "thread"]
Begun = TypeVar("Begun", bound=Service)

LOG = "log"
SPANS = "spans"

# After a fault of its link a client is to be back as soon as the link is.
_ON_A_LINK = {"reconnect.backoff.ms": 50, "reconnect.backoff.max.ms": 500}


class Mesh:
    """Start services that find each other by name; `prefix` begins the names of their topics.

    A name has one port, which it keeps as long as the mesh is open: a service may be called before
    it is there (refused), and after it was deployed anew. Each calls each over a link of the two,
    whose faults can be set at any time. May be used from any thread.
    """

    def __init__(self, cluster: Cluster, prefix: str, machinery: Machinery) -> None:
        self._cluster = cluster
        self._prefix = prefix
        self._machinery = machinery
        self._lock = threading.Lock()
        self._ports: dict[str, Port] = {}
        self._links: dict[str, Link] = {}
        self.services: dict[str, Service] = {}
        self._is_closed = False
        self.spans: Topic | None = None  # where those go that are traced, from the first of them on

    @checked
    def serve(
        self,
        name: str,
        app: Any,
        *,
        calls: Calls = (),
        log_link: bool = False,
        where: Where = "process",
        traced: bool = False,
    ) -> HttpService:
        """Start an HTTP service; see `Verbs.serve`. What had its name goes on beside it."""
        require_app(app)
        place = self._place(name, calls, log_link=log_link, traced=traced)
        kind = ThreadService if where == "thread" else HttpService
        return self.begin(kind(app, place, self._machinery.forking, self._port(name)))

    @checked
    def subscribe(self, name: str, handle: Any, *, to: Topic, **options: Any) -> EventService:
        """Start an event-driven service; see `Verbs.subscribe`."""
        return self.begin(self.subscriber(name, handle, to=to, **options))

    @checked
    def subscriber(
        self,
        name: str,
        handle: Any,
        *,
        to: Topic,
        into: Topic | None = None,
        key: Key = None,
        contract: "Contract | None" = None,
        into_contract: "Contract | None" = None,
        calls: Calls = (),
        batch: int = 100,
        log_link: bool = False,
        traced: bool = False,
    ) -> EventService:
        """Return an event-driven service that has not begun, for who has one to end before."""
        require_function_of_one(
            handle,
            summary=f"The service {name!r} cannot take events",
            example='def ship(order): return {"order_id": order["order_id"]}',
        )
        required_whole_number("batch", batch, at_least=1)
        for topic in (to, into):
            if topic is not None:
                topic.end_offsets()  # raises TopicError where it does not exist
        place = self._place(name, calls, log_link=log_link, traced=traced)
        work = Consuming(
            handle,
            to.name,
            self._prefix + name,
            None if into is None else into.name,
            key,
            batch,
            contract,
            into_contract,
        )
        return EventService(work, place, self._machinery.forking)

    def begin(self, service: Begun) -> Begun:
        """Start a service, and end it with the others."""
        if self._is_closed:
            service.retire()
        service.start()
        self.services[service.name] = service
        return service

    @checked
    def link(self, caller: str, callee: str) -> Link:
        """Return the link over which one service calls another, or reaches the log ("log").

        A link to the log is there once its service was started with `log_link=True`. Raises
        UsageError.
        """
        required_name("caller", caller, example='"payment"')
        required_name("callee", callee, example='"warehouse"')
        if callee != LOG:
            return self._link(caller, callee)
        service = self.services.get(caller)
        if service is None or not service.has_log_link:
            raise UsageError(
                f"{caller} has no link to the log that could be broken",
                expected="a service that was started with log_link=True",
                found="none of that name" if service is None else "one without it",
                remedy=f'Start it with lab.serve("{caller}", app, log_link=True).',
            )
        return self._machinery.kafka_link(self._prefix + caller)

    def breakables(self) -> dict[str, Breakable]:
        """Return what can be broken: the links by "stock to warehouse", the services by name."""
        # Copies: another thread may start a service at this moment.
        links = {name: BreakableLink(link) for name, link in self._links.copy().items()}
        services = {
            name: BreakableService(partial(self._successor, service))
            for name, service in self.services.copy().items()
            if not isinstance(service, ThreadService)
        }
        return {**links, **services}

    def ask_to_stop(self) -> None:
        """Ask all services to end in peace, and return at once: they end side by side.

        None of them can be started again, by whoever still plays in a thread of its own.
        """
        self._is_closed = True
        for service in list(self.services.values()):
            service.retire()
            service.ask_to_stop()

    def close(self) -> None:
        """End all services at once, and let their ports go."""
        services = list(self.services.values())
        self.ask_to_stop()
        close_all([*(one.stop for one in services), *(port.close for port in self._ports.values())])
        self.services.clear()
        self._links.clear()
        self._ports.clear()

    def _successor(self, service: Service) -> Service:
        """Return who has a service's name now, or itself."""
        return self.services.get(service.name, service)

    def _place(
        self, name: str, calls: Calls, *, log_link: bool = False, traced: bool = False
    ) -> Place:
        required_name("name", name, example='"warehouse"')
        policies = _policies(calls)
        peers = {peer: Peer(self._link(name, peer).url, one) for peer, one in policies.items()}
        kafka = dict(self._cluster.settings)
        if log_link:
            link = self._machinery.kafka_link(self._prefix + name)
            kafka = dict(client_settings(link.settings) | _ON_A_LINK)
            self._links[f"{name} to {LOG}"] = link
        spans = self._span_topic() if traced else None
        return Place(name, peers, kafka, self._prefix, has_log_link=log_link, spans=spans)

    def _span_topic(self) -> SpanTopic:
        """Return where spans go: a topic of the lab's own, made anew for the first who needs it."""
        with self._lock:
            if self.spans is None:
                self.spans = Topic(self._cluster, self._prefix + SPANS).reset(1)
        return SpanTopic(self.spans.name, dict(self._cluster.settings))

    def _link(self, caller: str, callee: str) -> HttpLink:
        name = f"{caller} to {callee}"
        link = self._machinery.link(self._prefix + name, self._port(callee).number)
        self._links[name] = link
        return link

    def _port(self, name: str) -> Port:
        with self._lock:
            if name not in self._ports:
                self._ports[name] = Port()
            return self._ports[name]


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
