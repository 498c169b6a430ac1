"""Functions that choose among values: those that are not NULL, the greatest, the least.

Source: ksqlDB's reference, "Scalar functions".
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from eventlab.errors import SqlError
from eventlab.sql.functions.declaring import scalar
from eventlab.sql.functions.signatures import ArgumentType, LambdaType
from eventlab.sql.types import DOUBLE, DecimalType, is_number

Choose: TypeAlias = Callable[..., Any]


@scalar(
    "COALESCE",
    "(first T, others... T) T",
    "Take the first value that is not NULL.",
    takes_null=True,
)
@scalar(
    "IFNULL", "(value T, otherwise T) T", "Take another value where one is NULL.", takes_null=True
)
def first_not_null(*values: Any) -> Any:
    """Return the first value that is not NULL, NULL if none is."""
    return next((value for value in values if value is not None), None)


@scalar(
    "NULLIF",
    "(value T, other T) T",
    "Take NULL where two values are equal, else the first.",
    takes_null=True,
)
def null_if_equal(value: Any, other: Any) -> Any:
    """Return the value, NULL if it is equal to the other one."""
    return None if value == other else value


@scalar("AS_VALUE", "(column T) T", "Copy a column of the key into the value.", takes_null=True)
def as_value(value: Any) -> Any:
    """Return the value itself."""
    return value


# A text fits where a date does, since it can be read as one; not so the other way.
_COMPARED = ("STRING", "BYTES", "DATE", "TIME", "TIMESTAMP", "DECIMAL", "DOUBLE", "BIGINT", "INT")


def greatest(*values: Any) -> Any:
    """Return the greatest of the values that are not NULL."""
    return max((value for value in values if value is not None), default=None)


def least(*values: Any) -> Any:
    """Return the least of the values that are not NULL."""
    return min((value for value in values if value is not None), default=None)


def _of_one_type(choose: Choose) -> Callable[[Sequence[ArgumentType]], Choose]:
    """Return what chooses among values once their types are known to be one, or DOUBLE's."""

    def by_types(kinds: Sequence[ArgumentType]) -> Choose:
        numbers = {
            "DECIMAL" if isinstance(kind, DecimalType) else str(kind)
            for kind in kinds
            if not isinstance(kind, LambdaType) and is_number(kind)
        }
        if len(numbers) > 1 and DOUBLE not in kinds:
            raise SqlError(
                "Numbers of different types are compared",
                expected="numbers of one type, or a DOUBLE among them",
                found=", ".join(sorted(numbers)),
                remedy="CAST all of them to one type.",
            )
        return choose

    return by_types


for _kind in _COMPARED:
    _signature = f"(first {_kind}, others... {_kind}) {_kind}"
    for _name, _function in (("GREATEST", greatest), ("LEAST", least)):
        _what = f"Take the {_name.lower()} value; NULL is none."
        _declared = scalar(
            _name, _signature, _what, takes_null=True, by_types=True, needs_type=True
        )
        _declared(_of_one_type(_function))
