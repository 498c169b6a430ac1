"""Conditions: NOT, AND, OR, IS NULL, IN, LIKE, and CASE, which chooses by them.

NOT, AND and OR of NULL cannot be computed, unless what stands before decides; CASE takes them for
such too. IN is false for NULL, and a NULL among its values is equal to nothing.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.expressions.arithmetic import folded
from eventlab.sql.expressions.coercion import Typed, common_kind
from eventlab.sql.expressions.compiled import Compiled, Context, Evaluate, Row, constant, shown_kind
from eventlab.sql.expressions.conversions import converted
from eventlab.sql.syntax import Case, Comparison, Expression, In, IsNull, Like, Logical, Not
from eventlab.sql.types import BOOLEAN, STRING, ArrayType, MapType, SqlType, StructType


def compile_logical(node: Logical, context: Context) -> Compiled:
    """Compile AND and OR; an operand is computed only where those before it do not decide."""
    operands = [context.condition(operand) for operand in _operands(node)]
    conditions = [operand.evaluate for operand in operands]
    evaluate = _both(*conditions) if node.operator == "AND" else _either(*conditions)
    return folded(_boolean(evaluate, *operands), *operands)


def _operands(node: Logical) -> list[Expression]:
    # A chain of hundreds, which programs write, must not be as deep as it is long.
    operands = [node.right]
    left = node.left
    while isinstance(left, Logical) and left.operator == node.operator:
        operands.append(left.right)
        left = left.left
    return [left, *reversed(operands)]


def _both(first: Evaluate, second: Evaluate, *others: Evaluate) -> Evaluate:
    if not others:
        return lambda row: first(row) and second(row)
    conditions = (first, second, *others)
    return lambda row: all(condition(row) for condition in conditions)


def _either(first: Evaluate, second: Evaluate, *others: Evaluate) -> Evaluate:
    if not others:
        return lambda row: first(row) or second(row)
    conditions = (first, second, *others)
    return lambda row: any(condition(row) for condition in conditions)


def compile_not(node: Not, context: Context) -> Compiled:
    """Compile a condition that must not hold."""
    operand = context.condition(node.operand)
    inner = operand.evaluate
    return folded(_boolean(lambda row: not inner(row), operand), operand)


def compile_is_null(node: IsNull, context: Context) -> Compiled:
    """Compile IS NULL and IS NOT NULL."""
    operand = context.compiled(node.operand)
    inner = operand.evaluate
    if node.is_negated:
        return folded(_boolean(lambda row: inner(row) is not None, operand), operand)
    return folded(_boolean(lambda row: inner(row) is None, operand), operand)


def compile_in(node: In, context: Context) -> Compiled:
    """Compile IN: all values are converted to one type that holds them."""
    nodes = [node.operand, *node.options]
    compiled = [context.compiled(one) for one in nodes]
    common = common_kind([one.typed for one in compiled], node.position)
    if common is None:
        return constant(node.is_negated, BOOLEAN)
    operand = converted(compiled[0], common, node.operand, context)
    options = [
        converted(one, common, option, context)
        for one, option in zip(compiled[1:], node.options, strict=True)
        if one.kind is not None
    ]
    evaluate = _membership(operand, options, common)
    result = _boolean(evaluate, operand, *options)
    return _negated(result) if node.is_negated else result


def _membership(operand: Compiled, options: list[Compiled], kind: SqlType) -> Evaluate:
    values = [one.value for one in options if one.is_constant and one.value is not None]
    is_plain = not isinstance(kind, ArrayType | MapType | StructType)
    known = frozenset(values) if is_plain else values
    others = [one.evaluate for one in options if not one.is_constant]
    inner = operand.evaluate
    if not others:
        return lambda row: inner(row) in known

    def evaluate(row: Row) -> bool:
        value = inner(row)
        if value is None:
            return False
        return value in known or any(other(row) == value for other in others)

    return evaluate


def compile_like(node: Like, context: Context) -> Compiled:
    """Compile LIKE; a pattern that is written out is read once."""
    operand = _text(node.operand, context)
    pattern = _text(node.pattern, context)
    inner = operand.evaluate
    escape = node.escape
    if pattern.is_constant:
        matches = _matcher(pattern.value, escape, node)

        def evaluate(row: Row) -> bool:
            return matches(inner(row)) is not None

        result = _boolean(evaluate, operand, can_fail=True)
    else:
        read = pattern.evaluate

        def evaluate_both(row: Row) -> bool:
            return like(read(row), escape)(inner(row)) is not None

        result = _boolean(evaluate_both, operand, pattern, can_fail=True)
    result = folded(result, operand, pattern)
    return _negated(result) if node.is_negated else result


@lru_cache(maxsize=256)
def like(pattern: str, escape: str | None = None) -> Callable[[str], re.Match[str] | None]:
    """Return what tells whether a whole text looks like a pattern; ValueError if it is none."""
    segments = [""]
    letters = iter(pattern)
    for letter in letters:
        if letter == escape:
            following = next(letters, None)
            if following is None:
                raise ValueError("the pattern ends with the escape character")
            segments[-1] += re.escape(following)
        elif letter == "%":
            segments.append("")
        else:
            segments[-1] += "." if letter == "_" else re.escape(letter)
    return re.compile(_regex(segments), re.DOTALL).fullmatch


def _regex(segments: list[str]) -> str:
    """Return what matches texts in this order with anything between them.

    Each is taken at the first place where it is found: no later one would be better, and without
    going back the time does not grow with each further `%`.
    """
    first, *others = segments
    if not others:
        return first
    *middle, last = others
    return "".join([first, *(f"(?>.*?{one})" for one in middle), f".*{last}"])


def compile_case(node: Case, context: Context) -> Compiled:
    """Compile CASE; no branch is computed but the one that is chosen."""
    conditions = [context.condition(_condition(node, when)) for when, _ in node.branches]
    nodes = [result for _, result in node.branches]
    if node.otherwise is not None:
        nodes.append(node.otherwise)
    compiled = [context.compiled(one) for one in nodes]
    kind = common_kind([Typed(one.kind) for one in compiled], node.position)
    if kind is None:
        raise SqlError(
            "CASE has no branch that is not NULL",
            expected="one branch with a type",
            found="NULL in each of them",
            remedy="Cast one of them: CAST(NULL AS STRING).",
            position=node.position,
        )
    results = [
        converted(one, kind, expression, context)
        for one, expression in zip(compiled, nodes, strict=True)
    ]
    last = results[len(conditions)] if node.otherwise is not None else constant(None, kind)
    can_fail = any(one.can_fail for one in [*conditions, *results])
    evaluate = _choice(conditions, results, last)
    return Compiled(Typed(kind), evaluate, can_fail=can_fail)


def _condition(node: Case, when: Expression) -> Expression:
    if node.operand is None:
        return when
    return Comparison("=", node.operand, when, when.position)


def _choice(conditions: list[Compiled], results: list[Compiled], last: Compiled) -> Evaluate:
    branches = [
        (condition.evaluate, result.evaluate)
        for condition, result in zip(conditions, results, strict=False)
    ]
    otherwise = last.evaluate

    def evaluate(row: Row) -> Any:
        for holds, result in branches:
            if holds(row):
                return result(row)
        return otherwise(row)

    return evaluate


def _text(expression: Expression, context: Context) -> Compiled:
    compiled = context.compiled(expression)
    if compiled.kind != STRING:
        raise SqlError(
            "LIKE compares texts",
            expected="STRING",
            found=shown_kind(compiled.kind),
            remedy="Cast it first: CAST(… AS STRING).",
            position=expression.position,
        )
    return compiled


def _matcher(pattern: str, escape: str | None, node: Like) -> Callable[[str], re.Match[str] | None]:
    try:
        return like(pattern, escape)
    except ValueError as error:
        raise SqlError(
            "A pattern of LIKE is not whole",
            expected="a letter behind the escape character",
            found=repr(pattern),
            remedy=f"Write {escape}{escape} for the escape character itself.",
            position=node.position,
        ) from error


def _negated(condition: Compiled) -> Compiled:
    inner = condition.evaluate
    return folded(_boolean(lambda row: not inner(row), condition), condition)


def _boolean(evaluate: Evaluate, *operands: Compiled, can_fail: bool = False) -> Compiled:
    failing = can_fail or any(operand.can_fail for operand in operands)
    return Compiled(Typed(BOOLEAN), evaluate, is_sure=True, can_fail=failing)
