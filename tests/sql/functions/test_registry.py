import pytest

from eventlab.errors import SqlError
from eventlab.sql.functions.registry import Functions, Variant
from eventlab.sql.functions.signature_texts import signature_from
from eventlab.sql.functions.signatures import unread_lambda
from eventlab.sql.syntax import Position
from eventlab.sql.types import BIGINT, DATE, INTEGER, STRING, ArrayType


def variant(text, **rest):
    return Variant(signature_from(text), lambda *values: values, **rest)


@pytest.fixture
def functions():
    made = Functions()
    made.add("Length", "scalar", variant("(text STRING) INT"), "Count the letters.")
    made.add("LENGTH", "scalar", variant("(bytes BYTES) BIGINT"))
    made.add("EACH", "scalar", variant("(list ARRAY<T>, f LAMBDA<T, R>) ARRAY<R>"))
    made.add("TOTAL", "aggregate", variant("(value BIGINT) BIGINT"))
    made.add("ROWS", "table", variant("(list ARRAY<T>) T"))
    return made


def test_names_may_be_written_in_any_case(functions):
    """A function is one, however a statement writes its name."""
    assert functions.kind_of("length") == "scalar"
    assert functions.scalar("lEnGtH", [STRING]).returns == INTEGER
    assert functions.kind_of("breadth") is None


def test_the_nearest_variant_is_taken(functions):
    """A text is a text, though bytes could be read from it."""
    chosen = functions.scalar("LENGTH", [STRING])
    assert (chosen.returns, chosen.kinds) == (INTEGER, (STRING,))


def test_arguments_are_converted(functions):
    """A whole number is one of 64 bits where that is what the function takes."""
    assert functions.aggregate("TOTAL", [INTEGER]).kinds == (BIGINT,)
    assert functions.table("ROWS", [ArrayType(DATE)]).returns == DATE


def test_a_result_may_be_computed():
    """Where the signature cannot say it."""
    functions = Functions()
    functions.add("TWIN", "scalar", variant("(a ANY) ANY", returns=lambda kinds: kinds[0]))
    assert functions.scalar("TWIN", [DATE]).returns == DATE


def test_a_function_may_be_made_by_types():
    """It is chosen with what computes it for just these."""
    functions = Functions()
    by_types = Variant(
        signature_from("(a ANY) STRING"), lambda kinds: kinds[0].name.lower, by_types=True
    )
    functions.add("NAME", "scalar", by_types)
    chosen = functions.scalar("NAME", [DATE]).variant
    assert (chosen.compute(), chosen.by_types) == ("date", False)


def test_parameters_of_lambdas_have_types(functions):
    """They follow from the list; where that is NULL, it is refused."""
    lambdas = functions.lambda_inputs("each", [ArrayType(DATE), unread_lambda(1)])
    assert lambdas == [None, (DATE,)]
    with pytest.raises(SqlError, match="parameters of no type"):
        functions.lambda_inputs("each", [None, unread_lambda(1)])


def test_an_unknown_function_names_the_nearest(functions):
    """And where it stands."""
    with pytest.raises(SqlError, match=r"Line 3, column 8: There is no function LENGHT: .*LENGTH"):
        functions.scalar("lenght", [STRING], Position(3, 8))


def test_wrong_arguments_name_the_signatures(functions):
    """All that there are."""
    with pytest.raises(SqlError) as caught:
        functions.scalar("LENGTH", [INTEGER, None])
    assert "LENGTH(text STRING) INTEGER" in caught.value.expected
    assert "LENGTH(bytes BYTES) BIGINT" in caught.value.expected
    assert caught.value.found == "(INTEGER, NULL)"
    with pytest.raises(SqlError, match="does not take"):
        functions.lambda_inputs("EACH", [STRING])


def test_a_function_of_another_kind_is_refused(functions):
    """It says where such a function stands."""
    with pytest.raises(SqlError, match=r"TOTAL cannot be called here.*GROUP BY"):
        functions.scalar("TOTAL", [BIGINT])
    with pytest.raises(SqlError, match="expected an aggregate function"):
        functions.aggregate("LENGTH", [STRING])


def test_a_name_is_one_kind_of_function(functions):
    """A scalar function cannot be an aggregate too."""
    with pytest.raises(SqlError, match="LENGTH is a function already"):
        functions.add("length", "aggregate", variant("(x T) T"))


def test_a_variant_may_be_replaced(functions):
    """One with the same parameters takes the place of that before, others stay."""
    functions.add("LENGTH", "scalar", variant("(text STRING) BIGINT"), "Count them anew.")
    assert functions.scalar("LENGTH", [STRING]).returns == BIGINT
    assert len(functions.function("LENGTH").variants) == 2
    assert functions.function("LENGTH").description == "Count them anew."


def test_functions_are_listed_by_name(functions):
    """With what each does."""
    names = [function.name for function in functions.described()]
    assert names == ["EACH", "LENGTH", "ROWS", "TOTAL"]
    assert functions.described()[1].description == "Count the letters."


def test_a_copy_is_a_copy(functions):
    """What a user adds to one is not in the other, and the order of variants stays."""
    twin = functions.copy()
    assert twin.described() == functions.described()
    twin.add("MINE", "scalar", variant("() INT"))
    twin.add("LENGTH", "scalar", variant("() INT"))
    assert functions.kind_of("MINE") is None
    assert len(functions.function("LENGTH").variants) == 2


def test_every_built_in_function_says_what_it_does():
    """In one line, a sentence."""
    described = Functions.builtin().described()
    wrong = [one.name for one in described if not one.description.endswith(".")]
    assert wrong == []
    assert [one.name for one in described if "\n" in one.description] == []
