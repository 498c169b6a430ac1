"""A registry in memory, for statements that are tried without one: what it answers is the same."""

from collections.abc import Callable
from typing import TypeVar

from eventlab.errors import ContractError
from eventlab.log.schemas.avro_schema import AvroSchema
from eventlab.log.schemas.registry_client import Registered
from eventlab.log.schemas.subjects import Refusal, Subjects, Version

Answer = TypeVar("Answer")


class MemoryRegistry:
    """Keep schemas as a registry does, as long as this object lives; for one thread at a time.

    Methods raise ContractError for what it refuses.
    """

    def __init__(self) -> None:
        self._subjects = Subjects()

    def register(self, subject: str, schema: AvroSchema) -> Registered:
        """Register a schema as the newest version of a subject; what is there already stays."""
        found = _answered(lambda: self._subjects.registering(subject, schema.text))
        self._subjects.apply(*found.entry)
        return _registered(found)

    def version(self, subject: str, version: int | None = None) -> Registered:
        """Return a version of a subject, by default the latest."""
        number = "latest" if version is None else str(version)
        return _registered(_answered(lambda: self._subjects.version(subject, number)))

    def schema(self, schema_id: int) -> AvroSchema:
        """Return the schema that has an id."""
        return _answered(lambda: self._subjects.by_id(schema_id))

    def version_of(self, schema_id: int, subject: str) -> int | None:
        """Return which version of a subject has an id, None where it has none."""
        places = _answered(lambda: self._subjects.places(schema_id))
        return next((one.version for one in places if one.subject == subject), None)

    def subjects(self, prefix: str = "") -> list[str]:
        """Return the names of what has schemas."""
        return self._subjects.names(prefix)

    def forget(self, subject: str) -> None:
        """Delete a subject with all its versions, for good."""
        for version in self._subjects.versions(subject):
            self._subjects.apply(*version.gone(for_good=True))


def _registered(found: Version) -> Registered:
    return Registered(found.subject, found.version, found.id, found.schema)


def _answered(question: Callable[[], Answer]) -> Answer:
    try:
        return question()
    except Refusal as refusal:
        raise ContractError(
            "The registry does not know this, or does not take it",
            expected="what it knows, and what earlier versions allow",
            found=refusal.message,
            remedy="Look at the subject's schemas.",
        ) from None
