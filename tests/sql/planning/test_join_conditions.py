import pytest

from eventlab.errors import SqlError
from eventlab.sql.planning.join_conditions import is_key, sides_of
from eventlab.sql.planning.rows import shape_of
from eventlab.sql.syntax import Column, Position
from tests.sql.planning.planning import SOURCES, query_of, source_of

LEFT = shape_of(source_of(SOURCES, name="ORDERS"), "O")
RIGHT = shape_of(source_of(SOURCES, name="PAYMENTS"), "P")


def sides(condition):
    query = query_of(f"SELECT 1 FROM orders o JOIN payments p WITHIN 1 HOUR ON {condition};")
    return sides_of(query.joins[0], LEFT, RIGHT)


@pytest.mark.parametrize("condition", ["o.id = p.order_id", "order_id = id"])
def test_the_sides_of_a_condition_are_found_in_any_order(condition):
    assert sides(condition).left == Column("ID", "O")
    assert sides(condition).right == Column("ORDER_ID", "P")


def test_a_side_can_be_computed():
    assert sides("id = ABS(paid)").right.arguments == (Column("PAID", "P"),)


@pytest.mark.parametrize(
    "condition",
    [
        "id > order_id",
        "id = price",
        "id = 5",
        "id + order_id = paid",
        "id = order_id AND price = paid",
    ],
)
def test_a_condition_is_that_one_thing_of_each_side_is_equal(condition):
    with pytest.raises(SqlError, match="where two things are equal") as caught:
        sides(condition)
    assert caught.value.position == Position(1, 57)  # the condition


def test_a_key_is_one_column():
    assert is_key(LEFT, Column("ID", "O"))
    assert not is_key(LEFT, Column("ITEM", "O"))
    assert not is_key(LEFT, sides("ABS(id) = order_id").left)
