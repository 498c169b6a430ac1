"""A server that all tests of the shell share."""

import os

import pytest

from eventlab.sql.server.held import SqlServer


@pytest.fixture(scope="session")
def url(broker):
    """Where it is asked."""
    with SqlServer(f"shell-{os.getpid()}") as server:
        yield server.url


@pytest.fixture
def create(request, new_topic):
    """The statement that makes a stream of one test, and its name."""
    name = f"s{abs(hash(request.node.nodeid))}"
    return name, (
        f"CREATE STREAM {name} (k STRING KEY, n INT)"
        f" WITH (KAFKA_TOPIC='{new_topic()}', VALUE_FORMAT='JSON');"
    )
