"""AVRO: a record with a field for each column, or a single column by itself.

Bytes are in Confluent's wire format: they name the schema by which they were written, which the
registry knows. What others have written is read by the names of its fields, as ksqlDB does it.
"""

import json
from collections.abc import Callable
from functools import cached_property
from io import BytesIO
from typing import Any, TypeAlias

import fastavro

from eventlab.errors import ContractError, EventError, SqlError
from eventlab.log.schemas.avro_schema import AvroSchema, parsed
from eventlab.log.schemas.wire import framed, head
from eventlab.sql.formats.avro_types import NAME, NoSuchType, avro_of_columns, schema_of
from eventlab.sql.formats.avro_values import columns_reader, plain, value_reader, writer_of
from eventlab.sql.formats.serde import Columns, Serde, Unreadable, Values
from eventlab.sql.schemas import Schemas
from eventlab.sql.types import StructType, types_within

_Read: TypeAlias = Callable[[bytes], list[Any] | None]

# What fastavro raises at bytes that are not what their schema says.
_DAMAGED = (ValueError, TypeError, EOFError, IndexError, KeyError, OverflowError, StopIteration)


def avro_serde(
    columns: Columns, schemas: Schemas, subject: str, full_name: str, *, is_wrapped: bool
) -> Serde:
    """Return the Avro of columns; a single one that is not wrapped stands by itself.

    Their schema is registered under the subject with the first value that is written. Raises
    SqlError for names that Avro cannot hold.
    """
    schema = avro_schema(columns, full_name, is_wrapped=is_wrapped)
    writing = _Writing(columns, schemas, subject, schema, is_wrapped=is_wrapped)
    reading = _Reading(columns, schemas, is_wrapped=is_wrapped)
    return Serde(reading.read, writing.write)


def avro_schema(columns: Columns, full_name: str, *, is_wrapped: bool) -> AvroSchema:
    """Return the schema that is registered for columns. Raises SqlError."""
    for name, kind in columns:
        if is_wrapped:
            _require_name(name, name)
        for inner in types_within(kind):
            for field, _ in inner.fields if isinstance(inner, StructType) else ():
                _require_name(field, name)
    try:
        return parsed(json.dumps(avro_of_columns(columns, full_name, is_wrapped=is_wrapped)))
    except ContractError as error:
        raise SqlError(
            "Avro cannot hold these columns",
            expected=error.expected,
            found=error.found,
            remedy="Give the columns other names: their structs have names made of these.",
        ) from None


def _require_name(name: str, column: str) -> None:
    if not NAME.fullmatch(name):
        raise SqlError(
            f"The format AVRO cannot hold the column {column}",
            expected="names of letters, digits and underscores",
            found=name,
            remedy="Give it another name, or use JSON.",
        )


class _Writing:
    """Write values by the schema of their columns."""

    def __init__(
        self,
        columns: Columns,
        schemas: Schemas,
        subject: str,
        schema: AvroSchema,
        *,
        is_wrapped: bool,
    ) -> None:
        self._schemas = schemas
        self._subject = subject
        self._schema = schema
        self._form: Any = fastavro.parse_schema(plain(json.loads(schema.text)))
        self._names = [name for name, _ in columns] if is_wrapped else None
        self._writers = [
            (place, write)
            for place, (_, kind) in enumerate(columns)
            if (write := writer_of(kind)) is not None
        ]

    @cached_property
    def _head(self) -> bytes:
        return head(self._schemas.register(self._subject, self._schema))

    def write(self, values: Values) -> bytes | None:
        """Return the bytes of values, None for a single NULL. Raises SqlError."""
        if self._names is None and values[0] is None:
            return None
        if self._writers:
            values = list(values)
            for place, write in self._writers:
                if values[place] is not None:
                    values[place] = write(values[place])
        names = self._names
        datum = values[0] if names is None else dict(zip(names, values, strict=True))
        buffer = BytesIO()
        buffer.write(self._head)
        fastavro.schemaless_writer(buffer, self._form, datum)
        return buffer.getvalue()


class _Reading:
    """Read values by whichever schema they were written."""

    def __init__(self, columns: Columns, schemas: Schemas, *, is_wrapped: bool) -> None:
        self._columns = columns
        self._schemas = schemas
        self._is_wrapped = is_wrapped
        self._by_id: dict[int, _Read] = {}

    def read(self, data: bytes) -> list[Any] | None:
        """Return the values of the columns. Raises Unreadable, and SqlError without a registry."""
        try:
            schema_id, payload = framed(data)
        except EventError as error:
            raise Unreadable(f"{error.summary}: found {error.found}") from None
        read = self._by_id.get(schema_id)
        if read is None:
            read = self._by_id[schema_id] = self._reader(schema_id)
        return read(payload)

    def _reader(self, schema_id: int) -> _Read:
        """Return what reads the values of one schema; where it cannot, it says so of each."""
        try:
            return self._reading(self._schemas.by_id(schema_id))
        except (Unreadable, NoSuchType) as error:
            why = f"by the schema {schema_id}, {error}"

        def unreadable(_payload: bytes) -> list[Any] | None:
            raise Unreadable(why)

        return unreadable

    def _reading(self, written: AvroSchema) -> _Read:
        form: Any = fastavro.parse_schema(plain(json.loads(written.text)))
        schema = schema_of(written.form)
        if self._is_wrapped:
            pick = columns_reader(self._columns, schema)
        else:
            ((name, kind),) = self._columns
            convert = value_reader(name, kind, schema)

            def pick(value: Any) -> list[Any]:
                return [convert(value)]

        def read(payload: bytes) -> list[Any] | None:
            buffer = BytesIO(payload)
            try:
                found: Any = fastavro.schemaless_reader(buffer, form, None)
            except _DAMAGED as error:
                raise Unreadable(f"it is not what its schema says: {error!r}") from None
            if buffer.tell() < len(payload):
                raise Unreadable("it is longer than its schema says")
            return None if found is None else pick(found)

        return read
