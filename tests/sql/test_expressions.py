import typing

import pytest

from eventlab.errors import SqlError
from eventlab.sql import syntax
from eventlab.sql.expressions import _COMPILERS, compile_expression
from eventlab.sql.scope import Scope
from eventlab.sql.syntax import Arithmetic, Comparison, Logical, Position
from eventlab.sql.types import INTEGER
from tests.sql.evaluating import Stand, column, evaluated, value


def test_each_kind_of_expression_is_compiled():
    assert set(_COMPILERS) == set(typing.get_args(syntax.Expression))


def test_an_expression_is_a_type_and_a_function_of_a_row():
    scope = Scope.of([("A", INTEGER), ("B", INTEGER)])
    sum_ = compile_expression(Arithmetic("+", column("A"), column("B")), scope, Stand(), print)
    assert sum_.kind == INTEGER
    assert sum_.evaluate((3, 4)) == 7
    assert sum_.evaluate([3, 4]) == 7


def test_a_condition_that_cannot_be_computed_does_not_hold():
    reports = []
    node = Comparison(">", Arithmetic("+", column("AMOUNT"), value(1)), value(0))
    assert not evaluated(node, reports)
    assert not evaluated(syntax.Not(node), reports)
    assert len(reports) == 2


def test_a_long_chain_of_conditions_is_no_deep_one():
    some = Comparison("=", column("AMOUNT"), value(0))
    every = Comparison(">", column("AMOUNT"), value(0))
    for number in range(1, 5000):
        some = Logical("OR", some, Comparison("=", column("AMOUNT"), value(number)))
        every = Logical("AND", every, Comparison("<>", column("AMOUNT"), value(-number)))
    assert evaluated(some, AMOUNT=4999) is True
    assert evaluated(some, AMOUNT=5000) is False
    assert evaluated(every, AMOUNT=1) is True


def test_what_is_nested_without_an_end_is_refused():
    node = value(1)
    for _ in range(20_000):
        node = Arithmetic("+", node, column("AMOUNT"), Position(1, 1))
    with pytest.raises(SqlError, match="nested too deeply"):
        evaluated(node)
