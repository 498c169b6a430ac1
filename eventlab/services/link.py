"""A way that can be broken, and that to a service.

A client that calls a link's `url` in place of the target's meets what the link's faults say. With
no faults set, what goes through is as it was.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Protocol

from eventlab.arguments import required_whole_number
from eventlab.checked import checked
from eventlab.services.addresses import Address
from eventlab.services.faults import Faults
from eventlab.services.ports import LOOPBACK, Port
from eventlab.services.proxy import AddLink, Count, LinkCounts, Retarget, SetFaults

_LARGEST_PORT = 65_535


class LinksOwner(Protocol):
    """What a link needs of its proxy."""

    def ask(self, command: object) -> Any:
        """Let the proxy's process do something, and return its answer; None before the start."""

    def add(self, link: "Link") -> None:
        """Let a link be known under its name."""


class Link(ABC):
    """A way that can be broken; a Proxy makes it. All methods may be called from any thread."""

    def __init__(self, proxy: LinksOwner, name: str) -> None:
        self.name = name
        self._proxy = proxy
        self._faults = Faults()

    @property
    @abstractmethod
    def address(self) -> str:
        """Return where its clients begin: host and port."""

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

        Before the proxy's start they are kept for it. Raises ServiceError when its process is gone,
        and UsageError for an error_share on the way to a Kafka, which does not speak HTTP.
        """
        self._refuse_impossible(faults)
        # First, so that a start at this moment takes them along.
        self._faults = faults
        self._proxy.ask(SetFaults(self.name, faults))

    def heal(self) -> None:
        """Let nothing happen any more; what was hanging goes on. Raises as `set` does."""
        self.set(Faults())

    @abstractmethod
    def commands(self) -> Iterator[object]:
        """Yield what makes it as it is in the proxy's process."""

    @abstractmethod
    def close(self) -> None:
        """Let its port go, if it has one of its own."""

    @abstractmethod
    def _refuse_impossible(self, faults: Faults) -> None:
        """Raise UsageError for what cannot happen on this way."""


class HttpLink(Link):
    """One port that leads to another one; `Proxy.link` makes it.

    `name`, `port` and `url` stay, whatever happens to the target.
    """

    def __init__(self, proxy: LinksOwner, name: str, target_port: int, port: int) -> None:
        super().__init__(proxy, name)
        self._target_port = _required_port("target_port", target_port, at_least=1)
        self._kept = Port(_required_port("port", port, at_least=0))

    @property
    def port(self) -> int:
        """Return the port that clients connect to."""
        return self._kept.number

    @property
    def url(self) -> str:
        """Return where clients find it."""
        return f"http://{self.address}"

    @property
    def address(self) -> str:
        """Return where clients find it: host and port."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def target_port(self) -> int:
        """Return the port that new connections are passed on to."""
        return self._target_port

    @checked
    def retarget(self, port: int) -> None:
        """Pass new connections on to another port; open ones stay where they are."""
        self._target_port = _required_port("port", port, at_least=1)
        self._proxy.ask(Retarget(self.name, [Address(LOOPBACK, self._target_port)]))

    def commands(self) -> Iterator[object]:
        """Yield what makes it as it is in the proxy's process."""
        yield AddLink(self.name, self.port, Address(LOOPBACK, self._target_port))
        yield SetFaults(self.name, self._faults)

    def close(self) -> None:
        """Let its port go."""
        self._kept.close()

    def _refuse_impossible(self, faults: Faults) -> None:
        """Let everything happen."""

    def __repr__(self) -> str:
        return f"<HttpLink {self.name!r}: {self.port} to {self.target_port}>"


def _required_port(name: str, found: int, *, at_least: int) -> int:
    return required_whole_number(name, found, at_least=at_least, at_most=_LARGEST_PORT)
