"""The jars of older Kafkas, which only tests run; fetched and checked as those of our own are."""

from pathlib import Path

from eventlab.broker.distribution import VERSION, kafka_jars
from eventlab.broker.jars import Jars
from eventlab.folders import cache_folder

OURS = VERSION
# The oldest that is promised, and the last without a limit for times ahead of the clock.
OLD = ("3.0.2 under ZooKeeper", "3.5.2")


def class_path(version: str) -> list[str]:
    """Return the class path of a release, after fetching what is missing of it."""
    if version == OURS:
        return kafka_jars().class_path()
    lock = Path(__file__).with_name(f"kafka-{version}.lock")
    jars = Jars("Apache Kafka", lock, cache_folder() / f"kafka-{version}" / "jars")
    jars.fetch()
    return jars.class_path()
