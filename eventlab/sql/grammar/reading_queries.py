"""Reading queries: SELECT … FROM … with its joins, its window and what else it says."""

from typing import Literal

from eventlab.sql import syntax
from eventlab.sql.grammar.cursor import alternatives
from eventlab.sql.grammar.reading import Reader
from eventlab.sql.syntax import Expression

_WINDOWS = ("TUMBLING", "HOPPING", "SESSION")
_WINDOW_EXAMPLES = {
    "TUMBLING": "WINDOW TUMBLING (SIZE 1 HOUR, RETENTION 1 DAY, GRACE PERIOD 5 MINUTES)",
    "HOPPING": "WINDOW HOPPING (SIZE 1 HOUR, ADVANCE BY 5 MINUTES, GRACE PERIOD 5 MINUTES)",
    "SESSION": "WINDOW SESSION (30 MINUTES, RETENTION 1 DAY, GRACE PERIOD 5 MINUTES)",
}
_JOINS: dict[str, Literal["left", "right", "outer"]] = {
    "LEFT": "left",
    "RIGHT": "right",
    "FULL": "outer",
}
# Free for names, but without AS they begin a clause, even where the statement is cut off there.
_NO_ALIAS = ("EMIT", "PARTITION", "GRACE")
# In their order; what is left behind a query is the next clause, written wrongly or too late.
_CLAUSES = ["JOIN", "WINDOW", "WHERE", "GROUP", "PARTITION", "HAVING", "EMIT", "LIMIT"]


def read_query(reader: Reader) -> syntax.Query:
    """Take a query; raise SqlError where none comes next."""
    reader.example = "SELECT id, COUNT(*) FROM orders WHERE price > 1 GROUP BY id EMIT CHANGES;"
    place = reader.position
    reader.expect("SELECT")
    items = reader.series(lambda: _item(reader))
    if not reader.take("FROM"):
        reader.refuse("`,` or `FROM`", ["FROM"])
    query = syntax.Query(
        items=items,
        source=_source(reader),
        joins=_joins(reader),
        window=_window(reader),
        where=_condition(reader, "WHERE"),
        group_by=_values_by(reader, "GROUP"),
        partition_by=_values_by(reader, "PARTITION"),
        having=_condition(reader, "HAVING"),
        emit=_emit(reader),
        limit=_limit(reader),
        position=place,
    )
    if reader.token:
        reader.refuse(f"{alternatives(_CLAUSES)}, in this order, or the end", _CLAUSES)
    return query


# -- what is selected -------------------------------------------------------------------------


def _item(reader: Reader) -> syntax.Item | syntax.Star:
    place = reader.position
    if reader.take("*"):
        return syntax.Star(position=place)
    if reader.at_name() and (reader.word(1), reader.word(2)) == (".", "*"):
        source = reader.name("the name of a source")
        reader.expect(".", "*")
        return syntax.Star(source=source, position=place)
    expression = reader.read_expression()
    if reader.at("->", "*"):
        return _fields(reader, expression, place)
    return syntax.Item(expression, _alias(reader), place)


def _fields(reader: Reader, struct: Expression, place: syntax.Position) -> syntax.Star:
    if not isinstance(struct, _WHOLE):
        reader.refuse("a struct before `->*`, in parentheses where it is computed")
    reader.expect("->", "*")
    return syntax.Star(struct=struct, position=place)


def _alias(reader: Reader) -> str | None:
    if reader.take("AS") or reader.at_name():
        return reader.name("a name for the column")
    return None


# -- what is read -----------------------------------------------------------------------------


def _source(reader: Reader) -> syntax.From:
    place = reader.position
    name = reader.source_name("the name of a stream or a table")
    has_alias = reader.take("AS") or (reader.at_name() and not reader.at_any(_NO_ALIAS))
    alias = reader.source_name("a name for the source") if has_alias else None
    return syntax.From(name, alias, place)


def _joins(reader: Reader) -> tuple[syntax.Join, ...]:
    found = []
    while reader.at_any(("JOIN", "INNER", *_JOINS)):
        found.append(_join(reader))
    return tuple(found)


