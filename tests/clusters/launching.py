"""A Kafka that is not the lab's: of any release, with any listeners, on ports of loopback."""

import os
import socket
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from eventlab.broker.configuration import JVM_FLAGS, LOGGING
from eventlab.broker.java import find_java, java_environment
from eventlab.broker.node_log import failure_reason
from eventlab.broker.readiness import await_ready
from eventlab.processes.program import Program, launch
from tests.clusters.releases import class_path
from tests.waiting import until

START_SECONDS = 180.0
STOP_SECONDS = 20.0

_OF_ANY_KIND = {
    "broker.id": "1",
    "log.dirs": "data",
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "log.cleaner.dedupe.buffer.size": "2097152",
}

# Up to 3.9 Kafka logs by log4j, from 4.0 on by log4j2.
_OLD_LOGGING = """\
log4j.rootLogger=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=[%d] %p %m (%c)%n
"""


def free_port() -> int:
    """Return a port of loopback on which nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@dataclass(frozen=True)
class Listener:
    """Where a node listens; it may tell its clients another address, where it is not."""

    name: str
    protocol: str
    address: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    advertised: str = ""


@contextmanager
def running(
    version: str,
    folder: Path,
    listeners: Sequence[Listener] = (),
    settings: Mapping[str, str] | None = None,
    format_with: Sequence[str] = (),
) -> Iterator[str]:
    """Run one node of a release in `folder`, and yield the address of its plain listener.

    It has more `listeners` and `settings`, and its storage is formatted with more options.
    """
    plain, controller = Listener("PLAINTEXT", "PLAINTEXT"), Listener("CONTROLLER", "PLAINTEXT")
    written = _OF_ANY_KIND | _listening([plain, *listeners], controller)
    written |= _own_quorum(controller) | dict(settings or {})
    _write(folder, written)
    _format(version, folder, format_with)
    with _program(version, folder, "kafka.Kafka", "server.properties") as kafka:
        _await(kafka, plain.address, folder)
        yield plain.address


@contextmanager
def under_zookeeper(version: str, folder: Path) -> Iterator[str]:
    """Run one node of a release in `folder` as Kafkas were run before they had their own quorum."""
    plain, zookeeper = Listener("PLAINTEXT", "PLAINTEXT"), f"127.0.0.1:{free_port()}"
    _write(folder, _OF_ANY_KIND | _listening([plain]) | {"zookeeper.connect": zookeeper})
    host, _, port = zookeeper.partition(":")
    lines = f"clientPortAddress={host}\nclientPort={port}\ndataDir=zookeeper\n"
    (folder / "zookeeper.properties").write_text(
        f"{lines}admin.enableServer=false\n", encoding="utf-8"
    )
    main = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
    with (
        _program(version, folder, main, "zookeeper.properties"),
        _program(version, folder, "kafka.Kafka", "server.properties") as kafka,
    ):
        _await(kafka, plain.address, folder)
        yield plain.address


def _write(folder: Path, settings: Mapping[str, str]) -> None:
    lines = "".join(f"{key}={value}\n" for key, value in settings.items())
    (folder / "server.properties").write_text(lines, encoding="utf-8")
    (folder / "log4j.properties").write_text(_OLD_LOGGING, encoding="utf-8")
    (folder / "log4j2.properties").write_text(LOGGING, encoding="utf-8")


def _listening(own: Sequence[Listener], *more: Listener) -> dict[str, str]:
    """Return where a node listens, `more` of it not for clients."""
    every = [*own, *more]
    return {
        "listeners": ",".join(f"{one.name}://{one.address}" for one in every),
        "advertised.listeners": ",".join(
            f"{one.name}://{one.advertised or one.address}" for one in own
        ),
        "listener.security.protocol.map": ",".join(f"{one.name}:{one.protocol}" for one in every),
    }


def _own_quorum(controller: Listener) -> dict[str, str]:
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{controller.address}",
        "controller.listener.names": controller.name,
    }


def _java(version: str, folder: Path) -> list[str]:
    logging = [
        f"-Dlog4j.configuration={(folder / 'log4j.properties').as_uri()}",
        f"-Dlog4j2.configurationFile={(folder / 'log4j2.properties').as_uri()}",
    ]
    classes = ["-cp", os.pathsep.join(class_path(version))]
    return [find_java().path, *JVM_FLAGS, *logging, *classes]


def _format(version: str, folder: Path, format_with: Sequence[str]) -> None:
    identity = "A" + urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
    tool = ["kafka.tools.StorageTool", "format", "-t", identity, "-c", "server.properties"]
    subprocess.run(
        [*_java(version, folder), *tool, *format_with],
        cwd=folder,
        env=java_environment(),
        check=True,
        capture_output=True,
        timeout=START_SECONDS,
    )


def _await(program: Program, broker: str, folder: Path) -> None:
    is_up = await_ready(
        {"bootstrap.servers": broker}, START_SECONDS, lambda: program.status() is None
    )
    assert is_up, failure_reason(
        (folder / "kafka.log").read_text(encoding="utf-8", errors="replace")
    )


@contextmanager
def _program(version: str, folder: Path, main: str, settings: str) -> Iterator[Program]:
    """Run a program of the release, which says in a log of its own what it does."""
    command = [*_java(version, folder), main, settings]
    with _log(folder, main).open("wb") as log:
        program = launch(command, folder=folder, output=log, environment=java_environment())
        try:
            yield program
            program.ask_to_end()
            until(lambda: program.status() is not None, seconds=STOP_SECONDS, what=f"{main}'s end")
        finally:
            program.kill()


def _log(folder: Path, main: str) -> Path:
    return folder / f"{main}.log"
