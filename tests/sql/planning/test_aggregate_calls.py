import pytest

from eventlab.errors import SqlError
from eventlab.sql.functions.registry import Functions
from eventlab.sql.planning.aggregate_calls import (
    aggregate_calls,
    aggregate_of,
    require_no_aggregate,
)
from eventlab.sql.planning.rows import shape_of
from eventlab.sql.types import BIGINT, INTEGER, ArrayType
from tests.sql.planning.planning import SOURCES, compiler, query_of, source_of
from tests.sql.statements import expression

FUNCTIONS = Functions.builtin()
OF_STREAM = shape_of(source_of(SOURCES, name="ORDERS"), "ORDERS")
OF_TABLE = shape_of(source_of(SOURCES, name="STOCK"), "STOCK")
SESSIONS = query_of("SELECT 1 FROM orders WINDOW SESSION (1 HOUR) GROUP BY item;").window


def refusal(text, shape=OF_STREAM, window=None):
    with pytest.raises(SqlError) as caught:
        aggregate_of(compiler(), expression(text), shape, window)
    return str(caught.value)


def test_each_aggregate_is_found_once():
    calls = aggregate_calls(FUNCTIONS, expression("SUM(price) + ABS(MAX(price)) + SUM(price)"))
    assert [call.name for call in calls] == ["SUM", "MAX"]


def test_a_call_says_how_it_folds_and_what_comes_out():
    made, kind = aggregate_of(compiler(), expression("SUM(price + 1)"), OF_STREAM, None)
    (argument,) = made.arguments
    assert argument((1, "pen", 3, 0, 0, 0)) == 4
    assert made.folding.result(made.folding.add(made.folding.begin(), 4)) == 4
    assert kind == INTEGER


def test_what_is_written_out_is_no_argument_of_a_row():
    made, kind = aggregate_of(compiler(), expression("TOPK(price, 2)"), OF_STREAM, None)
    assert len(made.arguments) == 1
    assert kind == ArrayType(INTEGER)
    assert aggregate_of(compiler(), expression("COUNT(*)"), OF_STREAM, None)[1] == BIGINT


def test_what_is_needed_before_the_first_row_is_written_out():
    assert "needed before the first row" in refusal("TOPK(price, id)")
    assert "found NULL" in refusal("TOPK(price, NULL)")


def test_an_aggregate_within_another_one_is_refused():
    assert "where single rows are looked at" in refusal("SUM(MAX(price))")
    with pytest.raises(SqlError, match="computed of a whole group"):
        require_no_aggregate(FUNCTIONS, expression("1 + SUM(price)"))


def test_of_a_table_what_has_changed_is_taken_back():
    assert "cannot be computed of a table" in refusal("MAX(pieces)", OF_TABLE)
    assert aggregate_of(compiler(), expression("SUM(pieces)"), OF_TABLE, None)[1] == INTEGER


def test_of_sessions_the_results_can_be_merged():
    made, _ = aggregate_of(compiler(), expression("SUM(price)"), OF_STREAM, SESSIONS)
    assert made.folding.merge(2, 3) == 5
