"""Expressions in words: as a statement writes them, for people to read."""

from collections.abc import Iterable
from typing import Any

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

# How strongly each part holds together: a weaker one within a stronger one stands in brackets.
_OR = 1
_AND = 2
_NOT = 3
_COMPARED = 4
_ADDED = 5
_MULTIPLIED = 6
_NEGATIVE = 7
_WHOLE = 8
_STRENGTHS = {"OR": _OR, "AND": _AND, "+": _ADDED, "-": _ADDED}


def text_of(expression: Expression) -> str:
    """Return an expression as a statement writes it, with no more brackets than it needs.

    Examples:
        >>> both = Logical("AND", Column("A"), Logical("OR", Column("B"), Column("C")))
        >>> text_of(both)
        'A AND (B OR C)'
    """
    return _text(expression, 0)


def _text(expression: Expression, least: int) -> str:
    words, strength = _written(expression)
    return f"({words})" if strength < least else words


def _written(expression: Expression) -> tuple[str, int]:
    """Return the words of an expression, and how strongly they hold together."""
    match expression:
        case Arithmetic(operator, left, right) | Logical(operator, left, right):
            strength = _STRENGTHS.get(operator, _MULTIPLIED)
            return f"{_text(left, strength)} {operator} {_text(right, strength + 1)}", strength
        case Comparison(operator, left, right):
            return f"{_text(left, _ADDED)} {operator} {_text(right, _ADDED)}", _COMPARED
        case Negative(operand):
            return f"-{_text(operand, _WHOLE)}", _NEGATIVE
        case Not(operand):
            return f"NOT {_text(operand, _COMPARED)}", _NOT
        case IsNull() | Between() | In() | Like():
            return _predicate(expression), _COMPARED
        case Lambda(parameters, body):
            return f"({', '.join(parameters)}) => {_text(body, 0)}", _OR
        case _:
            return _whole(expression), _WHOLE


def _predicate(expression: IsNull | Between | In | Like) -> str:
    tested = _text(expression.operand, _ADDED)
    negated = "NOT " if expression.is_negated else ""
    match expression:
        case IsNull():
            return f"{tested} IS {negated}NULL"
        case Between(_, lower, upper):
            return f"{tested} {negated}BETWEEN {_text(lower, _ADDED)} AND {_text(upper, _ADDED)}"
        case In(_, options):
            return f"{tested} {negated}IN ({_list(options)})"
        case Like(_, pattern, escape):
            escaped = "" if escape is None else f" ESCAPE {_quoted(escape)}"
            return f"{tested} {negated}LIKE {_text(pattern, _ADDED)}{escaped}"


def _whole(expression: Expression) -> str:
    match expression:
        case Constant(value):
            return _constant(value)
        case Column(name, source):
            return name if source is None else f"{source}.{name}"
        case Field(base, name):
            return f"{_text(base, _WHOLE)}->{name}"
        case Element(base, index):
            return f"{_text(base, _WHOLE)}[{_text(index, 0)}]"
        case Call(name, arguments, is_star):
            return f"{name}({'*' if is_star else _list(arguments)})"
        case Cast(operand, kind):
            return f"CAST({_text(operand, 0)} AS {kind})"
        case ArrayOf(items):
            return f"ARRAY[{_list(items)}]"
        case MapOf(pairs):
            return f"MAP({_pairs((_text(key, 0), value) for key, value in pairs)})"
        case StructOf(fields):
            return f"STRUCT({_pairs(fields)})"
        case Case(operand, branches, otherwise):
            tested = "" if operand is None else f" {_text(operand, 0)}"
            cases = [f" WHEN {_text(one, 0)} THEN {_text(then, 0)}" for one, then in branches]
            rest = "" if otherwise is None else f" ELSE {_text(otherwise, 0)}"
            return f"CASE{tested}{''.join(cases)}{rest} END"
        case _:
            raise AssertionError("every other expression is written by what it is part of")


def _list(expressions: Iterable[Expression]) -> str:
    return ", ".join(_text(one, 0) for one in expressions)


def _pairs(pairs: Iterable[tuple[str, Expression]]) -> str:
    return ", ".join(f"{name} := {_text(value, 0)}" for name, value in pairs)


def _constant(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
