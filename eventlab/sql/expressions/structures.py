"""Arrays, maps and structs: written out, and taken apart; columns, constants and casts.

Nothing is found outside an array, under a key that is not there, or in a struct that is NULL: then
the value is NULL. Elements are counted from 1, and from -1 backwards.
"""

from collections import Counter
from difflib import get_close_matches
from operator import itemgetter
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.expressions.arithmetic import folded
from eventlab.sql.expressions.casts import caster
from eventlab.sql.expressions.coercion import Typed, common_kind, mismatch, wider
from eventlab.sql.expressions.compiled import (
    Compiled,
    Context,
    Evaluate,
    Row,
    constant,
    guarded,
    shown_kind,
)
from eventlab.sql.expressions.conversions import converted, mapped
from eventlab.sql.syntax import (
    ArrayOf,
    Cast,
    Column,
    Constant,
    Element,
    Expression,
    Field,
    MapOf,
    Position,
    StructOf,
)
from eventlab.sql.types import BIGINT, INTEGER, ArrayType, MapType, SqlType, StructType


def compile_constant(node: Constant, context: Context) -> Compiled:
    """Compile a value that is written out."""
    return constant(node.value, node.kind, is_literal=node.kind is not None)


def compile_column(node: Column, context: Context) -> Compiled:
    """Compile a column, or the parameter of a lambda."""
    place = context.scope.find(node)
    return Compiled(Typed(place.kind), itemgetter(place.place), place=place.place)


def compile_cast(node: Cast, context: Context) -> Compiled:
    """Compile CAST: NULL where the value has no counterpart."""
    operand = context.compiled(node.operand)
    if operand.kind is None:
        return constant(None, node.kind)
    if operand.kind == node.kind:
        return guarded(operand, node, context.report)
    cast = caster(operand.kind, node.kind, node.position)
    inner = operand.evaluate

    def evaluate(row: Row) -> Any:
        value = inner(row)
        return None if value is None else cast(value)

    compiled = folded(Compiled(Typed(node.kind), evaluate, can_fail=True), operand)
    return guarded(compiled, node, context.report)


def _require_no_arrow_of_lambda(node: Field, context: Context) -> None:
    """Raise SqlError for `x -> x + 1`, which is read as the field X of a column X."""
    base = node.base
    if isinstance(base, Column) and base.name == node.name and not context.scope.has(base):
        raise SqlError(
            f"Column {base.name} does not exist",
            expected="a STRUCT before ->, or => behind the parameter of a lambda",
            found=f"{base.name} -> {node.name}",
            remedy=f"The sign of a lambda is =>: {base.name} => ….",
            position=node.position,
        )


def compile_field(node: Field, context: Context) -> Compiled:
    """Compile a field of a struct."""
    _require_no_arrow_of_lambda(node, context)
    base = context.compiled(node.base)
    struct = base.kind
    if not isinstance(struct, StructType):
        raise SqlError(
            "Only a STRUCT has fields",
            expected="a STRUCT before ->",
            found=shown_kind(struct),
            remedy="Take an element with [], or cast it to a STRUCT.",
            position=node.position,
        )
    kind = struct.field(node.name)
    if kind is None:
        raise _no_field(struct, node)
    name = node.name
    inner = base.evaluate

    def evaluate(row: Row) -> Any:
        value = inner(row)
        return None if value is None else value.get(name)

    return Compiled(Typed(kind), evaluate, can_fail=base.can_fail)


def compile_element(node: Element, context: Context) -> Compiled:
    """Compile an element of an array or of a map."""
    base = context.compiled(node.base)
    index = context.compiled(node.index)
    if isinstance(base.kind, ArrayType):
        return _array_element(base, base.kind, index, node)
    if isinstance(base.kind, MapType):
        return _map_element(base, base.kind, index, node)
    is_struct = isinstance(base.kind, StructType)
    raise SqlError(
        "Only an ARRAY and a MAP have elements",
        expected="an ARRAY or a MAP before [",
        found=shown_kind(base.kind),
        remedy="Take a field of a STRUCT with ->." if is_struct else "Leave [] out.",
        position=node.position,
    )


def compile_array(node: ArrayOf, context: Context) -> Compiled:
    """Compile an array that is written out."""
    items = [context.guarded(item) for item in node.items]
    kind = _whole_kind("ARRAY", [item.typed for item in items], node.position)
    parts = _all_converted(items, node.items, kind, context)

    def evaluate(row: Row) -> list[Any]:
        return [part(row) for part in parts]

    typed = Typed(ArrayType(kind), items=tuple(item.typed for item in items))
    return Compiled(typed, evaluate, is_sure=True)


