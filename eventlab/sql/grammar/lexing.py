"""Making tokens of a text, statement by statement; what cannot be read is refused here.

Only the words and signs below are keywords for sqlglot, so that nothing else of SQL can be said by
accident; all other words are known by those that read statements.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from eventlab.errors import SqlError
from eventlab.sql.grammar.words import NAME, NUMBER, VARIABLE_NAME
from eventlab.sql.syntax import Position

# What stands between two signs of quotation, and what begins and never ends.
_STRETCHES = re.compile(
    r"""'[^']*'|"[^"]*"|`[^`]*`|--[^\r\n]*|/\*.*?\*/|(?P<open>['"`]|/\*)|[^'"`/-]+|.""", re.DOTALL
)
_CURLY_QUOTES = set("\u2018\u2019\u201c\u201d")
_CURLY = "Use the straight quote `'` around a text."
_BACKTICKS = "Put a name with other letters than A to Z, digits, `_` and `@` in backticks."
_OPENED = {"'": "a text", '"': "a name", "`": "a name", "/*": "a comment"}
VARIABLE = re.compile(rf"\$\{{({VARIABLE_NAME.pattern})\}}")


class KsqlTokenizer(Tokenizer):
    """Makes tokens of a text."""

    QUOTES: ClassVar = ["'"]
    STRING_ESCAPES: ClassVar = ["'"]
    IDENTIFIERS: ClassVar = ["`", '"']
    COMMENTS: ClassVar = ["--", ("/*", "*/")]
    NESTED_COMMENTS = False
    COMMANDS: ClassVar = set()
    VAR_SINGLE_TOKENS: ClassVar = set()
    SINGLE_TOKENS: ClassVar = {
        "(": TokenType.L_PAREN,
        ")": TokenType.R_PAREN,
        "[": TokenType.L_BRACKET,
        "]": TokenType.R_BRACKET,
        ",": TokenType.COMMA,
        ".": TokenType.DOT,
        "-": TokenType.DASH,
        "+": TokenType.PLUS,
        "*": TokenType.STAR,
        "/": TokenType.SLASH,
        "%": TokenType.MOD,
        "<": TokenType.LT,
        ">": TokenType.GT,
        "=": TokenType.EQ,
        ":": TokenType.COLON,
        "|": TokenType.PIPE,
        "!": TokenType.NOT,
        ";": TokenType.SEMICOLON,
        "'": TokenType.UNKNOWN,
        "`": TokenType.UNKNOWN,
        '"': TokenType.UNKNOWN,
    }
    KEYWORDS: ClassVar = {
        "||": TokenType.DPIPE,
        "<=": TokenType.LTE,
        ">=": TokenType.GTE,
        "<>": TokenType.NEQ,
        "!=": TokenType.NEQ,
        ":=": TokenType.COLON_EQ,
        "->": TokenType.ARROW,
        "=>": TokenType.FARROW,
        "AND": TokenType.AND,
        "OR": TokenType.OR,
        "NULL": TokenType.NULL,
        "TRUE": TokenType.TRUE,
        "FALSE": TokenType.FALSE,
    }


class Ksql(Dialect):
    """ksqlDB's dialect, as sqlglot knows one."""

    IDENTIFIERS_CAN_START_WITH_DIGIT = True
    Tokenizer = KsqlTokenizer


class Source:
    """A text of statements, in which places have lines and columns."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def position(self, offset: int) -> Position:
        """Return the line and the column of an offset."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)


@dataclass(frozen=True)
class StatementTokens:
    """The tokens of one statement, and its text without the semicolon behind it."""

    tokens: list[Token]
    text: str


def split(source: Source) -> Iterator[StatementTokens]:
    """Yield the statements of a text; raise SqlError where it has what is no token."""
    _refuse_open(source)
    tokens: list[Token] = []
    for token in [*_joined(_tokenized(source)), None]:
        if token is not None and token.token_type is not TokenType.SEMICOLON:
            _check(source, token)
            tokens.append(token)
        elif tokens:
            yield StatementTokens(tokens, source.text[tokens[0].start : tokens[-1].end + 1])
            tokens = []


def single_tokens(text: str) -> list[Token] | None:
    """Return the tokens of a text that is nothing but tokens: None where it is more or other."""
    source = Source(text)
    try:
        statements = list(split(source))
    except SqlError:
        return None
    if len(statements) != 1 or statements[0].text != text.strip():
        return None
    return statements[0].tokens


def _refuse_open(source: Source) -> None:
    for found in _STRETCHES.finditer(source.text):
        opened = found["open"]
        if opened:
            raise SqlError(
                f"{_OPENED[opened].capitalize()} begins here and does not end",
                expected=f"`{'*/' if opened == '/*' else opened}` where it ends",
                found="the end of the statement",
                remedy="Close it.",
                position=source.position(found.start()),
            )


def _tokenized(source: Source) -> list[Token]:
    try:
        return KsqlTokenizer(_DIALECT).tokenize(source.text)
    except TokenError as error:
        raise SqlError(
            "The text does not fall into words and signs",
            expected="statements of ksqlDB's dialect",
            found="what cannot be read",
            remedy="Look for a quote that is not closed.",
            position=source.position(0),
        ) from error


def _joined(tokens: list[Token]) -> Iterator[Token]:
    """Yield the tokens; names that begin with a digit, such as `0x1` and `1E`, as one each."""
    digits: Token | None = None
    for token in tokens:
        if digits is not None and digits.end + 1 == token.start and _is_word(token):
            token = _name_token(digits.text + token.text, digits.start, token.end)
        elif digits is not None:
            yield digits
        is_number = token.token_type is TokenType.NUMBER
        if is_number and NAME.fullmatch(token.text) and not NUMBER.fullmatch(token.text):
            token = _name_token(token.text, token.start, token.end)
            is_number = False
        digits = token if is_number else None
        if digits is None:
            yield token
    if digits is not None:
        yield digits


def _is_word(token: Token) -> bool:
    return token.text[0].isalnum() and token.token_type is not TokenType.STRING


def _name_token(text: str, start: int, end: int) -> Token:
    return Token(TokenType.VAR, text, start=start, end=end)


def _check(source: Source, token: Token) -> None:
    """Raise SqlError about a token that is none of ksqlDB's."""
    if not _is_known(token):
        raise SqlError(
            "This is neither a word nor a sign of the language",
            expected="a name, a number, a text in single quotes or a sign",
            found=f"`{token.text[:40]}`",
            remedy=_CURLY if _CURLY_QUOTES & set(token.text) else _BACKTICKS,
            position=source.position(token.start),
        )


def _is_known(token: Token) -> bool:
    kind = token.token_type
    if kind is TokenType.IDENTIFIER:
        return bool(token.text)
    if kind is TokenType.NUMBER:
        return NUMBER.fullmatch(token.text) is not None
    if kind is TokenType.VAR:
        return bool(NAME.fullmatch(token.text) or VARIABLE.fullmatch(token.text))
    return kind in _KNOWN


_DIALECT = Ksql()
_KNOWN = {TokenType.STRING, *KsqlTokenizer.KEYWORDS.values(), *KsqlTokenizer.SINGLE_TOKENS.values()}
