"""The rows that queries work on: tuples of values, and what each place in them is called.

A row's key travels beside it as text, since steps group and join by text: the key columns' values
as a JSON array, and behind them the bounds of the window that the key is of.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

import msgspec

from eventlab.errors import SqlError
from eventlab.sql.catalog import Source, WindowedBy, near
from eventlab.sql.expressions.scope import Place, Scope
from eventlab.sql.formats.json_values import finite, reader_of
from eventlab.sql.syntax import Kind, Position
from eventlab.sql.types import BIGINT, INTEGER, STRING, SqlType

ROWTIME = "ROWTIME"
ROWPARTITION = "ROWPARTITION"
ROWOFFSET = "ROWOFFSET"
WINDOWSTART = "WINDOWSTART"
WINDOWEND = "WINDOWEND"
PLACE_COLUMNS = (ROWTIME, ROWPARTITION, ROWOFFSET)
WINDOW_COLUMNS = (WINDOWSTART, WINDOWEND)
SYSTEM_COLUMNS = (*PLACE_COLUMNS, *WINDOW_COLUMNS)
WHOLE = ""  # the source of a column that is of the whole row
_HIDDEN = "KSQL_INTERNAL_"  # what begins so is no column that a statement can name
_SYSTEM_TYPES: dict[str, SqlType] = {
    ROWTIME: BIGINT,
    ROWPARTITION: INTEGER,
    ROWOFFSET: BIGINT,
    WINDOWSTART: BIGINT,
    WINDOWEND: BIGINT,
}

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


@dataclass(frozen=True)
class Field:
    """One place in a row: its column's name, the source it is of, and its type."""

    name: str
    kind: SqlType
    source: str | None = None

    @property
    def is_system(self) -> bool:
        """Tell whether it is none of the statement's own columns, such as ROWTIME."""
        return self.name in SYSTEM_COLUMNS or self.name.startswith(_HIDDEN)

    @property
    def hidden(self) -> "Field":
        """Return the same place by a name that no statement can say."""
        return replace(self, name=f"{_HIDDEN}{self.name}")


@dataclass(frozen=True)
class Shape:
    """What rows of a stream or a table look like; `keys` are the places of the key's columns.

    Below a join several columns are the key as well: their places are in `alike`. `former_keys` are
    the places of the key's columns before PARTITION BY, None where there was none.
    """

    kind: Kind
    fields: tuple[Field, ...]
    keys: tuple[int, ...]
    window: WindowedBy | None = None
    alike: tuple[int, ...] = ()
    former_keys: tuple[int, ...] | None = None

    @property
    def key_types(self) -> list[SqlType]:
        """Return the types of the key's columns."""
        return [self.fields[place].kind for place in self.keys]

    @cached_property
    def scope(self) -> Scope:
        """Return what an expression of such a row may name."""
        return Scope(
            Place(field.name, field.kind, place, field.source or WHOLE)
            for place, field in enumerate(self.fields)
        )

    def place(self, name: str, source: str | None, position: Position | None = None) -> int:
        """Return where a column is; raise SqlError where there is none, or more than one."""
        found = [
            place
            for place, one in enumerate(self.fields)
            if one.name == name and (source is None or one.source == source)
        ]
        of_all = [place for place in found if self.fields[place].source is None]
        if len(found) == 1 or of_all:
            return (of_all or found)[0]
        shown_name = name if source is None else f"{source}.{name}"
        if found:
            owners = ", ".join(str(self.fields[place].source) for place in found)
            raise SqlError(
                f"It is not clear which column {shown_name} is",
                expected="a column of one source",
                found=f"one in each of {owners}",
                remedy=f"Write the source before it: {self.fields[found[0]].source}.{name}.",
                position=position,
            )
        names = {one.name: one for one in self.fields}
        raise SqlError(
            f"There is no column {shown_name}",
            expected=", ".join(one.name for one in self.fields if not one.is_system),
            found=near(name, names) or "nothing of that name",
            remedy="Names without backticks are in capitals.",
            position=position,
        )

    def is_called(self, place: int, name: str) -> bool:
        """Tell whether the column at a place has a name."""
        return self.fields[place].name == name

    def with_fields(self, fields: Iterable[Field]) -> "Shape":
        """Return the shape with further fields behind."""
        return replace(self, fields=(*self.fields, *fields))


def shape_of(source: Source, alias: str) -> Shape:
    """Return the shape of what is read from a source: its columns, and where each row is from."""
    fields = [Field(column.name, column.kind, alias) for column in source.columns]
    keys = [place for place, column in enumerate(source.columns) if column.role == "key"]
    system = PLACE_COLUMNS if source.window is None else SYSTEM_COLUMNS
    fields += [Field(name, _SYSTEM_TYPES[name], alias) for name in system]
    return Shape(source.kind, tuple(fields), tuple(keys), source.window)


def system_field(name: str) -> Field:
    """Return the field of a column that every row has, such as ROWTIME."""
    return Field(name, _SYSTEM_TYPES[name])


# -- keys ---------------------------------------------------------------------------------------


def key_text(values: Sequence[Any]) -> str | None:
    """Return the text of a key's values; None where there are none, or the only one is NULL."""
    if not values or (len(values) == 1 and values[0] is None):
        return None
    text = _encode(values)
    if b"null" in text:  # JSON has no number for what is not finite
        text = _encode([finite(value) for value in values])
    return text.decode()


def key_writer(kinds: Sequence[SqlType]) -> Callable[[tuple[Any, ...]], str | None]:
    """Return what gives the text of a key's values, and remembers it where that is quicker."""
    return lru_cache(maxsize=10_000)(key_text) if _are_plain(kinds) else key_text


def value_key_writer(kind: SqlType) -> Callable[[Any], str | None]:
    """Return what gives the text of a key of one value, likewise."""

    def text_of(value: Any) -> str | None:
        return key_text((value,))

    return lru_cache(maxsize=10_000)(text_of) if _are_plain([kind]) else text_of


def _are_plain(kinds: Sequence[SqlType]) -> bool:
    return all(kind in (STRING, INTEGER, BIGINT) for kind in kinds)


def key_reader(kinds: Sequence[SqlType]) -> Callable[[str | None], tuple[Any, ...]]:
    """Return what gives the values of a key's text back, as many as there are types."""
    converters = [reader_of(kind) for kind in kinds]

    @lru_cache(maxsize=10_000)
    def read(text: str | None) -> tuple[Any, ...]:
        if text is None:
            return (None,) * len(converters)
        found = _decode(text)[: len(converters)]
        return tuple(
            [
                None if value is None else convert(value)
                for convert, value in zip(converters, found, strict=True)
            ]
        )

    return read


def key_order(kinds: Sequence[SqlType]) -> Callable[[str | None], Any]:
    """Return what gives by what a key's text is ordered: its values, NULL last, at any depth."""
    read = key_reader(kinds)
    return lambda text: [_order(value) for value in read(text)]


def _order(value: Any) -> Any:
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        value = [_order(one) for one in value]
    return value is None, value


def windowed_key(text: str | None, start: int, end: int) -> str | None:
    """Return the text of a key and a window: another key in a join, and in a table."""
    return None if text is None else f"{text[:-1]},{start},{end}]"
