"""Avro's types for those of SQL, as ksqlDB registers them, and SQL's for what others registered.

Every column and field may be NULL, so each is a union with null. A map is an array of entries, each
a record of key and value, since its keys may be NULL too; `connect.internal.type` says that it is
one. Records have the names that ksqlDB gives them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from eventlab.sql.formats.serde import Columns
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    BYTES,
    DATE,
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    TIMESTAMP,
    ArrayType,
    DecimalType,
    MapType,
    SqlType,
    StructType,
)

Avro: TypeAlias = Any  # a type as JSON has it: a name, a list of types, or an object

VALUE_NAME = "io.confluent.ksql.avro_schemas.KsqlDataSourceSchema"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_ENTRY_MARK = "connect.internal.type"
_ENTRY = "MapEntry"
_ENTRY_FIELDS = ["key", "value"]
_PLAIN: dict[SqlType, Avro] = {
    BOOLEAN: "boolean",
    INTEGER: "int",
    BIGINT: "long",
    DOUBLE: "double",
    STRING: "string",
    BYTES: "bytes",
    DATE: {"type": "int", "logicalType": "date"},
    TIME: {"type": "int", "logicalType": "time-millis"},
    TIMESTAMP: {"type": "long", "logicalType": "timestamp-millis"},
}
_KINDS: dict[tuple[str, str | None], SqlType] = {
    ("int", "date"): DATE,
    ("int", "time-millis"): TIME,
    ("long", "timestamp-millis"): TIMESTAMP,
}
_KINDS_OF_PLAIN: dict[str, SqlType] = {
    "boolean": BOOLEAN,
    "int": INTEGER,
    "long": BIGINT,
    "float": DOUBLE,
    "double": DOUBLE,
    "string": STRING,
    "enum": STRING,
    "bytes": BYTES,
    "fixed": BYTES,
}


class NoSuchType(ValueError):
    """Report that an Avro type has no counterpart here; this is why."""


def key_name(source: str) -> str:
    """Return the name of the record of a key: `ORDERS_BY_DAY` has `OrdersByDayKey`."""
    words = "".join(word.capitalize() for word in source.split("_"))
    namespace = VALUE_NAME.rpartition(".")[0]
    return f"{namespace}.{words}Key"


# -- from columns to Avro -----------------------------------------------------------------------


def avro_of_columns(columns: Columns, full_name: str, *, is_wrapped: bool) -> Avro:
    """Return the schema of columns: a record, or of a single one that is not wrapped its type."""
    if is_wrapped:
        return _record(columns, full_name)
    ((_, kind),) = columns
    return _avro(kind, full_name)


def _record(fields: Columns, name: str) -> Avro:
    described = [
        {"name": one, "type": ["null", _avro(kind, f"{name}_{one}")], "default": None}
        for one, kind in fields
    ]
    return {"type": "record", "name": name, "fields": described}


def _avro(kind: SqlType, name: str) -> Avro:
    """Return the Avro type of a column; `name` is for the records in it."""
    match kind:
        case DecimalType(precision, scale):
            digits = {"precision": precision, "scale": scale}
            return {"type": "bytes", "logicalType": "decimal"} | digits
        case ArrayType(item):
            return {"type": "array", "items": ["null", _avro(item, name)]}
        case MapType(_, value):
            return {"type": "array", "items": _entry(value, name)}
        case StructType(fields):
            return _record(fields, name)
        case _:
            return _PLAIN[kind]


def _entry(value: SqlType, name: str) -> Avro:
    fields = [
        {"name": "key", "type": ["null", "string"], "default": None},
        {"name": "value", "type": ["null", _avro(value, f"{name}_MapValue")], "default": None},
    ]
    return {"type": "record", "name": name, "fields": fields, _ENTRY_MARK: _ENTRY}


# -- from Avro to columns -----------------------------------------------------------------------


@dataclass(frozen=True)
class Schema:
    """A type of a schema that fastavro has read, with the names that stand for types in it."""

    avro: Avro
    names: Mapping[str, Avro]
    within: frozenset[str] = field(default_factory=frozenset)

    @property
    def name(self) -> str:
        """Return which of Avro's types it is; "union" for several."""
        return self.avro if isinstance(self.avro, str) else str(self.avro["type"])

    @property
    def logical(self) -> str | None:
        """Return the logical type, None where there is none."""
        return None if isinstance(self.avro, str) else self.avro.get("logicalType")

    @property
    def is_decimal(self) -> bool:
        """Tell whether it is a decimal number."""
        return self.name in ("bytes", "fixed") and self.logical == "decimal"

    def fields(self) -> list[tuple[str, "Schema"]]:
        """Return the fields of a record. Raises NoSuchType for one that is in itself."""
        own = self.avro["name"]
        if own in self.within:
            raise NoSuchType(f"the record {own} is in itself")
        inside = self.within | {own}
        return [
            (one["name"], _bare(one["type"], self.names, inside)) for one in self.avro["fields"]
        ]

    def items(self) -> "Schema":
        """Return what is in an array."""
        return _bare(self.avro["items"], self.names, self.within)

    def values(self) -> "Schema":
        """Return what is in a map."""
        return _bare(self.avro["values"], self.names, self.within)

    def entry(self) -> dict[str, "Schema"] | None:
        """Return the key and the value of an array of entries, None where it is another array."""
        items = self.items()
        if items.name != "record" or items.avro.get(_ENTRY_MARK) != _ENTRY:
            return None
        fields = dict(items.fields())
        return fields if list(fields) == _ENTRY_FIELDS else None


