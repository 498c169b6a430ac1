"""JSON: an object with a field for each column, or a single column by itself."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from eventlab.sql.formats.json_fields import FieldsReader
from eventlab.sql.formats.json_values import (
    encode,
    exact_number,
    fields_reader,
    reader_of,
    shown,
    writer_of,
)
from eventlab.sql.formats.serde import Columns, Serde, Unreadable, Values

_decode = msgspec.json.Decoder(float_hook=exact_number).decode


def json_serde(columns: Columns, *, is_wrapped: bool) -> Serde:
    """Return the JSON of columns; a single one that is not wrapped stands by itself."""
    if is_wrapped:
        return Serde(_object_reader(columns), _object_writer(columns))
    ((_, kind),) = columns
    convert = reader_of(kind)

    def read(data: bytes) -> list[Any] | None:
        found = _decoded(data)
        return None if found is None else [convert(found)]

    prepare = writer_of(kind)

    def write(values: Values) -> bytes | None:
        return None if values[0] is None else encode(prepare(values[0]) if prepare else values[0])

    return Serde(read, write)


def _object_reader(columns: Columns) -> Callable[[bytes], Sequence[Any] | None]:
    pick = fields_reader([(name, reader_of(kind)) for name, kind in columns])

    def parse(data: bytes) -> dict[str, Any] | None:
        found = _decoded(data)
        if found is None or isinstance(found, dict):
            return found
        raise Unreadable(f"expected a JSON object, found {shown(found)}")

    return FieldsReader(columns, reader_of, parse, pick, exact_number).read


def _object_writer(columns: Columns) -> Callable[[Values], bytes | None]:
    names = {f"c{place}": name for place, (name, _) in enumerate(columns)}
    # msgspec writes a structure faster than a dict is made.
    shape = msgspec.defstruct("Fields", [(one, Any) for one in names], rename=names, gc=False)
    prepared = [
        (place, prepare)
        for place, (_, kind) in enumerate(columns)
        if (prepare := writer_of(kind)) is not None
    ]

    def write(values: Values) -> bytes | None:
        if prepared:
            values = list(values)
            for place, prepare in prepared:
                if values[place] is not None:
                    values[place] = prepare(values[place])
        return encode(shape(*values))

    return write


def _decoded(data: bytes) -> Any:
    try:
        return _decode(data)
    except msgspec.ValidationError:  # of what is to be of no type, only a number can be wrong
        raise Unreadable("a whole number in it is too large") from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Unreadable(f"it is no JSON: {error}") from None
