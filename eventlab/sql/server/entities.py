"""What statements answer, as the objects of ksqlDB's REST API.

Source: ksqlDB's documentation, "Run a ksqlDB Statement".
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from eventlab.errors import EventlabError
from eventlab.sql.answers import Explained
from eventlab.sql.catalog import Source
from eventlab.sql.functions.registry import Functions
from eventlab.sql.looking import explained
from eventlab.sql.planning.splitting import Split
from eventlab.sql.running.session import Session
from eventlab.sql.running.standing import Standing
from eventlab.sql.running.standing_queries import StandingQueries
from eventlab.sql.server.query_entities import Works, explained_query, field_of, queries_of
from eventlab.sql.server.wire_values import Entity, schema_of
from eventlab.sql.settings import Settings
from eventlab.sql.syntax import Describe, DescribeFunction, Explain, Select, Show

Topics: TypeAlias = Mapping[str, int]  # how many partitions each has
Queries: TypeAlias = Mapping[str, Standing]

_ROLES = {"key": "KEY", "headers": "HEADER"}
_FUNCTIONS = {"scalar": "SCALAR", "aggregate": "AGGREGATE", "table": "TABLE"}


def looked_at(
    session: Session,
    queries: StandingQueries,
    statement: Show | Describe | DescribeFunction | Explain,
    text: str,
    topics: Callable[[], Topics],
    works: Callable[[], Works],
) -> Entity:
    """Return what a statement asks to see. Raises SqlError."""
    match statement:
        case Show("topics", is_all=True):
            return _entity(*_topics(topics()), text)
        case Show(what, is_extended):
            kind, fields = _shown(session, queries, what, topics, works, is_extended=is_extended)
            return _entity(kind, fields, text)
        case Describe(name, is_extended):
            source = session.catalog.source(name)
            found = _described(queries, source, topics, works(), is_extended)
            return _entity("sourceDescription", {"sourceDescription": found}, text)
        case DescribeFunction(name):
            return _entity("describe_function", _function(session.functions, name), text)
        case Explain():
            plan = explained(session, queries, statement)
            is_shared = not isinstance(statement.statement, Select)
            split = _split(queries, plan, is_shared=is_shared)
            found = explained_query(plan, split, text, works())
            return _entity("queryDescription", {"queryDescription": found}, text)


def _split(queries: StandingQueries, found: Explained, *, is_shared: bool) -> Split:
    """Return how a query is split, or would be; what is not kept in a topic runs where one asks."""
    if not is_shared:
        return Split(found.plan, 1, "its rows go to who asks")
    query = found.query
    if query is not None and query.layout.parts > 1:
        return Split(found.plan, query.layout.parts)
    try:
        split = queries.split(found.plan)
    except EventlabError:  # a topic is gone; the plan can be shown all the same
        return Split(found.plan, 1)
    if query is None:
        return split
    return Split(found.plan, 1, split.why or "no other server was there when it was made")


def _entity(kind: str, fields: Entity, text: str) -> Entity:
    return {"@type": kind, "statementText": text, **fields, "warnings": []}


def _shown(
    session: Session,
    queries: Queries,
    what: str,
    topics: Callable[[], Topics],
    works: Callable[[], Works],
    *,
    is_extended: bool,
) -> tuple[str, Entity]:
    catalog = session.catalog
    match what:
        case "streams" | "tables":
            found = [one for one in catalog.sources.values() if f"{one.kind}s" == what]
            if is_extended:
                done = works()
                described = [_described(queries, one, topics, done, True) for one in found]
                return "source_descriptions", {"sourceDescriptions": described}
            return what, {what: [_source(one) for one in found]}
        case "queries":
            return "queries", {"queries": queries_of(queries.values(), works())}
        case "topics":
            known = topics().items()
            return _topics({name: number for name, number in known if not name.startswith("_")})
        case "functions":
            functions = [
                {"name": one.name, "type": _FUNCTIONS[one.kind], "category": ""}
                for one in session.functions.described()
            ]
            return "function_names", {"functions": functions}
        case "types":
            types = {name: schema_of(kind) for name, kind in sorted(catalog.types.items())}
            return "type_list", {"types": types}
        case "variables":
            return "variables", {"variables": _pairs(catalog.variables)}
        case _:
            return "properties", _properties(catalog.settings)


def _source(one: Source) -> Entity:
    return {
        "type": one.kind.upper(),
        "name": one.name,
        "topic": one.topic,
        "keyFormat": one.key_format.name,
        "valueFormat": one.value_format.name,
        "format": one.value_format.name,
        "isWindowed": one.window is not None,
    }


def _topics(topics: Topics) -> tuple[str, Entity]:
    found = [{"name": name, "replicaInfo": [1] * topics[name]} for name in sorted(topics)]
    return "kafka_topics", {"topics": found}


def _pairs(values: Mapping[str, str]) -> list[Entity]:
    return [{"name": name, "value": value} for name, value in sorted(values.items())]


def _properties(settings: Settings) -> Entity:
    found = [
        {"name": name, "scope": "KSQL", "value": value, "editable": has_effect, "level": "QUERY"}
        for name, value, _, has_effect in settings.rows()
    ]
    given = sorted(settings.given)
    others = [one["name"] for one in found if one["name"] not in settings.given]
    return {"properties": found, "overwrittenProperties": given, "defaultProperties": others}


def _described(
    queries: Queries,
    source: Source,
    topics: Callable[[], Topics],
    works: Works,
    is_extended: bool,
) -> Entity:
    every = queries.values()
    reading = [one for one in every if source.name in one.reads]
    writing = [one for one in every if one.target.name == source.name]
    fields = [
        field_of(column) | ({"type": _ROLES[column.role]} if column.role in _ROLES else {})
        for column in source.columns
    ]
    return {
        "name": source.name,
        "windowType": source.window.kind.upper() if source.window else None,
        "readQueries": queries_of(reading, works),
        "writeQueries": queries_of(writing, works),
        "fields": fields,
        "type": source.kind.upper(),
        "key": ", ".join(column.name for column in source.keys),
        "timestamp": source.event_time.column if source.event_time else "",
        "statistics": "",
        "errorStats": "",
        "extended": is_extended,
        "keyFormat": source.key_format.name,
        "valueFormat": source.value_format.name,
        "format": source.value_format.name,
        "topic": source.topic,
        "partitions": topics().get(source.topic, 0) if is_extended else 0,
        "replication": 1 if is_extended else 0,
        "statement": f"{source.text};",
        "queryOffsetSummaries": [],
        "sourceConstraints": [],
    }


def _function(functions: Functions, name: str) -> Entity:
    function = functions.function(name)
    variants = [
        {
            "arguments": [
                {
                    "name": one.name,
                    "type": str(one.kind),
                    "description": "",
                    "isVariadic": one.is_variadic,
                }
                for one in variant.signature.parameters
            ],
            "returnType": str(variant.signature.returns),
            "description": function.description,
        }
        for variant in function.variants
    ]
    return {
        "name": function.name,
        "description": function.description,
        "author": "eventlab",
        "version": "",
        "path": "internal",
        "functions": variants,
        "type": _FUNCTIONS[function.kind],
    }
