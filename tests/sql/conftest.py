"""Topics with orders, and an engine that knows them."""

import pytest

from eventlab.sql.running.memory_registry import MemoryRegistry
from tests.sql.engines import ORDERS, Topics, engine


@pytest.fixture
def topics(new_topic):
    """Topics of the test's own, with four orders."""
    topics = Topics(new_topic)
    topics.orders(1, 20, 300, 4000)
    return topics


@pytest.fixture
def shop(topics):
    """An engine that knows the stream of orders."""
    with engine(topics, begins_anew=True) as one:
        one.execute(ORDERS)
        yield one


@pytest.fixture
def avro(topics):
    """An engine with a registry in memory, and that registry."""
    registry = MemoryRegistry()
    with engine(topics, begins_anew=True, registry=lambda: registry) as one:
        yield one, registry