def schema_of(form: Avro) -> Schema:
    """Return the outermost type of a schema that fastavro has read."""
    return _bare(form, {one["name"]: one for one in _named(form)}, frozenset())


def columns_of(schema: Schema, *, single: str | None = None) -> list[tuple[str, SqlType]]:
    """Return the columns that a schema describes, with names in capitals.

    They are the fields of its record; with `single`, one column of that name. A field of a type
    that ksqlDB has not is left out, as it does. Raises NoSuchType where none is left.
    """
    if single is not None:
        return [(single, kind_of(schema))]
    if schema.name != "record":
        raise NoSuchType(f"it is of type {schema.name}, and no record")
    found = _known_fields(schema)
    if not found:
        raise NoSuchType("none of its fields is of a type that there is here")
    return found


def kind_of(schema: Schema) -> SqlType:
    """Return the SQL type of an Avro type. Raises NoSuchType."""
    match schema.name:
        case "record":
            return StructType(tuple(_known_fields(schema)))
        case "array":
            entry = schema.entry()
            if entry is not None:
                return MapType(STRING, kind_of(entry["value"]))
            return ArrayType(kind_of(schema.items()))
        case "map":
            return MapType(STRING, kind_of(schema.values()))
    if schema.is_decimal:
        return DecimalType(schema.avro["precision"], schema.avro.get("scale", 0))
    found = _KINDS.get((schema.name, schema.logical)) or _KINDS_OF_PLAIN.get(schema.name)
    if found is None:
        raise NoSuchType(f"there is no type for {schema.name}")
    return found


def _known_fields(schema: Schema) -> list[tuple[str, SqlType]]:
    found = []
    for name, inner in schema.fields():
        try:
            found.append((name.upper(), kind_of(inner)))
        except NoSuchType:
            continue
    return found


def _bare(avro: Avro, names: Mapping[str, Avro], within: frozenset[str]) -> Schema:
    """Return a type without the union with null around it, and in place of a name what it names."""
    while True:
        if isinstance(avro, list):
            others = [one for one in avro if one != "null"]
            if len(others) != 1:
                return Schema("union" if others else "null", names, within)
            avro = others[0]
        elif isinstance(avro, str) and avro in names:
            avro = names[avro]
        elif isinstance(avro, dict) and isinstance(avro["type"], dict | list):
            avro = avro["type"]
        elif isinstance(avro, dict) and avro["type"] in names:
            avro = names[avro["type"]]
        else:
            return Schema(avro, names, within)


def _named(avro: Avro) -> Iterator[Avro]:
    """Yield the records, enums and fixed types that are declared within a type."""
    if isinstance(avro, list):
        for one in avro:
            yield from _named(one)
    elif isinstance(avro, dict):
        if "name" in avro:
            yield avro
        inside = [one["type"] for one in avro.get("fields", ())]
        for one in (avro["type"], avro.get("items"), avro.get("values"), *inside):
            yield from _named(one)
