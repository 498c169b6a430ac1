"""Queries as the objects of ksqlDB's REST API: where their parts run, and how they are.

Source: ksqlDB's documentation, "Run a ksqlDB Statement".
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from eventlab.sql.answers import Explained
from eventlab.sql.catalog import SourceColumn
from eventlab.sql.planning.describing import lines_of
from eventlab.sql.planning.plans import sources_of
from eventlab.sql.planning.rows import Field
from eventlab.sql.planning.splitting import Split, repartition_of
from eventlab.sql.running.standing import Standing, State
from eventlab.sql.server.members import Work
from eventlab.sql.server.wire_values import Entity, schema_of

Works: TypeAlias = Mapping[str, list[Work]]  # what each server does, by its address

_STATES = {"failed": "ERROR", "paused": "PAUSED", "running": "RUNNING", "ended": "NOT_RUNNING"}


def queries_of(queries: Iterable[Standing], works: Works) -> list[Entity]:
    """Return queries as SHOW and DESCRIBE list them."""
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


def explained_query(found: Explained, split: Split, text: str, works: Works) -> Entity:
    """Return the plan of a query as it is split, and how that is where it runs."""
    plan = split.plan
    query = found.query
    hosts = _hosts(query, works) if query else {}
    lines = [f"{number}. {what}: {columns}" for number, what, columns in lines_of(plan)]
    words = "\n".join([*lines, _in_parts(split)])
    return {
        "id": query.query_id if query else "",
        "statementText": f"{query.text};" if query else text,
        "windowType": None,
        "fields": [field_of(one) for one in plan.shape.fields if not one.is_system],
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


def _in_parts(split: Split) -> str:
    """Return in how many parts a query is, which servers share, and why in one where it is."""
    if repartition_of(split.plan) is not None:
        return f"In {2 * split.parts} parts: {split.parts} pass rows on, {split.parts} do the rest."
    if split.parts > 1:
        return f"In {split.parts} parts, each with a partition of its own."
    return f"In one part, because {split.why}." if split.why else "In one part."


def _errors(query: Standing, works: Works) -> list[Entity]:
    every = [one for done in works.values() for one in done if one.query_id == query.query_id]
    return [
        {"timestamp": 0, "errorMessage": one.error, "type": "USER"} for one in every if one.error
    ]


def field_of(one: Field | SourceColumn) -> Entity:
    """Return a column by its name, with its type."""
    return {"name": one.name, "schema": schema_of(one.kind)}
