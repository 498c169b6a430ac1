"""What a server answers, as text for a terminal."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

Entity: TypeAlias = dict[str, Any]

_WIDEST = 60
_NARROWEST = 12  # of a column whose values are not known yet

# Of each kind of answer: where its list is, and which fields of it are shown.
_LISTS = {
    "streams": ("streams", ["name", "topic", "keyFormat", "valueFormat", "isWindowed"]),
    "tables": ("tables", ["name", "topic", "keyFormat", "valueFormat", "isWindowed"]),
    "queries": ("queries", ["id", "state", "sinks", "hosts", "queryString"]),
    "kafka_topics": ("topics", ["name", "replicaInfo"]),
    "function_names": ("functions", ["name", "type"]),
    "variables": ("variables", ["name", "value"]),
    "properties": ("properties", ["name", "value"]),
}
_TITLES = {
    "keyFormat": "KEY FORMAT",
    "valueFormat": "VALUE FORMAT",
    "isWindowed": "WINDOWED",
    "queryString": "STATEMENT",
    "sinks": "WRITES",
    "hosts": "RUNS AT",
    "replicaInfo": "PARTITIONS",
}


def shown(entity: Entity) -> str:
    """Return an answer as text."""
    kind = entity["@type"]
    if kind == "currentStatus":
        return str(entity["commandStatus"]["message"])
    if kind in _LISTS:
        name, fields = _LISTS[kind]
        titles = [_TITLES.get(field, field.upper()) for field in fields]
        return table(
            titles, [[_cell(field, one[field]) for field in fields] for one in entity[name]]
        )
    match kind:
        case "type_list":
            types = entity["types"].items()
            return table(["TYPE", "IS"], [[name, type_text(one)] for name, one in types])
        case "sourceDescription":
            return _source(entity["sourceDescription"])
        case "source_descriptions":
            return "\n\n".join(_source(one) for one in entity["sourceDescriptions"])
        case "queryDescription":
            return _query(entity["queryDescription"])
        case "describe_function":
            return _function(entity)
        case "assert_topic" | "assert_schema" | "assert_source":
            return str(entity["message"])
    return json.dumps(entity, indent=2, ensure_ascii=False)


def type_text(schema: Entity) -> str:
    """Return a type as statements write it."""
    match schema["type"]:
        case "ARRAY":
            return f"ARRAY<{type_text(schema['memberSchema'])}>"
        case "MAP":
            return f"MAP<STRING, {type_text(schema['memberSchema'])}>"
        case "STRUCT":
            inner = [f"{one['name']} {type_text(one['schema'])}" for one in schema["fields"]]
            return f"STRUCT<{', '.join(inner)}>"
        case "DECIMAL":
            digits = schema["parameters"]
            return f"DECIMAL({digits['precision']}, {digits['scale']})"
        case name:
            return str(name)


def _cell(field: str, value: Any) -> Any:
    if field == "replicaInfo":
        return len(value)
    if field == "hosts":
        return _places(value)
    return ", ".join(value) if field == "sinks" else value


def _places(hosts: dict[str, list[int]]) -> str:
    """Return which servers run a query, and where it is split which parts of it."""
    if not any(part for parts in hosts.values() for part in parts):
        return ", ".join(hosts)
    return ", ".join(f"{name} ({', '.join(map(str, parts))})" for name, parts in hosts.items())


def _query(one: Entity) -> str:
    hosts = one["ksqlHostQueryStatus"].items()
    return "\n".join([one["executionPlan"], *(f"{state} at {name}" for name, state in hosts)])


def _source(one: Entity) -> str:
    rows = [
        [field["name"], type_text(field["schema"]), field.get("type", "").lower()]
        for field in one["fields"]
    ]
    lines = [f"{one['type'].lower()} {one['name']}, in the topic {one['topic']}"]
    if one["extended"]:
        number = one["partitions"]
        lines.append(f"{number} partition{'s' * (number != 1)}, {one['valueFormat']}")
        lines.append(one["statement"])
    lines.append(table(["COLUMN", "TYPE", "PART"], rows))
    lines += [f"written by {query['id']}" for query in one["writeQueries"]]
    lines += [f"read by {query['id']}" for query in one["readQueries"]]
    return "\n".join(lines)


def _function(entity: Entity) -> str:
    lines = [f"{entity['name']}: {entity['description']}"]
    for one in entity["functions"]:
        given = ", ".join(f"{each['name']} {each['type']}" for each in one["arguments"])
        lines.append(f"  {entity['name']}({given}) → {one['returnType']}")
    return "\n".join(lines)


# -- rows ---------------------------------------------------------------------------------------


def table(titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return rows under their titles."""
    texts = [[_text(value) for value in row] for row in rows]
    widths = [
        max(len(title), *(len(row[place]) for row in texts)) if texts else len(title)
        for place, title in enumerate(titles)
    ]
    lines = [*_head(titles, widths), *(_line(row, widths) for row in texts)]
    return "\n".join(lines)


def growing(titles: Sequence[str], rows: Iterator[Sequence[Any]]) -> Iterator[str]:
    """Yield the lines of a table whose rows are still to come."""
    widths = [max(len(title), _NARROWEST) for title in titles]
    yield from _head(titles, widths)
    for row in rows:
        yield _line([_text(value) for value in row], widths)


def _head(titles: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [_line(titles, widths), "  ".join("─" * width for width in widths)]


def _line(texts: Sequence[str], widths: Sequence[int]) -> str:
    cells = [text.ljust(width) for text, width in zip(texts, widths, strict=True)]
    return "  ".join(cells).rstrip()


def _text(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | dict | list):
        value = json.dumps(value, ensure_ascii=False)
    text = " ".join(str(value).split())
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
