"""Clusters that are not the lab's: old ones, and ones that ask who comes."""

from collections.abc import Iterator

import pytest

from eventlab import Lab
from eventlab.broker.external import SERVERS
from tests.clusters.launching import running, under_zookeeper
from tests.clusters.releases import OLD


@pytest.fixture(scope="session", params=OLD)
def old_kafka(request, tmp_path_factory) -> Iterator[str]:
    """Return the address of a running Kafka of each old release.

    Before 3.3 a quorum of its own was only a preview.
    """
    version, _, keeper = request.param.partition(" under ")
    run = under_zookeeper if keeper else running
    with run(version, tmp_path_factory.mktemp(f"kafka {version}")) as address:
        yield address


@pytest.fixture
def on_old_kafka(old_kafka, monkeypatch) -> str:
    """Name an old Kafka in the environment, as its user would, and return its address."""
    monkeypatch.setenv(SERVERS, old_kafka)
    return old_kafka


@pytest.fixture
def lab(on_old_kafka) -> Iterator[Lab]:
    """Return a lab on an old Kafka."""
    with Lab(chapter="old") as lab:
        yield lab
