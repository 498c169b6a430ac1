import pytest

from eventlab.errors import SqlError
from eventlab.sql.expressions.scope import Place
from eventlab.sql.planning.compiler import named, qualified, required_kind
from eventlab.sql.planning.rows import Field, Shape
from eventlab.sql.syntax import Column, Position
from eventlab.sql.types import BIGINT, INTEGER, STRING
from tests.sql.planning.planning import compiler, refused
from tests.sql.statements import expression

LINES = Shape(
    "stream",
    (Field("ID", INTEGER, "O"), Field("ITEM", STRING, "O"), Field("ROWTIME", BIGINT, "O")),
    (0,),
)
PAIRS = LINES.with_fields([Field("ROWTIME", BIGINT, "P"), Field("ROWTIME", BIGINT)])


def test_an_expression_is_computed_of_a_row():
    compiled = compiler().compiled(expression("UCASE(item) + '-' + CAST(o.id AS STRING)"), LINES)
    assert compiled.evaluate((7, "pen", 0)) == "PEN-7"
    assert compiled.kind == STRING


def test_a_shape_is_looked_through_once_for_all_of_its_columns(monkeypatch):
    made = []

    def counted(*fields):
        made.append(fields)
        return Place(*fields)

    monkeypatch.setattr(f"{Shape.__module__}.Place", counted)
    shape = LINES.with_fields([Field(f"C{number}", INTEGER, "O") for number in range(50)])
    one = compiler()
    row = tuple(range(len(shape.fields)))
    found = [one.compiled(expression(f"c{number}"), shape).evaluate(row) for number in range(50)]
    assert found == list(row[-50:])
    assert len(made) == len(shape.fields)


def test_the_time_of_joined_rows_is_their_own():
    row = (7, "pen", 10, 20, 30)
    assert compiler().compiled(expression("ROWTIME"), PAIRS).evaluate(row) == 30
    assert compiler().compiled(expression("p.ROWTIME"), PAIRS).evaluate(row) == 20


def test_columns_that_are_the_same_are_equal_once_they_name_their_source():
    assert qualified(expression("id + 1"), LINES) == qualified(expression("o.id + 1"), LINES)
    assert qualified(expression("item"), LINES) == Column("ITEM", "O")


def test_parameters_of_a_lambda_are_no_columns():
    call = expression("TRANSFORM(ARRAY[id], id => id + 1)")
    assert qualified(call, LINES).arguments[1] == call.arguments[1]


def test_the_bounds_of_windows_to_come_have_no_source():
    assert qualified(expression("WINDOWSTART"), LINES) == Column("WINDOWSTART")


def test_a_bare_null_has_no_type():
    null = expression("NULL")
    with pytest.raises(SqlError, match="not clear of which type"):
        required_kind(compiler().compiled(null, LINES), null)


def test_a_column_is_found_by_three_things():
    assert named(Column("ID", "O", Position(1, 8))) == ("ID", "O", Position(1, 8))


@pytest.mark.parametrize(
    ("call", "place"),
    [
        ("TRANSFORM(ARRAY[1, 2], x -> x + 1)", "x -> x"),
        ("REDUCE(ARRAY[1, 2], 0, (s, x) -> s + x)", "-> s"),
    ],
)
def test_the_arrow_of_a_lambda_is_another_one(call, place):
    text = f"CREATE STREAM made AS SELECT id, {call} AS found FROM orders;"
    error = refused(text)
    assert error.position == (1, text.index(place) + 1)
    assert "=>" in error.remedy + error.expected
