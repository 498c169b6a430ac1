"""Read a signature from text: `(<parameter> <type>, …) <type>`.

```text
(text STRING, length INT) STRING          two arguments of these types
(list ARRAY<T>, item T) BOOLEAN           T: any type, the same one wherever the letter is
(values... T) T                           any number of arguments, none too
(text STRING, n INT?) STRING              the second one may be left out
(x DECIMAL) DECIMAL                       a decimal number of any precision, and one of the same
(value ANY) STRING                        any type at all
(list ARRAY<T>, f LAMBDA<T, R>) ARRAY<R>  a function from T to R
(x T, n INT!) ARRAY<T>                    n is written out, since it is needed before the first row
```
"""

import re

from eventlab.errors import UsageError, shown
from eventlab.sql.functions.signatures import (
    AnyDecimal,
    AnyType,
    ArrayPattern,
    Generic,
    LambdaType,
    MapPattern,
    Parameter,
    Pattern,
    Signature,
    StructPattern,
)
from eventlab.sql.types import BY_NAME, DecimalType

_TOKEN = re.compile(r"\s*(\.\.\.|\w+|\S)")


def signature_from(text: str) -> Signature:
    """Return the signature that a text says. Raises UsageError."""
    return _Reader(text).signature()


class _Reader:
    """The text of a signature, and how far it has been read."""

    def __init__(self, text: str):
        self._text = text
        self._tokens: list[str] = _TOKEN.findall(text)

    def signature(self) -> Signature:
        self._take("(")
        parameters = []
        while self._next() != ")":
            parameters.append(self._parameter())
            if self._next() != ")":
                self._take(",")
        self._take(")")
        returns = self._type()
        if self._tokens:
            raise self._wrong("the end")
        return Signature(tuple(parameters), returns)

    def _parameter(self) -> Parameter:
        name = self._word()
        is_variadic = self._has("...")
        kind = self._type()
        is_optional = self._has("?")
        is_written_out = self._has("!")
        return Parameter(name, kind, is_optional, is_variadic, is_written_out)

    def _type(self) -> Pattern:
        name = self._word().upper()
        if name == "ANY":
            return AnyType()
        if name == "DECIMAL":
            return self._decimal()
        if name == "STRUCT":
            return self._struct()
        if name in ("ARRAY", "MAP", "LAMBDA"):
            return _compound(name, self._types())
        if len(name) == 1:
            return Generic(name)
        if name not in BY_NAME:
            raise self._wrong("a type", name)
        return BY_NAME[name]

    def _types(self) -> list[Pattern]:
        self._take("<")
        types = [self._type()]
        while self._has(","):
            types.append(self._type())
        self._take(">")
        return types

    def _decimal(self) -> Pattern:
        if not self._has("("):
            return AnyDecimal()
        precision = self._number()
        self._take(",")
        scale = self._number()
        self._take(")")
        return DecimalType(precision, scale)

    def _struct(self) -> Pattern:
        self._take("<")
        fields = [self._field()]
        while self._has(","):
            fields.append(self._field())
        self._take(">")
        return StructPattern(tuple(fields))

    def _field(self) -> tuple[str, Pattern]:
        name = self._word()
        return name, self._type()

    def _next(self) -> str:
        return self._tokens[0] if self._tokens else "the end"

    def _has(self, token: str) -> bool:
        if self._next() != token:
            return False
        self._tokens.pop(0)
        return True

    def _take(self, token: str) -> None:
        if not self._has(token):
            raise self._wrong(f"`{token}`")

    def _word(self) -> str:
        if not re.fullmatch(r"\w+", self._next()):
            raise self._wrong("a word")
        return self._tokens.pop(0)

    def _number(self) -> int:
        if not self._next().isdecimal():
            raise self._wrong("a number")
        return int(self._tokens.pop(0))

    def _wrong(self, expected: str, found: str = "") -> UsageError:
        return UsageError(
            f"The signature {shown(self._text)} cannot be read",
            expected=expected,
            found=found or self._next(),
            remedy='Write it like "(text STRING, length INT) STRING".',
        )


def _compound(name: str, types: list[Pattern]) -> Pattern:
    if name == "ARRAY" and len(types) == 1:
        return ArrayPattern(types[0])
    if name == "MAP" and len(types) == 2:
        return MapPattern(types[0], types[1])
    if name == "LAMBDA" and len(types) > 1:
        return LambdaType(tuple(types[:-1]), types[-1])
    raise UsageError(
        f"{name} of {len(types)} types is no type",
        expected="ARRAY<T>, MAP<K, V>, or LAMBDA<T, …, R>",
        found=f"{name}<{', '.join(map(str, types))}>",
        remedy="Write as many types as it has.",
    )
