"""Reading what makes and fills sources: CREATE, ALTER and INSERT."""

from collections.abc import Mapping
from typing import Any, Literal, NoReturn

from sqlglot.tokenizer_core import TokenType

from eventlab.errors import SqlError
from eventlab.sql import syntax
from eventlab.sql.grammar.reading import Reader
from eventlab.sql.grammar.reading_queries import read_query
from eventlab.sql.grammar.reading_types import read_kind
from eventlab.sql.grammar.translating import number_constant
from eventlab.sql.syntax import Kind

_SOURCES = ["STREAM", "TABLE"]
_OTHER_CHANGES = ("DROP", "ALTER", "RENAME", "MODIFY", "CHANGE", "SET")
_ROLES = ("KEY", "PRIMARY", "HEADER", "HEADERS")
_TRUTHS = {TokenType.TRUE: True, TokenType.FALSE: False}
_CREATE = (
    "CREATE STREAM orders (id INT KEY, price DOUBLE) "
    "WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON');"
)


def read_create(reader: Reader) -> syntax.Statement:
    """Take what stands behind CREATE: a stream, a table or a type."""
    reader.example = _CREATE
    or_replace = reader.take("OR", "REPLACE")
    if not or_replace and reader.take("TYPE"):
        return _type(reader)
    is_source = reader.take("SOURCE")
    if not reader.at_any(_SOURCES):
        reader.refuse("`STREAM`, `TABLE` or `TYPE`", ["STREAM", "TABLE", "TYPE", "SOURCE"])
    kind = read_source_kind(reader)
    if_not_exists = read_if(reader, "NOT", "EXISTS")
    place = reader.position
    name = reader.source_name(f"the name of the {kind}")
    elements = read_elements(reader)
    properties = read_properties(reader)
    if elements or is_source or not reader.at("AS"):
        _refuse_end(reader, bool(elements), properties)
        return syntax.CreateSource(
            kind, name, elements, properties, or_replace, if_not_exists, is_source, place
        )
    reader.expect("AS")
    query = _endless_query(reader)
    return syntax.CreateAs(kind, name, query, properties, or_replace, if_not_exists, place)


def _refuse_end(reader: Reader, has_columns: bool, properties: Mapping[str, Any]) -> None:
    if not reader.token:
        return
    if properties:
        reader.refuse("the end of the statement" if has_columns else "`AS` or the end")
    reader.refuse("`WITH`" if has_columns else "`(`, `WITH` or `AS`", ["WITH", "AS"])


def _endless_query(reader: Reader) -> syntax.Query:
    """Take the query of a stream or a table, which goes on for ever."""
    place = reader.position
    query = read_query(reader)
    if query.limit is None:
        return query
    raise SqlError(
        "A stream or a table cannot have a LIMIT",
        expected="a query that goes on for ever",
        found=f"LIMIT {query.limit}",
        remedy="Leave LIMIT out, or SELECT without CREATE.",
        position=place,
    )


def _type(reader: Reader) -> syntax.CreateType:
    reader.example = "CREATE TYPE address AS STRUCT<street STRING, number INT>;"
    if_not_exists = read_if(reader, "NOT", "EXISTS")
    name = reader.name("the name of the type")
    reader.expect("AS")
    return syntax.CreateType(name, read_kind(reader), if_not_exists)


def read_source_kind(reader: Reader) -> Kind:
    """Take STREAM or TABLE."""
    return "stream" if reader.expect_one(_SOURCES) == "STREAM" else "table"


def read_if(reader: Reader, *words: str) -> bool:
    """Take `IF EXISTS` or the like if IF comes next; `words` are those behind it."""
    if not (reader.at("IF") and reader.word(1) == words[0]):
        return False
    reader.expect("IF", *words)
    return True


# -- columns and properties -------------------------------------------------------------------


def read_elements(reader: Reader) -> tuple[syntax.ColumnDefinition, ...]:
    """Take the columns of a source if they come next."""
    if not reader.at("("):
        return ()
    return reader.wrapped(lambda: _element(reader))


def _element(reader: Reader) -> syntax.ColumnDefinition:
    place = reader.position
    name = reader.name("the name of a column")
    kind = read_kind(reader)
    role = _role(reader)
    header = _header(reader) if role == "headers" else None
    return syntax.ColumnDefinition(name, kind, role, header, place)


