import pytest

from eventlab.errors import SqlError
from eventlab.sql.syntax import Arithmetic, Call, Column, Comparison, Field, IsNull, Lambda, Not
from eventlab.sql.types import BIGINT, DOUBLE, STRING, ArrayType
from tests.sql.evaluating import column, compiled, evaluated, kind_of, value

COUNTS = column("COUNTS")
NEGATIVE = Call("ROOT", (column("WEIGHT"),))


def each(array, parameter, body):
    return Call("EACH", (array, Lambda((parameter,), body)))


def test_a_function_is_called_with_its_arguments_converted():
    assert evaluated(Call("UPPER", (column("NAME"),)), NAME="ab") == "AB"
    assert evaluated(Call("ROOT", (column("TOTAL"),)), TOTAL=9) == 3.0
    assert kind_of(Call("ROOT", (column("TOTAL"),))) == DOUBLE


def test_a_function_that_takes_no_null_is_not_called_with_it():
    reports = []
    assert evaluated(Call("UPPER", (column("NAME"),)), reports) is None
    assert evaluated(Call("PLUS", (column("AT"), column("DAYS"))), reports) is None
    assert reports == []
    assert evaluated(Call("OR_ELSE", (column("NAME"), value("x")))) == "x"


def test_a_function_that_raises_makes_the_whole_expression_null():
    reports = []
    node = Comparison("=", NEGATIVE, value(1.0))
    assert evaluated(node, reports, WEIGHT=-1.0) is None
    assert evaluated(Not(node), reports, WEIGHT=-1.0) is None
    assert evaluated(IsNull(NEGATIVE), reports, WEIGHT=-1.0) is None
    assert len(reports) == 3
    assert "no root" in reports[0]


def test_a_call_that_raises_as_an_argument_is_null_there():
    reports = []
    node = Call("OR_ELSE", (NEGATIVE, value(0.5)))
    assert evaluated(node, reports, WEIGHT=-1.0) == 0.5
    assert reports[0].startswith("ROOT(…) is NULL for a row")


def test_a_unit_of_time_is_a_word_unless_a_column_is_called_so():
    assert evaluated(Call("PLUS", (column("AT"), column("DAYS"))), AT=1) == 86_400_001
    assert evaluated(Call("PLUS", (column("AT"), column("SECOND"))), AT=1) == 1001
    with pytest.raises(SqlError, match="Column DAYZ does not exist"):
        compiled(Call("PLUS", (column("AT"), column("DAYZ"))))


def test_an_argument_that_must_be_written_out_is():
    with pytest.raises(SqlError, match="Argument 2 must be written out"):
        compiled(Call("PLUS", (column("AT"), column("NAME"))))


def test_a_lambda_sees_its_parameter_and_the_columns():
    node = each(COUNTS, "X", Arithmetic("+", Column("X"), column("AMOUNT")))
    assert evaluated(node, COUNTS=[1, 2], AMOUNT=10) == [11, 12]
    assert kind_of(node) == ArrayType(BIGINT)
    assert evaluated(node) is None


def test_a_lambda_that_fails_for_one_item_makes_all_null():
    reports = []
    node = each(COUNTS, "X", Arithmetic("+", Column("X"), value(5)))
    assert evaluated(node, reports, COUNTS=[5, None]) is None
    assert reports == ["EACH(…) is NULL for a row: an operand is NULL"]


def test_a_lambda_within_another_sees_the_parameters_of_both():
    sum_ = Arithmetic("+", Column("X"), Arithmetic("*", Column("Y"), value(10)))
    node = each(COUNTS, "X", each(COUNTS, "Y", sum_))
    assert evaluated(node, COUNTS=[1, 2]) == [[11, 21], [12, 22]]


def test_a_parameter_hides_the_column_of_its_name():
    assert evaluated(each(COUNTS, "TOTAL", column("TOTAL")), COUNTS=[1], TOTAL=9) == [1]
    named = each(COUNTS, "TOTAL", column("TOTAL", "O"))
    assert evaluated(named, COUNTS=[1], TOTAL=9) == [9]


def test_rows_may_be_tuples():
    node = compiled(each(column("TAGS"), "X", Call("UPPER", (Column("X"),))))
    row = tuple(["a", None] if number == 12 else None for number in range(17))
    assert node.evaluate(row) == ["A", None]
    assert node.kind == ArrayType(STRING)


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (Call("COUNT", (value(1),)), "COUNT cannot stand here.*an aggregate function"),
        (Call("EXPLODE", (COUNTS,)), "a table function"),
        (Lambda(("X",), Column("X")), "A lambda is no value"),
        (Call("EACH", (COUNTS, Lambda(("X", "Y"), Column("X")))), "expected 1 of them"),
        (each(value(None), "X", Column("X")), "parameter is not known"),
        (each(COUNTS, "X", Column("Z")), "Column Z does not exist"),
        (each(COUNTS, "X", Field(Column("X"), "A")), "Only a STRUCT has fields"),
    ],
)
def test_a_call_that_does_not_fit_is_refused(node, words):
    with pytest.raises(SqlError, match=words):
        compiled(node)
