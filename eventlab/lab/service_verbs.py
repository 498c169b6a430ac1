"""What one does with a chapter's services: start them, break the ways between them, see them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from eventlab import log
from eventlab.arguments import refused
from eventlab.broker.seat import Seat
from eventlab.checked import checked
from eventlab.lab.opened import Close, Opened
from eventlab.processes.closing import close_all

if TYPE_CHECKING:  # a chapter without services needs none of this
    import pandas

    from eventlab.log.schemas import Contract
    from eventlab.services import EventService, FaultSchedule, HttpService, Link, Mesh, Registry
    from eventlab.services.machinery import Machinery
    from eventlab.services.scheduled import ScheduledFaults

Calls = Mapping[str, Any] | Sequence[str]  # a CallPolicy by the service's name, or names alone


class ServiceVerbs(ABC):
    """Work with services whose topics and groups begin with one prefix; a part of Verbs."""

    def __init__(self, broker: Seat, cluster: log.Cluster, prefix: str) -> None:
        self.broker = broker
        self.cluster = cluster
        self._prefix = prefix
        self._opened = Opened()
        self._own_mesh: Mesh | None = None
        self._own_machinery: Machinery | None = None
        self._newest_registry: Registry | None = None

    @abstractmethod
    def topic(self, name: log.Topic | str) -> log.Topic:
        """Return one of the chapter's topics."""

    @checked
    def serve(
        self,
        name: str,
        app: Any,
        *,
        calls: Calls = (),
        log_link: bool = False,
        where: Literal["process", "thread"] = "process",
        traced: bool = True,
    ) -> "HttpService":
        """Start an HTTP service in a process of its own, and return when it takes requests.

        `app` is a starlette app, or a function of a request, which answers every path. In it,
        `await eventlab.services.call("stock", "/", json=...)` calls another service of the lab, if
        `calls` names it, or has the CallPolicy for it; `await eventlab.services.publish("orders",
        event)` writes to a topic. `lab.link` has the link of a call, whose faults can be set; with
        `log_link`, that to the log too. What it does is in `lab.spans()`, unless it is not to be
        `traced`. `eventlab.views.app(view, answer)` serves a view. A service that has the name
        already ends when the new one takes requests, at the same port. `where="thread"` lets it run
        in the notebook's own process, where it sees what the notebook has. Raises ServiceError
        where it does not start.

        Examples:
            >>> async def hello(request):
            ...     return {"hello": request.url.path}
            >>> lab.serve("greeter", hello).ask("/ann")
            {'hello': '/ann'}
        """
        service = self._mesh.serve(
            name, _in_service(app), calls=calls, log_link=log_link, where=where, traced=traced
        )
        self._opened.add(service.stop, f"service {name}")  # ends the one before
        return service

    @checked
    def subscribe(
        self,
        name: str,
        handle: Any,
        *,
        to: log.Topic | str,
        into: log.Topic | str | None = None,
        key: Any = None,
        contract: "Contract | None" = None,
        into_contract: "Contract | None" = None,
        calls: Calls = (),
        batch: int = 100,
        log_link: bool = False,
        traced: bool = True,
    ) -> "EventService":
        """Start an event-driven service in a process of its own: a consumer in a group of its name.

        `handle` gets the fields of each event of the topic `to`, by its `contract` if it has one;
        the event, or list of events, that it returns is written `into` a topic, under
        `into_contract`, `key` naming the field to key by. At least once: its place is committed
        after that has arrived, every `batch` events or sooner; what it raises ends it, and started
        again it goes on before that event. Raises ServiceError, TopicError.

        Examples:
            >>> def ship(order):
            ...     return {"shipped": order["cents"]}
            >>> shipping = lab.subscribe("shipping", ship, to="orders", into=lab.new_topic("out"))
            >>> shipping.state
            'up'
        """
        target = None if into is None else self.topic(into)
        service = self._mesh.subscriber(
            name,
            handle,
            to=self.topic(to),
            into=target,
            key=key,
            contract=contract,
            into_contract=into_contract,
            calls=calls,
            batch=batch,
            log_link=log_link,
            traced=traced,
        )
        # Two of one group would share its events; and nothing is left that could be refused.
        self._opened.close_at(f"service {name}")
        self._mesh.begin(service)
        self._opened.add(service.stop, f"service {name}")
        return service

    @checked
    def link(self, caller: str, callee: str) -> "Link":
        """Return the link over which one service calls another, whose faults can be set.

        `callee` "log" is the way to the log of a service that was started with `log_link=True`.

        Examples:
            >>> from eventlab.services import Faults
            >>> lab.link("front end", "greeter").set(Faults(latency_seconds=0.1))
            >>> lab.link("front end", "greeter").heal()
        """
        return self._mesh.link(caller, callee)

    @checked
    def spans(self) -> "pandas.DataFrame":
        """Return what the lab's services have done: the spans of those that are traced.

        One row each request, call, event that was published, and event that was processed; see
        services.read_spans for the columns, services.calls for who calls whom, and services.story
        for what became of one order. A span is there a quarter of a second after its end. A service
        that is killed loses those of its last fifth of a second.

        Examples:
            >>> spans = lab.spans()
            >>> set(spans["kind"]) <= {"server", "client", "producer", "consumer"}
            True
        """
        from eventlab.services.spans import read_spans, spans_frame

        topic = self._mesh.spans
        return spans_frame([]) if topic is None else read_spans(topic)

    @checked
    def new_registry(self) -> "Registry":
        """Start a schema registry in a process of its own, anew and empty, and return it.

        It keeps all it knows in a topic, and speaks the REST API of Confluent's: its `url` is for
        SchemaRegistryClient and any other client. EVENTLAB_SCHEMA_REGISTRY names one to use in its
        place. See services.Registry for contracts. Raises ServiceError, CallError.

        Examples:
            >>> registry = lab.new_registry()
            >>> fields = [{"name": "cents", "type": "int"}]
            >>> schema = {"type": "record", "name": "Order", "fields": fields}
            >>> contract = registry.contract(lab.topic("orders"), schema)
            >>> contract.decode(contract.encode({"cents": 20}))
            {'cents': 20}
        """
        from eventlab.log.schemas.registry_client import external_url
        from eventlab.services.registry import own_registry, registry_at

        url = external_url()
        if url is not None:
            registry = registry_at(url, self._prefix, is_own_prefix=self.broker.external)
            self._newest_registry = registry
            return registry
        self._opened.close_at(self._place_of_registry)  # two would write one topic
        registry = own_registry(self._mesh, self.cluster, self._prefix)
        self._opened.add(registry.stop, self._place_of_registry)
        self._newest_registry = registry
        return registry

    # -- how --------------------------------------------------------------------------------------

    @property
    def _place_of_registry(self) -> str:
        return f"schema registry of {self._prefix}"

    @property
    def _mesh(self) -> "Mesh":
        """Return what its services have in common, made with the first of them."""
        if self._own_mesh is None:
            from eventlab.services.mesh import Mesh

            self._own_mesh = Mesh(self.cluster, self._prefix, self._machinery)
        return self._own_mesh

    def _scheduled(self, faults: "FaultSchedule") -> "ScheduledFaults":
        """Return what lets these faults happen to its services, as a story is played."""
        from eventlab.services.faults import FaultSchedule
        from eventlab.services.scheduled import ScheduledFaults

        if not isinstance(faults, FaultSchedule):
            example = 'FaultSchedule([Outage(60, 90, "warehouse", "killed")])'
            raise refused("faults", faults, "a FaultSchedule", example)
        return ScheduledFaults(faults, self._mesh.breakables())

    @property
    def _machinery(self) -> "Machinery":
        """Return what its services stand on."""
        if self._own_machinery is None:
            from eventlab.services.machinery import Machinery

            self._own_machinery = Machinery(self.broker)
        return self._own_machinery

    def _close_opened(self) -> None:
        """Close what cells have opened, and what that stood on."""
        mesh = self._own_mesh
        machinery = self._own_machinery
        self._own_mesh = None
        self._own_machinery = None
        self._newest_registry = None
        endings: list[Close] = [self._opened.close_all]
        if mesh is not None:
            endings = [mesh.ask_to_stop, *endings, mesh.close]
        if machinery is not None:
            endings.append(machinery.close)
        close_all(endings)


def _in_service(app: Any) -> Any:
    """Return an app; one with a view reaches the log as its service does, over the link of that."""
    in_service = getattr(app, "in_service", None)
    if in_service is None:
        return app
    from eventlab.services.inside import here

    return in_service(here)
