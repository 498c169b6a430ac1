"""What statements answer, as the objects of ksqlDB's REST API.

Source: ksqlDB's documentation, "Run a ksqlDB Statement".
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from eventlab.sql.catalog import Source, SourceColumn
from eventlab.sql.engine import Engine
from eventlab.sql.looking import explained
from eventlab.sql.planning.plans import Step, sources_of
from eventlab.sql.planning.rows import Field
from eventlab.sql.running.standing import Standing, State
from eventlab.sql.server.members import Work
from eventlab.sql.server.wire_values import schema_of
from eventlab.sql.settings import Settings
from eventlab.sql.syntax import Describe, DescribeFunction, Explain, Show

Entity: TypeAlias = dict[str, Any]
Topics: TypeAlias = Mapping[str, int]  # how many partitions each has
Works: TypeAlias = Mapping[str, list[Work]]  # what each server does, by its address

_STATES = {"failed": "ERROR", "paused": "PAUSED", "running": "RUNNING", "ended": "NOT_RUNNING"}
_ROLES = {"key": "KEY", "headers": "HEADER"}
_FUNCTIONS = {"scalar": "SCALAR", "aggregate": "AGGREGATE", "table": "TABLE"}


def looked_at(
    engine: Engine,
    statement: Show | Describe | DescribeFunction | Explain,
    text: str,
    topics: Callable[[], Topics],
    works: Callable[[], Works],
) -> Entity:
    """Return what a statement asks to see. Raises SqlError."""
    match statement:
        case Show(what, is_extended):
            return _entity(*_shown(engine, what, topics, works, is_extended=is_extended), text)
        case Describe(name, is_extended):
            source = engine.catalog.source(name)
            found = _described(engine, source, topics, works(), is_extended)
            return _entity("sourceDescription", {"sourceDescription": found}, text)
        case DescribeFunction(name):
            return _entity("describe_function", _function(engine, name), text)
        case Explain():
            found = _explained(engine, statement, text, works())
            return _entity("queryDescription", {"queryDescription": found}, text)


def _entity(kind: str, fields: Entity, text: str) -> Entity:
    return {"@type": kind, "statementText": text, **fields, "warnings": []}


def _shown(
    engine: Engine,
    what: str,
    topics: Callable[[], Topics],
    works: Callable[[], Works],
    *,
    is_extended: bool,
) -> tuple[str, Entity]:
    catalog = engine.catalog
    match what:
        case "streams" | "tables":
            found = [one for one in catalog.sources.values() if f"{one.kind}s" == what]
            if is_extended:
                done = works()
                described = [_described(engine, one, topics, done, True) for one in found]
                return "source_descriptions", {"sourceDescriptions": described}
            return what, {what: [_source(one) for one in found]}
        case "queries":
            return "queries", {"queries": _queries(engine.queries.values(), works())}
        case "topics":
            infos = [_topic(name, partitions) for name, partitions in sorted(topics().items())]
            return "kafka_topics", {"topics": infos}
        case "functions":
            functions = [
                {"name": one.name, "type": _FUNCTIONS[one.kind], "category": ""}
                for one in engine.session.functions.described()
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


def _topic(name: str, partitions: int) -> Entity:
    return {"name": name, "replicaInfo": [1] * partitions}


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


# -- queries ------------------------------------------------------------------------------------


def _queries(queries: Iterable[Standing], works: Works) -> list[Entity]:
    return [_query(one, works) for one in queries]


def _query(one: Standing, works: Works) -> Entity:
    hosts = _hosts(one, works)
    return {
        "queryString": f"{one.text};",
        "sinks": [one.target.name],
        "sinkKafkaTopics": [one.target.topic],
        "id": one.query_id,
        "statusCount": dict(Counter(hosts.values())),
        "queryType": "PERSISTENT",
        "state": _state(one, hosts.values()),
        "hosts": {name: _parts(one, works[name]) for name in hosts},
    }


def _hosts(query: Standing, works: Works) -> dict[str, str]:
    """Return the state of a query on each server that runs a part of it."""
    found = {}
    for name, done in works.items():
        states: set[State] = {one.state for one in done if one.query_id == query.query_id}
        if states:
            found[name] = _worst(_STATES[one] for one in states)
    return found


def _state(query: Standing, states: Iterable[str]) -> str:
    """Return the state of a query; what nobody runs for the moment is about to be taken over."""
    return _worst(states) or ("PAUSED" if query.pausing.is_set() else "RUNNING")


def _worst(states: Iterable[str]) -> str:
    found = set(states)
    return next((one for one in _STATES.values() if one in found), "")


def _parts(query: Standing, works: Iterable[Work]) -> list[int]:
    return sorted(one.part for one in works if one.query_id == query.query_id)


def host_of(works: Iterable[Work]) -> Entity:
    """Return what `/clusterStatus` says of a server that is there."""
    places: dict[str, list[Entity]] = {}
    for one in works:
        places.setdefault(one.query_id, []).extend(
            {"topic": topic, "partition": partition} for topic, partition, _ in one.positions
        )
    return {
        "hostAlive": True,
        "lastStatusUpdateMs": time.time_ns() // 1_000_000,
        "activeStandbyPerQuery": {
            query_id: {
                "activeStores": [],
                "activePartitions": found,
                "standByStores": [],
                "standByPartitions": [],
            }
            for query_id, found in places.items()
        },
        "hostStoreLags": {"stateStoreLags": {}, "updateTimeMs": 0},
    }


def _explained(engine: Engine, statement: Explain, text: str, works: Works) -> Entity:
    found = explained(engine, statement)
    plan = found.plan
    query = found.query
    hosts = _hosts(query, works) if query else {}
    words = "\n".join(f"{number}. {what}: {columns}" for number, what, columns in found.rows)
    return {
        "id": query.query_id if query else "",
        "statementText": f"{query.text};" if query else text,
        "windowType": None,
        "fields": fields_of(plan),
        "sources": sorted({one.name for one in sources_of(plan)}),
        "sinks": [query.target.name] if query else [],
        "topology": words,
        "executionPlan": words,
        "overriddenProperties": {},
        "queryType": "PERSISTENT" if query else "PUSH",
        "queryErrors": _errors(query, works) if query else [],
        "state": _state(query, hosts.values()) if query else None,
        "ksqlHostQueryStatus": hosts,
    }


def _errors(query: Standing, works: Works) -> list[Entity]:
    every = [one for done in works.values() for one in done if one.query_id == query.query_id]
    return [
        {"timestamp": 0, "errorMessage": one.error, "type": "USER"} for one in every if one.error
    ]


def fields_of(plan: Step) -> list[Entity]:
    """Return the columns that a plan gives."""
    return [_field(one) for one in plan.shape.fields if not one.is_system]


def _field(one: Field | SourceColumn) -> Entity:
    return {"name": one.name, "schema": schema_of(one.kind)}


# -- sources and functions ----------------------------------------------------------------------


def _described(
    engine: Engine,
    source: Source,
    topics: Callable[[], Topics],
    works: Works,
    is_extended: bool,
) -> Entity:
    queries = list(engine.queries.values())
    reading = [one for one in queries if source.name in {s.name for s in sources_of(one.plan)}]
    writing = [one for one in queries if one.target.name == source.name]
    fields = [
        _field(column) | ({"type": _ROLES[column.role]} if column.role in _ROLES else {})
        for column in source.columns
    ]
    return {
        "name": source.name,
        "windowType": source.window.kind.upper() if source.window else None,
        "readQueries": _queries(reading, works),
        "writeQueries": _queries(writing, works),
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


def _function(engine: Engine, name: str) -> Entity:
    function = engine.session.functions.function(name)
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
