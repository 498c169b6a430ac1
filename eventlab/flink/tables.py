"""A topic as a table, in Flink's words.

Source: Flink's documentation, "Apache Kafka SQL Connector" and "JSON Format".
"""

from collections.abc import Mapping
from datetime import timedelta

from eventlab.errors import UsageError

TIME = "record_time"
LONGEST_WAIT = timedelta(days=999)  # Flink takes three digits of days

_SECURED = ("security.", "sasl.", "ssl.")


def create_table(
    name: str,
    columns: str,
    *,
    topic: str,
    settings: Mapping[str, object],
    wait: timedelta,
    bounded: bool,
) -> str:
    """Return the statement that makes a table of a topic with JSON in it. Raises UsageError."""
    options = {
        "connector": "kafka",
        "topic": topic,
        "properties.bootstrap.servers": _servers(settings),
        "properties.isolation.level": "read_committed",
        "scan.startup.mode": "earliest-offset",
        **({"scan.bounded.mode": "latest-offset"} if bounded else {}),
        "format": "json",
        "json.timestamp-format.standard": "ISO-8601",
    }
    said = ",\n".join(f"  {_text(key)} = {_text(value)}" for key, value in options.items())
    return (
        f"CREATE TABLE {quoted(name)} (\n"
        f"  {columns.strip().rstrip(',')},\n"
        f"  {TIME} TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',\n"
        f"  WATERMARK FOR {TIME} AS {TIME} - {_interval(wait)}\n"
        f") WITH (\n{said}\n)"
    )


def quoted(name: str) -> str:
    """Return a name as it can stand in a statement, whatever is in it."""
    return "`" + name.replace("`", "``") + "`"


def _interval(wait: timedelta) -> str:
    """Return a duration in the words of SQL's standard: days, and a time of day behind them."""
    minutes, seconds = divmod(wait.seconds, 60)
    clock = f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{wait.microseconds // 1000:03}"
    return f"INTERVAL '{wait.days} {clock}' DAY(3) TO SECOND(3)"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _servers(settings: Mapping[str, object]) -> str:
    secured = [name for name in settings if name.startswith(_SECURED)]
    if secured:
        raise UsageError(
            "How to log in to this cluster cannot be said to Apache Flink from here",
            expected="a cluster that asks for no password and no certificate",
            found=", ".join(sorted(secured)),
            remedy="Make the table by flink.sql('CREATE TABLE …'), with the settings of Kafka's "
            "Java client as 'properties.…'.",
        )
    return str(settings["bootstrap.servers"])
