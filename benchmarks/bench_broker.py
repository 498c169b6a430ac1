"""How quick and how small the broker is: launch to first created topic, each way in turn.

python -m benchmarks.bench_broker

Four ways, interleaved, on the same jars and the same client code, every launch on an empty log:
`join()`; a bare launch of the JVM with the same archive, flags and properties and none of our
processes; Kafka as it ships (its start script's flags and its server.properties, storage formatted
first) on our Java, and on the PATH's Java where there is one. Memory is Kafka's proportional set
size when the topic is there. The last lines join a running broker from a fresh process.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import psutil

from eventlab.broker import installation, join, prepare
from eventlab.broker.distribution import kafka_jars
from eventlab.broker.java import java_environment
from eventlab.broker.node_log import broker_port
from eventlab.broker.readiness import await_ready, create_topic
from eventlab.folders import cache_folder, data_folder

ROUNDS = 5

# kafka-server-start.sh and kafka-run-class.sh of Apache Kafka 4
SHIPPED_FLAGS = [
    "-Xmx1G",
    "-Xms1G",
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
    "-Djava.awt.headless=true",
]
# config/server.properties of Apache Kafka 4, but for its two ports and its folder
SHIPPED_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=localhost:{controller}
listeners=PLAINTEXT://:{broker},CONTROLLER://:{controller}
inter.broker.listener.name=PLAINTEXT
advertised.listeners=PLAINTEXT://localhost:{broker},CONTROLLER://localhost:{controller}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=kafka
num.partitions=1
num.recovery.threads.per.data.dir=2
offsets.topic.replication.factor=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.retention.hours=168
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
"""
JOIN = """
from time import perf_counter
start = perf_counter()
from eventlab.broker import join
import confluent_kafka.admin, eventlab.broker.local
imported = perf_counter()
seat = join("benchmark")
print(imported - start, perf_counter() - imported)
"""


@dataclass(frozen=True)
class Launch:
    """One launch: seconds to the first created topic, of them to format, and megabytes (PSS)."""

    seconds: float
    format_seconds: float
    megabytes: float


def main() -> None:
    """Measure, and print the ratios as a Markdown table."""
    prepare()
    with own_home():
        launches = measured()
        joins = [joined_afresh() for _ in running(ROUNDS)]
    print(table(launches, joins))


def measured() -> dict[str, list[Launch]]:
    ways = {"join()": join_launch, "bare JVM, same archive": bare_launch}
    ways["as shipped"] = lambda: shipped_launch(installation.installation().java.path)
    if on_path := shutil.which("java"):
        ways["as shipped, the PATH's Java"] = lambda: shipped_launch(on_path)
    rounds = [{name: launch() for name, launch in ways.items()} for _ in range(ROUNDS)]
    return {name: [one[name] for one in rounds] for name in ways}


