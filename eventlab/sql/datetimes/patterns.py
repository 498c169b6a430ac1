"""Read the patterns of Java's DateTimeFormatter into their parts.

A pattern is runs of one letter (`yyyy`), text between single quotes, other signs as they are, and
parts in square brackets that may be missing. Two quotes are one. Source: java.time.format.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

# How many times a letter may stand in a run.
_WIDTHS = {
    **dict.fromkeys("aFW", range(1, 2)),
    **dict.fromkeys("dhHkKmsw", range(1, 3)),
    **dict.fromkeys("V", range(2, 3)),
    **dict.fromkeys("D", range(1, 4)),
    **dict.fromkeys("z", range(1, 5)),
    **dict.fromkeys("GMLQqEeXxZ", range(1, 6)),
    **dict.fromkeys("S", range(1, 10)),
    **dict.fromkeys("uyYAnN", range(1, 20)),
    "c": (1, 3, 4, 5),
    "O": (1, 4),
}
_RESERVED = "{}#"
_DEEPEST = 20


@dataclass(frozen=True)
class Letters:
    """A letter that is written a number of times, and stands for a field."""

    letter: str
    width: int


@dataclass(frozen=True)
class Optional:
    """Parts that may be missing."""

    parts: tuple["Part", ...]


Part: TypeAlias = str | Letters | Optional


@lru_cache(maxsize=1000)
def parts_of(pattern: str) -> tuple[Part, ...]:
    """Return the parts of a pattern. Raises ValueError."""
    reader = _Reader(pattern)
    parts = reader.parts()
    if not reader.is_at_end():
        raise ValueError(f"The pattern {pattern!r} closes a bracket that it has not opened")
    return parts


class _Reader:
    """A pattern, and how far it has been read."""

    def __init__(self, pattern: str):
        self._pattern = pattern
        self._place = 0
        self._depth = 0

    def is_at_end(self) -> bool:
        return self._place == len(self._pattern)

    def parts(self) -> tuple[Part, ...]:
        parts: list[Part] = []
        while not self.is_at_end() and self._sign() != "]":
            parts.append(self._part())
        return tuple(parts)

    def _part(self) -> Part:
        sign = self._sign()
        if sign == "'":
            return self._quoted()
        if sign == "[":
            return self._optional()
        if sign.isascii() and sign.isalpha():
            return self._letters()
        if sign in _RESERVED:
            raise ValueError(f"The pattern {self._pattern!r} has a {sign}, which means nothing")
        self._place += 1
        return sign

    def _sign(self) -> str:
        return self._pattern[self._place]

    def _letters(self) -> Letters:
        letter = self._sign()
        rest = self._pattern[self._place :]
        width = len(rest) - len(rest.lstrip(letter))
        if width not in _WIDTHS.get(letter, ()):
            raise ValueError(f"The pattern {self._pattern!r} has letters of no meaning: {letter}")
        self._place += width
        return Letters(letter, width)

    def _optional(self) -> Optional:
        self._place += 1
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError(f"The pattern {self._pattern!r} has brackets in too many others")
        parts = self.parts()
        self._depth -= 1
        # Java closes what is still open where a pattern ends.
        self._place = min(self._place + 1, len(self._pattern))
        return Optional(parts)

    def _quoted(self) -> str:
        text = ""
        self._place += 1
        while not self.is_at_end():
            if self._pattern.startswith("''", self._place):
                text += "'"
                self._place += 2
            elif self._sign() == "'":
                self._place += 1
                return text or "'"
            else:
                text += self._sign()
                self._place += 1
        raise ValueError(f"The pattern {self._pattern!r} has text whose quotes are not closed")
