"""Where an event breaks a schema: the field, what was expected there, what was found."""

import re
from collections.abc import Iterator, Mapping
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
    farthest = max(errors, key=lambda one: len(one.field or ""))
    same = [one for one in errors if one.field == farthest.field]
    names = form.get("__named_schemas", {}) if isinstance(form, Mapping) else {}
    path = list(_fields(form, farthest.field or "", names))
    expected = " or ".join(dict.fromkeys(_words(one.schema) for one in same))
    found = "nothing" if _is_missing(event, path) else shown(farthest.datum)
    return Breach(".".join(path), expected, found)


def _fields(schema: Any, place: str, names: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields that lead to a place, which fastavro names with the records between them."""
    for record in _records(schema, names):
        rest = place.removeprefix(f"{record['name']}.")
        # The longest first: a name may be the beginning of another.
        for field in sorted(record["fields"], key=lambda one: -len(one["name"])):
            name = field["name"]
            if rest != place and (rest == name or rest.startswith(f"{name}.")):
                yield name
                yield from _fields(field["type"], rest[len(name) + 1 :], names)
                return


def _records(schema: Any, names: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the records that may stand where a schema is: of a union, a list or a map, too."""
    if isinstance(schema, str):
        schema = names.get(schema, schema)
    if isinstance(schema, list):
        for branch in schema:
            yield from _records(branch, names)
    elif isinstance(schema, Mapping):
        if "fields" in schema:
            yield schema
        for part in ("type", "items", "values"):
            if isinstance(schema.get(part), Mapping | list) or part != "type":
                yield from _records(schema.get(part), names)


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
