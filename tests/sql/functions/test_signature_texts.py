import pytest

from eventlab.errors import UsageError
from eventlab.sql.functions.signature_texts import signature_from
from eventlab.sql.functions.signatures import ArrayPattern, Generic, LambdaType
from eventlab.sql.types import BIGINT, INTEGER, STRING, DecimalType

READ = [
    "(text STRING, length INTEGER) STRING",
    "(list ARRAY<T>, item T) BOOLEAN",
    "(values... T) T",
    "(list ARRAY<T>, f LAMBDA<T, R>) ARRAY<R>",
    "(s STRING, n INTEGER?) STRING",
    "(x DECIMAL) DECIMAL",
    "(price DECIMAL(9, 2)) MAP<STRING, ARRAY<BYTES>>",
    "(value ANY, n INTEGER!) ARRAY<T>",
    "(pairs MAP<STRING, T>) ARRAY<STRUCT<K STRING, V T>>",
    "() DOUBLE",
]


@pytest.mark.parametrize("text", READ)
def test_a_signature_reads_as_it_is_written(text):
    """What is read, written out again, is what was read."""
    assert str(signature_from(text)) == text


def test_the_parts_are_types_and_patterns():
    """Other names of a type are that type, and a letter is any type."""
    signature = signature_from("(a INT, b VARCHAR, c DECIMAL(4, 1), d ARRAY<E>) BIGINT")
    kinds = [parameter.kind for parameter in signature.parameters]
    assert kinds == [INTEGER, STRING, DecimalType(4, 1), ArrayPattern(Generic("E"))]
    assert signature.returns == BIGINT


def test_a_lambda_has_inputs_and_an_output():
    """The last type is the result, those before are what it is called with."""
    signature = signature_from("(f LAMBDA<K, V, R>) R")
    assert signature.parameters[0].kind == LambdaType((Generic("K"), Generic("V")), Generic("R"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "found the end"),
        ("(a STRING)", "found the end"),
        ("(a STRING) STRING more", "found more"),
        ("(a TEXT) STRING", "found TEXT"),
        ("(a STRING b) STRING", "found b"),
        ("(a MAP<STRING>) STRING", "found MAP<STRING>"),
        ("(a DECIMAL(x, 2)) STRING", "found x"),
        ("(a, b) STRING", "found ,"),
    ],
)
def test_what_is_no_signature_is_refused(text, found):
    """It says at which word."""
    with pytest.raises(UsageError, match=found):
        signature_from(text)
