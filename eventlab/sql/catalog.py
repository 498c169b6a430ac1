"""What statements know by name: streams, tables, types, variables, the session's properties."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Literal, TypeAlias

from eventlab.errors import SqlError
from eventlab.sql.schemas import Schemas
from eventlab.sql.settings import Settings
from eventlab.sql.syntax import CreateType, Drop, DropType, Kind, Position
from eventlab.sql.types import BY_NAME, ArrayType, MapType, NamedType, SqlType, StructType

FormatName: TypeAlias = Literal["JSON", "DELIMITED", "KAFKA", "AVRO", "NONE"]


@dataclass(frozen=True)
class Format:
    """A format and its settings, of a key or of a value.

    `full_name` is that of a schema's record, None for ksqlDB's own; `schemas` knows the schemas of
    a format that has some.
    """

    name: FormatName
    is_wrapped: bool | None = None  # None: as the format does by itself
    delimiter: str | None = None
    full_name: str | None = None
    schemas: Schemas | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class WindowedBy:
    """What windows the keys of a topic are of; a session has no `size`."""

    kind: Literal["tumbling", "hopping", "session"]
    size: int | None = None


@dataclass(frozen=True)
class EventTime:
    """The column that says when a row happened, and how a text of it is written.

    A row that says no time is left out; where it `is_strict`, it ends the query.
    """

    column: str
    pattern: str | None = None
    is_strict: bool = False


@dataclass(frozen=True)
class SourceColumn:
    """A column of a stream or a table; `header` names the header that it is (`""`: all)."""

    name: str
    kind: SqlType
    role: Literal["key", "value", "headers"] = "value"
    header: str | None = None


@dataclass(frozen=True)
class Source:
    """A stream or a table, and the topic that it is in."""

    kind: Kind
    name: str
    columns: tuple[SourceColumn, ...]
    topic: str
    key_format: Format
    value_format: Format
    window: WindowedBy | None = None
    event_time: EventTime | None = None
    partitions: int | None = None
    replicas: int | None = None
    is_read_only: bool = False
    is_derived: bool = False  # made by CREATE … AS SELECT
    text: str = ""

    @property
    def keys(self) -> tuple[SourceColumn, ...]:
        """Return the columns of the key."""
        return tuple(column for column in self.columns if column.role == "key")

    @property
    def values(self) -> tuple[SourceColumn, ...]:
        """Return the columns of the value, without those that are headers."""
        return tuple(column for column in self.columns if column.role == "value")


@dataclass
class Catalog:
    """The sources by name, the types that CREATE TYPE made, the variables and the settings.

    `schemas` are those of topics, where there is a registry.
    """

    sources: dict[str, Source] = field(default_factory=dict)
    types: dict[str, SqlType] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    schemas: Schemas = field(default_factory=Schemas)

    def source(self, name: str, position: Position | None = None) -> Source:
        """Return a stream or a table; raise SqlError if there is none of that name."""
        found = self.sources.get(name)
        if found is None:
            raise SqlError(
                f"There is no stream or table {name}",
                expected="one that was created",
                found=near(name, self.sources) or "none of a name like it",
                remedy="SHOW STREAMS and SHOW TABLES list them.",
                position=position,
            )
        return found

    def add(
        self, source: Source, *, or_replace: bool = False, position: Position | None = None
    ) -> None:
        """Take a source in; raise SqlError if its name is taken, or it may not be replaced."""
        before = self.sources.get(source.name)
        if before is not None and not or_replace:
            raise SqlError(
                f"The name {source.name} is taken",
                expected="a name that no stream and no table has",
                found=f"a {before.kind} of that name",
                remedy="Take another name, DROP it first, or write CREATE OR REPLACE.",
                position=position,
            )
        if or_replace:
            _require_replaceable(before, source)
        self.sources[source.name] = source

    def drop(self, statement: Drop) -> Source | None:
        """Forget a source and return it, None for one that need not exist. Raises SqlError."""
        if statement.if_exists and statement.name not in self.sources:
            return None
        found = self.source(statement.name, statement.position)
        if found.kind != statement.kind:
            raise SqlError(
                f"{found.name} is a {found.kind}",
                expected=f"DROP {found.kind.upper()}",
                found=f"DROP {statement.kind.upper()}",
                remedy=f"Write DROP {found.kind.upper()} {found.name};",
                position=statement.position,
            )
        if found.is_read_only and statement.delete_topic:
            raise SqlError(
                f"The topic of {found.name} cannot be deleted with it",
                expected="DROP without DELETE TOPIC for a SOURCE, which is only read",
                found="DELETE TOPIC",
                remedy="Leave DELETE TOPIC out: the topic belongs to those who write it.",
            )
        return self.sources.pop(statement.name)

    def add_type(self, statement: CreateType) -> None:
        """Keep the type that CREATE TYPE makes; raise SqlError if its name is taken."""
        if statement.name not in self.types:
            self.types[statement.name] = self.resolved(statement.kind)
        elif not statement.if_not_exists:
            raise SqlError(
                f"There is a type {statement.name} already",
                expected="another name",
                found=f"{statement.name}, which is {self.types[statement.name]}",
                remedy="DROP TYPE it first, or write CREATE TYPE IF NOT EXISTS.",
            )

    def drop_type(self, statement: DropType) -> None:
        """Forget a type; raise SqlError if there is none of that name and there should be."""
        if statement.name not in self.types and not statement.if_exists:
            raise self._no_type(statement.name, None)
        self.types.pop(statement.name, None)

    def resolved(self, kind: SqlType, position: Position | None = None) -> SqlType:
        """Return a type with the names of types in it replaced; raise SqlError for an unknown."""
        if isinstance(kind, NamedType):
            found = self.types.get(kind.name)
            if found is None:
                raise self._no_type(kind.name, position)
            return found
        if isinstance(kind, ArrayType):
            return replace(kind, item=self.resolved(kind.item, position))
        if isinstance(kind, MapType):
            key = self.resolved(kind.key, position)
            return replace(kind, key=key, value=self.resolved(kind.value, position))
        if isinstance(kind, StructType):
            fields = [(name, self.resolved(inner, position)) for name, inner in kind.fields]
            return StructType(tuple(fields))
        return kind

    def _no_type(self, name: str, position: Position | None) -> SqlError:
        return SqlError(
            f"There is no type {name}",
            expected="a type of ksqlDB's, or one that CREATE TYPE made",
            found=near(name, self.types) or name,
            remedy=_nearest_type(name, self.types),
            position=position,
        )


def near(name: str, names: Mapping[str, object]) -> str:
    """Return what is written nearly like a name, as an error shows it; "" where nothing is."""
    found = get_close_matches(name, list(names), n=3)
    return f"the nearest: {', '.join(found)}" if found else ""


def _nearest_type(name: str, made: Mapping[str, object]) -> str:
    found = get_close_matches(name, [*made, *BY_NAME, "DECIMAL", "ARRAY", "MAP", "STRUCT"], n=1)
    return f"Did you mean {found[0]}?" if found else "SHOW TYPES lists those that were made."


def _require_replaceable(before: Source | None, after: Source) -> None:
    if after.is_read_only or (before is not None and before.is_read_only):
        raise SqlError(
            f"{after.name} cannot be replaced",
            expected="CREATE OR REPLACE of a stream or a table that was created without SOURCE",
            found="a SOURCE, which is only read",
            remedy="DROP it, and create it again.",
        )
    if before is not None and before.kind != after.kind:
        raise SqlError(
            f"{after.name} cannot be replaced",
            expected=f"CREATE OR REPLACE {before.kind.upper()}",
            found=f"a {after.kind} in place of a {before.kind}",
            remedy="DROP it first, or take another name.",
        )
