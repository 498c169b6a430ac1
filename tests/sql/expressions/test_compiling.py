import typing
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import SqlError
from eventlab.sql import syntax
from eventlab.sql.expressions.compiling import _COMPILERS, compile_expression
from eventlab.sql.expressions.scope import Scope
from eventlab.sql.syntax import Arithmetic, Comparison, Logical, Position
from eventlab.sql.texts import INTEGERS
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    BYTES,
    DOUBLE,
    INTEGER,
    STRING,
    ArrayType,
    DecimalType,
    MapType,
    StructType,
)
from tests.properties import examples
from tests.sql.evaluating import COLUMNS, PRICE, Stand, column, evaluated, kind_of, value


def test_each_kind_of_expression_is_compiled():
    assert set(_COMPILERS) == set(typing.get_args(syntax.Expression))


ROWS = st.fixed_dictionaries(
    {},
    optional={
        "AMOUNT": st.integers(-(2**31), 2**31 - 1),
        "TOTAL": st.integers(-(2**63), 2**63 - 1),
        "WEIGHT": st.floats(),
        "PRICE": st.decimals("-9999.99", "9999.99", places=2),
        "NAME": st.text(max_size=4) | st.sampled_from(["12", "1.5", "true", "2025-03-01", "%"]),
        "PAID": st.booleans(),
        "DAY": st.integers(-(10**6), 10**6),
        "CLOCK": st.integers(0, 86_399_999),
        "AT": st.integers(-(2**50), 2**50),
        "TAGS": st.lists(st.none() | st.text(max_size=2), max_size=3),
        "STOCK": st.dictionaries(st.text(max_size=2), st.none() | st.integers(0, 9), max_size=3),
        "ADDRESS": st.fixed_dictionaries({"CITY": st.none() | st.text(), "NUMBER": st.none()}),
    },
)
KINDS = st.sampled_from([*COLUMNS.values(), PRICE, ArrayType(INTEGER)])
WRITTEN = [None, 0, -1, 2**40, "a", "7", 1.5, Decimal("0.10"), True, b"x"]
LEAVES = st.sampled_from([*map(column, COLUMNS), *map(value, WRITTEN)])


def nodes(inner):
    signs = st.sampled_from("+-*/%")
    compare = st.sampled_from(["=", "<>", "<", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"])
    return st.one_of(
        st.builds(Arithmetic, signs, inner, inner),
        st.builds(Comparison, compare, inner, inner),
        st.builds(Logical, st.sampled_from(["AND", "OR"]), inner, inner),
        st.builds(syntax.Not, inner),
        st.builds(syntax.Negative, inner),
        st.builds(syntax.IsNull, inner, st.booleans()),
        st.builds(syntax.Between, inner, inner, inner, st.booleans()),
        st.builds(syntax.In, inner, st.tuples(inner, inner), st.booleans()),
        st.builds(syntax.Like, inner, inner, st.none() | st.just("!")),
        st.builds(syntax.Case, st.none() | inner, st.tuples(st.tuples(inner, inner)), inner),
        st.builds(syntax.Cast, inner, KINDS),
        st.builds(syntax.Element, inner, inner),
        st.builds(syntax.Field, inner, st.sampled_from(["CITY", "A"])),
        st.builds(syntax.ArrayOf, st.tuples(inner, inner)),
        st.builds(syntax.MapOf, st.tuples(st.tuples(inner, inner))),
        st.builds(syntax.StructOf, st.tuples(st.tuples(st.just("A"), inner))),
        st.builds(syntax.Call, st.sampled_from(["UPPER", "ROOT"]), st.tuples(inner)),
    )


CLASSES = {INTEGER: int, BIGINT: int, DOUBLE: float, STRING: str, BOOLEAN: bool, BYTES: bytes}


def is_of(found, kind):
    """Tell whether a value is what stands for the values of a type."""
    if found is None or kind is None:
        return found is None
    if isinstance(kind, DecimalType):
        return -found.as_tuple().exponent == kind.scale
    if isinstance(kind, ArrayType):
        return all(is_of(item, kind.item) for item in found)
    if isinstance(kind, MapType):
        return all(is_of(key, kind.key) and is_of(one, kind.value) for key, one in found.items())
    if isinstance(kind, StructType):
        return all(is_of(found.get(name), inner) for name, inner in kind.fields)
    if kind in INTEGERS:
        return type(found) is int and found in INTEGERS[kind]
    return type(found) is CLASSES.get(kind, int)


@examples(400)
@given(st.recursive(LEAVES, nodes, max_leaves=6), ROWS)
def test_any_expression_is_refused_or_has_a_value_of_its_type_for_any_row(node, row):
    try:
        kind = kind_of(node)
    except SqlError:
        return
    assert is_of(evaluated(node, **row), kind)


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