def compile_map(node: MapOf, context: Context) -> Compiled:
    """Compile a map that is written out."""
    key_nodes = [key for key, _ in node.pairs]
    value_nodes = [value for _, value in node.pairs]
    keys = [context.guarded(key) for key in key_nodes]
    values = [context.guarded(value) for value in value_nodes]
    key_kind = _whole_kind("MAP", [key.typed for key in keys], node.position)
    value_kind = _whole_kind("MAP", [value.typed for value in values], node.position)
    _check_key(key_kind, node)
    pairs = list(
        zip(
            _all_converted(keys, key_nodes, key_kind, context),
            _all_converted(values, value_nodes, value_kind, context),
            strict=True,
        )
    )

    def evaluate(row: Row) -> dict[Any, Any]:
        return {key(row): value(row) for key, value in pairs}

    typed_pairs = zip((key.typed for key in keys), (value.typed for value in values), strict=True)
    typed = Typed(MapType(key_kind, value_kind), pairs=tuple(typed_pairs))
    return Compiled(typed, evaluate, is_sure=True)


def compile_struct(node: StructOf, context: Context) -> Compiled:
    """Compile a struct that is written out."""
    counts = Counter(name for name, _ in node.fields)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise SqlError(
            "A STRUCT has a field twice",
            expected="each field once",
            found=", ".join(twice),
            remedy="Leave one of them out, or give it another name.",
            position=node.position,
        )
    compiled = {name: context.guarded(value) for name, value in node.fields}
    kinds = [(name, _field_kind(name, one, node.position)) for name, one in compiled.items()]
    parts = [(name, one.evaluate) for name, one in compiled.items()]

    def evaluate(row: Row) -> dict[str, Any]:
        return {name: part(row) for name, part in parts}

    fields = tuple((name, one.typed) for name, one in compiled.items())
    return Compiled(Typed(StructType(tuple(kinds)), fields=fields), evaluate, is_sure=True)


def _array_element(base: Compiled, kind: ArrayType, index: Compiled, node: Element) -> Compiled:
    if index.kind not in (INTEGER, BIGINT):
        raise SqlError(
            "An element of an ARRAY is named by its place",
            expected="INTEGER",
            found=shown_kind(index.kind),
            remedy="Cast it: CAST(… AS INT).",
            position=node.position,
        )
    array = base.evaluate
    place = index.evaluate

    def evaluate(row: Row) -> Any:
        values = array(row)
        if values is None:
            return None
        wanted = place(row)
        at = wanted - 1 if wanted >= 0 else len(values) + wanted
        return values[at] if 0 <= at < len(values) else None

    can_fail = base.can_fail or not index.is_constant
    return Compiled(Typed(kind.item), evaluate, can_fail=can_fail)


def _map_element(base: Compiled, kind: MapType, index: Compiled, node: Element) -> Compiled:
    if index.kind not in (kind.key, None):
        assert index.kind is not None  # it is not, above
        if wider(kind.key, index.kind) != kind.key:
            raise mismatch(kind.key, index.typed, node.position)
        index = mapped(index, caster(index.kind, kind.key), kind.key)
    values = base.evaluate
    key = index.evaluate

    def evaluate(row: Row) -> Any:
        value = values(row)
        return None if value is None else value.get(key(row))

    can_fail = base.can_fail or index.can_fail
    return Compiled(Typed(kind.value), evaluate, can_fail=can_fail)


def _check_key(kind: SqlType, node: MapOf) -> None:
    if isinstance(kind, ArrayType | MapType | StructType):
        raise SqlError(
            "A key of a MAP must be one plain value",
            expected="a text, a number or another plain value",
            found=str(kind),
            remedy="Take a part of it, or cast it: CAST(… AS STRING).",
            position=node.position,
        )


def _whole_kind(name: str, parts: list[Typed], position: Position | None) -> SqlType:
    kind = common_kind(parts, position)
    if kind is None:
        raise SqlError(
            f"{name} has no value from which its type can be seen",
            expected="at least one value that is not NULL",
            found="NULL alone" if parts else "none",
            remedy="Cast one to the type that is meant: CAST(NULL AS INT).",
            position=position,
        )
    return kind


def _all_converted(
    parts: list[Compiled],
    nodes: list[Expression] | tuple[Expression, ...],
    kind: SqlType,
    context: Context,
) -> list[Evaluate]:
    return [
        converted(part, kind, node, context).evaluate
        for part, node in zip(parts, nodes, strict=True)
    ]


def _field_kind(name: str, field: Compiled, position: Position | None) -> SqlType:
    return _whole_kind(f"Field {name} of STRUCT", [field.typed], position)


def _no_field(struct: StructType, node: Field) -> SqlError:
    names = [name for name, _ in struct.fields]
    near = get_close_matches(node.name.upper(), names, n=3, cutoff=0.5)
    return SqlError(
        f"Field {node.name} does not exist",
        expected=f"one of {', '.join(names)}" if names else "a STRUCT with fields",
        found=node.name,
        remedy=f"Did you mean {', '.join(near)}?" if near else "Name one of the fields.",
        position=node.position,
    )
