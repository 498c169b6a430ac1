"""Where a schema breaks Avro's rules: the libraries say that it does, and mostly not where."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from fastavro.validation import validate

from eventlab.errors import shown

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_A_TYPE = f"one of {', '.join(PRIMITIVES)}, record, enum, array, map, fixed, or a name given before"
_A_NAME = "a name of letters, digits and underscores"

Names = set[str]


class Fault(NamedTuple):
    """A rule that is broken: where, as "fields.customer.type"; what was expected, what found."""

    place: str
    expected: str
    found: str


def first_fault(schema: object) -> Fault | None:
    """Return the first fault of a schema, None where there is none that is known here."""
    return next(_faults(schema, "", set()), None)


def _faults(schema: object, place: str, names: Names) -> Iterator[Fault]:
    if isinstance(schema, str):
        if schema not in PRIMITIVES and schema.rpartition(".")[2] not in names:
            yield Fault(place, _A_TYPE, shown(schema))
    elif isinstance(schema, list):
        yield from _faults_of_union(schema, place, names)
    elif isinstance(schema, Mapping):
        yield from _faults_of_type(schema, place, names)
    else:
        yield Fault(place, "the name of a type, a dict or a list", shown(schema))


def _faults_of_union(branches: list[Any], place: str, names: Names) -> Iterator[Fault]:
    seen: list[Any] = []
    for number, branch in enumerate(branches):
        here = _within(place, str(number))
        if isinstance(branch, list):
            yield Fault(here, "a type that is no union itself", shown(branch))
        elif isinstance(branch, str) and branch in seen:
            yield Fault(here, "each type once", f"{shown(branch)} again")
        else:
            yield from _faults(branch, here, names)
        seen.append(branch)


def _faults_of_type(schema: Mapping[str, Any], place: str, names: Names) -> Iterator[Fault]:
    kind = schema.get("type")
    if kind is None:
        yield Fault(_within(place, "type"), "a type", "none")
    elif isinstance(kind, str) and kind in _KINDS:
        yield from _KINDS[kind](schema, place, names)
    else:
        yield from _faults(kind, _within(place, "type"), names)


def _faults_of_record(schema: Mapping[str, Any], place: str, names: Names) -> Iterator[Fault]:
    yield from _faults_of_name(schema, place, names)
    fields = schema.get("fields")
    if not isinstance(fields, list):
        yield Fault(_within(place, "fields"), "a list of fields", shown(fields))
        return
    seen: set[str] = set()
    for number, field in enumerate(fields):
        yield from _faults_of_field(field, _within(place, f"fields.{number}"), names)
        name = field["name"]
        if name in seen:
            yield Fault(_within(place, f"fields.{name}"), "each name once", f"{name!r} again")
        seen.add(name)


def _faults_of_field(field: object, place: str, names: Names) -> Iterator[Fault]:
    if not isinstance(field, Mapping):
        yield Fault(place, "a dict with name and type", shown(field))
        return
    yield from _fault_of_word(field.get("name"), _within(place, "name"))
    named = f"{place.rpartition('.')[0]}.{field['name']}"
    if "type" not in field:
        yield Fault(_within(named, "type"), "a type", "none")
        return
    yield from _faults(field["type"], _within(named, "type"), names)
    if "default" in field and not _fits(field["default"], field["type"]):
        expected = f"a value of its type {shown(field['type'])}"
        yield Fault(_within(named, "default"), expected, shown(field["default"]))


def _faults_of_enum(schema: Mapping[str, Any], place: str, names: Names) -> Iterator[Fault]:
    yield from _faults_of_name(schema, place, names)
    symbols = schema.get("symbols")
    here = _within(place, "symbols")
    if not isinstance(symbols, list) or not all(isinstance(one, str) for one in symbols):
        yield Fault(here, "a list of names", shown(symbols))
    elif len(set(symbols)) < len(symbols):
        yield Fault(here, "each name once", shown(symbols))


def _faults_of_fixed(schema: Mapping[str, Any], place: str, names: Names) -> Iterator[Fault]:
    yield from _faults_of_name(schema, place, names)
    size = schema.get("size")
    if type(size) is not int or size < 0:
        yield Fault(_within(place, "size"), "a number of bytes", shown(size))


def _faults_of_array(schema: Mapping[str, Any], place: str, names: Names) -> Iterator[Fault]:
    yield from _faults(schema.get("items"), _within(place, "items"), names)


def _faults_of_map(schema: Mapping[str, Any], place: str, names: Names) -> Iterator[Fault]:
    yield from _faults(schema.get("values"), _within(place, "values"), names)


def _faults_of_name(schema: Mapping[str, Any], place: str, names: Names) -> Iterator[Fault]:
    name = schema.get("name")
    yield from _fault_of_word(name, _within(place, "name"))
    names.add(str(name).rpartition(".")[2])


def _fault_of_word(name: object, place: str) -> Iterator[Fault]:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield Fault(place, _A_NAME, "none" if name is None else shown(name))


def _fits(default: Any, kind: Any) -> bool:
    """Tell whether a default is of its type; of types with names the libraries judge."""
    kinds = kind if isinstance(kind, list) else [kind]
    if not all(one in PRIMITIVES for one in kinds if isinstance(one, str)):
        return True
    if not all(isinstance(one, str) for one in kinds) or "bytes" in kinds:
        return True
    return any(validate(default, one, raise_errors=False) for one in kinds)


def _within(place: str, part: str) -> str:
    return f"{place}.{part}" if place else part


_KINDS: dict[str, Callable[[Mapping[str, Any], str, Names], Iterator[Fault]]] = {
    "record": _faults_of_record,
    "error": _faults_of_record,
    "enum": _faults_of_enum,
    "fixed": _faults_of_fixed,
    "array": _faults_of_array,
    "map": _faults_of_map,
}
