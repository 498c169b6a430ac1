"""What a format makes of some columns: bytes of their values, and values of bytes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from eventlab.sql.types import SqlType

# The names and types of a key's or a value's columns, in their order.
Columns: TypeAlias = Sequence[tuple[str, SqlType]]
Values: TypeAlias = Sequence[Any]


class Unreadable(ValueError):
    """Report that bytes are not what the columns say; the record is left out, and this is why."""


@dataclass(frozen=True)
class Serde:
    """How columns become bytes and come back.

    `read` takes bytes, never None, and returns one value a column, or raises Unreadable. It returns
    None where the bytes say that there is no row at all. `write` returns None for the same.
    """

    read: Callable[[bytes], Sequence[Any] | None]
    write: Callable[[Values], bytes | None]
