"""Pull queries: what a table holds at the moment, filtered and shown."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from eventlab.errors import SqlError
from eventlab.sql.catalog import Source
from eventlab.sql.planning.plans import Aggregate, Explode, Project, Read, Rekey, Step, Where
from eventlab.sql.running.changes import projecting
from eventlab.sql.syntax import Position, Query
from eventlab.streams import Arrival

Pair: TypeAlias = tuple[str | None, Arrival]


def pulled(plan: Step, rows: Iterable[Pair], limit: int | None) -> list[tuple[Any, ...]]:
    """Return what a plan shows of a table's rows, in the order of their keys."""
    found = [shown.event for _, shown in _through(plan, sorted(rows, key=_key))]
    return found if limit is None else found[:limit]


def required_table(plan: Step, query: Query) -> Source:
    """Return the table that a pull query looks at.

    Raises SqlError for a stream, and where the query does more than filter and show.
    """
    source = _read(plan, query.position).source
    if source.kind == "stream":
        raise SqlError(
            f"{source.name} is a stream: what is in it never ends",
            expected="a table, or EMIT CHANGES",
            found=f"the stream {source.name}",
            remedy="Write EMIT CHANGES at the end to see what comes.",
            position=query.source.position,
        )
    return source


def _read(plan: Step, position: Position | None) -> Read:
    step = plan
    while isinstance(step, Project | Where):
        step = step.up
    if isinstance(step, Read):
        return step
    raise SqlError(
        "A pull query looks at one table as it is",
        expected="SELECT … FROM a table WHERE …",
        found=_more(step),
        remedy="Write EMIT CHANGES behind it, or make a table of it: CREATE TABLE … AS SELECT ….",
        position=position,
    )


def _more(step: Step) -> str:
    match step:
        case Aggregate():
            return "GROUP BY"
        case Rekey():
            return "PARTITION BY"
        case Explode():
            return f"a table function: {step.words}"
        case _:
            return "JOIN"


def _through(step: Step, rows: Iterable[Pair]) -> list[Pair]:
    if isinstance(step, Where):
        condition = step.condition
        return [pair for pair in _through(step.up, rows) if condition(pair[1].event)]
    if isinstance(step, Project):
        return projecting(step)(_through(step.up, rows))
    return list(rows)


def _key(pair: Pair) -> str:
    return pair[0] or ""
