import pytest

from eventlab.sql.expressions.projections import row_maker
from eventlab.sql.syntax import Arithmetic
from tests.sql.evaluating import column, compiled, value


@pytest.mark.parametrize("number", range(8))
def test_a_row_has_a_value_for_each_expression(number):
    expressions = [Arithmetic("+", column("AMOUNT"), value(one)) for one in range(number)]
    make = row_maker([compiled(one) for one in expressions])
    assert make([10]) == tuple(range(10, 10 + number))


@pytest.mark.parametrize("names", [["AMOUNT"], ["OTHER", "AMOUNT"], ["OTHER", "AMOUNT", "OTHER"]])
def test_columns_alone_are_taken_in_one_step(names):
    make = row_maker([compiled(column(name)) for name in names])
    assert make([1, 2]) == tuple({"AMOUNT": 1, "OTHER": 2}[name] for name in names)