def table(launches: dict[str, list[Launch]], joins: list[tuple[float, float]]) -> str:
    ours = median(one.seconds for one in launches["join()"])
    memory = median(one.megabytes for one in launches["join()"])
    lines = [
        "| launch to first created topic | s | of it format | MB | time / join() | MB / join() |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, runs in launches.items():
        seconds, formatting = (
            median(r.seconds for r in runs),
            median(r.format_seconds for r in runs),
        )
        megabytes = median(r.megabytes for r in runs)
        figures = f"{seconds:.2f} | {formatting:.2f} | {megabytes:.0f}"
        lines.append(f"| {name} | {figures} | {seconds / ours:.2f} | {megabytes / memory:.2f} |")
    imports, joining = (median(column) for column in zip(*joins, strict=True))
    lines += [
        "",
        "| joining a running broker from a fresh process | s |",
        "|---|--:|",
        f"| imports | {imports:.2f} |",
        f"| join() | {joining:.2f} |",
        f"| both | {median(map(sum, joins)):.2f} |",
    ]
    return "\n".join(lines)


@contextmanager
def own_home() -> Iterator[None]:
    """Keep the learner's data out of it; the cache is the learner's own."""
    cache, before = cache_folder(), os.environ.get("EVENTLAB_HOME")
    with tempfile.TemporaryDirectory(prefix="eventlab-bench-") as home:
        Path(home, "cache").symlink_to(cache, target_is_directory=True)
        os.environ["EVENTLAB_HOME"] = home
        try:
            yield
        finally:
            os.environ.pop("EVENTLAB_HOME")
            os.environ.update({"EVENTLAB_HOME": before} if before else {})


def join_launch() -> Launch:
    start = perf_counter()
    seat = join("benchmark")
    create_topic(seat.client_settings, "first")
    seconds = perf_counter() - start
    launch = Launch(seconds, 0.0, seat.memory_megabytes)
    seat.end()
    _gone(data_folder() / "broker.json")
    shutil.rmtree(data_folder())
    return launch


def bare_launch() -> Launch:
    with tempfile.TemporaryDirectory(prefix="eventlab-bench-") as folder:
        ready, log = installation.installation(), Path(folder, "log.txt")
        shutil.copytree(ready.template, Path(folder, "kafka"))
        command = ready.command(installation.write_properties(Path(folder)))
        start = perf_counter()
        with launched(command, folder, log) as process:
            while (port := broker_port(log.read_text(encoding="utf-8"))) is None:
                assert process.poll() is None, log.read_text(encoding="utf-8")
                sleep(0.01)
            return topic_created(process, f"127.0.0.1:{port}", start, 0.0)


def shipped_launch(java: str) -> Launch:
    with tempfile.TemporaryDirectory(prefix="eventlab-bench-") as folder:
        broker, controller = free_ports()
        properties = Path(folder, "server.properties")
        properties.write_text(
            SHIPPED_PROPERTIES.format(broker=broker, controller=controller), encoding="utf-8"
        )
        logging = f"-Dlog4j2.configurationFile={installation.installation().logging.as_uri()}"
        common = [java, logging, "-cp", os.pathsep.join(kafka_jars().class_path())]
        start = perf_counter()
        formatted = ["kafka.tools.StorageTool", "format", "--standalone", "-t", cluster_id()]
        storage = [*common, *formatted, "-c", str(properties)]
        subprocess.run(storage, cwd=folder, env=java_environment(), check=True, capture_output=True)
        formatting = perf_counter() - start
        command = [*common[:1], *SHIPPED_FLAGS, *common[1:], "kafka.Kafka", str(properties)]
        with launched(command, folder, Path(folder, "log.txt")) as process:
            return topic_created(process, f"localhost:{broker}", start, formatting)


@contextmanager
def launched(command: list[str], folder: str, log: Path) -> Iterator[subprocess.Popen]:
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=folder, stdout=sink, stderr=subprocess.STDOUT, env=java_environment()
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def topic_created(
    process: subprocess.Popen, servers: str, start: float, formatting: float
) -> Launch:
    settings = {"bootstrap.servers": servers}
    await_ready(settings)
    create_topic(settings, "first")
    seconds = perf_counter() - start
    memory = psutil.Process(process.pid).memory_full_info()
    return Launch(seconds, formatting, getattr(memory, "pss", memory.rss) / 1e6)


def running(rounds: int) -> Iterator[int]:
    """Yield the rounds while a broker runs."""
    with join("benchmark") as seat:
        yield from range(rounds)
        seat.end()
        _gone(data_folder() / "broker.json")


def joined_afresh() -> tuple[float, float]:
    """Return the seconds for imports and for joining in a new process."""
    done = subprocess.run(
        [sys.executable, "-c", JOIN], capture_output=True, encoding="utf-8", check=True
    )
    imports, joining = map(float, done.stdout.split())
    return imports, joining


def free_ports() -> list[int]:
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [server.getsockname()[1] for server in servers]
    for server in servers:
        server.close()
    return ports


def cluster_id() -> str:
    return urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def _gone(path: Path) -> None:
    while path.exists():
        sleep(0.01)


if __name__ == "__main__":
    main()
