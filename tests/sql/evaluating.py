"""Expressions of one source in few words, and a few functions for them to call."""

from decimal import Decimal

from eventlab.sql.expressions.compiling import compile_expression
from eventlab.sql.expressions.scope import Scope
from eventlab.sql.functions.registry import Chosen, Variant
from eventlab.sql.functions.signatures import LambdaType, Parameter, Signature
from eventlab.sql.syntax import Column, Constant
from eventlab.sql.texts import decimal_kind
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    BYTES,
    DATE,
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    TIMESTAMP,
    ArrayType,
    DecimalType,
    MapType,
    StructType,
)

PRICE = DecimalType(6, 2)
ADDRESS = StructType((("CITY", STRING), ("NUMBER", BIGINT)))
COLUMNS = {
    "AMOUNT": INTEGER,
    "OTHER": INTEGER,
    "TOTAL": BIGINT,
    "WEIGHT": DOUBLE,
    "PRICE": PRICE,
    "NAME": STRING,
    "TEXT": STRING,
    "PAID": BOOLEAN,
    "RAW": BYTES,
    "DAY": DATE,
    "CLOCK": TIME,
    "AT": TIMESTAMP,
    "TAGS": ArrayType(STRING),
    "COUNTS": ArrayType(BIGINT),
    "STOCK": MapType(STRING, BIGINT),
    "ADDRESS": ADDRESS,
    "ROWTIME": BIGINT,
}
SCOPE = Scope.of(COLUMNS.items(), "O")
_KINDS = {bool: BOOLEAN, float: DOUBLE, str: STRING, bytes: BYTES}


def value(written, kind=None):
    """Return a constant, of the type that a statement would give it."""
    if kind is None and isinstance(written, Decimal):
        kind = decimal_kind(written)
    if kind is None and type(written) is int:
        kind = INTEGER if -(2**31) <= written < 2**31 else BIGINT
    return Constant(written, kind or _KINDS.get(type(written)))


def column(name, source=None):
    """Return a column."""
    return Column(name, source)


def compiled(expression, reports=None):
    """Compile an expression over the columns above."""
    report = [].append if reports is None else reports.append
    return compile_expression(expression, SCOPE, Stand(), report)


def evaluated(expression, reports=None, /, **values):
    """Return the value of an expression for one row; columns that are not given are NULL."""
    row = [values.get(name) for name in COLUMNS]
    return compiled(expression, reports).evaluate(row)


def kind_of(expression):
    """Return the type of an expression."""
    return compiled(expression).kind


def _applied(values, function):
    return None if values is None else [function(one) for one in values]


class Stand:
    """Five functions, each with one signature."""

    def kind_of(self, name):
        return {"COUNT": "aggregate", "EXPLODE": "table"}.get(name, "scalar")

    def lambda_inputs(self, name, arguments, position=None):
        item = None if arguments[0] is None else arguments[0].item
        return [(item,) if isinstance(one, LambdaType) else None for one in arguments]

    def scalar(self, name, arguments, position=None):
        kinds = {
            "UPPER": (STRING,),
            "ROOT": (DOUBLE,),
            "OR_ELSE": (arguments[0], arguments[0]),
            "PLUS": (TIMESTAMP, STRING),
            "EACH": tuple(arguments),
        }[name]
        compute = {
            "UPPER": str.upper,
            "ROOT": lambda number: number**0.5 if number >= 0 else int("no root"),
            "OR_ELSE": lambda one, other: other if one is None else one,
            "PLUS": lambda at, unit: at + {"DAYS": 86_400_000, "SECOND": 1000}[unit],
            "EACH": _applied,
        }[name]
        returns = ArrayType(arguments[1].output) if name == "EACH" else kinds[0]
        parameters = tuple(
            Parameter(f"p{place}", kind, is_written_out=(name, place) == ("PLUS", 1))
            for place, kind in enumerate(kinds)
        )
        variant = Variant(Signature(parameters, returns), compute, name in ("OR_ELSE", "EACH"))
        return Chosen(variant, parameters, kinds, returns)
