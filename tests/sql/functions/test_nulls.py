from decimal import Decimal

import pytest

from eventlab.errors import SqlError
from eventlab.sql.syntax import Position
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
from tests.sql.functions.calling import BUILTIN, called, result_kind


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
        ("GREATEST", [DecimalType(4, 2), DecimalType(3, 3)], DecimalType(5, 3)),
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


@pytest.mark.parametrize("name", ["GREATEST", "LEAST"])
@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        ([INTEGER, BIGINT], "BIGINT, INTEGER"),
        ([INTEGER, None, DecimalType(4, 2)], "DECIMAL, INTEGER"),
        ([BIGINT, DecimalType(4, 2)], "BIGINT, DECIMAL"),
    ],
)
def test_numbers_that_are_compared_are_cast_to_one_type_first(name, kinds, found):
    """As ksqlDB's reference asks for; the error says where."""
    with pytest.raises(SqlError, match="CAST") as caught:
        BUILTIN.scalar(name, kinds, position=Position(2, 8))
    assert caught.value.found == found
    assert caught.value.position == (2, 8)
