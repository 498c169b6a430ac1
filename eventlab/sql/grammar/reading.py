"""Reading what statements are made of: names, values, expressions as the planner has them."""

from collections.abc import Callable, Sequence

from sqlglot.tokenizer_core import Token

from eventlab.sql.grammar.dialect import ExpressionParser
from eventlab.sql.grammar.lexing import Ksql
from eventlab.sql.grammar.translating import Translator
from eventlab.sql.syntax import Expression, Position


class Reader(ExpressionParser):
    """The tokens of one statement, and where one is among them."""

    def __init__(self, tokens: Sequence[Token], position: Callable[[int], Position]) -> None:
        super().__init__(dialect=_DIALECT)
        self._translator = Translator(position)
        self.begin(tokens, position)

    def read_expression(self) -> Expression:
        """Take an expression, conditions among them."""
        return self._translator.expression(self.expression_node())

    def read_value(self) -> Expression:
        """Take an expression that is no condition, unless in parentheses."""
        return self._translator.expression(self.value_node())


_DIALECT = Ksql()
