"""Reading types as statements write them: `MAP<STRING, ARRAY<DECIMAL(9, 2)>>`."""

from eventlab.errors import SqlError
from eventlab.sql.grammar.cursor import Cursor
from eventlab.sql.types import (
    BY_NAME,
    ArrayType,
    DecimalType,
    MapType,
    NamedType,
    SqlType,
    StructType,
)

# These stand behind a type; where one stands in its place, the type has been left out.
_ROLES = ("KEY", "PRIMARY", "HEADER", "HEADERS")
_WHAT = "a type, such as INT, STRING or ARRAY<DOUBLE>"


def read_kind(cursor: Cursor) -> SqlType:
    """Take a type; raise SqlError where none comes next.

    `INT ARRAY` is an array too. How long a text may be is read and means nothing, as in ksqlDB.
    """
    kind = _first_kind(cursor)
    return ArrayType(kind) if cursor.take("ARRAY") else kind


def _first_kind(cursor: Cursor) -> SqlType:
    if cursor.take("ARRAY", "<"):
        item = read_kind(cursor)
        cursor.expect(">")
        return ArrayType(item)
    if cursor.take("MAP", "<"):
        return _map(cursor)
    if cursor.take("STRUCT", "<>"):
        return StructType(())
    if cursor.take("STRUCT", "<"):
        return _struct(cursor)
    if cursor.take("DECIMAL"):
        return _decimal(cursor)
    return _plain(cursor)


def _map(cursor: Cursor) -> SqlType:
    key = read_kind(cursor)
    cursor.expect(",")
    value = read_kind(cursor)
    cursor.expect(">")
    return MapType(key, value)


def _struct(cursor: Cursor) -> SqlType:
    if cursor.take(">"):
        return StructType(())
    fields = cursor.series(lambda: (cursor.name("the name of a field"), read_kind(cursor)))
    cursor.expect(">")
    return StructType(fields)


def _decimal(cursor: Cursor) -> SqlType:
    place = cursor.position
    cursor.expect("(")
    precision = cursor.whole_number("how many digits the number has")
    cursor.expect(",")
    scale = cursor.whole_number("how many of its digits are behind the point")
    cursor.expect(")")
    if scale > precision:
        raise SqlError(
            "A number cannot have more digits behind the point than it has",
            expected=f"DECIMAL({precision}, {precision}) at most",
            found=f"DECIMAL({precision}, {scale})",
            remedy="Write how many digits the number has, and then how many are behind the point.",
            position=place,
        )
    return DecimalType(precision, scale)


def _plain(cursor: Cursor) -> SqlType:
    if not cursor.at_name() or cursor.at_any(_ROLES):
        cursor.refuse(_WHAT, [*BY_NAME, "ARRAY", "MAP", "STRUCT", "DECIMAL"], is_name=True)
    name = cursor.name(_WHAT)
    if cursor.at("("):
        cursor.wrapped(lambda: _parameter(cursor))
    return BY_NAME.get(name, NamedType(name))


def _parameter(cursor: Cursor) -> None:
    if not cursor.take("STRING"):
        cursor.whole_number("a length")
