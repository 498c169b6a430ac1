"""The types of ksqlDB's dialect, and what stands for each value in Python.

```text
BOOLEAN          bool
INTEGER, BIGINT  int        within 32 and 64 bits; what is beyond wraps round, as Java's does
DOUBLE           float
DECIMAL(p, s)    Decimal    with just s digits behind the point
STRING           str
BYTES            bytes
DATE             int        days since 1970
TIME             int        milliseconds since midnight
TIMESTAMP        int        milliseconds since 1970
ARRAY<T>         list
MAP<K, V>        dict
STRUCT<A T, …>   dict       by the names of its fields, in their order
```

NULL is None. Source: ksqlDB's reference, "Data types".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Plain:
    """A type that has nothing but a name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class DecimalType:
    """A decimal number of `precision` digits, `scale` of them behind the point."""

    precision: int
    scale: int

    def __str__(self) -> str:
        return f"DECIMAL({self.precision}, {self.scale})"


@dataclass(frozen=True)
class ArrayType:
    """A list of values of one type."""

    item: "SqlType"

    def __str__(self) -> str:
        return f"ARRAY<{self.item}>"


@dataclass(frozen=True)
class MapType:
    """Values of one type by keys of one type."""

    key: "SqlType"
    value: "SqlType"

    def __str__(self) -> str:
        return f"MAP<{self.key}, {self.value}>"


@dataclass(frozen=True)
class StructType:
    """Values of several types, each with a name."""

    fields: tuple[tuple[str, "SqlType"], ...]

    def __str__(self) -> str:
        return f"STRUCT<{', '.join(f'`{name}` {kind}' for name, kind in self.fields)}>"

    def field(self, name: str) -> "SqlType | None":
        """Return the type of a field, None where there is none of that name."""
        return dict(self.fields).get(name)


@dataclass(frozen=True)
class NamedType:
    """A type that the statement names, made by CREATE TYPE; the catalog knows what it is."""

    name: str

    def __str__(self) -> str:
        return self.name


SqlType: TypeAlias = Plain | DecimalType | ArrayType | MapType | StructType | NamedType

BOOLEAN = Plain("BOOLEAN")
INTEGER = Plain("INTEGER")
BIGINT = Plain("BIGINT")
DOUBLE = Plain("DOUBLE")
STRING = Plain("STRING")
BYTES = Plain("BYTES")
DATE = Plain("DATE")
TIME = Plain("TIME")
TIMESTAMP = Plain("TIMESTAMP")

# As statements write them; VARCHAR and STRING are one type, INT and INTEGER too.
BY_NAME = {
    "BOOLEAN": BOOLEAN,
    "INT": INTEGER,
    "INTEGER": INTEGER,
    "BIGINT": BIGINT,
    "DOUBLE": DOUBLE,
    "VARCHAR": STRING,
    "STRING": STRING,
    "BYTES": BYTES,
    "DATE": DATE,
    "TIME": TIME,
    "TIMESTAMP": TIMESTAMP,
}


def is_number(kind: SqlType | None) -> bool:
    """Tell whether values of a type can be added and multiplied."""
    return kind in (INTEGER, BIGINT, DOUBLE) or isinstance(kind, DecimalType)


def types_within(kind: SqlType) -> Iterator[SqlType]:
    """Yield a type, and every type inside of it."""
    yield kind
    for inner in _parts(kind):
        yield from types_within(inner)


def _parts(kind: SqlType) -> list[SqlType]:
    match kind:
        case ArrayType():
            return [kind.item]
        case MapType():
            return [kind.key, kind.value]
        case StructType():
            return [inner for _, inner in kind.fields]
        case _:
            return []
