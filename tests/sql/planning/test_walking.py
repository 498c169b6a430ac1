from eventlab.sql.planning.walking import parts_of, replaced
from eventlab.sql.syntax import Column, Constant, Position
from eventlab.sql.types import INTEGER
from tests.sql.statements import expression


def test_the_parts_of_an_expression_come_from_the_outside_in():
    whole = expression("CASE WHEN a > 1 THEN b END")
    names = [type(part).__name__ for part in parts_of(whole)]
    assert names[0] == "Case"
    assert names.count("Column") == 2
    assert names.index("Comparison") < names.index("Constant")


def test_several_expressions_are_walked_through_one_after_the_other():
    both = (expression("a"), (expression("b"), None))
    assert [part.name for part in parts_of(both)] == ["A", "B"]


def test_a_part_is_replaced_wherever_it_stands():
    one = Constant(1, INTEGER)

    def as_one(part):
        return one if part == Column("A") else None

    assert replaced(expression("a + f(a, b)"), as_one) == expression("1 + f(1, b)")
    assert replaced((expression("a"), expression("b")), as_one) == (one, Column("B"))


def test_what_stays_keeps_its_position():
    changed = replaced(expression("a + 1"), lambda part: None)
    assert changed.left.position == Position(1, 8)
