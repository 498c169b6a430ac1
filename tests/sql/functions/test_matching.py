import pytest

from eventlab.sql.functions.matching import bound, bound_type, common_type, matched
from eventlab.sql.functions.signature_texts import signature_from
from eventlab.sql.functions.signatures import LambdaType, unread_lambda
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    BYTES,
    DATE,
    DOUBLE,
    INTEGER,
    STRING,
    ArrayType,
    DecimalType,
    MapType,
    StructType,
)

MONEY = DecimalType(9, 2)


def result(text, *arguments):
    """Return the type of the result of a call, "misfit" where the arguments do not fit."""
    signature = signature_from(text)
    fit = matched(signature.parameters_for(len(arguments)), arguments)
    return "misfit" if fit is None else bound_type(signature.returns, fit.bindings)


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        ("(a T) T", [STRING], STRING),
        ("(a T) T", [None], None),
        ("(a T, b T) T", [INTEGER, BIGINT], BIGINT),
        ("(a T, b T) T", [DOUBLE, INTEGER], DOUBLE),
        ("(a T, b T) T", [MONEY, INTEGER], DecimalType(12, 2)),
        ("(a T, b T) T", [INTEGER, STRING], "misfit"),
        ("(a T, b T) T", [None, STRING], STRING),
        ("(a ARRAY<T>, b T) BOOLEAN", [ArrayType(BIGINT), INTEGER], BOOLEAN),
        ("(a ARRAY<T>) T", [STRING], "misfit"),
        ("(a MAP<K, V>) ARRAY<V>", [MapType(STRING, DATE)], ArrayType(DATE)),
        ("(a MAP<K, V>) MAP<V, K>", [MapType(STRING, DATE)], MapType(DATE, STRING)),
        ("(a MAP<STRING, V>) V", [MapType(INTEGER, DATE)], "misfit"),
        ("(a MAP<STRING, V>) V", [ArrayType(DATE)], "misfit"),
        ("(a DECIMAL) DECIMAL", [MONEY], MONEY),
        ("(a DECIMAL) DECIMAL", [INTEGER], DecimalType(10, 0)),
        ("(a DECIMAL) DECIMAL", [DOUBLE], "misfit"),
        ("(a DECIMAL, b DECIMAL) DECIMAL", [MONEY, DecimalType(6, 4)], DecimalType(11, 4)),
        ("(a DECIMAL(12, 2)) INT", [MONEY], INTEGER),
        ("(a DECIMAL(3, 2)) INT", [MONEY], "misfit"),
        ("(a DATE) INT", [STRING], INTEGER),
        ("(a BYTES) INT", [STRING], INTEGER),
        ("(a STRING) INT", [BYTES], "misfit"),
        ("(a STRUCT<X T>) T", [StructType((("X", DATE),))], DATE),
        ("(a STRUCT<X T>) T", [StructType((("Y", DATE), ("X", DATE)))], "misfit"),
        ("(a V) STRUCT<K STRING, V V>", [DATE], StructType((("K", STRING), ("V", DATE)))),
        ("(a V, b W) STRUCT<K V, V W>", [DATE, None], None),
        ("(f LAMBDA<T, R>) R", [LambdaType((DATE,), STRING)], STRING),
        ("(f LAMBDA<T, R>) R", [unread_lambda(1)], None),
        ("(f LAMBDA<T, R>) R", [unread_lambda(2)], "misfit"),
        ("(f LAMBDA<T, R>) R", [STRING], "misfit"),
        ("(f LAMBDA<T, R>) R", [None], "misfit"),
        ("(a ANY) STRING", [unread_lambda(1)], "misfit"),
    ],
)
def test_the_result_follows_from_the_arguments(text, arguments, expected):
    """A letter is one type, the one that holds all that it stands for."""
    assert result(text, *arguments) == expected


@pytest.mark.parametrize(
    ("better", "worse", "arguments"),
    [
        ("(a INT) INT", "(a BIGINT) INT", [INTEGER]),
        ("(a BIGINT) INT", "(a DOUBLE) INT", [INTEGER]),
        ("(a T) INT", "(a BIGINT) INT", [INTEGER]),
        ("(a T) INT", "(a ANY) INT", [INTEGER]),
        ("(a INT, b INT) INT", "(a... INT) INT", [INTEGER, INTEGER]),
        ("(a STRING) INT", "(a BYTES) INT", [STRING]),
        ("(a DECIMAL) INT", "(a DOUBLE) INT", [BIGINT]),
    ],
)
def test_the_nearer_signature_fits_better(better, worse, arguments):
    """Nothing converted, no repeated parameter, no letter: in this order."""
    ranks = []
    for text in (better, worse):
        parameters = signature_from(text).parameters_for(len(arguments))
        ranks.append(matched(parameters, arguments).rank())
    assert ranks[0] < ranks[1]


def test_a_lambda_gets_the_types_of_its_parameters():
    """They follow from the other arguments."""
    signature = signature_from("(list ARRAY<T>, f LAMBDA<T, R>) ARRAY<R>")
    fit = matched(signature.parameters, [ArrayType(DATE), LambdaType((DATE,), STRING)])
    assert bound(signature.parameters[1].kind, fit.bindings) == LambdaType((DATE,), STRING)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (INTEGER, BIGINT, BIGINT),
        (BIGINT, MONEY, DecimalType(21, 2)),
        (DecimalType(38, 0), DecimalType(38, 10), DecimalType(38, 10)),
        (ArrayType(INTEGER), ArrayType(DOUBLE), ArrayType(DOUBLE)),
        (MapType(STRING, INTEGER), MapType(STRING, BIGINT), MapType(STRING, BIGINT)),
        (MapType(STRING, INTEGER), MapType(STRING, DATE), None),
        (ArrayType(STRING), ArrayType(DOUBLE), None),
        (STRING, INTEGER, None),
    ],
)
def test_two_types_have_one_in_common(one, other, expected):
    """The smallest that holds the values of both, whichever comes first."""
    assert common_type(one, other) == expected
    assert common_type(other, one) == expected
