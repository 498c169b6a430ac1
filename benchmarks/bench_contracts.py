"""What a contract costs an event: to be held to it, and to be read by it, beside JSON and peers.

python -m benchmarks.bench_contracts

The same orders, in turn, several rounds in one process, in seconds of its own CPU; the table shows
medians. Reading by an older version leaves out what it does not know, as Confluent's deserializer
does where it is told the reader's schema. Fastavro alone neither holds an event to all of the
schema, as a contract does, nor knows which version wrote it.
"""

import json
from collections.abc import Callable
from io import BytesIO
from itertools import islice
from statistics import median
from time import process_time
from typing import Any

import fastavro
import msgspec
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from eventlab import Lab
from eventlab.events import Shop

EVENTS, ROUNDS = 20_000, 7
FIELDS = ("order_id", "customer_id", "product_id", "quantity", "price_cents", "country")
NEW: dict[str, Any] = {"price_cents": 0, "country": ""}  # which the older version does not have
KINDS = {"quantity": "int", "price_cents": "long"}


def main() -> None:
    orders = [
        {name: getattr(order, name) for name in FIELDS}
        for order in islice(Shop(seed=1).orders(), EVENTS)
    ]
    with Lab("bench-contracts") as lab:
        print(table("writing", "JSON, msgspec", measured(writers(lab, orders))))
        print(table("reading", "JSON, msgspec", measured(readers(lab, orders))))


def schema(*fields: str) -> dict[str, Any]:
    kinds = [{"name": name, "type": KINDS.get(name, "string")} for name in fields]
    return {"type": "record", "name": "Order", "fields": kinds}


def writers(lab: Lab, orders: list[dict[str, Any]]) -> dict[str, Callable[[], object]]:
    registry = lab.new_registry()
    contract = registry.contract(lab.topic("orders"), schema(*FIELDS))
    where = SerializationContext("orders", MessageField.VALUE)
    client = SchemaRegistryClient({"url": registry.url})
    serialize = AvroSerializer(client, contract.text)
    form = fastavro.parse_schema(schema(*FIELDS))
    encode = msgspec.json.Encoder().encode
    return {
        "JSON, msgspec": lambda: [encode(order) for order in orders],
        "JSON, standard library": lambda: [json.dumps(order).encode() for order in orders],
        "fastavro alone": lambda: [by_fastavro(form, order) for order in orders],
        "a contract": lambda: [contract.encode(order) for order in orders],
        "Confluent's serializer": lambda: [serialize(order, where) for order in orders],
    }


def by_fastavro(form: Any, order: dict[str, Any]) -> bytes:
    buffer = BytesIO()
    fastavro.schemaless_writer(buffer, form, order)
    return buffer.getvalue()


def readers(lab: Lab, orders: list[dict[str, Any]]) -> dict[str, Callable[[], object]]:
    registry = lab.new_registry()
    older = registry.contract(lab.topic("orders"), schema(*FIELDS[:4]))
    contract = registry.contract(
        lab.topic("orders"), schema(*FIELDS[:4]) | {"fields": with_defaults()}
    )
    values = [contract.encode(order) for order in orders]
    texts = [msgspec.json.encode(order) for order in orders]
    where = SerializationContext("orders", MessageField.VALUE)
    client = SchemaRegistryClient({"url": registry.url})
    confluent = AvroDeserializer(client)
    confluent_older = AvroDeserializer(client, older.text)
    form = fastavro.parse_schema(contract.schema)
    decode = msgspec.json.Decoder().decode
    return {
        "JSON, msgspec": lambda: [decode(text) for text in texts],
        "JSON, standard library": lambda: [json.loads(text) for text in texts],
        "fastavro alone": lambda: [
            fastavro.schemaless_reader(BytesIO(value[5:]), form, None) for value in values
        ],
        "a contract": lambda: [contract.decode(value) for value in values],
        "a contract, an older version": lambda: [older.decode(value) for value in values],
        "Confluent's deserializer": lambda: [confluent(value, where) for value in values],
        "Confluent's, an older version": lambda: [
            confluent_older(value, where) for value in values
        ],
    }


def with_defaults() -> list[dict[str, Any]]:
    """Return all fields; those that the older version does not have with a default."""
    return [
        field | ({"default": NEW[field["name"]]} if field["name"] in NEW else {})
        for field in schema(*FIELDS)["fields"]
    ]


def measured(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    rounds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            started = process_time()
            way()
            rounds[name].append(process_time() - started)
    return {name: median(found) for name, found in rounds.items()}


def table(what: str, first: str, spent: dict[str, float]) -> str:
    lines = [f"| {what} | events a second of CPU | CPU to {first} |", "|---|---:|---:|"]
    lines += [
        f"| {name} | {EVENTS / one:,.0f} | {one / spent[first]:.1f} |"
        for name, one in spent.items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
