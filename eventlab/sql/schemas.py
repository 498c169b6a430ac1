"""The schemas of topics, as statements need them: those of a registry, if there is one.

Key and value of a topic have a subject each, as in Confluent's registry: `orders-key` and
`orders-value`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, TypeVar

from eventlab.errors import CallError, ContractError, SqlError
from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.syntax import Position

if TYPE_CHECKING:  # Avro's libraries, which statements without it never need
    from eventlab.log.schemas.avro_schema import AvroSchema
    from eventlab.log.schemas.registry_client import Registered

Part: TypeAlias = Literal["key", "value"]
PARTS: tuple[Part, ...] = ("key", "value")
Answer = TypeVar("Answer")


class Registry(Protocol):
    """What is asked of a registry: log.schemas.registry_client has one, and memory_registry."""

    def register(self, subject: str, schema: "AvroSchema") -> "Registered":
        """Register a schema as the newest version of a subject."""

    def version(self, subject: str, version: int | None = None) -> "Registered":
        """Return a version of a subject, by default the latest."""

    def schema(self, schema_id: int) -> "AvroSchema":
        """Return the schema that has an id."""

    def version_of(self, schema_id: int, subject: str) -> int | None:
        """Return which version of a subject has an id, None where it has none."""

    def subjects(self, prefix: str = "") -> list[str]:
        """Return the names of what has schemas."""

    def forget(self, subject: str) -> None:
        """Delete a subject with all its versions, for good."""


def external_registry() -> Registry | None:
    """Return the registry that the environment names, None for none. Raises UsageError."""
    from eventlab.log.schemas.registry_client import external_url

    url = external_url()
    return None if url is None else registry_at(url)


def registry_at(url: str) -> Registry:
    """Return the registry at a URL; nothing is asked yet. Raises UsageError.

    It is another client each time: one remembers what it has registered, also where somebody else
    has deleted it since.
    """
    from eventlab.log.schemas.registry_client import RegistryClient

    return RegistryClient(url)


class Schemas:
    """Find and register the schemas of topics; may be used from any thread.

    `find` gives the registry, None where there is none; `topic_name` the name that a topic has in
    its cluster, by the one that statements use. Methods raise SqlError where there is no registry,
    where it does not answer, and for what it refuses.
    """

    def __init__(
        self,
        find: Callable[[], Registry | None] = lambda: None,
        topic_name: Callable[[str], str] = str,
    ) -> None:
        self._find = find
        self._topic_name = topic_name
        self._own: set[str] = set()

    def subject(self, topic: str, part: Part) -> str:
        """Return the subject of a topic's keys or values."""
        return f"{self._topic_name(topic)}-{part}"

    def own_name(self, subject: str) -> str:
        """Return the name of a subject as the registry has it, by the one in a statement."""
        for part in PARTS:
            topic = subject.removesuffix(f"-{part}")
            if topic != subject:
                return self.subject(topic, part)
        return subject

    def require(self, position: Position | None = None) -> Registry:
        """Return the registry; raise SqlError where there is none, at the place that needs it."""
        found = self._find()
        if found is None:
            raise SqlError(
                "The format AVRO needs a schema registry",
                expected="one that keeps the schemas of topics",
                found="none",
                remedy="In a notebook start one first: registry = lab.new_registry(). For one of"
                " your own, or a server, set EVENTLAB_SCHEMA_REGISTRY to its URL before it starts.",
                position=position,
            )
        return found

    def register(self, subject: str, schema: "AvroSchema") -> int:
        """Register a schema as the newest of a subject, and return its id."""
        is_new = subject not in self._own and not self.has(subject)
        try:
            found = self._asked(lambda registry: registry.register(subject, schema))
        except ContractError as error:
            raise SqlError(
                f"The registry does not take the schema of these columns for {subject}",
                expected=error.expected,
                found=error.found,
                remedy="Write to another KAFKA_TOPIC; or give names and types of the columns, and"
                " VALUE_AVRO_SCHEMA_FULL_NAME, as they are there.",
            ) from None
        if is_new:
            self._own.add(subject)
        return found.id

    def is_own(self, subject: str) -> bool:
        """Tell whether a subject has no schema but those that were registered here."""
        return subject in self._own

    def has(self, subject: str) -> bool:
        """Tell whether a subject has a schema."""
        return subject in self._asked(lambda registry: registry.subjects(subject))

    def has_id(self, schema_id: int, subject: str | None = None) -> bool:
        """Tell whether there is a schema of an id, under a subject where one is named."""
        try:
            if subject is None:
                self._asked(lambda registry: registry.schema(schema_id))
                return True
            found = self._asked(lambda registry: registry.version_of(schema_id, subject))
            return found is not None
        except ContractError:
            return False

    def newest(self, subject: str) -> "AvroSchema":
        """Return the newest schema of a subject that has one. Raises SqlError where it is none."""
        try:
            return self._asked(lambda registry: registry.version(subject)).schema
        except ContractError as error:
            raise SqlError(
                f"The columns cannot be taken from {subject}",
                expected="a schema of Avro",
                found=error.found,
                remedy="Write the columns, or another format.",
            ) from None

    def by_id(self, schema_id: int) -> "AvroSchema":
        """Return the schema of an id. Raises Unreadable where there is none."""
        try:
            return self._asked(lambda registry: registry.schema(schema_id))
        except ContractError as error:
            raise Unreadable(f"which the registry does not have: {error.found}") from None

    def forget(self, subject: str) -> None:
        """Delete a subject with all its schemas, if there is one."""
        self._own.discard(subject)
        if self.has(subject):
            self._asked(lambda registry: registry.forget(subject))

    def _asked(self, question: Callable[[Registry], Answer]) -> Answer:
        registry = self.require()
        try:
            return question(registry)
        except CallError as error:
            raise SqlError(
                error.summary,
                expected=error.expected,
                found=error.found,
                remedy=error.remedy,
            ) from None
