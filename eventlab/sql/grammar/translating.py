"""Making expressions as the planner reads them of sqlglot's nodes."""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from sqlglot import exp

from eventlab.errors import SqlError
from eventlab.sql import syntax
from eventlab.sql.grammar.operands import Unit
from eventlab.sql.syntax import Expression, Position
from eventlab.sql.types import BIGINT, BOOLEAN, DOUBLE, INTEGER, STRING, DecimalType

_MOST_LEVELS = 200
_ARITHMETIC: dict[type[exp.Expr], Literal["+", "-", "*", "/", "%"]] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.DPipe: "+",
}
_Comparing: TypeAlias = Literal[
    "=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"
]
_COMPARISONS: dict[type[exp.Expr], _Comparing] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
}
_LOGICAL: dict[type[exp.Expr], Literal["AND", "OR"]] = {exp.And: "AND", exp.Or: "OR"}


class Translator:
    """Translates the nodes of one statement; `position` makes a place of an offset."""

    def __init__(self, position: Callable[[int], Position]) -> None:
        self._position = position
        self._level = 0

    def expression(self, node: exp.Expr) -> Expression:
        """Return the expression of a node; raise SqlError where it is none of the language."""
        self._level += 1
        if self._level > _MOST_LEVELS:
            raise too_deep(self._place(node))
        translate = _BY_NODE.get(type(node))
        if translate is None:
            raise _unknown(self._place(node))
        translated = translate(self, node)
        self._level -= 1
        return translated

    def _all(self, nodes: Sequence[exp.Expr]) -> tuple[Expression, ...]:
        return tuple(self.expression(node) for node in nodes)

    def _place(self, node: exp.Expr) -> Position | None:
        """Return where a node begins: an operator where its first operand does."""
        while "start" not in node.meta and isinstance(node.this, exp.Expr):
            node = node.this
        offset = node.meta.get("start")
        return None if offset is None else self._position(offset)

    # -- operands -------------------------------------------------------------------------------

    def _paren(self, node: exp.Expr) -> Expression:
        return self.expression(node.this)

    def _literal(self, node: exp.Expr) -> Expression:
        place = self._place(node)
        if node.args["is_string"]:
            return syntax.Constant(node.this, STRING, place)
        return number_constant(node.this, place)

    def _boolean(self, node: exp.Expr) -> Expression:
        return syntax.Constant(node.this, BOOLEAN, self._place(node))

    def _null(self, node: exp.Expr) -> Expression:
        return syntax.Constant(None, None, self._place(node))

    def _unit(self, node: exp.Expr) -> Expression:
        return syntax.Constant(node.this, STRING, self._place(node))

    def _column(self, node: exp.Expr) -> Expression:
        table = node.args.get("table")
        return syntax.Column(node.name, table.name if table else None, self._place(node))

    def _call(self, node: exp.Expr) -> Expression:
        place = self._place(node)
        arguments = node.expressions
        if len(arguments) == 1 and isinstance(arguments[0], exp.Star):
            return syntax.Call(node.this, (), True, place)
        return syntax.Call(node.this, self._all(arguments), position=place)

    def _lambda(self, node: exp.Expr) -> Expression:
        parameters = tuple(parameter.name for parameter in node.expressions)
        return syntax.Lambda(parameters, self.expression(node.this), self._place(node))

    def _cast(self, node: exp.Expr) -> Expression:
        kind = node.args["to"].this
        return syntax.Cast(self.expression(node.this), kind, self._place(node))

    def _case(self, node: exp.Expr) -> Expression:
        operand = node.this
        otherwise = node.args.get("default")
        branches = tuple(
            (self.expression(branch.this), self.expression(branch.args["true"]))
            for branch in node.args["ifs"]
        )
        return syntax.Case(
            None if operand is None else self.expression(operand),
            branches,
            None if otherwise is None else self.expression(otherwise),
            self._place(node),
        )

    def _field(self, node: exp.Expr) -> Expression:
        base = self.expression(node.this)
        return syntax.Field(base, node.expression.name, base.position)

    def _element(self, node: exp.Expr) -> Expression:
        base = self.expression(node.this)
        return syntax.Element(base, self.expression(node.expressions[0]), base.position)

    def _array(self, node: exp.Expr) -> Expression:
        return syntax.ArrayOf(self._all(node.expressions), self._place(node))

    def _map(self, node: exp.Expr) -> Expression:
        keys = self._all(node.args["keys"].expressions)
        values = self._all(node.args["values"].expressions)
        return syntax.MapOf(tuple(zip(keys, values, strict=True)), self._place(node))

    def _struct(self, node: exp.Expr) -> Expression:
        fields = tuple(
            (field.this.name, self.expression(field.expression)) for field in node.expressions
        )
        return syntax.StructOf(fields, self._place(node))

    # -- operators ------------------------------------------------------------------------------

    def _negative(self, node: exp.Expr) -> Expression:
        return syntax.Negative(self.expression(node.this), self._place(node))

    def _not(self, node: exp.Expr) -> Expression:
        return syntax.Not(self.expression(node.this), self._place(node))

    def _arithmetic(self, node: exp.Expr) -> Expression:
        left = self.expression(node.this)
        right = self.expression(node.expression)
        return syntax.Arithmetic(_ARITHMETIC[type(node)], left, right, left.position)

    def _comparison(self, node: exp.Expr) -> Expression:
        left = self.expression(node.this)
        right = self.expression(node.expression)
        return syntax.Comparison(_COMPARISONS[type(node)], left, right, left.position)

    def _logical(self, node: exp.Expr) -> Expression:
        left = self.expression(node.this)
        right = self.expression(node.expression)
        return syntax.Logical(_LOGICAL[type(node)], left, right, left.position)

    def _is_null(self, node: exp.Expr) -> Expression:
        operand = self.expression(node.this)
        return syntax.IsNull(operand, _is_negated(node), operand.position)

    def _between(self, node: exp.Expr) -> Expression:
        operand = self.expression(node.this)
        lower = self.expression(node.args["low"])
        upper = self.expression(node.args["high"])
        return syntax.Between(operand, lower, upper, _is_negated(node), operand.position)

    def _in(self, node: exp.Expr) -> Expression:
        operand = self.expression(node.this)
        options = self._all(node.expressions)
        return syntax.In(operand, options, _is_negated(node), operand.position)

    def _like(self, node: exp.Expr) -> Expression:
        escape = node.expression.this if isinstance(node, exp.Escape) else None
        like = node.this if isinstance(node, exp.Escape) else node
        operand = self.expression(like.this)
        pattern = self.expression(like.expression)
        return syntax.Like(operand, pattern, escape, _is_negated(node), operand.position)


