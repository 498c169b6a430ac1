import pytest

from eventlab.sql.expressions.compiled import Compiled, Typed, constant, guarded, label, reason
from eventlab.sql.syntax import Arithmetic, Call, Cast, Column, Constant, IsNull, Position
from eventlab.sql.types import INTEGER
from tests.sql.evaluating import column, compiled

X = Column("X", "S", Position(1, 2))


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (X, "S.X (line 1, column 2)"),
        (Constant(None, None), "NULL"),
        (Constant(5, INTEGER), "5"),
        (Call("ABS", (X,)), "ABS(…)"),
        (Cast(X, INTEGER), "CAST(… AS INTEGER)"),
        (Arithmetic("%", X, X, Position(3, 4)), "% (line 3, column 4)"),
        (IsNull(X), "ISNULL"),
    ],
)
def test_an_expression_has_a_name_in_messages(expression, words):
    assert label(expression) == words


def raised(function):
    try:
        function()
    except Exception as error:
        return reason(error)
    return None


def test_the_reason_is_said_in_words():
    assert raised(lambda: None + 1) == "an operand is NULL"
    assert raised(lambda: 1 // 0) == "it divides by zero"
    assert raised(lambda: int("x")).startswith("invalid literal")
    assert raised(lambda: (_ for _ in ()).throw(KeyError())) == "KeyError"


def test_what_cannot_fail_is_not_guarded():
    safe = constant(1, INTEGER)
    assert guarded(safe, X, print) is safe


def test_what_fails_is_null_and_reported_for_each_row():
    reports = []
    failing = Compiled(Typed(INTEGER), lambda row: row[0] + 1, is_sure=True, can_fail=True)
    safe = guarded(failing, X, reports.append)
    assert [safe.evaluate([1]), safe.evaluate([None])] == [2, None]
    assert reports == ["S.X (line 1, column 2) is NULL for a row: an operand is NULL"]
    assert not safe.is_sure


def test_a_column_is_nothing_but_its_place():
    assert compiled(column("OTHER")).evaluate([1, 2]) == 2
