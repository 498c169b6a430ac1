from decimal import Decimal
from typing import Any, Optional

import pytest

from eventlab.errors import UsageError
from eventlab.sql.functions.annotations import row_signature_of, signature_of


def plain(a: bool, b: int, c: float, d: str, e: bytes, f: Decimal, g: Any) -> int:
    return b


def nested(a: list[int], b: dict[str, list[float]], c: int | None = None) -> str | None: ...


def variadic(first: Optional[str], *rest: str) -> str:  # noqa: UP045  as others write it
    return first or ""


def lines(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize(
    ("function", "signature"),
    [
        (
            plain,
            "(a BOOLEAN, b BIGINT, c DOUBLE, d STRING, e BYTES, f DECIMAL, g ANY) BIGINT",
        ),
        (nested, "(a ARRAY<BIGINT>, b MAP<STRING, ARRAY<DOUBLE>>, c BIGINT?) STRING"),
        (variadic, "(first STRING, rest... STRING) STRING"),
        (lines, "(text STRING) ARRAY<STRING>"),
    ],
)
def test_annotations_are_a_signature(function, signature):
    """Python's types are those of the dialect."""
    assert str(signature_of(function)) == signature


def test_rows_are_items_of_a_list():
    """A table function returns a list, and its signature says what is in it."""
    assert str(row_signature_of(lines)) == "(text STRING) STRING"
    with pytest.raises(UsageError, match="no list"):
        row_signature_of(plain)


def without(a, b: int) -> int:
    return b


def strange(a: complex) -> int:
    return 1


def silent(a: int):
    return a


def undefined(a: "Missing") -> int:  # noqa: F821
    return 1


def named(*, a: int) -> int:
    return a


def ambiguous(a: int | str) -> int:
    return 1


@pytest.mark.parametrize(
    ("function", "found"),
    [
        (without, "the parameter a without a type"),
        (strange, "the parameter a of the type <class 'complex'>"),
        (silent, "the result without a type"),
        (undefined, "'Missing' is not defined"),
        (named, "a, which is given by name"),
        (ambiguous, "the parameter a of the type int | str"),
    ],
)
def test_what_does_not_say_its_types_is_refused(function, found):
    """It names the parameter."""
    with pytest.raises(UsageError, match=found.replace("|", r"\|")):
        signature_of(function)
