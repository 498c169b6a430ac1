"""Where an event breaks a schema: the field, what was expected there, what was found."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fastavro.validation import ValidationError, ValidationErrorData

from eventlab.errors import shown

_MORE_FIELDS = re.compile(r"more fields than the schema specifies: (?P<names>.*)")


class Breach(NamedTuple):
    """What breaks the schema: the field as "address.city", "" for the event as a whole."""

    field: str
    expected: str
    found: str


def breach(event: object, form: Any, error: Exception) -> Breach:
    """Return what fastavro objects to in an event, by its schema as fastavro has it."""
    if isinstance(error, ValidationError):
        return _invalid(event, form, list(error.errors))
    more = _MORE_FIELDS.search(str(error))
    if more is not None:
        return Breach(more["names"], "no such field", "one")
    return Breach("", "what its schema says", str(error) or type(error).__name__)


def _invalid(event: object, form: Any, errors: list[ValidationErrorData]) -> Breach:
    # Of a union each branch has its say; the one that came farthest was meant.
    names = form.get("__named_schemas", {}) if isinstance(form, Mapping) else {}
    paths = [next(_paths(event, form, one, names), []) for one in errors]
    path = max(paths, key=len)
    same = [one for one, its_path in zip(errors, paths, strict=True) if its_path == path]
    expected = " or ".join(dict.fromkeys(_words(one.schema) for one in same))
    found = "nothing" if _is_missing(event, path) else shown(same[0].datum)
    return Breach(".".join(path), expected, found)


def _paths(
    part: Any, schema: Any, error: ValidationErrorData, names: Mapping[str, Any]
) -> Iterator[list[str]]:
    """Yield the fields that lead to what an error is about: fastavro names records, not the way.

    Where the same value stands under the same schema, it is wrong there too.
    """
    if isinstance(schema, str):
        schema = names.get(schema, schema)
    if part is error.datum and schema == error.schema:
        yield []
    elif isinstance(schema, list):
        for branch in schema:
            yield from _paths(part, branch, error, names)
    elif isinstance(schema, Mapping):
        yield from _paths_within(part, schema, error, names)


def _paths_within(
    part: Any, schema: Mapping[str, Any], error: ValidationErrorData, names: Mapping[str, Any]
) -> Iterator[list[str]]:
    kind = schema["type"]
    if kind in ("record", "error") and isinstance(part, Mapping):
        for field in schema["fields"]:
            name = field["name"]
            value = part.get(name, field.get("default"))
            for path in _paths(value, field["type"], error, names):
                yield [name, *path]
    elif kind == "array" and isinstance(part, Sequence) and not isinstance(part, str | bytes):
        for one in part:
            yield from _paths(one, schema["items"], error, names)
    elif kind == "map" and isinstance(part, Mapping):
        for one in part.values():
            yield from _paths(one, schema["values"], error, names)
    elif isinstance(kind, Mapping | list):
        yield from _paths(part, kind, error, names)


def _is_missing(event: object, path: list[str]) -> bool:
    for name in path:
        if not isinstance(event, Mapping):
            return False
        if name not in event:
            return True
        event = event[name]
    return False


def _words(schema: Any) -> str:
    if isinstance(schema, Mapping):
        kind = schema.get("logicalType") or schema["type"]
        symbols = schema.get("symbols")
        if symbols is not None:
            return f"one of {', '.join(symbols)}"
        name = schema.get("name")
        return f"a {kind} {name}" if name else _words(kind)
    if isinstance(schema, list):
        return " or ".join(map(_words, schema))
    return str(schema)
