"""How Flink is started: small, in one process, on loopback.

Source of the settings: Flink's documentation, "Configuration" and "SQL Gateway". With less than
64 MB of managed memory a window does not start.
"""

import os
from collections.abc import Sequence
from pathlib import Path

LOOPBACK = "127.0.0.1"

# Each query gets a small cluster within the gateway's own process. Port 0 is any free one, for the
# gateway and for those clusters.
_CONFIG = f"""\
execution.target: local
parallelism.default: "1"
table.local-time-zone: UTC
rest.address: {LOOPBACK}
rest.bind-address: {LOOPBACK}
rest.bind-port: "0"
sql-gateway.endpoint.rest.address: {LOOPBACK}
sql-gateway.endpoint.rest.bind-address: {LOOPBACK}
sql-gateway.session.idle-timeout: "0"
jobmanager.rpc.address: {LOOPBACK}
jobmanager.bind-host: {LOOPBACK}
taskmanager.host: {LOOPBACK}
taskmanager.bind-host: {LOOPBACK}
taskmanager.memory.managed.size: 64m
taskmanager.memory.network.min: 16m
taskmanager.memory.network.max: 16m
"""

# The gateway says its port at INFO.
_LOGGING = """\
rootLogger.level = WARN
rootLogger.appenderRef.console.ref = console
logger.gateway.name = org.apache.flink.table.gateway.rest.SqlGatewayRestEndpoint
logger.gateway.level = INFO
appender.console.name = console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss,SSS} %p %c{1} %m%n
"""

_MAIN_CLASS = "org.apache.flink.table.gateway.SqlGateway"

# What Flink looks into by reflection.
_OPENED = ["java.lang", "java.lang.reflect", "java.util", "java.util.concurrent", "java.net"]
_OPENED += ["java.io", "java.nio", "sun.nio.ch", "java.text", "java.time"]

_FILES = "files"
_JVM_FLAGS = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]


def write_configuration(folder: Path) -> None:
    """Write what Flink reads at its start, and make the folder that it keeps its files in."""
    (folder / "config.yaml").write_text(_CONFIG, encoding="utf-8")
    (folder / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
    (folder / _FILES).mkdir()


def command(java: str, class_path: Sequence[str], folder: Path) -> list[str]:
    """Return the command that starts Flink in its folder."""
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
    logging = f"-Dlog4j2.configurationFile={(folder / 'log4j2.properties').as_uri()}"
    # Flink would take a comma in an absolute path for the end of it.
    files = f"-Djava.io.tmpdir={_FILES}"
    flags = [*_JVM_FLAGS, *opened, files, mark(folder), logging]
    return [java, *flags, "-cp", os.pathsep.join(class_path), _MAIN_CLASS]


def environment(folder: Path) -> dict[str, str]:
    """Return what is to be in Flink's environment besides a Java's own."""
    return {"FLINK_CONF_DIR": str(folder)}


def mark(folder: Path) -> str:
    """Return the word on its command line that no other process has."""
    return f"-Deventlab.run={folder}"
