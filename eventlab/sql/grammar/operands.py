"""Reading what operators stand between: columns, values, calls and what is written out."""

from collections.abc import Callable
from typing import ClassVar, NoReturn

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from eventlab.sql.durations import UNITS
from eventlab.sql.grammar.cursor import Cursor
from eventlab.sql.grammar.reading_types import read_kind
from eventlab.sql.grammar.words import NUMBER

_TRUTHS = (TokenType.TRUE, TokenType.FALSE)
_OPERAND = "a column or a value"
# Of these functions the first argument is a unit of time, even where it may be a column's name.
_TAKES_UNIT = ("DATEADD", "DATESUB", "TIMEADD", "TIMESUB", "TIMESTAMPADD", "TIMESTAMPSUB")
# In the plural a unit cannot be a name.
_ONLY_UNITS = {*(name for name in UNITS if name.endswith("S")), "MILLISECOND"}


class Kind(exp.Expression):
    """A type; `this` is it."""

    arg_types: ClassVar = {"this": True}


class Unit(exp.Expression):
    """A unit of time where a function takes one."""

    arg_types: ClassVar = {"this": True}


class OperandParser(Cursor):
    """Builds operands of the tokens that come next; the ladder of operators is above it."""

    def expression_node(self) -> exp.Expr:
        """Take an expression, conditions among them; raise SqlError where none comes next."""
        raise NotImplementedError

    def value_node(self) -> exp.Expr:
        """Take an expression that is no condition, unless in parentheses."""
        raise NotImplementedError

    def parts_of(self, node: exp.Expr) -> exp.Expr:
        """Take what picks a part of an operand: `[…]` and `->name`, but not `->*`."""
        while True:
            token = self.token
            if self.take("["):
                index = self.value_node()
                self.expect("]")
                node = self.expression(exp.Bracket(this=node, expressions=[index]), token)
            elif self.at("->") and self.word(1) != "*":
                self.next()
                field = self._identifier("the name of a field")
                node = self.expression(exp.Dot(this=node, expression=field), token)
            else:
                return node

    def operand(self) -> exp.Expr:
        """Take an operand without its parts; raise SqlError where none comes next."""
        token = self.token
        if self.at_number():
            return self.number(token)
        if token.token_type in (TokenType.STRING, TokenType.NULL, *_TRUTHS):
            return self.literal()
        if self.take("("):
            inner = self.expression(exp.Paren(this=self.expression_node()), token)
            self.expect(")")
            return inner
        if self.take("CASE"):
            return self._case(token)
        if self.take("CAST"):
            return self._cast(token)
        if self.take("ARRAY", "["):
            return self.expression(exp.Array(expressions=self._until("]")), token)
        if self.word(1) == "(" and self.at_any(("MAP", "STRUCT")):
            return self._constructor(token)
        return self._name_or_call(token)

    def literal(self) -> exp.Expr:
        """Take a text, NULL, TRUE or FALSE."""
        token = self.next()
        if token.token_type is TokenType.STRING:
            return self.expression(exp.Literal.string(token.text), token)
        if token.token_type is TokenType.NULL:
            return self.expression(exp.Null(), token)
        return self.expression(exp.Boolean(this=token.token_type is TokenType.TRUE), token)

    def at_number(self) -> bool:
        """Tell whether a number comes next, without a sign."""
        if self.at(".") and self._next.token_type is TokenType.NUMBER:
            return self._curr.end + 1 == self._next.start
        return self.token.token_type is TokenType.NUMBER

    def number(self, token: Token, sign: str = "") -> exp.Expr:
        """Take a number that begins at a token: the number's own, or its sign's."""
        point = "." if self.take(".") else ""
        text = f"{sign}{point}{self.token.text}"
        if not NUMBER.fullmatch(text):
            self.refuse("a number, such as 3, 0.5 or 1E3")
        self.next()
        return self.expression(exp.Literal(this=text, is_string=False), token)

    def _case(self, token: Token) -> exp.Expr:
        operand = None if self.at("WHEN") else self.value_node()
        branches = []
        while self.take("WHEN"):
            condition = self.expression_node()
            self.expect("THEN")
            branches.append(exp.If(this=condition, true=self.expression_node()))
        if not branches:
            self.refuse("`WHEN`", ["WHEN"])
        otherwise = self.expression_node() if self.take("ELSE") else None
        if not self.take("END"):
            self.refuse("`WHEN`, `ELSE` or `END`", ["WHEN", "ELSE", "END"])
        return self.expression(exp.Case(this=operand, ifs=branches, default=otherwise), token)

    def _cast(self, token: Token) -> exp.Expr:
        self.expect("(")
        inner = self.expression_node()
        self.expect("AS")
        kind = Kind(this=read_kind(self))
        self.expect(")")
        return self.expression(exp.Cast(this=inner, to=kind), token)

    def _constructor(self, token: Token) -> exp.Expr:
        is_struct = self.at("STRUCT")
        self.next()
        self.expect("(")
        if is_struct:
            fields = self._until(")", self._field)
            return self.expression(exp.Struct(expressions=fields), token)
        pairs = self._until(")", self._pair)
        keys = exp.Array(expressions=[pair.this for pair in pairs])
        values = exp.Array(expressions=[pair.expression for pair in pairs])
        return self.expression(exp.Map(keys=keys, values=values), token)

    def _field(self) -> exp.Expr:
        name = self._identifier("the name of a field")
        self.expect(":=")
        return exp.PropertyEQ(this=name, expression=self.expression_node())

    def _pair(self) -> exp.Expr:
        key = self.expression_node()
        self.expect(":=")
        return exp.PropertyEQ(this=key, expression=self.expression_node())

    def _name_or_call(self, token: Token) -> exp.Expr:
        first = self._identifier(_OPERAND)
        if self.take("("):
            return self._call(first.name.upper(), token)
        if self.take("."):
            column = exp.Column(this=self._identifier("the name of a column"), table=first)
            return self.expression(column, token)
        return self.expression(exp.Column(this=first), token)

    def _call(self, name: str, token: Token) -> exp.Expr:
        if self.take("*"):
            self.expect(")")
            return self.expression(exp.Anonymous(this=name, expressions=[exp.Star()]), token)
        leading = self._leading_unit() if name in _TAKES_UNIT else []
        arguments = leading + self._until(")", self._argument)
        return self.expression(exp.Anonymous(this=name, expressions=arguments), token)

    def _leading_unit(self) -> list[exp.Expr]:
        if not self.at_any(UNITS) or self.word(1) != ",":
            return []
        unit = self._unit()
        self.expect(",")
        return [unit]

    def _argument(self) -> exp.Expr:
        if self.at_name() and self.word(1) == "=>":
            return self._lambda()
        if self.at("(") and self.word(self.find_closing() + 1) == "=>":
            return self._lambda()
        if self.at_list() and self.word(self.find_closing() + 1) == "->":
            self._refuse_arrow()
        if self.at_any(_ONLY_UNITS):
            return self._unit()
        return self.expression_node()

    def _refuse_arrow(self) -> NoReturn:
        for _ in range(self.find_closing() + 1):
            self.next()
        self.refuse("`=>`, the sign of a lambda", ["=>"])

    def _lambda(self) -> exp.Expr:
        token = self.token
        is_wrapped = self.at("(")
        parameters = self.wrapped(self._parameter) if is_wrapped else (self._parameter(),)
        self.expect("=>")
        body = self.expression_node()
        return self.expression(exp.Lambda(this=body, expressions=list(parameters)), token)

    def _parameter(self) -> exp.Expr:
        return self._identifier("the name of a parameter")

    def _unit(self) -> exp.Expr:
        token = self.next()
        return self.expression(Unit(this=token.text.upper()), token)

    def _until(self, closing: str, read: Callable[[], exp.Expr] | None = None) -> list[exp.Expr]:
        if self.take(closing):
            return []
        found = self.series(read or self.expression_node)
        if not self.take(closing):
            self.refuse(f"`,` or `{closing}`")
        return list(found)

    def _identifier(self, what: str) -> exp.Expr:
        token = self.token
        return self.expression(exp.Identifier(this=self.name(what)), token)
