"""A flow from topic to topic beside other stream processors for Python.

python -m benchmarks.bench_peers

Each one decodes the same 200,000 orders from JSON, adds a field and writes them as JSON to another
topic, in a process and an environment of its own; CPU is that of its process from before it reads
to after the last acknowledgement, without its imports. Where a peer cannot be installed its line
says why. Rounds take turns, and the median counts.
"""

import json
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path
from statistics import median

from eventlab.broker import join
from eventlab.events import Shop
from eventlab.log import Cluster, Topic, produce

EVENTS, ROUNDS, SECONDS = 200_000, 3, 180

LOOP = """
import msgspec
from confluent_kafka import Consumer, Producer, TopicPartition

def work():
    decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "loop"})
    producer = Producer({"bootstrap.servers": servers, "enable.idempotence": True, "linger.ms": 5})
    consumer.assign([TopicPartition(one, number, 0) for number in range(3)])
    copied = acknowledged = 0

    def count(error, message):
        nonlocal acknowledged
        acknowledged += error is None

    while copied < events:
        for message in consumer.consume(1000, 0.05):
            event = decode(message.value())
            event["seen"] = True
            time = message.timestamp()[1]
            producer.produce(two, encode(event), message.key(), -1, count, timestamp=time)
            copied += 1
        producer.poll(0)
    producer.flush()
"""
OURS = """
import bytewax.operators as op
from bytewax.dataflow import Dataflow
from eventlab.log import Cluster, Topic
from eventlab.flows import run
from eventlab.streams import TopicSink, TopicSource

def mark(arrival):
    arrival.event["seen"] = True
    return arrival

def work():
    cluster = Cluster({"bootstrap.servers": servers})
    flow = Dataflow("copy")
    arrivals = op.input("in", flow, TopicSource(Topic(cluster, one), bounded=True))
    op.output("out", op.map("mark", arrivals, mark), TopicSink(Topic(cluster, two)))
    run(flow).wait()
"""
QUIX = """
import logging, uuid
from quixstreams import Application

def mark(event):
    event["seen"] = True
    return event

def work():
    logging.disable()
    app = Application(broker_address=servers, consumer_group=uuid.uuid4().hex,
                      auto_offset_reset="earliest", loglevel=None)
    frame = app.dataframe(app.topic(one, value_deserializer="json"))
    frame.apply(mark).to_topic(app.topic(two, value_serializer="json"))
    app.run(count=events, timeout=60)
"""
PATHWAY = """
import uuid
import pathway as pw

def work():
    settings = {"bootstrap.servers": servers, "group.id": uuid.uuid4().hex,
                "auto.offset.reset": "earliest"}
    rows = pw.io.kafka.read(settings, topic=one, format="json", schema=Order, mode="static")
    pw.io.kafka.write(rows.with_columns(seen=True), settings, two, format="json")
    pw.run(monitoring_level=pw.MonitoringLevel.NONE)

class Order(pw.Schema):
    type: str
    event_id: str
    at: str
    customer_id: str
    order_id: str
    product_id: str
    quantity: int
    price_cents: int
    amount_cents: int
    country: str
"""
MEASURED = """
import time
work_began = time.process_time()
work()
print(time.process_time() - work_began)
"""
WAYS = {
    "plain loop": (LOOP, None),
    "eventlab": (OURS, None),
    "quixstreams": (QUIX, "quixstreams>=3.28,<4"),
    "pathway": (PATHWAY, "pathway"),
}


def main() -> None:
    """Print a table: way, events a second of CPU, ratio to the plain loop."""
    print("| way | events a second of CPU | CPU to the plain loop |")
    print("|---|--:|--:|")
    with tempfile.TemporaryDirectory() as folder, join("bench_peers") as broker:
        pythons = {name: python(Path(folder), name, need) for name, (_, need) in WAYS.items()}
        cluster = Cluster(broker.client_settings)
        one, two = (Topic(cluster, f"bench.peers.{name}").reset(3) for name in ("in", "out"))
        produce(one, islice(Shop(seed=1).orders(), EVENTS))
        took: dict[str, list[float | str]] = {name: [] for name in WAYS}
        for _ in range(ROUNDS):
            for name, (source, _) in WAYS.items():
                took[name].append(seconds(pythons[name], source, one, two.reset(3)))
    loop = median(took["plain loop"])
    for name, found in took.items():
        words = [one for one in found if isinstance(one, str)]
        if words:
            print(f"| {name} | {words[0]} | |")
        else:
            middle = median(found)
            print(f"| {name} | {EVENTS / middle:,.0f} | {middle / loop:.2f} |")


def python(folder: Path, name: str, requirement: str | None) -> str:
    """Return an interpreter that has what a way needs; words, where it cannot be had."""
    if requirement is None:
        return sys.executable
    home = folder / name
    made = [sys.executable, "-m", "venv", str(home)]
    interpreter = str(home / ("Scripts" if sys.platform == "win32" else "bin") / "python")
    install = [interpreter, "-m", "pip", "install", "--quiet", requirement]
    for command in (made, install):
        done = subprocess.run(command, capture_output=True, encoding="utf-8")
        if done.returncode:
            return f"not installed: {(done.stderr.strip() or 'no reason given').splitlines()[-1]}"
    return interpreter


def seconds(interpreter: str, source: str, one: Topic, two: Topic) -> float | str:
    """Return the seconds of CPU that a way needs; words, where it failed or lost something."""
    if interpreter.startswith("not installed"):
        return interpreter
    facts = {"servers": one.cluster.settings["bootstrap.servers"], "events": EVENTS}
    facts |= {"one": one.name, "two": two.name}
    names = "\n".join(f"{name} = {json.dumps(value)}" for name, value in facts.items())
    program = "\n".join([names, source, MEASURED])
    try:
        done = subprocess.run(
            [interpreter, "-c", program], capture_output=True, encoding="utf-8", timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"not done within {SECONDS} s"
    if done.returncode:
        return f"failed: {done.stderr.strip().splitlines()[-1]:.80}"
    written = sum(two.end_offsets(committed=True).values())
    if written < EVENTS:
        return f"wrote {written:,} of {EVENTS:,}"
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    main()
