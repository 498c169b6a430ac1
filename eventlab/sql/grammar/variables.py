"""Putting variables into statements: `${name}` stands for a name or a value, and nothing else.

A variable is put in after the text has fallen into tokens, as one token, so that its value cannot
end a text, begin a comment or add a word. Source: ksqlDB's how-to guide "Substitute variables".
"""

import difflib
import re
from collections.abc import Mapping
from typing import NoReturn

from sqlglot.tokenizer_core import Token, TokenType

from eventlab.errors import SqlError
from eventlab.sql.grammar.lexing import VARIABLE, Source, single_tokens
from eventlab.sql.grammar.words import RESERVED

# In a text `$${name}` is no variable, but says `${name}`.
_IN_TEXT = re.compile(rf"\$?{VARIABLE.pattern}")
_VALUES = (
    TokenType.STRING,
    TokenType.NUMBER,
    TokenType.IDENTIFIER,
    TokenType.NULL,
    TokenType.TRUE,
    TokenType.FALSE,
)


def with_variables(
    tokens: list[Token], variables: Mapping[str, str], source: Source
) -> list[Token]:
    """Return the tokens with the values of variables, whose names are not by case.

    Raises SqlError where a variable is not defined, or is more than one name or one value.
    """
    values = {name.upper(): value for name, value in variables.items()}
    return [_filled(token, values, source) for token in tokens]


def _filled(token: Token, values: Mapping[str, str], source: Source) -> Token:
    if token.token_type is TokenType.STRING:
        return _filled_text(token, values, source)
    found = VARIABLE.fullmatch(token.text)
    if token.token_type is not TokenType.VAR or found is None:
        return token
    value = _value(found[1], values, source, token)
    filled = _one_token(value)
    if filled is None:
        _refuse_value(found[1], value, source, token)
    return Token(filled.token_type, filled.text, start=token.start, end=token.end)


def _filled_text(token: Token, values: Mapping[str, str], source: Source) -> Token:
    def fill(found: re.Match[str]) -> str:
        if found[0].startswith("$$"):
            return found[0][1:]
        return _value(found[1], values, source, token)

    if "${" not in token.text:
        return token
    text = _IN_TEXT.sub(fill, token.text)
    return Token(TokenType.STRING, text, start=token.start, end=token.end)


def _one_token(value: str) -> Token | None:
    """Return a value as the one token it is; a name in quotes, so that it can be no keyword."""
    tokens = single_tokens(value) or []
    if len(tokens) == 2 and tokens[0].text == "-" and tokens[1].token_type is TokenType.NUMBER:
        return Token(TokenType.NUMBER, f"-{tokens[1].text}")
    if len(tokens) != 1:
        return None
    token = tokens[0]
    if token.token_type in (TokenType.NULL, TokenType.TRUE, TokenType.FALSE):
        return Token(token.token_type, "${}")  # no word that a clause could be looking for
    if token.token_type in _VALUES:
        return token
    is_name = token.token_type is TokenType.VAR and not VARIABLE.fullmatch(token.text)
    if is_name and token.text.upper() not in RESERVED:
        return Token(TokenType.IDENTIFIER, token.text.upper())
    return None


def _value(name: str, values: Mapping[str, str], source: Source, token: Token) -> str:
    if name.upper() in values:
        return values[name.upper()]
    near = difflib.get_close_matches(name.upper(), values, n=1)
    raise SqlError(
        f"There is no variable {name}",
        expected="a variable that DEFINE has made",
        found=f"`${{{name}}}`",
        remedy=f"Did you mean {near[0]}?" if near else f"Begin with DEFINE {name} = '…';",
        position=source.position(token.start),
    )


def _refuse_value(name: str, value: str, source: Source, token: Token) -> NoReturn:
    raise SqlError(
        f"The variable {name} would change what the statement does",
        expected="one name, number or text in quotes",
        found=f"`{value[:40]}`",
        remedy="Define it as one name or one value; what else is in the statement, write there.",
        position=source.position(token.start),
    )
