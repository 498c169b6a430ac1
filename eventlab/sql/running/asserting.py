"""ASSERT: what should be so of topics, schemas, sources and their rows, and is waited for.

Source: ksqlDB's documentation, "ASSERT TOPIC", "ASSERT SCHEMA" and "ksqlDB Testing Tool".
"""

import time
from collections.abc import Callable

from eventlab.errors import SqlError
from eventlab.log import Topic
from eventlab.sql.catalog import Catalog, Source
from eventlab.sql.planning.asserting import expected_row, require_source
from eventlab.sql.planning.properties import Properties
from eventlab.sql.running.session import Session
from eventlab.sql.running.standing_queries import StandingQueries
from eventlab.sql.running.succession import Succession
from eventlab.sql.schemas import Schemas
from eventlab.sql.settings import Settings
from eventlab.sql.syntax import (
    AssertSchema,
    AssertSource,
    AssertTopic,
    AssertValues,
)

_TIMEOUT = 1000  # milliseconds: ksqlDB's own, where a statement says none
_LOOK_SECONDS = 0.05


def source_held(catalog: Catalog, statement: AssertSource) -> str:
    """Return a sentence that says that a source is as it should be. Raises SqlError."""
    require_source(statement, catalog)
    return f"{statement.name} is what ASSERT says"


def schema_held(schemas: Schemas, statement: AssertSchema) -> str:
    """Return a sentence that says that a schema is there, or is not. Raises SqlError."""
    subject = None if statement.subject is None else schemas.own_name(statement.subject)
    words = [] if subject is None else [f"of the subject {subject}"]
    words += [] if statement.schema_id is None else [f"with the id {statement.schema_id}"]
    what = f"schema {' '.join(words)}"

    def is_there() -> bool:
        if statement.schema_id is not None:
            return schemas.has_id(statement.schema_id, subject)
        return schemas.has(subject or "")

    _wait(lambda: is_there() != statement.is_negated, statement.timeout)
    if is_there() != statement.is_negated:
        return f"There is no {what}" if statement.is_negated else f"The {what} is there"
    raise SqlError(
        f"The {what} is there" if statement.is_negated else f"There is no {what}",
        expected="none" if statement.is_negated else f"one within {_seconds(statement.timeout)}",
        found="one" if statement.is_negated else "none",
        remedy="registry.schemas() shows those that there are.",
        position=statement.position,
    )


# -- topics -------------------------------------------------------------------------------------


def topic_held(topic: Topic, statement: AssertTopic) -> str:
    """Return a sentence that says that a topic is there, or is not. Raises SqlError."""
    wanted = {} if statement.is_negated else _wanted(statement)
    _wait(lambda: _trouble(topic, statement, wanted) is None, statement.timeout)
    trouble = _trouble(topic, statement, wanted)
    if trouble is not None:
        raise trouble
    return f"There is no topic {topic}" if statement.is_negated else f"The topic {topic} is there"


def _wanted(statement: AssertTopic) -> dict[str, int]:
    """Return how many partitions and replicas a topic should have. Raises SqlError."""
    names = ("PARTITIONS", "REPLICAS")
    properties = Properties(statement.properties, Settings(), allowed=names)
    numbers = {name: properties.number(name) for name in names}
    return {name: number for name, number in numbers.items() if number is not None}


def _trouble(topic: Topic, statement: AssertTopic, wanted: dict[str, int]) -> SqlError | None:
    if topic.exists == statement.is_negated:
        return SqlError(
            f"The topic {topic} is there" if statement.is_negated else f"There is no topic {topic}",
            expected=_expected(statement),
            found="it" if statement.is_negated else "none",
            remedy="SHOW TOPICS; lists those that there are.",
            position=statement.position,
        )
    if not wanted:
        return None
    found = _found(topic)
    if found.items() >= wanted.items():
        return None
    return SqlError(
        f"The topic {topic} is not what ASSERT says",
        expected=", ".join(f"{name}={number}" for name, number in wanted.items()),
        found=", ".join(f"{name}={found[name]}" for name in wanted),
        remedy="Correct what ASSERT says, or make the topic so.",
        position=statement.position,
    )


def _expected(statement: AssertTopic) -> str:
    return "none" if statement.is_negated else f"it within {_seconds(statement.timeout)}"


def _found(topic: Topic) -> dict[str, int]:
    partitions = topic.cluster.metadata().topics[topic.name].partitions
    return {"PARTITIONS": len(partitions), "REPLICAS": len(partitions[0].replicas)}


# -- rows ---------------------------------------------------------------------------------------


def values_held(
    session: Session,
    queries: StandingQueries,
    in_order: Callable[[Source], Succession],
    statement: AssertValues,
) -> str:
    """Return a sentence that says that the next row of a source is as it should be.

    `in_order` gives the rows of a source, which `queries` may be about to write. Raises SqlError.
    """
    expected = expected_row(statement, session.catalog, session.compiler)
    rows = in_order(expected.source)
    pair = rows.next(lambda: queries.settle(statement.name))
    if pair is None:
        raise expected.missing(rows.looked_at, _why(queries, statement.name))
    expected.require(pair)
    return f"The next row of {statement.name} is what ASSERT says"


def _why(queries: StandingQueries, name: str) -> str:
    """Return what ended the queries that should write a source; "" where nothing did."""
    errors = [
        f"; {query.query_id} has failed: {query.error}"
        for query in queries.values()
        if query.target.name == name and query.error is not None
    ]
    return "".join(errors)


# -- waiting ------------------------------------------------------------------------------------


def _wait(is_so: Callable[[], bool], timeout: int | None) -> None:
    """Wait until something is so, or the time is up."""
    deadline = time.monotonic() + _milliseconds(timeout) / 1000
    while time.monotonic() < deadline and not is_so():
        time.sleep(_LOOK_SECONDS)


def _seconds(timeout: int | None) -> str:
    return f"{_milliseconds(timeout) / 1000:g} s"


def _milliseconds(timeout: int | None) -> int:
    return _TIMEOUT if timeout is None else timeout
