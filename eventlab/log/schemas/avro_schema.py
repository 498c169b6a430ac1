"""An Avro schema, as both libraries know it: `avro` for what it promises, `fastavro` for bytes."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import avro.errors
import avro.schema
import fastavro
from fastavro.schema import SchemaParseException, UnknownType

from eventlab.checked import checked
from eventlab.errors import ContractError, shown
from eventlab.log.schemas.schema_faults import Fault, first_fault

# What the two libraries raise at a schema that is none; fastavro lets Python's own errors through.
_NO_SCHEMA = (
    avro.errors.AvroException,
    SchemaParseException,
    UnknownType,
    AttributeError,
    KeyError,
    RecursionError,
    TypeError,
    ValueError,
)


class AvroSchema(NamedTuple):
    """A schema that both libraries take: its text, and one form for all texts that mean the same.

    `meaning` is avro's object, by which compatibility is judged; `form` is fastavro's, by which
    bytes are written and read.
    """

    text: str
    canonical: str
    meaning: avro.schema.Schema
    form: Any

    @property
    def name(self) -> str:
        """Return the name of its record, or of whatever type it is."""
        name = getattr(self.meaning, "fullname", None) or self.meaning.type
        return str(name)


@checked
def parsed(schema: str | Mapping[str, Any] | Sequence[Any]) -> AvroSchema:
    """Return a schema that is given as JSON, or as the dict or list that JSON would make.

    Raises ContractError, which says where it breaks.
    """
    return _parsed(schema if isinstance(schema, str) else _as_json(schema))


@lru_cache(maxsize=256)
def _parsed(text: str) -> AvroSchema:
    declared = _declared(text)
    fault = first_fault(declared)
    if fault is not None:
        raise _no_schema(fault)
    try:
        meaning = avro.schema.parse(text)
        form = fastavro.parse_schema(declared)
        canonical = json.dumps(meaning.to_json(), sort_keys=True)
    except _NO_SCHEMA as error:
        fault = Fault("", "a schema of Avro", str(error).rstrip(".") or type(error).__name__)
        raise _no_schema(fault) from None
    return AvroSchema(text, canonical, meaning, form)


def _declared(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise _no_schema(Fault("", "JSON", f"{shown(text)} ({error})")) from None


def _as_json(schema: object) -> str:
    try:
        return json.dumps(schema)
    except (TypeError, ValueError, RecursionError) as error:
        raise _no_schema(Fault("", "what JSON can hold", f"{shown(schema)} ({error})")) from None


def _no_schema(fault: Fault) -> ContractError:
    return ContractError(
        f"This is no Avro schema at {fault.place}" if fault.place else "This is no Avro schema",
        expected=fault.expected,
        found=fault.found,
        remedy='One is {"type": "record", "name": "Order", "fields": '
        '[{"name": "cents", "type": "int"}]}.',
    )
