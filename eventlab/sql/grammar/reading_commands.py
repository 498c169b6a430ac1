"""Reading what asks about sources and queries, and what stops, drops and sets."""

from typing import Literal

from eventlab.sql import syntax
from eventlab.sql.grammar.reading import Reader
from eventlab.sql.grammar.reading_sources import read_if, read_source_kind
from eventlab.sql.grammar.words import VARIABLE_NAME

_What = Literal[
    "streams", "tables", "queries", "topics", "functions", "types", "variables", "properties"
]
_SHOWN: dict[str, _What] = {
    "STREAMS": "streams",
    "TABLES": "tables",
    "QUERIES": "queries",
    "TOPICS": "topics",
    "FUNCTIONS": "functions",
    "TYPES": "types",
    "VARIABLES": "variables",
    "PROPERTIES": "properties",
}
_EXTENDED = ("streams", "tables", "queries", "topics")
_ACTIONS: dict[str, Literal["terminate", "pause", "resume"]] = {
    "TERMINATE": "terminate",
    "PAUSE": "pause",
    "RESUME": "resume",
}


def read_show(reader: Reader) -> syntax.Show:
    """Take what stands behind SHOW or LIST."""
    reader.example = "SHOW STREAMS;"
    is_all = reader.take("ALL")
    what = _SHOWN[reader.expect_one(["TOPICS"] if is_all else list(_SHOWN))]
    is_extended = what in _EXTENDED and reader.take("EXTENDED")
    return syntax.Show(what, is_extended, is_all)


def read_describe(reader: Reader) -> syntax.Statement:
    """Take what stands behind DESCRIBE."""
    reader.example = "DESCRIBE orders EXTENDED;"
    if reader.at("FUNCTION") and reader.at_name(1):
        reader.next()
        return syntax.DescribeFunction(reader.name("the name of a function").upper())
    is_extended = reader.take("EXTENDED")
    place = reader.position
    if reader.at("STREAMS"):
        name = reader.next().text.upper()
    else:
        name = reader.source_name("the name of a stream or a table")
    is_extended_behind = not is_extended and reader.take("EXTENDED")
    return syntax.Describe(name, is_extended or is_extended_behind, place)


def read_print(reader: Reader) -> syntax.Print:
    """Take what stands behind PRINT."""
    reader.example = "PRINT orders FROM BEGINNING INTERVAL 10 LIMIT 5;"
    place = reader.position
    topic = reader.resource("the name of a topic")
    from_beginning = reader.take("FROM")
    if from_beginning:
        reader.expect("BEGINNING")
    interval = _number_behind(reader, "INTERVAL", "SAMPLE")
    limit = _number_behind(reader, "LIMIT")
    return syntax.Print(topic, from_beginning, interval, limit, place)


def _number_behind(reader: Reader, *words: str) -> int | None:
    if not reader.at_any(words):
        return None
    reader.next()
    return reader.whole_number("a whole number")


def read_control(reader: Reader, word: str) -> syntax.Control:
    """Take what stands behind TERMINATE, PAUSE or RESUME: the id of a query, or ALL."""
    reader.example = f"{word} CSAS_TOTALS_1;"
    place = reader.position
    if reader.take("ALL"):
        return syntax.Control(_ACTIONS[word], "ALL")
    return syntax.Control(_ACTIONS[word], reader.name("the id of a query, or `ALL`"), place)


def read_drop(reader: Reader) -> syntax.Statement:
    """Take what stands behind DROP: a stream, a table or a type."""
    reader.example = "DROP STREAM IF EXISTS orders DELETE TOPIC;"
    if reader.take("TYPE"):
        if_exists = read_if(reader, "EXISTS")
        return syntax.DropType(reader.name("the name of the type"), if_exists)
    if not reader.at_any(("STREAM", "TABLE")):
        reader.refuse("`STREAM`, `TABLE` or `TYPE`", ["STREAM", "TABLE", "TYPE"])
    kind = read_source_kind(reader)
    if_exists = read_if(reader, "EXISTS")
    place = reader.position
    name = reader.source_name(f"the name of the {kind}")
    delete_topic = reader.take("DELETE")
    if delete_topic:
        reader.expect("TOPIC")
    return syntax.Drop(kind, name, if_exists, delete_topic, place)


def read_set(reader: Reader) -> syntax.Set:
    """Take what stands behind SET."""
    reader.example = "SET 'auto.offset.reset' = 'earliest';"
    name = reader.text("the name of a property, in single quotes")
    reader.expect("=")
    return syntax.Set(name, reader.text("its value, in single quotes"))


def read_unset(reader: Reader) -> syntax.Set:
    """Take what stands behind UNSET."""
    reader.example = "UNSET 'auto.offset.reset';"
    return syntax.Set(reader.text("the name of a property, in single quotes"), None)


def read_define(reader: Reader) -> syntax.Define:
    """Take what stands behind DEFINE."""
    reader.example = "DEFINE topic = 'orders';"
    name = _variable(reader)
    reader.expect("=")
    return syntax.Define(name, reader.text("its value, in single quotes"))


def read_undefine(reader: Reader) -> syntax.Define:
    """Take what stands behind UNDEFINE."""
    reader.example = "UNDEFINE topic;"
    return syntax.Define(_variable(reader), None)


def _variable(reader: Reader) -> str:
    """Take the name of a variable, as it is written."""
    if not VARIABLE_NAME.fullmatch(reader.word()):
        reader.refuse("the name of a variable, without quotes")
    return reader.next().text