def _join(reader: Reader) -> syntax.Join:
    place = reader.position
    kind = _join_kind(reader)
    reader.example = "FROM clicks c LEFT JOIN users u ON c.user_id = u.id"
    source = _source(reader)
    within = _within(reader)
    if not reader.take("ON"):
        expected = "`ON`" if within else "`WITHIN` or `ON`"
        reader.refuse(expected, ["ON", "WITHIN"])
    return syntax.Join(kind, source, reader.read_expression(), within, place)


def _join_kind(reader: Reader) -> Literal["inner", "left", "right", "outer"]:
    word = reader.next().text.upper()
    if word == "JOIN":
        return "inner"
    if word in _JOINS:
        reader.take("OUTER")
    reader.expect("JOIN")
    return _JOINS.get(word, "inner")


def _within(reader: Reader) -> syntax.Within | None:
    if not reader.take("WITHIN"):
        return None
    reader.example = "FROM a JOIN b WITHIN (5 MINUTES, 1 HOUR) GRACE PERIOD 1 DAY ON a.id = b.id"
    if reader.take("("):
        before = reader.duration("a length of time")
        reader.expect(",")
        after = reader.duration("a length of time")
        reader.expect(")")
    else:
        before = reader.duration("a length of time")
        after = before
    return syntax.Within(before, after, _grace(reader))


def _grace(reader: Reader) -> int | None:
    if not reader.take("GRACE"):
        return None
    reader.expect("PERIOD")
    return reader.duration("a length of time")


# -- windows ----------------------------------------------------------------------------------


def _window(reader: Reader) -> syntax.WindowClause | None:
    if not reader.take("WINDOW"):
        return None
    reader.example = _WINDOW_EXAMPLES["TUMBLING"]
    if reader.at_name() and reader.word(1) in _WINDOWS:
        reader.next()  # a name of the window, which nothing can refer to
    place = reader.position
    kind = reader.expect_one(_WINDOWS)
    reader.example = _WINDOW_EXAMPLES[kind]
    reader.expect("(")
    size = _size(reader, kind)
    advance = _advance(reader) if kind == "HOPPING" else None
    retention = _retention(reader)
    grace = _window_grace(reader)
    if not reader.take(")"):
        reader.refuse("`RETENTION`, `GRACE PERIOD` behind it, or `)`")
    return syntax.WindowClause(_KINDS[kind], size, advance, retention, grace, place)


def _size(reader: Reader, kind: str) -> int:
    if kind != "SESSION":
        reader.expect("SIZE")
    return reader.duration("a length of time", least=1)


def _advance(reader: Reader) -> int:
    reader.expect(",", "ADVANCE", "BY")
    return reader.duration("a length of time", least=1)


def _retention(reader: Reader) -> int | None:
    if not reader.take(",", "RETENTION"):
        return None
    return reader.duration("a length of time")


def _window_grace(reader: Reader) -> int | None:
    return _grace(reader) if reader.at(",", "GRACE") and reader.take(",") else None


# -- conditions, groups, results ----------------------------------------------------------------


def _condition(reader: Reader, word: str) -> Expression | None:
    return reader.read_expression() if reader.take(word) else None


def _values_by(reader: Reader, word: str) -> tuple[Expression, ...]:
    """Take GROUP BY or PARTITION BY: values between commas, or the same in parentheses."""
    if not reader.take(word):
        return ()
    reader.expect("BY")
    if reader.at("(") and reader.at_list():
        return reader.wrapped(reader.read_value)
    return reader.series(reader.read_value)


def _emit(reader: Reader) -> Literal["changes", "final"] | None:
    if not reader.take("EMIT"):
        return None
    return "changes" if reader.expect_one(["CHANGES", "FINAL"]) == "CHANGES" else "final"


def _limit(reader: Reader) -> int | None:
    return reader.whole_number("how many rows", least=0) if reader.take("LIMIT") else None


_WHOLE = (
    syntax.Column,
    syntax.Field,
    syntax.Element,
    syntax.Call,
    syntax.Case,
    syntax.Cast,
    syntax.StructOf,
)
_KINDS: dict[str, Literal["tumbling", "hopping", "session"]] = {
    "TUMBLING": "tumbling",
    "HOPPING": "hopping",
    "SESSION": "session",
}