def number_constant(text: str, position: Position | None) -> syntax.Constant:
    """Return a number as it is written: whole, with a point, or with an exponent.

    Raises SqlError where it is beyond 64 bits or beyond a DOUBLE, as ksqlDB does.
    """
    if "E" in text.upper():
        number = float(text)
        if math.isinf(number):
            raise _beyond("a number within DOUBLE", text, position)
        return syntax.Constant(number, DOUBLE, position)
    if "." in text:
        exact = Decimal(text)
        return syntax.Constant(exact, decimal_type(exact), position)
    if len(text.lstrip("-0")) > 19 or not -(2**63) <= int(text) < 2**63:
        raise _beyond("a whole number within 64 bits", text, position)
    whole = int(text)
    return syntax.Constant(whole, INTEGER if -(2**31) <= whole < 2**31 else BIGINT, position)


def decimal_type(number: Decimal) -> DecimalType:
    """Return the type of a decimal number by its digits: `0.05` is DECIMAL(3, 2)."""
    digits = len(number.as_tuple().digits)
    scale = max(0, -int(number.as_tuple().exponent))
    return DecimalType(scale + 1 if abs(number) < 1 else digits, scale)


def too_deep(position: Position | None) -> SqlError:
    """Return the error about an expression in which too much stands in one another."""
    return SqlError(
        "The statement is nested too deep",
        expected=f"at most {_MOST_LEVELS} operators or parentheses in one another",
        found="more",
        remedy="Use IN for many alternatives, or split the statement into several streams.",
        position=position,
    )


def _beyond(expected: str, text: str, position: Position | None) -> SqlError:
    return SqlError(
        "The number is too large",
        expected=expected,
        found=f"`{text[:40]}`",
        remedy="Write a smaller number, or a text that is cast to DECIMAL.",
        position=position,
    )


def _unknown(position: Position | None) -> SqlError:
    return SqlError(
        "The expression is not understood",
        expected="an expression of ksqlDB's dialect",
        found="something else",
        remedy="Look at the operators in the reference.",
        position=position,
    )


def _is_negated(node: exp.Expr) -> bool:
    return bool(node.meta.get("is_negated", False))


_Translation: TypeAlias = Callable[[Any, exp.Expr], Expression]
_BY_NODE: dict[type[exp.Expr], _Translation] = {
    exp.Paren: Translator._paren,
    exp.Literal: Translator._literal,
    exp.Boolean: Translator._boolean,
    exp.Null: Translator._null,
    Unit: Translator._unit,
    exp.Column: Translator._column,
    exp.Anonymous: Translator._call,
    exp.Lambda: Translator._lambda,
    exp.Cast: Translator._cast,
    exp.Case: Translator._case,
    exp.Dot: Translator._field,
    exp.Bracket: Translator._element,
    exp.Array: Translator._array,
    exp.Map: Translator._map,
    exp.Struct: Translator._struct,
    exp.Neg: Translator._negative,
    exp.Not: Translator._not,
    exp.Is: Translator._is_null,
    exp.Between: Translator._between,
    exp.In: Translator._in,
    exp.Like: Translator._like,
    exp.Escape: Translator._like,
    **dict.fromkeys(_ARITHMETIC, Translator._arithmetic),
    **dict.fromkeys(_COMPARISONS, Translator._comparison),
    **dict.fromkeys(_LOGICAL, Translator._logical),
}
