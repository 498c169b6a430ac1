"""What an expression becomes: a type, and a function from a row to a value.

A row is a list or a tuple with one value for each column of its scope. What cannot be computed for
a row raises inside; `guarded` catches it there where ksqlDB does, so that the value is NULL and the
reason is reported. That is around a whole expression, a cast, an item of an array, a map or a
struct, and a call or a field that is an argument of a call. NULL in an arithmetic operation, in
NOT, AND, OR and LIKE is such a case; a comparison with NULL is none: it is false. So WHERE leaves
a row out whose condition cannot be computed, and NOT of it leaves it out too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from eventlab.errors import SqlError
from eventlab.sql.expressions.coercion import Typed
from eventlab.sql.functions.registry import Chosen
from eventlab.sql.functions.signatures import ArgumentType
from eventlab.sql.syntax import Call, Cast, Column, Constant, Expression, Position
from eventlab.sql.types import BOOLEAN, SqlType

if TYPE_CHECKING:
    from eventlab.sql.expressions.scope import Scope

Row: TypeAlias = Sequence[Any]
Evaluate: TypeAlias = Callable[[Row], Any]
Report: TypeAlias = Callable[[str], None]


class FunctionTable(Protocol):
    """The functions that an expression may call."""

    def kind_of(self, name: str) -> str | None:
        """Return what a function is: scalar, aggregate or table; None if there is none."""

    def scalar(
        self, name: str, argument_types: Sequence[ArgumentType], position: Position | None = None
    ) -> Chosen:
        """Return the variant that fits these arguments."""

    def lambda_inputs(
        self, name: str, argument_types: Sequence[ArgumentType], position: Position | None = None
    ) -> Sequence[tuple[SqlType | None, ...] | None]:
        """Return what each argument that is a lambda is called with, None for the others."""


@dataclass(frozen=True)
class Compiled:
    """An expression that is ready to be computed; `kind` is None for NULL.

    `is_sure` is that it is never NULL, `can_fail` that `evaluate` may raise; `place` is where the
    value of a column stands in a row. `typed` is what is known of it before the first row.
    """

    typed: Typed
    evaluate: Evaluate
    is_sure: bool = False
    can_fail: bool = False
    is_constant: bool = False
    place: int | None = None

    @property
    def kind(self) -> SqlType | None:
        """The type of its values."""
        return self.typed.kind

    @property
    def value(self) -> Any:
        """The value of a constant."""
        return self.evaluate(())


def constant(value: Any, kind: SqlType | None, *, is_literal: bool = False) -> Compiled:
    """Return an expression whose value is the same for each row."""
    typed = Typed(kind, is_literal=is_literal, value=value)
    return Compiled(typed, lambda row: value, is_sure=value is not None, is_constant=True)


@dataclass(frozen=True)
class Context:
    """What is known where an expression stands."""

    scope: "Scope"
    functions: FunctionTable
    report: Report
    compiler: "Callable[[Expression, Context], Compiled]"

    def compiled(self, expression: Expression) -> Compiled:
        """Return an expression that stands in this one, compiled."""
        return self.compiler(expression, self)

    def guarded(self, expression: Expression) -> Compiled:
        """Return an expression that stands in this one, NULL where it cannot be computed."""
        return guarded(self.compiled(expression), expression, self.report)

    def condition(self, expression: Expression) -> Compiled:
        """Return a condition that stands in this one; where it is NULL, it raises."""
        compiled = self.compiled(expression)
        if compiled.kind != BOOLEAN:
            raise SqlError(
                "What stands here is no condition",
                expected="a BOOLEAN",
                found=f"{shown_kind(compiled.kind)} {label(expression)}".strip(),
                remedy="Compare it with something, or cast it to BOOLEAN.",
                position=expression.position,
            )
        return compiled if compiled.is_sure else _sure(compiled)

    def within(self, scope: "Scope") -> "Context":
        """Return the same with another scope."""
        return replace(self, scope=scope)


def guarded(compiled: Compiled, expression: Expression, report: Report) -> Compiled:
    """Return the same expression, NULL and reported where it cannot be computed."""
    if not compiled.can_fail:
        return compiled
    evaluate = compiled.evaluate
    what = label(expression)

    def safely(row: Row) -> Any:
        try:
            return evaluate(row)
        except Exception as error:  # a query never stops for one row, whatever its functions do
            report(f"{what} is NULL for a row: {reason(error)}")
            return None

    return replace(compiled, evaluate=safely, is_sure=False, can_fail=False)


def reason(error: Exception) -> str:
    """Say why a value could not be computed."""
    if isinstance(error, TypeError | AttributeError) and "NoneType" in str(error):
        return "an operand is NULL"
    if isinstance(error, ZeroDivisionError) or "DivisionUndefined" in str(error):
        return "it divides by zero"
    return str(error) or type(error).__name__


def label(expression: Expression) -> str:
    """Name an expression in a message, and where it stands."""
    if isinstance(expression, Constant):
        name = "NULL" if expression.kind is None else repr(expression.value)
    elif isinstance(expression, Column):
        name = ".".join(filter(None, [expression.source, expression.name]))
    elif isinstance(expression, Call):
        name = f"{expression.name}(…)"
    elif isinstance(expression, Cast):
        name = f"CAST(… AS {expression.kind})"
    else:
        name = getattr(expression, "operator", type(expression).__name__.upper())
    position = expression.position
    return name if position is None else f"{name} (line {position.line}, column {position.column})"


def shown_kind(kind: SqlType | None) -> str:
    """Name a type in a message."""
    return "NULL" if kind is None else str(kind)


def _sure(compiled: Compiled) -> Compiled:
    evaluate = compiled.evaluate

    def held(row: Row) -> Any:
        value = evaluate(row)
        if value is None:
            raise ValueError("a condition is NULL")
        return value

    return replace(compiled, evaluate=held, is_sure=True, can_fail=True, place=None)
