import pytest

from eventlab.errors import SqlError, UsageError
from eventlab.sql.functions.own import add_own
from eventlab.sql.functions.registry import Functions
from eventlab.sql.types import BIGINT, DOUBLE, INTEGER, STRING


def half(n: int) -> float:
    """Halve a number.

    It stays whole if it can.
    """
    return n // 2 if n % 2 == 0 else n / 2


def words(text: str) -> list[str]:
    return text.split()


class Longest:
    """Find the longest text of a group."""

    def begin(self):
        return ""

    def add(self, state, text: str):
        return max(state, text, key=len)

    def result(self, state) -> str:
        return state


@pytest.fixture
def functions():
    return Functions.builtin()


def test_a_function_can_be_called_by_its_name(functions):
    """With the types that its annotations say, and the first line that it has."""
    add_own(functions, "scalar", half)
    chosen = functions.scalar("half", [INTEGER])
    assert (chosen.kinds, chosen.returns) == ((BIGINT,), DOUBLE)
    found = chosen.variant.compute(4)
    assert (found, type(found)) == (2.0, float)
    assert functions.function("HALF").description == "Halve a number."


def test_a_table_function_gives_rows(functions):
    """Its result is a list, and a row has what is in it."""
    add_own(functions, "table", words, name="TOKENS")
    chosen = functions.table("TOKENS", [STRING])
    assert chosen.returns == STRING
    assert chosen.variant.compute("two words") == ["two", "words"]


def test_a_class_folds_the_rows_of_a_group(functions):
    """The state has no type, and it needs neither merge nor subtract."""
    add_own(functions, "aggregate", Longest)
    chosen = functions.aggregate("LONGEST", [STRING])
    folding = chosen.variant.compute()
    state = folding.add(folding.add(folding.begin(), "pea"), "bean")
    assert folding.result(state) == "bean"
    assert chosen.returns == STRING
    assert (folding.merge, folding.subtract) == (None, None)


def test_a_signature_says_the_types_of_what_has_none(functions):
    """Of a lambda, for one, which has no name either."""
    add_own(functions, "scalar", lambda a, b: a + b, name="both", signature="(a INT, b INT) INT")
    assert functions.scalar("BOTH", [INTEGER, INTEGER]).variant.compute(1, 2) == 3
    add_own(functions, "table", lambda n: [n, n], name="twice", signature="(n INT) INT")
    assert functions.table("TWICE", [INTEGER]).variant.compute(1) == [1, 1]


@pytest.mark.parametrize(
    ("function", "signature", "message"),
    [
        (lambda n: n.missing, "(n INT) INT", "AttributeError"),
        (lambda n: str(n), "(n INT) INT", "'1' is no INTEGER"),
        (lambda n: True, "(n INT) INT", "True is no INTEGER"),
        (lambda n: [n, "a"], "(n INT) ARRAY<INT>", "'a' is no INTEGER"),
        (lambda n: {"a": "b"}, "(n INT) MAP<STRING, INT>", "'b' is no INTEGER"),
        (lambda n: 1.5, "(n INT) DECIMAL(3, 1)", "no DECIMAL"),
        (lambda n: 5, "(n INT) ARRAY<INT>", "5 is no ARRAY<INTEGER>"),
    ],
)
def test_what_goes_wrong_is_one_kind_of_error(functions, function, signature, message):
    """The value is NULL then, and the query goes on."""
    add_own(functions, "scalar", function, name="wrong", signature=signature)
    with pytest.raises(ValueError, match=message):
        functions.scalar("WRONG", [INTEGER]).variant.compute(1)


def test_it_may_return_null(functions):
    """Whatever its type is."""
    add_own(functions, "scalar", lambda n: None, name="nothing", signature="(n INT) ARRAY<INT>")
    assert functions.scalar("NOTHING", [INTEGER]).variant.compute(1) is None


def test_a_function_needs_a_name(functions):
    """A lambda has none that can be written."""
    with pytest.raises(UsageError, match="needs a name"):
        add_own(functions, "scalar", lambda n: n, signature="(n INT) INT")


def test_an_aggregate_needs_its_methods(functions):
    """It says which are missing."""
    with pytest.raises(UsageError, match="without begin, add, result"):
        add_own(functions, "aggregate", half)
    with pytest.raises(UsageError, match="without being a class"):
        add_own(functions, "aggregate", Longest(), name="LONGEST")


def test_a_built_in_name_of_another_kind_is_refused(functions):
    """COUNT stays what it is."""
    with pytest.raises(SqlError, match="COUNT is a function already"):
        add_own(functions, "scalar", half, name="count")
