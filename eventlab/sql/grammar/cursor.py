"""Walking over the tokens of one statement, and refusing it where it is not understood."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn, TypeVar

from sqlglot.parser import Parser
from sqlglot.tokenizer_core import Token, TokenType

from eventlab.arguments import LONGEST
from eventlab.errors import SqlError
from eventlab.sql.durations import LONGEST_MILLISECONDS, MOST_DIGITS, UNITS
from eventlab.sql.grammar.words import INSTEAD, NAME, RESERVED, SOURCE_NAME
from eventlab.sql.syntax import Position

T = TypeVar("T")

# Whatever they say, tokens of these types are no words of the language.
_QUOTED = (TokenType.STRING, TokenType.IDENTIFIER)
_OPENING = ("(", "[")
_CLOSING = (")", "]")


class Cursor(Parser):
    """The tokens of one statement, and where one is among them.

    `example` is a statement of the kind that is being read, or a part of one; an error shows it.
    """

    def begin(self, tokens: Sequence[Token], position: Callable[[int], Position]) -> None:
        """Stand before the first token; `position` makes a place in the text of its offset."""
        self.reset()
        self.example = "SELECT * FROM orders EMIT CHANGES;"
        self._position = position
        self._tokens = list(tokens)
        self._tokens_size = len(tokens)
        self._words = [_word(token) for token in tokens]
        self._index = -1
        self._advance()

    # -- looking ------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        """Return the next token; one that is false behind the last."""
        return self._curr

    @property
    def position(self) -> Position:
        """Return where the next token stands; behind the last one, where that one ends."""
        if self._curr:
            return self._position(self._curr.start)
        return self._position(self._prev.end + 1 if self._prev else 0)

    def at(self, *words: str) -> bool:
        """Tell whether these words or signs come next."""
        place = self._index
        return self._words[place : place + len(words)] == list(words)

    def at_any(self, words: Iterable[str]) -> bool:
        """Tell whether one of these words or signs comes next."""
        return self.word() in words

    def word(self, ahead: int = 0) -> str:
        """Return a word in capitals, or a sign; "" for what is quoted, and behind the last."""
        place = self._index + ahead
        return self._words[place] if place < self._tokens_size else ""

    def at_name(self, ahead: int = 0) -> bool:
        """Tell whether a name comes next."""
        place = self._index + ahead
        if place >= self._tokens_size:
            return False
        word = self._words[place]
        if not word:
            return self._tokens[place].token_type is TokenType.IDENTIFIER
        return word not in RESERVED and NAME.fullmatch(word) is not None

    def at_last(self) -> bool:
        """Tell whether no other token is behind the next one."""
        return self._index + 1 >= self._tokens_size

    def find_closing(self) -> int:
        """Return how far ahead the bracket is closed that comes next; -1 where it is not."""
        depth = 0
        for ahead in range(self._tokens_size - self._index):
            word = self.word(ahead)
            depth += (word in _OPENING) - (word in _CLOSING)
            if depth == 0:
                return ahead
        return -1

    def at_list(self) -> bool:
        """Tell whether a list in parentheses comes next: with a comma that is in no other pair."""
        depth = 0
        for ahead in range(self.find_closing() + 1):
            word = self.word(ahead)
            depth += (word in _OPENING) - (word in _CLOSING)
            if word == "," and depth == 1:
                return True
        return False

    # -- taking -------------------------------------------------------------------------------

    def next(self) -> Token:
        """Take the next token, whatever it is."""
        token = self._curr
        self._advance()
        return token

    def take(self, *words: str) -> bool:
        """Take these words if they come next, all of them or none."""
        is_there = self.at(*words)
        if is_there:
            self._advance(len(words))
        return is_there

    def expect(self, *words: str) -> None:
        """Take these words; raise SqlError where others come next."""
        for word in words:
            if not self.take(word):
                self.refuse(f"`{word}`", [word])

    def expect_one(self, words: Sequence[str]) -> str:
        """Take one of these words and return it; raise SqlError where another comes next."""
        if not self.at_any(words):
            self.refuse(alternatives(words), words)
        return self.next().text.upper()

    def name(self, what: str) -> str:
        """Take a name: in capitals, unless it is quoted."""
        if not self.at_name():
            self.refuse(what, is_name=True)
        word = self.word()
        token = self.next()
        return word or token.text

    def source_name(self, what: str) -> str:
        """Take the name of a stream or a table."""
        place = self.position
        name = self.name(what)
        if SOURCE_NAME.fullmatch(name):
            return name
        raise SqlError(
            "This cannot be the name of a stream or a table",
            expected="letters, digits, `_` and `-`",
            found=f"`{name}`",
            remedy="Choose another name.",
            position=place,
        )

    def resource(self, what: str) -> str:
        """Take the name of a topic: as it is written, in quotes or without."""
        if self.token.token_type is TokenType.STRING:
            return self.next().text
        if not self.at_name():
            self.refuse(what)
        return self.next().text

    def text(self, what: str) -> str:
        """Take a text in single quotes."""
        if self.token.token_type is not TokenType.STRING:
            self.refuse(what)
        return self.next().text

    def whole_number(self, what: str, least: int = 0) -> int:
        """Take a number without a point and a sign."""
        token = self.token
        is_number = token.token_type is TokenType.NUMBER and token.text.isdecimal()
        if not is_number or len(token.text) > MOST_DIGITS or int(token.text) < least:
            self.refuse(what)
        return int(self.next().text)

    def duration(self, what: str, least: int = 0) -> int:
        """Take a number and a unit of time; return milliseconds."""
        place = self.position
        number = self.whole_number(f"{what}, such as `5 MINUTES`", least)
        unit = self.expect_one(list(UNITS))
        if number * UNITS[unit] <= LONGEST_MILLISECONDS:
            return number * UNITS[unit]
        raise SqlError(
            "The length of time is too large",
            expected=f"at most {LONGEST.days} DAYS",
            found=f"{number} {unit}",
            remedy="Write a shorter one.",
            position=place,
        )

    def series(self, read: Callable[[], T]) -> tuple[T, ...]:
        """Take what stands between commas, at least one."""
        found = [read()]
        while self.take(","):
            found.append(read())
        return tuple(found)

    def wrapped(self, read: Callable[[], T]) -> tuple[T, ...]:
        """Take what stands between commas in parentheses, at least one."""
        self.expect("(")
        found = self.series(read)
        if not self.take(")"):
            self.refuse("`,` or `)`")
        return found

    def finish(self) -> None:
        """Raise SqlError where something is left behind the statement."""
        if self._curr:
            self.refuse("the end of the statement")

    # -- refusing -----------------------------------------------------------------------------

    def refuse(
        self, expected: str, words: Sequence[str] = (), *, is_name: bool = False
    ) -> NoReturn:
        """Raise SqlError about the next token; `words` are those that would do.

        With `is_name` a name would do, as which a reserved word can be quoted.
        """
        is_before = self.word() not in INSTEAD and self._before in INSTEAD.keys() - {"SELECT"}
        raise SqlError(
            "The statement is not understood",
            expected=expected,
            found=f"`{self._before}`" if is_before else self._found(),
            remedy=self._remedy(words, is_name),
            position=self._position(self._prev.start) if is_before else self.position,
        )

    def raise_error(self, message: str, token: Token | None = None) -> NoReturn:
        """Raise SqlError where sqlglot finds something wrong by itself."""
        self.refuse("a complete statement")

    @property
    def _before(self) -> str:
        return self.word(-1) if self._index > 0 else ""

    def _found(self) -> str:
        token = self._curr
        if not token:
            return "the end of the statement"
        if token.token_type is TokenType.STRING:
            return f"the text '{_short(token.text)}'"
        return f"`{_short(token.text)}`"

    def _remedy(self, words: Sequence[str], is_name: bool) -> str:
        word = self.word(1) if self.at("(", "SELECT") else self.word()
        before = self._before
        if word in INSTEAD or before in INSTEAD.keys() - {"SELECT"}:
            return INSTEAD.get(word) or INSTEAD[before]
        if near := _nearest(word, words):
            return f"Did you mean {near}?"
        if near := _nearest(before, words):
            return f"Did you mean {near} instead of {before}?"
        if is_name and word in RESERVED:
            return f"Where {word} is a name, put it in backticks; else: {self.example}"
        return f"This works: {self.example}"


def _word(token: Token) -> str:
    return "" if token.token_type in _QUOTED else token.text.upper()


def _nearest(word: str, words: Sequence[str]) -> str | None:
    if not word or word in words:
        return None
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.7)
    return near[0] if near else None


def alternatives(words: Sequence[str]) -> str:
    """Name what would do: `A`, `B` or `C`."""
    quoted = [f"`{word}`" for word in words]
    if len(quoted) == 1:
        return quoted[0]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
