"""ksqlDB's dialect on sqlglot: how its expressions are built of tokens.

All that overrides sqlglot's private methods stands here. Of sqlglot's grammar only the ladder of
operators is left: each rung that would take what ksqlDB does not know is replaced.
"""

from collections.abc import Callable
from typing import ClassVar, cast

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from eventlab.sql.cursor import Cursor
from eventlab.sql.reading_types import read_kind
from eventlab.sql.words import NUMBER, UNITS

_COMPARISONS = {
    "=": exp.EQ,
    "<>": exp.NEQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
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


class ExpressionParser(Cursor):
    """Builds expressions of the tokens that come next."""

    DISJUNCTION: ClassVar = {TokenType.OR: exp.Or}
    CONJUNCTION: ClassVar = {TokenType.AND: exp.And}
    TERM: ClassVar = {TokenType.PLUS: exp.Add, TokenType.DASH: exp.Sub}
    FACTOR: ClassVar = {
        TokenType.STAR: exp.Mul,
        TokenType.SLASH: exp.Div,
        TokenType.MOD: exp.Mod,
    }
    EXPONENT: ClassVar = {}

    def expression_node(self) -> exp.Expr:
        """Take an expression, conditions among them; raise SqlError where none comes next."""
        return cast(exp.Expr, self._parse_disjunction())

    def value_node(self) -> exp.Expr:
        """Take an expression that is no condition, unless in parentheses."""
        return self._parse_bitwise()

    # -- the ladder of operators, from the loosest down -----------------------------------------

    def _parse_equality(self, parse_is: bool = True) -> exp.Expr:
        token = self.token
        if self.take("NOT"):
            return self.expression(exp.Not(this=self._parse_equality()), token)
        return self._predicate(self._parse_bitwise())

    def _predicate(self, left: exp.Expr) -> exp.Expr:
        if self.at_any(_COMPARISONS):
            node = _COMPARISONS[self.next().text]
            return self.expression(node(this=left, expression=self._parse_bitwise()))
        if self.take("IS"):
            return self._is(left)
        if self.at("NOT") and self.word(1) in ("BETWEEN", "IN", "LIKE"):
            self.next()
            return _negated(self._range(left), True)
        return self._range(left)

    def _is(self, left: exp.Expr) -> exp.Expr:
        is_negated = self.take("NOT")
        if self.take("DISTINCT"):
            self.expect("FROM")
            node = exp.NullSafeEQ if is_negated else exp.NullSafeNEQ
            return self.expression(node(this=left, expression=self._parse_bitwise()))
        if not self.take("NULL"):
            self.refuse("`NULL` or `DISTINCT FROM`", ["NULL", "DISTINCT"])
        return _negated(self.expression(exp.Is(this=left, expression=exp.Null())), is_negated)

    def _range(self, left: exp.Expr) -> exp.Expr:
        if self.take("BETWEEN"):
            low = self._parse_bitwise()
            self.expect("AND")
            return self.expression(exp.Between(this=left, low=low, high=self._parse_bitwise()))
        if self.take("IN"):
            return self.expression(
                exp.In(this=left, expressions=self.wrapped(self.expression_node))
            )
        if self.take("LIKE"):
            like = self.expression(exp.Like(this=left, expression=self._parse_bitwise()))
            return self._escaped(like)
        return left

    def _escaped(self, like: exp.Expr) -> exp.Expr:
        if not self.take("ESCAPE"):
            return like
        if self.token.token_type is not TokenType.STRING or len(self.token.text) != 1:
            self.refuse("one letter in single quotes")
        return self.expression(exp.Escape(this=like, expression=self._literal()))

    def _parse_bitwise(self) -> exp.Expr:
        left = cast(exp.Expr, self._parse_term())
        while self.take("||"):
            left = self.expression(exp.DPipe(this=left, expression=self._parse_term()))
        return left

    def _parse_at_time_zone(self, this: exp.Expr | None) -> exp.Expr | None:
        return this

    def _parse_unary(self) -> exp.Expr:
        token = self.token
        if self.take("+"):
            return self._parse_unary()
        if not self.take("-"):
            return self._parts_of(self._operand())
        if self._at_number():
            return self._parts_of(self._number(token, "-"))
        return self.expression(exp.Neg(this=self._parse_unary()), token)

    # -- operands -------------------------------------------------------------------------------

    def _parts_of(self, node: exp.Expr) -> exp.Expr:
        """Take what picks a part of an operand: `[…]` and `->name`, but not `->*`."""
        while True:
            token = self.token
            if self.take("["):
                index = self._parse_bitwise()
                self.expect("]")
                node = self.expression(exp.Bracket(this=node, expressions=[index]), token)
            elif self.at("->") and self.word(1) != "*":
                self.next()
                field = self._identifier("the name of a field")
                node = self.expression(exp.Dot(this=node, expression=field), token)
            else:
                return node

    def _operand(self) -> exp.Expr:
        token = self.token
        if self._at_number():
            return self._number(token)
        if token.token_type in (TokenType.STRING, TokenType.NULL, *_TRUTHS):
            return self._literal()
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

    def _literal(self) -> exp.Expr:
        token = self.next()
        if token.token_type is TokenType.STRING:
            return self.expression(exp.Literal.string(token.text), token)
        if token.token_type is TokenType.NULL:
            return self.expression(exp.Null(), token)
        return self.expression(exp.Boolean(this=token.token_type is TokenType.TRUE), token)

    def _at_number(self) -> bool:
        if self.at(".") and self._next.token_type is TokenType.NUMBER:
            return self._curr.end + 1 == self._next.start
        return self.token.token_type is TokenType.NUMBER

    def _number(self, token: Token, sign: str = "") -> exp.Expr:
        point = "." if self.take(".") else ""
        text = f"{sign}{point}{self.token.text}"
        if not NUMBER.fullmatch(text):
            self.refuse("a number, such as 3, 0.5 or 1E3")
        self.next()
        return self.expression(exp.Literal(this=text, is_string=False), token)

    def _case(self, token: Token) -> exp.Expr:
        operand = None if self.at("WHEN") else self._parse_bitwise()
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
        word = self.next().text.upper()
        self.expect("(")
        if word == "STRUCT":
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
        if name in _TAKES_UNIT and self.at_any(UNITS) and self.word(1) == ",":
            first = self._unit()
            self.expect(",")
            arguments = [first, *self._until(")", self._argument)]
        else:
            arguments = self._until(")", self._argument)
        return self.expression(exp.Anonymous(this=name, expressions=arguments), token)

    def _argument(self) -> exp.Expr:
        if self.at_name() and self.word(1) == "=>":
            return self._lambda()
        if self.at("(") and self.word(self.find_closing() + 1) == "=>":
            return self._lambda()
        if self.at_any(_ONLY_UNITS):
            return self._unit()
        return self.expression_node()

    def _lambda(self) -> exp.Expr:
        token = self.token
        if token.token_type is TokenType.L_PAREN:
            parameters = self.wrapped(self._parameter)
        else:
            parameters = (self._parameter(),)
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


def _negated(node: exp.Expr, is_negated: bool) -> exp.Expr:
    """Mark what is written as `NOT IN`, `NOT LIKE` and so on."""
    node.meta["is_negated"] = is_negated
    return node
