"""Kafka's own jars: which there are, and where."""

from eventlab.broker import distribution
from eventlab.broker.distribution import kafka_jars
from eventlab.folders import cache_folder


def test_the_lock_is_whole():
    """45 jars of Apache Kafka 4.4.0, each with a sha256 and a size, 44.6 MB in all."""
    jars = kafka_jars().locked()
    assert len({jar.file_name for jar in jars}) == 45
    assert sum(jar.size for jar in jars) == 44_591_658
    assert all(len(jar.sha256) == 64 for jar in jars)
    assert f"kafka_2.13-{distribution.VERSION}.jar" in {jar.file_name for jar in jars}


def test_they_are_in_the_cache():
    """What can be fetched again is not among the learner's own data."""
    assert kafka_jars().folder.is_relative_to(cache_folder())
