"""From a text to its statements, each as plain data; what is not understood is refused.

```python
parse("SELECT * FROM orders WHERE price > 10 EMIT CHANGES;")
```
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from eventlab.sql import syntax
from eventlab.sql.grammar.absent import refuse_absent
from eventlab.sql.grammar.lexing import Source, StatementTokens, split
from eventlab.sql.grammar.reading import Reader
from eventlab.sql.grammar.reading_assertions import read_assert
from eventlab.sql.grammar.reading_commands import (
    read_control,
    read_define,
    read_describe,
    read_drop,
    read_print,
    read_set,
    read_show,
    read_undefine,
    read_unset,
)
from eventlab.sql.grammar.reading_queries import read_query
from eventlab.sql.grammar.reading_sources import read_alter, read_create, read_insert
from eventlab.sql.grammar.translating import too_deep
from eventlab.sql.grammar.variables import with_variables
from eventlab.sql.syntax import Position


@dataclass(frozen=True)
class Parsed:
    """A statement, its own text without the semicolon, and where in the whole text it begins."""

    statement: syntax.Statement
    text: str
    position: Position


def parse(text: str, variables: Mapping[str, str] | None = None) -> list[Parsed]:
    """Return the statements of a text, in their order.

    `variables` are the values of `${name}`; what DEFINE says in the text holds from there on.
    Raises SqlError about the first thing that is not understood, and nothing else.
    Source: ksqlDB's reference.
    """
    source = Source(text)
    known = dict(variables or {})
    found = []
    for tokens in split(source):
        parsed = _parsed(tokens, source, known)
        _keep(parsed.statement, known)
        found.append(parsed)
    return found


def _parsed(tokens: StatementTokens, source: Source, variables: Mapping[str, str]) -> Parsed:
    place = source.position(tokens.tokens[0].start)
    filled = with_variables(tokens.tokens, variables, source)
    try:
        reader = Reader(filled, source.position)
        statement = _statement(reader)
        reader.finish()
    except RecursionError:
        raise too_deep(place) from None
    return Parsed(statement, tokens.text, place)


def _keep(statement: syntax.Statement, variables: dict[str, str]) -> None:
    """Let a variable hold from here on, or no longer."""
    if not isinstance(statement, syntax.Define):
        return
    for name in [name for name in variables if name.upper() == statement.name.upper()]:
        del variables[name]
    if statement.value is not None:
        variables[statement.name] = statement.value


def _statement(reader: Reader) -> syntax.Statement:
    """Take a statement by its first word."""
    if reader.at("SELECT"):
        return syntax.Select(read_query(reader))
    refuse_absent(reader)
    if not reader.at_any(_BEGINNINGS):
        reader.refuse("a statement", ["SELECT", *_BEGINNINGS])
    word = reader.next().text.upper()
    return _BEGINNINGS[word](reader)


def _explain(reader: Reader) -> syntax.Explain:
    reader.example = "EXPLAIN SELECT * FROM orders EMIT CHANGES;"
    if reader.at_name() and reader.at_last():
        place = reader.position
        return syntax.Explain(query_id=reader.name("the id of a query"), position=place)
    if reader.at("EXPLAIN"):
        reader.refuse("a statement, or the id of a query")
    return syntax.Explain(statement=_statement(reader))


def _controls(word: str) -> Callable[[Reader], syntax.Statement]:
    return lambda reader: read_control(reader, word)


_BEGINNINGS: dict[str, Callable[[Reader], syntax.Statement]] = {
    "CREATE": read_create,
    "INSERT": read_insert,
    "SHOW": read_show,
    "LIST": read_show,
    "DESCRIBE": read_describe,
    "EXPLAIN": _explain,
    "PRINT": read_print,
    "TERMINATE": _controls("TERMINATE"),
    "PAUSE": _controls("PAUSE"),
    "RESUME": _controls("RESUME"),
    "DROP": read_drop,
    "ALTER": read_alter,
    "SET": read_set,
    "UNSET": read_unset,
    "DEFINE": read_define,
    "UNDEFINE": read_undefine,
    "ASSERT": read_assert,
}
