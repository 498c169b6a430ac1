"""Apache Kafka's own jars: which version, which lock, and where they are kept."""

from pathlib import Path

from eventlab.broker.jars import Jars
from eventlab.folders import cache_folder

VERSION = "4.4.0"
LOCK = Path(__file__).with_name(f"kafka-{VERSION}.lock")


def kafka_jars() -> Jars:
    """Return the jars of the broker, present or not."""
    return Jars("Apache Kafka", LOCK, cache_folder() / f"kafka-{VERSION}" / "jars")
