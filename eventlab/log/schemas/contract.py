"""A contract: what the events of a topic look like to whoever is outside of the service."""

import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from fastavro import schemaless_reader, schemaless_writer
from fastavro.read import SchemaResolutionError
from fastavro.validation import ValidationError, validate

from eventlab.arguments import refused
from eventlab.errors import ContractError, EventError, EventlabError, shown
from eventlab.events import Event
from eventlab.log.schemas.avro_schema import AvroSchema, parsed
from eventlab.log.schemas.breaches import breach
from eventlab.log.schemas.compatibility import can_read, unreadable
from eventlab.log.schemas.registry_client import Registered, RegistryClient
from eventlab.log.schemas.wire import framed, head

_UNWRITABLE = (ValueError, TypeError, AttributeError, OverflowError, KeyError, IndexError)
_UNREADABLE = (ValueError, TypeError, EOFError, IndexError, KeyError, OverflowError, StopIteration)


class Contract:
    """One version of a topic's contract: encode events by it, and read by it what others wrote.

    `encode` holds an event to the schema; `decode` reads what any version has written, as this one
    knows it: what is missing gets its default, what is unknown is left out. Both are in Confluent's
    wire format. May be used from any thread, and goes to another process.
    """

    def __init__(self, registered: Registered, registry: RegistryClient) -> None:
        self.subject = registered.subject
        self.version = registered.version
        self.id = registered.id
        self._registered = registered
        self._registry = registry
        self._head = head(registered.id)
        self._form = registered.schema.form
        # A long may be no time that there is, and would be written all the same.
        self._is_narrower = "logicalType" in registered.schema.canonical
        self._writers: dict[int, AvroSchema] = {registered.id: registered.schema}

    def __repr__(self) -> str:
        return f"Contract({self.subject!r}, version={self.version}, id={self.id})"

    def __reduce__(self) -> tuple[Any, ...]:
        plain = (self.subject, self.version, self.id, self.text, self._registry)
        return _rebuilt, plain

    @property
    def text(self) -> str:
        """Return its schema as JSON, as Confluent's AvroSerializer and AvroDeserializer take it."""
        return self._registered.schema.text

    @property
    def schema(self) -> Any:
        """Return its schema as a dict."""
        return json.loads(self.text)

    def encode(self, event: Event | Mapping[str, Any]) -> bytes:
        """Return an event as it travels. Raises EventError, naming the field, where it breaks this.

        A field that the contract does not have is refused too; one that has a default may be
        missing.
        """
        fields = _fields(event)
        buffer = BytesIO(self._head)
        buffer.seek(len(self._head))
        try:
            # The writer alone would cut 1.5 to 1 and write a number that has no room.
            validate(fields, self._form)
            schemaless_writer(buffer, self._form, fields, strict_allow_default=True)
            if self._is_narrower:
                buffer.seek(len(self._head))
                schemaless_reader(buffer, self._form, self._form)
        except (ValidationError, *_UNWRITABLE) as error:
            raise self._broken(fields, error) from None
        return buffer.getvalue()

    def decode(self, value: bytes) -> dict[str, Any]:
        """Return the fields of an event, whichever version of the contract wrote it.

        Raises EventError for what is no event of a contract, ContractError where this version
        cannot read the other, and CallError where the registry does not answer.
        """
        if not isinstance(value, bytes):  # by hand: to be held to a signature takes longer than all
            raise refused("value", value, "bytes", "message.value()")
        schema_id, payload = framed(value)
        writer = self._writer(schema_id)
        try:
            fields: Any = schemaless_reader(BytesIO(payload), writer.form, self._form)
        except SchemaResolutionError as error:
            raise self._unreadable(schema_id, writer, error) from None
        except _UNREADABLE as error:
            if not can_read(self._registered.schema, writer):
                raise self._unreadable(schema_id, writer, error) from None
            raise self._damaged(value, error) from None
        return fields if isinstance(fields, dict) else {"value": fields}

    def _writer(self, schema_id: int) -> AvroSchema:
        writer = self._writers.get(schema_id)
        if writer is None:
            writer = self._writers[schema_id] = self._registry.schema(schema_id)
        return writer

    def _broken(self, fields: Any, error: Exception) -> EventError:
        found = breach(fields, self._form, error)
        place = f" in the field '{found.field}'" if found.field else ""
        return EventError(
            f"An event breaks the contract {self.subject}, version {self.version}{place}",
            expected=found.expected,
            found=found.found,
            remedy="It was not written. Correct it, or register a version that allows it.",
        )

    def _unreadable(self, schema_id: int, writer: AvroSchema, error: Exception) -> ContractError:
        version = self._version_of(schema_id)
        is_newer = version is None or self.version > version
        why = unreadable(self._registered.schema, writer, reader_is_new=is_newer)
        written = f"version {version}" if version else f"the schema with the id {schema_id}"
        return ContractError(
            f"A reader with version {self.version} of {self.subject} cannot read an event",
            expected=f"one that was written by a version that version {self.version} can read",
            found=f"one of {written}: {'; '.join(why) or error}",
            remedy="It stays in the topic: read it with a version of the contract that can.",
        )

    def _version_of(self, schema_id: int) -> int | None:
        try:
            return self._registry.version_of(schema_id, self.subject)
        except EventlabError:  # what could not be read is the news; the id names the version too
            return None

    def _damaged(self, value: bytes, error: Exception) -> EventError:
        return EventError(
            "A message is not what its schema says",
            expected=f"the bytes of an event of {self.subject}",
            found=f"{shown(value)} ({error or type(error).__name__})",
            remedy="It was cut or changed on its way: set it apart.",
        )


def _fields(event: Event | Mapping[str, Any]) -> Any:
    if isinstance(event, Event):
        return {name: getattr(event, name) for name in event.__struct_fields__}
    if not isinstance(event, Mapping):
        raise refused("event", event, "an event or a dict", "Order(...)")
    return event


def _rebuilt(
    subject: str, version: int, schema_id: int, text: str, registry: RegistryClient
) -> Contract:
    return Contract(Registered(subject, version, schema_id, parsed(text)), registry)
