from decimal import Decimal

import pytest

from eventlab.errors import SqlError
from eventlab.sql.expressions.compiled import Context
from eventlab.sql.expressions.conversions import converted, mapped
from eventlab.sql.types import BIGINT, DATE, DOUBLE, DecimalType
from tests.sql.evaluating import column, compiled, value


def change(expression, wanted, reports=None):
    context = Context(None, None, [].append if reports is None else reports.append, None)
    return converted(compiled(expression), wanted, expression, context)


def test_null_has_the_type_that_is_wanted():
    assert change(value(None), BIGINT).kind == BIGINT
    assert change(value(None), BIGINT).value is None


def test_what_is_written_out_is_converted_before_the_first_row():
    assert str(change(value("1.5"), DecimalType(4, 2)).value) == "1.50"
    with pytest.raises(SqlError, match="A value is no DATE"):
        change(value("soon"), DATE)


def test_a_number_of_a_row_is_widened_and_null_stays():
    wide = change(column("AMOUNT"), DOUBLE)
    assert wide.kind == DOUBLE
    assert repr(wide.evaluate([2])) == "2.0"
    assert wide.evaluate([None]) is None
    assert not wide.can_fail


def test_a_text_of_a_row_that_does_not_fit_is_null_and_reported():
    reports = []
    day = change(column("NAME"), DATE, reports)
    row = [None] * 5
    assert day.evaluate([*row, "1970-01-02"]) == 1
    assert day.evaluate([*row, "soon"]) is None
    assert len(reports) == 1


def test_a_column_that_is_mapped_no_longer_stands_in_the_row():
    assert compiled(column("AMOUNT")).place == 0
    assert mapped(compiled(column("AMOUNT")), Decimal, DecimalType(10, 0)).place is None
