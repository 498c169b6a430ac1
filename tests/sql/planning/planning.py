"""Short ways for the tests to say: these sources, that query, what comes out, what is refused."""

import json

import pytest

from eventlab.errors import SqlError
from eventlab.sql.grammar.parsing import parse
from eventlab.sql.planning.queries import planned
from eventlab.sql.running.session import Session
from eventlab.sql.running.trying import run_statements
from eventlab.sql.syntax import Select

ORDERS = """
    CREATE STREAM orders (id INT KEY, item STRING, price INT)
        WITH (KAFKA_TOPIC='orders', FORMAT='JSON');
"""
ITEMS = """
    CREATE TABLE items (code STRING PRIMARY KEY, shelf STRING)
        WITH (KAFKA_TOPIC='items', FORMAT='JSON');
"""
PAYMENTS = """
    CREATE STREAM payments (order_id INT KEY, paid INT)
        WITH (KAFKA_TOPIC='payments', FORMAT='JSON');
"""
STOCK = """
    CREATE TABLE stock (code STRING PRIMARY KEY, pieces INT)
        WITH (KAFKA_TOPIC='stock', FORMAT='JSON');
"""
SHELVES = """
    CREATE TABLE shelves (name STRING PRIMARY KEY, high INT)
        WITH (KAFKA_TOPIC='shelves', FORMAT='JSON');
"""
SOURCES = ORDERS + ITEMS + PAYMENTS + STOCK


def session_of(*texts):
    """Return the session in which statements were taken."""
    session = Session([].append)
    for text in texts:
        take(session, text)
    return session


def take(session, text):
    """Take statements into a session; return what the last one asks for."""
    change = None
    for parsed in parse(text, session.catalog.variables):
        change = session.take(parsed.statement, parsed.text, now=0)
    return change


def source_of(text, *before, name=None):
    """Return the source that the last of some statements made, or another one by its name."""
    sources = session_of(*before, text).catalog.sources
    return list(sources.values())[-1] if name is None else sources[name]


def compiler():
    """Return a compiler with the functions that there are."""
    return session_of().compiler


def query_of(text):
    """Return the query of a SELECT statement."""
    (parsed,) = parse(text)
    assert isinstance(parsed.statement, Select)
    return parsed.statement.query


def plan_of(text, *sources, is_persistent=True):
    """Return the plan of a query over some sources, all of those above where none are named."""
    session = session_of(*(sources or [SOURCES]))
    return planned(session.catalog, session.compiler, query_of(text), is_persistent=is_persistent)


def names_of(step):
    """Return the names of a plan's columns."""
    return [field.name for field in step.shape.fields]


def refused(text, *before):
    """Return the error about statements, the last of which is refused."""
    session = session_of(*(before or [SOURCES]))
    with pytest.raises(SqlError) as caught:
        take(session, text)
    return caught.value


def written(text, records, *before):
    """Return key, value and window of what is written; JSON as its values, in the order it came.

    `records` are as run_statements takes them, with anything that JSON can hold for bytes.
    """
    inputs = [
        (topic, _json(key), _json(value), *further) for topic, key, value, *further in records
    ]
    found = run_statements([*(before or [SOURCES]), text], inputs)
    return [(_value(one.key), _value(one.value), one.window) for one in found]


def _json(value):
    return None if value is None else json.dumps(value).encode()


def _value(data):
    return None if data is None else json.loads(data)
