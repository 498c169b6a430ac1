"""What the services of a lab stand on: what forks them, and the process that has their links."""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from eventlab.broker.local import Broker
from eventlab.broker.seat import Seat
from eventlab.broker.states import BrokerState, NodeState
from eventlab.errors import BrokerError, ServiceError
from eventlab.folders import data_folder
from eventlab.processes.closing import close_all
from eventlab.processes.forking import Forking
from eventlab.services.links import KafkaLink, Link, Proxy

# What a service is made of is imported once, and every service forked from that: what its libraries
# import only when they begin, too, or each service would have a copy of its own.
_MODULES = (
    "eventlab.services.server",
    "eventlab.services.consuming",
    "cloudpickle",
    "encodings.idna",
    "starlette.applications",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "eventlab.services.before_forks",
)


class Machinery:
    """Fork services, and carry what goes between them; each part begins when it is needed.

    The runs of an experiment share it. What was killed begins again when somebody asks for a link.
    May be used from any thread; `close` ends all of it.
    """

    def __init__(self, broker: Seat) -> None:
        self.forking = Forking(_MODULES)
        self._broker = broker
        self._lock = threading.RLock()
        self._proxy = Proxy()
        self._kafka: KafkaLink | None = None
        self._letting_go: list[Callable[[], object]] = []  # what the links to the log have taken

    def link(self, name: str, target_port: int) -> Link:
        """Return the link of this name to a port, made where it is not there."""
        with self._lock:
            self._start_proxy()
            link = self._proxy.links.get(name)
            if link is None:
                return self._proxy.link(name, target_port)
            link.retarget(target_port)
            return link

    def kafka_link(self, client_id: str) -> Link:
        """Return the link by which clients of this id reach the log.

        Raises as `kafka_address` does.
        """
        with self._lock:
            kafka = self._kafka_link()
            return self._proxy.links.get(client_id) or kafka.client(client_id)

    def kafka_address(self) -> str:
        """Return where clients find the log that come by way of the proxy.

        Raises BrokerError for a cluster of someone's own, and ServiceError where the proxies of so
        many other notebooks carry such links that no address is left.
        """
        with self._lock:
            return self._kafka_link().address

    def close(self) -> None:
        """End all processes; what is asked for later begins anew."""
        with self._lock:
            letting_go = self._letting_go
            proxy = self._proxy
            self._letting_go = []
            self._proxy = Proxy()
            self._kafka = None
            # Whoever takes the way to the log next listens at the same port as this proxy.
            close_all([self.forking.stop, proxy.stop, *reversed(letting_go)])

    def _kafka_link(self) -> KafkaLink:
        if self._kafka is None:
            node = self._node()
            place, lock = _taken(data_folder() / "links-to-kafka", len(node.fault_ports))
            target = node.fault_listeners[place]
            try:
                self._start_proxy()
                self._kafka = self._proxy.kafka_link(target, port=node.fault_ports[place])
            except BaseException:  # another try is to find the way free
                lock.release()
                raise
            self._letting_go += [lock.release, self._broker.on_change(self._follow)]
        self._start_proxy()  # where it was killed
        return self._kafka

    def _start_proxy(self) -> None:
        try:
            self._proxy.start()
        except BaseException:  # one that has not started cannot be started again
            self._proxy = Proxy()
            self._kafka = None
            raise

    def _follow(self, state: BrokerState) -> None:
        """Lead to the port at which a broker that was started again listens."""
        kafka = self._kafka
        if kafka is not None and state.state == "running":
            node = state.nodes[0]
            listeners = dict(zip(node.fault_ports, node.fault_listeners, strict=True))
            target = listeners.get(kafka.port, kafka.target_port)
            if target != kafka.target_port:
                kafka.retarget(target)

    def _node(self) -> NodeState:
        nodes = self._broker.nodes if isinstance(self._broker, Broker) else []
        if len(nodes) != 1 or not nodes[0].fault_listeners:
            raise BrokerError(
                "The way to this log cannot be broken",
                expected="the one broker that eventlab has started on this machine",
                found="a cluster of someone's own, or of several nodes",
                remedy="Start the service without log_link=True.",
            )
        return nodes[0]


def _taken(folder: Path, places: int) -> tuple[int, FileLock]:
    """Return the first place that nobody has, and the lock by which it is taken."""
    folder.mkdir(parents=True, exist_ok=True)
    for place in range(places):
        lock = FileLock(folder / f"{place + 1}.lock")
        with suppress(Timeout):
            lock.acquire(timeout=0)
            return place, lock
    raise ServiceError(
        "All ways to the log are taken",
        expected=f"at most {places} notebooks whose services have links to the log",
        found=f"{places} others that have them now",
        remedy="Close the lab of one of them (or restart its kernel), and run this again.",
    )
