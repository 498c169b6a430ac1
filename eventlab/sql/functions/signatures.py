"""What functions take and give: the types of parameters, which may stand for several types.

`signature_texts` reads a signature from the text that a declaration has; `matching` finds whether
the arguments of a call fit one.
"""

from dataclasses import dataclass
from typing import TypeAlias

from eventlab.sql.types import SqlType


@dataclass(frozen=True)
class Generic:
    """Any type, the same one wherever the letter is."""

    letter: str

    def __str__(self) -> str:
        return self.letter


@dataclass(frozen=True)
class AnyType:
    """Any type at all."""

    def __str__(self) -> str:
        return "ANY"


@dataclass(frozen=True)
class AnyDecimal:
    """A decimal number of any precision, the same one wherever a signature says DECIMAL."""

    def __str__(self) -> str:
        return "DECIMAL"


@dataclass(frozen=True)
class ArrayPattern:
    """A list of values of a type that is not known yet."""

    item: "Pattern"

    def __str__(self) -> str:
        return f"ARRAY<{self.item}>"


@dataclass(frozen=True)
class MapPattern:
    """A map of types that are not known yet."""

    key: "Pattern"
    value: "Pattern"

    def __str__(self) -> str:
        return f"MAP<{self.key}, {self.value}>"


@dataclass(frozen=True)
class StructPattern:
    """A struct of types that are not known yet."""

    fields: tuple[tuple[str, "Pattern"], ...]

    def __str__(self) -> str:
        return f"STRUCT<{', '.join(f'{name} {kind}' for name, kind in self.fields)}>"


@dataclass(frozen=True)
class LambdaType:
    """A function that is written out; `output` is None as long as its body has no type yet.

    As an argument whose body has no type yet it has as many `inputs` as the function parameters,
    and what they are does not matter: `unread_lambda` makes one.
    """

    inputs: tuple["Pattern", ...]
    output: "Pattern | None"

    def __str__(self) -> str:
        return f"LAMBDA<{', '.join(map(str, [*self.inputs, self.output or '?']))}>"


Pattern: TypeAlias = (
    SqlType
    | Generic
    | AnyType
    | AnyDecimal
    | ArrayPattern
    | MapPattern
    | StructPattern
    | LambdaType
)
# What an argument is: its type, a function, or None for NULL.
ArgumentType: TypeAlias = SqlType | LambdaType | None


def unread_lambda(number: int) -> LambdaType:
    """Return the type of a lambda of so many parameters whose body has not been read yet."""
    return LambdaType((AnyType(),) * number, None)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a signature."""

    name: str
    kind: Pattern
    is_optional: bool = False
    is_variadic: bool = False
    is_written_out: bool = False

    def __str__(self) -> str:
        marks = f"{'?' if self.is_optional else ''}{'!' if self.is_written_out else ''}"
        return f"{self.name}{'...' if self.is_variadic else ''} {self.kind}{marks}"


@dataclass(frozen=True)
class Signature:
    """What a function takes and gives."""

    parameters: tuple[Parameter, ...]
    returns: Pattern

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.parameters))}) {self.returns}"

    def parameters_for(self, number: int) -> tuple[Parameter, ...] | None:
        """Return the parameter of each of so many arguments, None if there cannot be so many."""
        places = [place for place, one in enumerate(self.parameters) if one.is_variadic]
        if places:
            return self._repeated(places[0], number)
        needed = sum(not one.is_optional for one in self.parameters)
        if not needed <= number <= len(self.parameters):
            return None
        return self.parameters[:number]

    def _repeated(self, place: int, number: int) -> tuple[Parameter, ...] | None:
        times = number - (len(self.parameters) - 1)
        if times < 0:
            return None
        repeated = (self.parameters[place],) * times
        return self.parameters[:place] + repeated + self.parameters[place + 1 :]
