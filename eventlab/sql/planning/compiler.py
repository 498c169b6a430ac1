"""Expressions compiled for rows of a shape."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from eventlab.errors import SqlError
from eventlab.sql.expressions.compiled import Compiled, Context
from eventlab.sql.expressions.compiling import compile_expression
from eventlab.sql.expressions.conversions import converted
from eventlab.sql.functions.registry import Functions
from eventlab.sql.planning.rows import SYSTEM_COLUMNS, WHOLE, WINDOW_COLUMNS, Shape
from eventlab.sql.planning.walking import replaced
from eventlab.sql.syntax import (
    Call,
    Column,
    Expression,
    Lambda,
    Position,
)
from eventlab.sql.types import SqlType

Report: TypeAlias = Callable[[str], None]


@dataclass(frozen=True)
class Compiler:
    """Compile expressions with the functions that there are."""

    functions: Functions
    report: Report

    def compiled(self, expression: Expression, shape: Shape) -> Compiled:
        """Return what computes an expression of a row, and its type."""
        of_scope = replaced(expression, lambda part: _of_whole_row(part, shape))
        return compile_expression(of_scope, shape.scope, self.functions, self.report)

    def arguments(
        self, call: Call, found: Sequence[Compiled], kinds: Sequence[Any], shape: Shape
    ) -> list[Compiled]:
        """Return the arguments of a call, each converted to what its function takes."""
        context = Context(shape.scope, self.functions, self.report, _no_compiler)
        return [
            one if kind is None or kind == one.kind else converted(one, kind, expression, context)
            for one, kind, expression in zip(found, kinds, call.arguments, strict=True)
        ]


def required_kind(compiled: Compiled, expression: Expression) -> SqlType:
    """Return the type of a column; raise SqlError for a bare NULL, which has none."""
    if compiled.kind is not None:
        return compiled.kind
    raise SqlError(
        "It is not clear of which type a column is",
        expected="a value with a type",
        found="NULL",
        remedy="Say its type: CAST(NULL AS STRING).",
        position=getattr(expression, "position", None),
    )


def qualified(expression: Any, shape: Shape) -> Any:
    """Return an expression whose columns all name their source, so that equal ones are equal."""

    def with_source(part: Any) -> Expression | None:
        if isinstance(part, Lambda):
            return part  # its parameters are no columns
        if isinstance(part, Column):
            if part.name in WINDOW_COLUMNS and shape.window is None:
                return Column(part.name, None, part.position)  # of the groups that will be made
            return Column(part.name, shape.fields[shape.place(*named(part))].source, part.position)
        return None

    return replaced(expression, with_source)


def named(column: Column) -> tuple[str, str | None, Position | None]:
    """Return what Shape.place takes of a column."""
    return column.name, column.source, column.position


def _of_whole_row(part: Any, shape: Shape) -> Expression | None:
    """Let ROWTIME of a join be that of the joined row, not one of its sides'."""
    if not isinstance(part, Column) or part.source is not None or part.name not in SYSTEM_COLUMNS:
        return None
    owners = [field for field in shape.fields if field.name == part.name]
    if len(owners) > 1 and any(field.source is None for field in owners):
        return replace(part, source=WHOLE)
    return None


def _no_compiler(expression: Expression, context: Context) -> Compiled:
    raise AssertionError("what is converted is compiled already")
