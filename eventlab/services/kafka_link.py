"""The ways of clients to the brokers of a Kafka."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eventlab.arguments import required_name
from eventlab.checked import checked
from eventlab.errors import UsageError
from eventlab.services.addresses import Address, addresses
from eventlab.services.faults import Faults
from eventlab.services.kafka_tls import tls_settings, without_tls
from eventlab.services.link import Link, LinksOwner
from eventlab.services.ports import LOOPBACK, Port
from eventlab.services.proxy import AddClient, AddKafkaLink, Retarget, SetFaults

_OTHER_NAME = "metadata.broker.list"  # librdkafka's own for bootstrap.servers


class KafkaLink(Link):
    """The way of clients to the brokers of a Kafka; `Proxy.kafka_link` makes it.

    Its own faults are those of every client that has no link of its own by `client`, and "refuse"
    closes the ports to all of them. `reset_share` is that of Kafka's requests.
    """

    def __init__(self, proxy: LinksOwner, name: str, settings: Mapping[str, Any]) -> None:
        super().__init__(proxy, name)
        self._tls = tls_settings(settings)
        self._settings = without_tls(settings)
        self._settings.pop(_OTHER_NAME, None)
        self._servers = _required_servers(settings)
        self._kept = Port()

    @property
    def address(self) -> str:
        """Return where clients begin: host and port."""
        return f"{LOOPBACK}:{self._kept.number}"

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings of clients that come by way of it: those it was made with, and it."""
        return self._settings | {"bootstrap.servers": self.address}

    @checked
    def client(self, client_id: str, *, name: str | None = None) -> "ClientLink":
        """Return a new link for the connections of one client, by its setting `client.id`.

        The link is called as the client, or by `name` where another link is called so already.
        Raises UsageError.
        """
        called = client_id if name is None else name
        link = ClientLink(
            self,
            self._proxy,
            called,
            required_name("client_id", client_id, example='"warehouse"'),
        )
        self._proxy.add(link)
        return link

    @checked
    def retarget(self, servers: str) -> None:
        """Let new connections begin at other `bootstrap.servers` of the cluster.

        Where these are alone, as after a restart at another port; its brokers say themselves where
        they are. Raises UsageError.
        """
        self._servers = _required_servers({"bootstrap.servers": servers})
        self._proxy.ask(Retarget(self.name, self._servers))

    def commands(self) -> Iterator[object]:
        """Yield what makes it as it is in the proxy's process."""
        yield AddKafkaLink(self.name, self._kept.number, self._servers, self._tls)
        yield SetFaults(self.name, self._faults)

    def close(self) -> None:
        """Let its port go."""
        self._kept.close()

    def _refuse_impossible(self, faults: Faults) -> None:
        _require_for_kafka(faults)

    def __repr__(self) -> str:
        return f"<KafkaLink {self.name!r}: {self.address}>"


class ClientLink(Link):
    """The connections of one client of a Kafka; `KafkaLink.client` makes it.

    Who a client is shows in its first request, so that "refuse" lets it connect and breaks the
    connection off then, as "reset" does.
    """

    def __init__(self, kafka: KafkaLink, proxy: LinksOwner, name: str, client_id: str) -> None:
        super().__init__(proxy, required_name("name", name, example='"warehouse"'))
        self.client_id = client_id
        self._kafka = kafka

    @property
    def address(self) -> str:
        """Return where it begins, as all clients of the Kafka do."""
        return self._kafka.address

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings of the client."""
        return self._kafka.settings | {"client.id": self.client_id}

    def commands(self) -> Iterator[object]:
        """Yield what makes it as it is in the proxy's process."""
        yield AddClient(self.name, self._kafka.name, self.client_id)
        yield SetFaults(self.name, self._faults)

    def close(self) -> None:
        """Leave the port to the other clients."""

    def _refuse_impossible(self, faults: Faults) -> None:
        _require_for_kafka(faults)

    def __repr__(self) -> str:
        return f"<ClientLink {self.name!r}>"


def _required_servers(settings: Mapping[str, Any]) -> Sequence[Address]:
    named = settings.get("bootstrap.servers") or settings.get(_OTHER_NAME, "")
    servers = addresses(str(named))
    if servers:
        return servers
    raise UsageError(
        "The settings name no cluster",
        expected="bootstrap.servers among them",
        found=", ".join(settings) or "no settings",
        remedy="Pass lab.kafka, or the settings of a client of yours.",
    )


def _require_for_kafka(faults: Faults) -> None:
    if faults.error_share:
        raise UsageError(
            "A broker does not answer with HTTP's status 503",
            expected="faults without an error_share",
            found=f"error_share={faults.error_share:g}",
            remedy="Use reset_share, or a mode.",
        )
