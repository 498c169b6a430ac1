from decimal import Decimal

import pytest

from eventlab.errors import SqlError
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    TIMESTAMP,
    ArrayType,
    DecimalType,
)
from tests.sql.functions.calling import called, result_kind


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("COALESCE", [None, "b", "c"], "b"),
        ("COALESCE", [None, None], None),
        ("COALESCE", [False, True], False),
        ("IFNULL", [None, 3], 3),
        ("IFNULL", [0, 3], 0),
        ("NULLIF", ["a", "a"], None),
        ("NULLIF", ["a", "b"], "a"),
        ("NULLIF", [[1, 2], [1, 2]], None),
        ("NULLIF", [None, "b"], None),
        ("AS_VALUE", [7], 7),
        ("AS_VALUE", [None], None),
        ("GREATEST", [3, None, 9, 4], 9),
        ("LEAST", [3, None, 9, 4], 3),
        ("GREATEST", ["pear", "Zebra"], "pear"),
        ("LEAST", [b"b", b"ab"], b"ab"),
        ("GREATEST", [Decimal("1.10"), Decimal("1.2")], Decimal("1.2")),
    ],
)
def test_one_of_several_values_is_chosen(name, arguments, expected):
    """NULL is neither the greatest nor the least."""
    assert called(name, *arguments) == expected


@pytest.mark.parametrize(
    ("name", "kinds", "expected"),
    [
        ("COALESCE", [INTEGER, BIGINT], BIGINT),
        ("COALESCE", [None, ArrayType(DATE)], ArrayType(DATE)),
        ("GREATEST", [INTEGER, None], INTEGER),
        ("GREATEST", [INTEGER, BIGINT], BIGINT),
        ("GREATEST", [INTEGER, DecimalType(4, 2)], DecimalType(12, 2)),
        ("GREATEST", [BIGINT, DecimalType(4, 2), DOUBLE], DOUBLE),
        ("LEAST", [DATE, STRING], DATE),
        ("LEAST", [None, TIME, STRING], TIME),
        ("LEAST", [TIMESTAMP, STRING], TIMESTAMP),
        ("LEAST", [STRING, STRING], STRING),
    ],
)
def test_values_of_several_types_have_one_in_common(name, kinds, expected):
    """A text beside a date is read as a date."""
    assert result_kind(name, *kinds) == expected


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("COALESCE", []),
        ("GREATEST", []),
        ("GREATEST", [BOOLEAN]),
        ("GREATEST", [None]),
        ("LEAST", [None, None]),
        ("LEAST", [STRING, INTEGER]),
        ("LEAST", [DATE, TIME]),
        ("NULLIF", [STRING, DOUBLE]),
    ],
)
def test_values_that_do_not_go_together_are_refused(name, kinds):
    """And so is none at all."""
    with pytest.raises(SqlError, match="does not take"):
        result_kind(name, *kinds)
