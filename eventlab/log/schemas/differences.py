"""What keeps one schema from reading what another writes, in plain words.

avro's own result mixes the places and the words of several differences, so they are found here;
whether something is one, avro is asked.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from avro.compatibility import lookup_writer_field, schema_name_equals
from avro.schema import Schema

CanRead = Callable[[Schema, Schema], bool]
_NAMED = ("record", "error", "enum", "fixed")


def differences(
    reader: Schema, writer: Schema, can_read: CanRead, *, reader_is_new: bool
) -> list[str]:
    """Return what `reader` cannot read of what `writer` writes, each as a clause."""
    return list(_Looking(can_read, reader_is_new=reader_is_new).at(reader, writer, ""))


class _Looking:
    """One look at two schemas; types that name themselves are looked at once."""

    def __init__(self, can_read: CanRead, *, reader_is_new: bool) -> None:
        self._can_read = can_read
        self._reader_is_new = reader_is_new
        self._seen: set[tuple[int, int]] = set()

    def at(self, reader: Any, writer: Any, path: str) -> Iterator[str]:
        """Yield what differs at a place, which is named by the fields that lead there."""
        if self._can_read(reader, writer) or (id(reader), id(writer)) in self._seen:
            return
        self._seen.add((id(reader), id(writer)))
        if "union" in (reader.type, writer.type):
            yield from self._branches(reader, writer, path)
        elif reader.type != writer.type:
            yield f"{_place(path)} {self._changed(_words(reader), _words(writer))}"
        elif reader.type in _NAMED and not schema_name_equals(reader, writer):
            changed = self._changed(f"named {reader.name}", f"named {writer.name}")
            yield f"{_place(path, reader.type)} {changed}"
        else:
            yield from self._within(reader, writer, path)

    def _branches(self, reader: Any, writer: Any, path: str) -> Iterator[str]:
        for branch in _each(writer):
            if self._can_read(reader, branch):
                continue
            twin = next((one for one in _each(reader) if _key(one) == _key(branch)), None)
            if twin is None:
                yield f"{_place(path)} {self._changed(_words(reader), _words(writer))}"
                return
            yield from self.at(twin, branch, path)

    def _within(self, reader: Any, writer: Any, path: str) -> Iterator[str]:
        kind = reader.type
        if kind in ("record", "error"):
            for field in reader.fields:
                yield from self._at_field(field, writer, path)
        elif kind == "array":
            yield from self.at(reader.items, writer.items, f"{path}[]")
        elif kind == "map":
            yield from self.at(reader.values, writer.values, f"{path}{{}}")
        elif kind == "enum":
            yield self._symbols(reader, writer)
        else:
            sizes = self._changed(f"{reader.size} bytes long", f"{writer.size} bytes long")
            yield f"{_place(path, kind)} {sizes}"

    def _at_field(self, field: Any, writer: Any, path: str) -> Iterator[str]:
        here = f"{path}.{field.name}" if path else field.name
        theirs = lookup_writer_field(writer_schema=writer, reader_field=field)
        if theirs is not None:
            yield from self.at(field.type, theirs.type, here)
        elif not field.has_default:
            without = "has no default" if self._reader_is_new else "is gone and had no default"
            yield f"the field {here} {without}"

    def _symbols(self, reader: Any, writer: Any) -> str:
        missing = [symbol for symbol in writer.symbols if symbol not in reader.symbols]
        verb = "no longer has" if self._reader_is_new else "has besides"
        return f"the enum {reader.name} {verb} {', '.join(missing)}"

    def _changed(self, of_reader: str, of_writer: str) -> str:
        if self._reader_is_new:
            return f"was {of_writer} and is {of_reader}"
        return f"was {of_reader} and is {of_writer}"


def _each(schema: Any) -> list[Any]:
    return list(schema.schemas) if schema.type == "union" else [schema]


def _key(schema: Any) -> tuple[str, str]:
    return schema.type, getattr(schema, "name", "")


def _place(path: str, kind: str = "schema") -> str:
    return f"the field {path}" if path else f"the {kind}"


def _words(schema: Any) -> str:
    if schema.type == "union":
        return " or ".join(_words(branch) for branch in schema.schemas)
    if schema.type in _NAMED:
        return f"the {schema.type} {schema.name}"
    if schema.type == "array":
        return f"a list of {_words(schema.items)}"
    if schema.type == "map":
        return f"a map of {_words(schema.values)}"
    return str(json.loads(str(schema)) if isinstance(schema.type, str) else schema)
