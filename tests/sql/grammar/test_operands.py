"""What operators stand between."""

import pytest

from eventlab.sql.grammar.lexing import Ksql, Source, split
from eventlab.sql.grammar.operands import OperandParser
from eventlab.sql.types import STRING, ArrayType, DecimalType
from tests.sql.statements import expression, refused, said


def test_a_star_counts_rows():
    """COUNT(*) has no arguments, and says that it is of a star."""
    call = expression("count(*)")
    assert (call.name, call.arguments, call.is_star) == ("COUNT", (), True)


def test_a_case_has_branches():
    """Both forms of CASE, with and without ELSE."""
    searched = expression("CASE WHEN a > 1 THEN 'x' WHEN b THEN 'y' ELSE 'z' END")
    assert searched.operand is None
    assert [said(when) for when, _ in searched.branches] == ["(A > 1)", "B"]
    assert said(searched.otherwise) == "'z'"
    simple = expression("CASE a + 1 WHEN 2 THEN b END")
    assert said(simple.operand) == "(A + 1)"
    assert simple.otherwise is None


def test_a_cast_names_a_type():
    """CAST takes any type, those in angle brackets among them."""
    assert expression("CAST(a AS ARRAY<DECIMAL(4, 2)>)").kind == ArrayType(DecimalType(4, 2))
    assert expression("cast(a + 1 as varchar)").kind == STRING


def test_arrays_maps_and_structs_are_written_out():
    """Each of the three, empty ones too."""
    assert [said(item) for item in expression("ARRAY[1, b]").items] == ["1", "B"]
    assert expression("ARRAY[]").items == ()
    ((key, value),) = expression("MAP('k' := a + 1)").pairs
    assert (said(key), said(value)) == ("'k'", "(A + 1)")
    ((name, field),) = expression("STRUCT(`f` := MAP())").fields
    assert name == "f"
    assert field.pairs == ()


def test_a_unit_of_time_is_an_argument():
    """Units stand as texts in the calls that take one; a column may still be called DAY."""
    unit = expression("TIMESTAMPADD(DAY, 2, t)").arguments[0]
    assert (unit.value, unit.kind) == ("DAY", STRING)
    assert expression("f(MILLISECONDS, a)").arguments[0].value == "MILLISECONDS"
    assert said(expression("f(day)")) == "F(DAY)"


def test_words_that_are_not_reserved_are_names():
    """Many words of the language are free for columns."""
    names = "emit changes final session map array struct type key header source year timestamp"
    assert [expression(name).name for name in names.split()] == names.upper().split()


def test_functions_are_called_by_any_case():
    """A function's name is in capitals, even where it is quoted."""
    assert expression("`ucase`(a)").name == "UCASE"


@pytest.mark.parametrize("text", ["CASE END", "CASE WHEN a b END", "CAST(a INT)", "f(a,)", "a->1"])
def test_operands_are_whole(text):
    """Nothing of them may be left out."""
    refused(f"SELECT {text} FROM s;")


def test_operands_need_the_ladder_above_them():
    """By itself their parser knows no expressions in parentheses."""
    source = Source("(a)")
    (statement,) = split(source)
    parser = OperandParser(dialect=Ksql())
    parser.begin(statement.tokens, source.position)
    with pytest.raises(NotImplementedError):
        parser.operand()
    with pytest.raises(NotImplementedError):
        parser.value_node()
