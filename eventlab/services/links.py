"""Ways to a service that can be broken: a proxy in a process of its own, and its links.

A client that calls a link's `url` in place of the target's meets what the link's faults say. With
no faults set, what goes through is as it was.
"""

import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any, TypeVar

from eventlab.arguments import required_name, required_whole_number
from eventlab.checked import checked
from eventlab.errors import EventlabError, UsageError
from eventlab.processes.closing import close_all
from eventlab.services.faults import Faults
from eventlab.services.ports import LOOPBACK, Port
from eventlab.services.proxy import (
    AddClient,
    AddLink,
    Count,
    LinkCounts,
    Retarget,
    SetFaults,
)
from eventlab.services.proxy_process import ProxyProcess

_LARGEST_PORT = 65_535

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
    def links(self) -> dict[str, "Link"]:
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
    def link(self, name: str, target_port: int, *, port: int = 0) -> "Link":
        """Return a new link, from a port of this machine to another one, where nobody need be.

        `port` 0 is any free one, and the link's `port` and `url` say which. It stays reserved until
        the proxy is stopped, so that no other program takes it while nobody listens. Raises
        UsageError for a name that another link has, and ServiceError for a port that is taken.
        """
        return self._add(Link(self, _required_new(name, self._links), target_port, port))

    @checked
    def kafka_link(self, target_port: int, *, port: int = 0, name: str = "kafka") -> "KafkaLink":
        """Return a new link to a broker, whose faults may differ from client to client.

        The broker has to advertise the link's port: clients go where its metadata send them.
        Raises as `link` does.
        """
        return self._add(KafkaLink(self, _required_new(name, self._links), target_port, port))

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

    def add(self, link: "Link") -> None:
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


class Link:
    """One port that leads to another one; `Proxy.link` makes it.

    `name`, `port` and `url` stay, whatever happens to the target. All methods may be called from
    any thread.
    """

    def __init__(self, proxy: Proxy, name: str, target_port: int, port: int) -> None:
        self.name = name
        self._proxy = proxy
        self._target_port = _required_port("target_port", target_port, at_least=1)
        self._kept = Port(_required_port("port", port, at_least=0))
        self._faults = Faults()

    @property
    def port(self) -> int:
        """Return the port that clients connect to."""
        return self._kept.number

    @property
    def url(self) -> str:
        """Return where clients find it, for HTTP."""
        return f"http://{self.address}"

    @property
    def address(self) -> str:
        """Return where clients find it: host and port."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def target_port(self) -> int:
        """Return the port that new connections are passed on to."""
        return self._target_port

    @property
    def faults(self) -> Faults:
        """Return what was set last."""
        return self._faults

    @property
    def counts(self) -> LinkCounts:
        """Return what has gone through, asked from the proxy; zeros before its start."""
        return self._proxy.ask(Count(self.name)) or LinkCounts(0, 0, 0, 0)

    @checked
    def set(self, faults: Faults) -> None:
        """Let these faults happen, on open connections too; return when they do.

        Before the proxy's start they are kept for it. Raises ServiceError when its process is gone.
        """
        # First, so that a start at this moment takes them along.
        self._faults = faults
        self._proxy.ask(SetFaults(self.name, faults))

    def heal(self) -> None:
        """Let nothing happen any more; what was hanging goes on. Raises as `set` does."""
        self.set(Faults())

    @checked
    def retarget(self, port: int) -> None:
        """Pass new connections on to another port; open ones stay where they are."""
        self._target_port = _required_port("port", port, at_least=1)
        self._proxy.ask(Retarget(self.name, self._target_port))

    def commands(self) -> Iterator[object]:
        """Yield what makes it as it is in the proxy's process."""
        yield AddLink(self.name, self.port, self._target_port, is_kafka=False)
        yield SetFaults(self.name, self._faults)

    def close(self) -> None:
        """Let its port go."""
        self._kept.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}: {self.port} to {self.target_port}>"


class KafkaLink(Link):
    """One port that leads to a broker; `Proxy.kafka_link` makes it.

    Its own faults are those of every client that has no link of its own by `client`, and "refuse"
    closes the port to all of them. `reset_share` is that of Kafka's requests.
    """

    @checked
    def client(self, client_id: str, *, name: str | None = None) -> "ClientLink":
        """Return a new link for the connections of one client, by its setting `client.id`.

        The link is called as the client, or by `name` where another link is called so already.
        Raises UsageError.
        """
        called = client_id if name is None else name
        link = ClientLink(
            self, self._proxy, called, required_name("client_id", client_id, example='"warehouse"')
        )
        self._proxy.add(link)
        return link

    @checked
    def set(self, faults: Faults) -> None:
        """Let these faults happen, as those of a link do. Raises UsageError for an error_share."""
        _require_for_kafka(faults)
        super().set(faults)

    def commands(self) -> Iterator[object]:
        """Yield what makes it as it is in the proxy's process."""
        yield AddLink(self.name, self.port, self._target_port, is_kafka=True)
        yield SetFaults(self.name, self._faults)


class ClientLink(Link):
    """The connections of one client of Kafka; `KafkaLink.client` makes it.

    Who a client is shows in its first request, so that "refuse" lets it connect and breaks the
    connection off then, as "reset" does.
    """

    def __init__(self, kafka: KafkaLink, proxy: Proxy, name: str, client_id: str) -> None:
        self.name = required_name("name", name, example='"warehouse"')
        self.client_id = client_id
        self._kafka = kafka
        self._proxy = proxy
        self._faults = Faults()

    @property
    def port(self) -> int:
        """Return the port that all clients of the broker connect to."""
        return self._kafka.port

    @property
    def target_port(self) -> int:
        """Return the broker's port."""
        return self._kafka.target_port

    @checked
    def set(self, faults: Faults) -> None:
        """Let these faults happen, as those of a link do. Raises UsageError for an error_share."""
        _require_for_kafka(faults)
        super().set(faults)

    @checked
    def retarget(self, port: int) -> None:
        """Pass new connections of all clients on to another port."""
        self._kafka.retarget(port)

    def commands(self) -> Iterator[object]:
        """Yield what makes it as it is in the proxy's process."""
        yield AddClient(self.name, self._kafka.name, self.client_id)
        yield SetFaults(self.name, self._faults)

    def close(self) -> None:
        """Leave the port to the other clients."""


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


def _required_port(name: str, found: int, *, at_least: int) -> int:
    return required_whole_number(name, found, at_least=at_least, at_most=_LARGEST_PORT)


def _require_for_kafka(faults: Faults) -> None:
    if faults.error_share:
        raise UsageError(
            "A broker does not answer with HTTP's status 503",
            expected="faults without an error_share",
            found=f"error_share={faults.error_share:g}",
            remedy="Use reset_share, or a mode.",
        )


def _is_stopped() -> UsageError:
    return UsageError(
        "The proxy has been stopped",
        expected="one that was not",
        found="a stopped one",
        remedy="Make a new one: Proxy().",
    )
