import pytest

from eventlab.sql.expressions.projections import values_maker
from eventlab.sql.syntax import Arithmetic
from tests.sql.evaluating import column, compiled, value


@pytest.mark.parametrize("number", range(8))
def test_a_row_has_a_value_for_each_expression(number):
    expressions = [Arithmetic("+", column("AMOUNT"), value(one)) for one in range(number)]
    make = values_maker([compiled(one).evaluate for one in expressions])
    assert make([10]) == tuple(range(10, 10 + number))
