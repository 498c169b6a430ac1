"""ksqlDB's dialect on sqlglot: how its expressions are built of tokens.

All that overrides sqlglot's private methods stands here. Of sqlglot's grammar only the ladder of
operators is left: each rung that would take what ksqlDB does not know is replaced.
"""

from typing import ClassVar, cast

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from eventlab.sql.grammar.operands import OperandParser

_COMPARISONS = {
    "=": exp.EQ,
    "<>": exp.NEQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}


class ExpressionParser(OperandParser):
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
        return self.expression(exp.Escape(this=like, expression=self.literal()))

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
            return self.parts_of(self.operand())
        if self.at_number():
            return self.parts_of(self.number(token, "-"))
        return self.expression(exp.Neg(this=self._parse_unary()), token)


def _negated(node: exp.Expr, is_negated: bool) -> exp.Expr:
    """Mark what is written as `NOT IN`, `NOT LIKE` and so on."""
    node.meta["is_negated"] = is_negated
    return node
