from eventlab.sql.syntax import Arithmetic, Column, Constant, Position
from eventlab.sql.types import INTEGER

PRICE = Column("PRICE", position=Position(1, 8))


def test_a_position_says_line_and_column():
    assert (PRICE.position.line, PRICE.position.column) == (1, 8)


def test_what_is_the_same_elsewhere_is_equal():
    """GROUP BY and SELECT write one expression at two places."""
    elsewhere = Column("PRICE", position=Position(3, 20))
    one = Arithmetic("+", PRICE, Constant(1, INTEGER))
    other = Arithmetic("+", elsewhere, Constant(1, INTEGER, Position(3, 30)))
    assert one == other
    assert len({one, other}) == 1


def test_a_column_of_another_source_is_another_one():
    assert Column("PRICE", "ORDERS") != PRICE
