from decimal import Decimal

import pytest

from eventlab.errors import SqlError
from eventlab.sql.syntax import (
    Arithmetic,
    ArrayOf,
    Call,
    Cast,
    Comparison,
    Element,
    Field,
    IsNull,
    MapOf,
    Position,
    StructOf,
)
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    STRING,
    ArrayType,
    DecimalType,
    MapType,
    StructType,
)
from tests.sql.evaluating import column, compiled, evaluated, kind_of, value

AMOUNT = column("AMOUNT")
TAGS = column("TAGS")
STOCK = column("STOCK")
ADDRESS = column("ADDRESS")


@pytest.mark.parametrize(
    ("place", "found"), [(1, "a"), (3, "c"), (4, None), (0, None), (-1, "c"), (-3, "a"), (-4, None)]
)
def test_elements_are_counted_from_one_and_from_the_end(place, found):
    row = {"TAGS": ["a", "b", "c"], "AMOUNT": place}
    assert evaluated(Element(TAGS, value(place)), **row) == found
    assert evaluated(Element(TAGS, AMOUNT), **row) == found


def test_nothing_is_found_in_null():
    reports = []
    assert evaluated(Element(TAGS, value(1)), reports) is None
    assert evaluated(Element(STOCK, value("a")), reports) is None
    assert evaluated(Field(ADDRESS, "CITY"), reports) is None
    assert reports == []


def test_a_map_is_asked_by_a_key_of_its_type():
    row = {"STOCK": {"a": 1, "b": None}, "NAME": "a"}
    assert evaluated(Element(STOCK, column("NAME")), **row) == 1
    assert evaluated(Element(STOCK, value("missing")), **row) is None
    by_number = MapOf(((value(Decimal("1.50")), value("x")), (value(2), value("y"))))
    assert evaluated(Element(by_number, value(2))) == "y"


def test_a_field_is_taken_from_a_struct_within_another():
    nested = StructOf((("WHERE", ADDRESS), ("N", AMOUNT)))
    node = Field(Field(nested, "WHERE"), "NUMBER")
    assert evaluated(node, ADDRESS={"CITY": "Ulm", "NUMBER": 4}) == 4
    assert kind_of(node) == BIGINT
    assert evaluated(node) is None


def test_an_array_has_one_type_that_holds_its_items():
    node = ArrayOf((value(None), value(10), value("2e1"), AMOUNT, column("TOTAL")))
    assert kind_of(node) == ArrayType(DecimalType(19, 0))
    assert evaluated(node, AMOUNT=30) == [None, 10, 20, 30, None]


def test_the_structs_of_an_array_have_the_fields_of_all():
    one = StructOf((("X", AMOUNT), ("Y", column("TOTAL"))))
    other = StructOf((("Y", AMOUNT), ("Z", AMOUNT)))
    row = {"AMOUNT": 3, "TOTAL": 4}
    assert evaluated(ArrayOf((value(None), one, other)), **row) == [
        None,
        {"X": 3, "Y": 4, "Z": None},
        {"X": None, "Y": 3, "Z": 3},
    ]


def test_a_map_has_one_type_of_keys_and_one_of_values():
    node = MapOf(
        ((column("NAME"), column("PAID")), (value("b"), value("true")), (value(10), value("no")))
    )
    assert kind_of(node) == MapType(STRING, BOOLEAN)
    assert evaluated(node, NAME="a", PAID=True) == {"a": True, "b": True, "10": False}


def test_an_item_that_cannot_be_computed_is_null_and_the_others_are_there():
    reports = []
    failing = Call("ROOT", (value(-1.0),))
    assert evaluated(ArrayOf((failing, value(3.0))), reports) == [None, 3.0]
    assert evaluated(MapOf(((value("a"), failing), (value("b"), value(3.0)))), reports) == {
        "a": None,
        "b": 3.0,
    }
    broken = Arithmetic("+", AMOUNT, value(1))
    assert evaluated(StructOf((("A", broken), ("B", value(1)))), reports) == {"A": None, "B": 1}
    assert len(reports) == 3


def test_a_struct_may_have_no_fields():
    assert kind_of(StructOf(())) == StructType(())
    assert evaluated(StructOf(())) == {}


def test_each_row_has_arrays_of_its_own():
    node = compiled(ArrayOf((value(1),)))
    assert node.evaluate([]) is not node.evaluate([])


def test_a_cast_that_fails_is_null_there_and_then():
    reports = []
    node = Cast(column("NAME"), INTEGER, Position(3, 5))
    assert evaluated(node, reports, NAME="12") == 12
    assert evaluated(IsNull(node), reports, NAME="x") is True
    assert reports == [
        "CAST(… AS INTEGER) (line 3, column 5) is NULL for a row: 'x' is no whole number"
    ]
    assert evaluated(Cast(Arithmetic("+", AMOUNT, value(1)), STRING)) is None


@pytest.mark.parametrize(
    ("node", "result"),
    [
        (Cast(value(None), ArrayType(DOUBLE)), None),
        (Cast(value("1.05"), DecimalType(3, 1)), Decimal("1.1")),
        (Cast(value(7), STRING), "7"),
        (Cast(value("soon"), DATE), None),
        (Cast(value(7), INTEGER), 7),
    ],
)
def test_what_is_written_out_can_be_cast_and_has_the_type(node, result):
    assert kind_of(node) == node.kind
    assert evaluated(node) == result


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (ArrayOf(()), "ARRAY has no value.*found none"),
        (ArrayOf((value(None),)), "found NULL alone"),
        (MapOf(()), "MAP has no value"),
        (MapOf(((value(None), value(1)),)), "found NULL alone"),
        (MapOf(((value("a"), value(None)),)), "found NULL alone"),
        (MapOf(((TAGS, value(1)),)), "expected a text.*found ARRAY<STRING>"),
        (StructOf((("A", value(1)), ("A", value(2)))), "has a field twice"),
        (StructOf((("A", value(None)),)), "Field A of STRUCT has no value"),
        (ArrayOf((value(1), value("one"))), "found STRING 'one'"),
        (Element(AMOUNT, value(1)), "found INTEGER"),
        (Element(ADDRESS, value("CITY")), "with ->"),
        (Element(TAGS, value("1")), "expected INTEGER, found STRING"),
        (Element(STOCK, value(1)), "expected STRING.*found INTEGER 1"),
        (Field(ADDRESS, "CTY"), r"Did you mean CITY\?"),
        (Field(TAGS, "A"), "Only a STRUCT has fields"),
        (Cast(column("NAME"), ArrayType(INTEGER)), "Cast of STRING to ARRAY<INTEGER>"),
        (Comparison("=", column("NAMES"), value("a")), r"Did you mean NAME"),
    ],
)
def test_what_does_not_fit_is_refused(node, words):
    with pytest.raises(SqlError, match=words):
        compiled(node)
