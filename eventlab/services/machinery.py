"""What the services of a lab stand on: what forks them, and the process that has their links."""

import sys
import threading
from collections.abc import Callable

from eventlab.broker.seat import Seat
from eventlab.broker.states import BrokerState
from eventlab.processes.closing import close_all
from eventlab.processes.forking import Forking
from eventlab.services.kafka_link import ClientLink, KafkaLink
from eventlab.services.link import HttpLink
from eventlab.services.links import Proxy

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
# What services use only in a lab whose notebook uses it too: ten megabytes for each of them, and
# two and a half.
_WHERE_USED = ("psycopg", "eventlab.views.sqlite", "eventlab.views.view")


def _modules() -> list[str]:
    return [*_MODULES, *(name for name in _WHERE_USED if name in sys.modules)]


class Machinery:
    """Fork services, and carry what goes between them; each part begins when it is needed.

    The runs of an experiment share it. What was killed begins again when somebody asks for a link.
    May be used from any thread; `close` ends all of it.
    """

    def __init__(self, broker: Seat) -> None:
        self.forking = Forking(_modules())
        self._broker = broker
        self._lock = threading.RLock()
        self._proxy = Proxy()
        self._kafka: KafkaLink | None = None
        self._letting_go: Callable[[], object] = lambda: None  # of the broker's changes

    def link(self, name: str, target_port: int) -> HttpLink:
        """Return the link of this name to a port, made where it is not there."""
        with self._lock:
            self._start_proxy()
            link = self._proxy.links.get(name)
            if not isinstance(link, HttpLink):
                return self._proxy.link(name, target_port)
            link.retarget(target_port)
            return link

    def kafka_link(self, client_id: str) -> ClientLink:
        """Return the link by which clients of this id reach the log, made where it is not there.

        Raises BrokerError where the log is reached by TLS that cannot be followed.
        """
        with self._lock:
            kafka = self._kafka_link()
            link = self._proxy.links.get(client_id)
            return link if isinstance(link, ClientLink) else kafka.client(client_id)

    def close(self) -> None:
        """End all processes; what is asked for later begins anew."""
        with self._lock:
            letting_go = self._letting_go
            proxy = self._proxy
            self._letting_go = lambda: None
            self._proxy = Proxy()
            self._kafka = None
            close_all([letting_go, self.forking.stop, proxy.stop])

    def _kafka_link(self) -> KafkaLink:
        self._start_proxy()  # where it was killed
        if self._kafka is None:
            self._kafka = self._proxy.kafka_link(self._broker.client_settings)
            self._letting_go = self._broker.on_change(self._follow)
        return self._kafka

    def _start_proxy(self) -> None:
        try:
            self._proxy.start()
        except BaseException:  # one that has not started cannot be started again
            self._proxy = Proxy()
            self._kafka = None
            raise

    def _follow(self, state: BrokerState) -> None:
        """Lead to where a broker listens that was started again."""
        kafka = self._kafka
        if kafka is not None and state.state == "running":
            kafka.retarget(self._broker.bootstrap_servers)
