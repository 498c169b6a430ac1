"""A schema registry as the notebook knows it: one of the lab's own, or one that is there."""

import os
from typing import TYPE_CHECKING, Any, Self

from eventlab.checked import checked
from eventlab.errors import ServiceError, UsageError, shown
from eventlab.log.cluster import Cluster
from eventlab.log.schemas.avro_schema import parsed
from eventlab.log.schemas.compatibility import Level
from eventlab.log.schemas.contract import Contract
from eventlab.log.schemas.registry_client import VARIABLE, RegistryClient
from eventlab.log.schemas.schema_topic import made_anew
from eventlab.log.topics import Topic, require_topic_name
from eventlab.services.mesh import Mesh
from eventlab.services.ports import LOOPBACK
from eventlab.services.registry_app import RegistryApp
from eventlab.services.service import Service

if TYPE_CHECKING:
    import pandas

    from eventlab.services.http_service import HttpService

NAME = "schema registry"
_TOPIC = "_schemas"
_PROXIES = {"http_proxy", "all_proxy"}


def own_registry(mesh: Mesh, cluster: Cluster, prefix: str) -> "Registry":
    """Return a registry of the lab's own, anew and empty. Raises ServiceError."""
    reach_loopback_directly()
    topic = made_anew(Topic(cluster, prefix + _TOPIC))
    service = mesh.serve(NAME, RegistryApp(topic))
    return Registry(service.url, service, prefix)


def registry_at(url: str, prefix: str, *, is_own_prefix: bool) -> "Registry":
    """Return somebody else's registry; what only one user's names begin with is forgotten there."""
    registry = Registry(url, None, prefix)
    names = registry.subjects()  # raises CallError where it does not answer
    for name in names if is_own_prefix else []:
        registry.forget(name)
    return registry


def reach_loopback_directly() -> None:
    """Tell the HTTP clients of this process that a proxy of theirs is not for this machine.

    Confluent's client asks the environment for one, and has no setting against it.
    """
    if not any(name.lower() in _PROXIES for name in os.environ):
        return
    for name in ("NO_PROXY", "no_proxy"):
        without = os.environ.get(name, "")
        if LOOPBACK not in without:
            os.environ[name] = f"{without},{LOOPBACK}".strip(",")


class Registry:
    """Keep the contracts of topics, for whoever reads and writes them.

    `url` is for any client: SchemaRegistryClient({"url": registry.url}). All methods may be called
    from any thread, and raise ContractError for what the registry refuses, CallError where it does
    not answer.
    """

    def __init__(self, url: str, service: "HttpService | None" = None, prefix: str = "") -> None:
        self.url = url
        self._service = service
        self._prefix = prefix
        self._client = RegistryClient(url)

    def __repr__(self) -> str:
        return f"Registry({self._client!r})" if self.external else f"Registry({self._own!r})"

    @property
    def external(self) -> bool:
        """Tell whether it is somebody else's."""
        return self._service is None

    @checked
    def contract(
        self,
        topic: Topic | str,
        schema: str | dict[str, Any] | None = None,
        *,
        compatibility: Level | None = None,
        version: int | None = None,
    ) -> Contract:
        """Return the contract of a topic's values: this schema, which is registered if it is new.

        `compatibility` sets which changes its later versions may make. Without a schema it is the
        latest version, or the one of this number. The subject is the topic's name with "-value".
        """
        subject = self._subject(topic)
        if schema is None:
            return Contract(self._client.version(subject, version), self._client)
        if version is not None:
            raise _either(version)
        known = parsed(schema)  # before anything is asked or changed
        if compatibility is not None:
            self._client.set_level(subject, compatibility)
        return Contract(self._client.register(subject, known), self._client)

    def _subject(self, topic: Topic | str) -> str:
        if isinstance(topic, Topic):
            return f"{topic.name}-value"
        require_topic_name(topic)
        return f"{self._prefix}{topic.removeprefix(self._prefix)}-value"

    def schemas(self) -> "pandas.DataFrame":
        """Return the versions of all subjects of the lab: subject, version, id, compatibility."""
        import pandas

        rows = [
            {
                "subject": subject,
                "version": number,
                "id": self._client.version(subject, number).id,
                "compatibility": level,
            }
            for subject in self.subjects()
            for level in [self._client.level(subject)]
            for number in self._client.versions(subject)
        ]
        return pandas.DataFrame(rows, columns=["subject", "version", "id", "compatibility"])

    def subjects(self) -> list[str]:
        """Return the names of the lab's subjects."""
        return self._client.subjects(self._prefix)

    @checked
    def forget(self, subject: str) -> None:
        """Delete a subject with all its versions, for good."""
        self._client.forget(subject)

    # -- the service that it is -----------------------------------------------------------------

    @property
    def state(self) -> str:
        """Return how its process fares; of somebody else's nothing is known."""
        return "external" if self._service is None else self._service.state

    def start(self) -> Self:
        """Start it again; it finds what it knew in its topic."""
        self._own.start()
        return self

    def stop(self) -> None:
        """End it in peace."""
        self._own.stop()

    def kill(self) -> None:
        """End its process as kill -9 or a crash does."""
        self._own.kill()

    @property
    def output(self) -> str:
        """Return the end of what it has printed."""
        return self._own.output

    @property
    def _own(self) -> Service:
        if self._service is None:
            raise ServiceError(
                "This schema registry is not ours to start or end",
                expected="one that the lab has started",
                found=f"the one that {VARIABLE} names",
                remedy=f"Unset {VARIABLE} to use one of the lab's own.",
            )
        return self._service


def _either(version: object) -> UsageError:
    return UsageError(
        "A contract is asked for twice",
        expected="a schema, or the number of a version",
        found=f"a schema and version={shown(version)}",
        remedy="Leave one of them out.",
    )
