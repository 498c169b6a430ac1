"""A proxy in a process of its own, which has the ways that can be broken: its links."""

import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, TypeVar

from eventlab.arguments import required_name
from eventlab.checked import checked
from eventlab.errors import EventlabError, UsageError
from eventlab.processes.closing import close_all
from eventlab.services.kafka_link import KafkaLink
from eventlab.services.link import HttpLink, Link
from eventlab.services.proxy_process import ProxyProcess

AnyLink = TypeVar("AnyLink", bound="Link")


class Proxy:
    """Stand between clients and services, and break what goes through as its links say.

    All links are in one process, which ends with this one, kill -9 included. Links may be made
    before `start` and after it. When the process is gone their ports refuse connections, until
    `start` brings it back with its links and their faults. All methods may be called from any
    thread.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._links: dict[str, Link] = {}
        self._process = ProxyProcess()
        self._is_stopped = False

    # -- what one sees --------------------------------------------------------------------------

    @property
    def links(self) -> dict[str, Link]:
        """Return the links by their names, those of clients of Kafka included."""
        return dict(self._links)

    @property
    def pid(self) -> int | None:
        """Return the id of its process, None before the start."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Tell whether its process runs."""
        return self._process.is_alive

    @property
    def error(self) -> EventlabError | None:
        """Return what ended it, None if nothing did, or it was stopped."""
        return self._process.error

    # -- what one can do ------------------------------------------------------------------------

    @checked
    def link(self, name: str, target_port: int, *, port: int = 0) -> HttpLink:
        """Return a new link, from a port of this machine to another one, where nobody need be.

        `port` 0 is any free one, and the link's `port` and `url` say which. It stays reserved until
        the proxy is stopped, so that no other program takes it while nobody listens. Raises
        UsageError for a name that another link has, and ServiceError for a port that is taken.
        """
        return self._add(HttpLink(self, _required_new(name, self._links), target_port, port))

    @checked
    def kafka_link(self, settings: Mapping[str, Any], *, name: str = "kafka") -> KafkaLink:
        """Return a new link to a Kafka, whose faults may differ from client to client.

        `settings` are those of its clients, such as `lab.kafka`; the link's own `settings` are for
        those that come by way of it. It leads to all brokers of the cluster, also where clients
        reach these by TLS. Raises UsageError for a name that another link has or settings without
        an address, and BrokerError for settings of TLS that cannot be followed.
        """
        return self._add(KafkaLink(self, _required_new(name, self._links), settings))

    def start(self) -> None:
        """Start the process, and return when all links take connections.

        While it runs a second call does nothing. Raises ServiceError, and UsageError after a stop.
        """
        with self._lock:
            if self._is_stopped:
                raise _is_stopped()
            if self._process.error is not None:  # it was killed
                self._process = ProxyProcess()
            try:
                self._process.start(one for link in self.links.values() for one in link.commands())
            except BaseException:
                self.stop()
                raise

    def stop(self) -> None:
        """End the process and let the ports go; a second call does nothing."""
        with self._lock:
            self._is_stopped = True
            close_all([self._process.stop, *(link.close for link in self._links.values())])

    def __enter__(self) -> "Proxy":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # -- for its links --------------------------------------------------------------------------

    def ask(self, command: object) -> Any:
        """Let the process do something, and return its answer; None before the start.

        Raises ServiceError when it is not there any more.
        """
        return self._process.ask(command)

    def add(self, link: Link) -> None:
        """Let a link be known under its name, and take connections if the proxy runs."""
        with self._lock:
            if self._is_stopped:
                raise _is_stopped()
            _required_new(link.name, self._links)
            for command in link.commands():
                self.ask(command)
            self._links[link.name] = link

    def _add(self, link: AnyLink) -> AnyLink:
        try:
            self.add(link)
        except BaseException:
            link.close()
            raise
        return link


def _required_new(name: str, links: dict[str, Link]) -> str:
    required_name("name", name, example='"warehouse"')
    if name not in links:
        return name
    raise UsageError(
        f"There is a link {name!r} already",
        expected="a name that no other link of the proxy has",
        found=", ".join(map(repr, links)),
        remedy=f"Use that one, proxy.links[{name!r}], or pass another name.",
    )


def _is_stopped() -> UsageError:
    return UsageError(
        "The proxy has been stopped",
        expected="one that was not",
        found="a stopped one",
        remedy="Make a new one: Proxy().",
    )