def _role(reader: Reader) -> Literal["value", "key", "primary key", "headers"]:
    if reader.take("PRIMARY"):
        reader.expect("KEY")
        return "primary key"
    if reader.take("KEY"):
        return "key"
    return "headers" if reader.at_any(("HEADER", "HEADERS")) else "value"


def _header(reader: Reader) -> str:
    if reader.take("HEADERS"):
        return ""
    reader.expect("HEADER", "(")
    key = reader.text("the key of a header, in single quotes").strip()
    reader.expect(")")
    return key


def read_properties(reader: Reader) -> dict[str, Any]:
    """Take WITH and its properties if it comes next: Python's values by names in capitals."""
    if not reader.take("WITH"):
        return {}
    reader.example = "WITH (KAFKA_TOPIC = 'orders', PARTITIONS = 4)"
    found = syntax.WrittenProperties()

    def read() -> None:
        place = reader.position
        name = _property_name(reader)
        reader.expect("=")
        if name in found:
            _refuse_twice(name, place)
        found[name] = _property_value(reader)
        found.positions[name] = place

    reader.wrapped(read)
    return found


def _property_name(reader: Reader) -> str:
    if reader.token.token_type is TokenType.STRING:
        return reader.next().text.upper()
    return reader.name("the name of a property").upper()


def _property_value(reader: Reader) -> Any:
    token = reader.token
    if token.token_type is TokenType.STRING:
        return reader.next().text
    if token.token_type in _TRUTHS:
        return _TRUTHS[reader.next().token_type]
    if token.token_type is TokenType.NULL:
        reader.next()
        return None
    place = reader.position
    sign = "-" if reader.take("-") else ""
    if reader.token.token_type is not TokenType.NUMBER:
        reader.refuse("a text in single quotes, a number, TRUE or FALSE")
    return number_constant(sign + reader.next().text, place).value


def _refuse_twice(name: str, place: syntax.Position) -> NoReturn:
    raise SqlError(
        "The statement says a property twice",
        expected="each property once",
        found=f"{name} again",
        remedy="Leave one of them out.",
        position=place,
    )


# -- what changes and fills them ----------------------------------------------------------------


def read_alter(reader: Reader) -> syntax.AlterSource:
    """Take what stands behind ALTER."""
    reader.example = "ALTER STREAM orders ADD COLUMN note STRING;"
    kind = read_source_kind(reader)
    place = reader.position
    name = reader.source_name(f"the name of the {kind}")
    return syntax.AlterSource(kind, name, reader.series(lambda: _added(reader)), place)


def _added(reader: Reader) -> syntax.ColumnDefinition:
    if reader.at_any(_OTHER_CHANGES):
        reader.refuse("`ADD`: columns can be added, and nothing else")
    reader.expect("ADD")
    reader.take("COLUMN")
    place = reader.position
    name = reader.name("the name of a column")
    kind = read_kind(reader)
    if reader.at_any(_ROLES):
        reader.refuse("`,` or the end: a column that is added is one of the value")
    return syntax.ColumnDefinition(name, kind, position=place)


def read_insert(reader: Reader) -> syntax.Statement:
    """Take what stands behind INSERT: values, or a query."""
    reader.example = "INSERT INTO orders (id, price) VALUES (1, 9.5);"
    reader.expect("INTO")
    place = reader.position
    name = reader.source_name("the name of a stream or a table")
    if reader.at_any(("WITH", "SELECT")):
        properties = read_properties(reader)
        return syntax.InsertInto(name, _endless_query(reader), properties, place)
    columns, places = read_names(reader)
    reader.expect("VALUES")
    values = reader.wrapped(reader.read_value)
    return syntax.InsertValues(name, columns, values, places, place)


def read_names(reader: Reader) -> tuple[tuple[str, ...], tuple[syntax.Position, ...]]:
    """Take the names of columns if they come next, and where each of them stands."""
    places: list[syntax.Position] = []
    if not reader.at("("):
        return (), ()

    def read() -> str:
        places.append(reader.position)
        return reader.name("the name of a column")

    return reader.wrapped(read), tuple(places)
