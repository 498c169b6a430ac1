"""Expressions compiled once a statement: one small function for each part, none chosen by row."""

from collections.abc import Callable
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.expressions.arithmetic import compile_arithmetic, compile_negative
from eventlab.sql.expressions.calls import compile_call, compile_lambda
from eventlab.sql.expressions.comparisons import compile_between, compile_comparison
from eventlab.sql.expressions.compiled import Compiled, Context, FunctionTable, Report, guarded
from eventlab.sql.expressions.predicates import (
    compile_case,
    compile_in,
    compile_is_null,
    compile_like,
    compile_logical,
    compile_not,
)
from eventlab.sql.expressions.scope import Scope
from eventlab.sql.expressions.structures import (
    compile_array,
    compile_cast,
    compile_column,
    compile_constant,
    compile_element,
    compile_field,
    compile_map,
    compile_struct,
)
from eventlab.sql.syntax import (
    Arithmetic,
    ArrayOf,
    Between,
    Call,
    Case,
    Cast,
    Column,
    Comparison,
    Constant,
    Element,
    Expression,
    Field,
    In,
    IsNull,
    Lambda,
    Like,
    Logical,
    MapOf,
    Negative,
    Not,
    StructOf,
)

_COMPILERS: dict[type, Callable[[Any, Context], Compiled]] = {
    Arithmetic: compile_arithmetic,
    ArrayOf: compile_array,
    Between: compile_between,
    Call: compile_call,
    Case: compile_case,
    Cast: compile_cast,
    Column: compile_column,
    Comparison: compile_comparison,
    Constant: compile_constant,
    Element: compile_element,
    Field: compile_field,
    In: compile_in,
    IsNull: compile_is_null,
    Lambda: compile_lambda,
    Like: compile_like,
    Logical: compile_logical,
    MapOf: compile_map,
    Negative: compile_negative,
    Not: compile_not,
    StructOf: compile_struct,
}


def compile_expression(
    expression: Expression, scope: Scope, functions: FunctionTable, report: Report
) -> Compiled:
    """Compile an expression over the rows of a scope.

    `report` is called with a sentence for each value that cannot be computed; it is NULL then. As
    a condition such a row does not hold. Raise SqlError for a name that is not there, and for types
    that do not fit.
    """
    context = Context(scope, functions, report, _compiled)
    try:
        return guarded(_compiled(expression, context), expression, report)
    except RecursionError:
        raise SqlError(
            "An expression is nested too deeply",
            expected="some hundred operations within each other at most",
            found="more of them",
            remedy="Use IN for a long list, or compute a part of it in a query before this one.",
            position=expression.position,
        ) from None


def _compiled(expression: Expression, context: Context) -> Compiled:
    return _COMPILERS[type(expression)](expression, context)
