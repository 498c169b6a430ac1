"""The schemas of topics, as statements ask for them."""

import pytest

from eventlab.errors import CallError, SqlError
from eventlab.log.schemas import parsed
from eventlab.log.schemas.registry_client import VARIABLE
from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.running.memory_registry import MemoryRegistry
from eventlab.sql.schemas import Schemas, external_registry, registry_at
from tests.log.schemas.made import CENTS, CUSTOMER, record

ONE = parsed(record(CENTS))


@pytest.fixture
def registry():
    """A registry in memory."""
    return MemoryRegistry()


@pytest.fixture
def schemas(registry):
    """Its schemas, for topics whose names begin with a prefix."""
    return Schemas(lambda: registry, lambda name: f"lab.{name}")


def test_a_topic_has_two_subjects(schemas):
    """By the name that it has in its cluster, however a statement calls it."""
    assert schemas.subject("orders", "key") == "lab.orders-key"
    assert schemas.own_name("orders-value") == "lab.orders-value"
    assert schemas.own_name("shop.Order") == "shop.Order"


def test_schemas_are_registered_and_found(schemas, registry):
    """By subject, by id, by both."""
    number = schemas.register("a-value", ONE)
    assert schemas.has("a-value")
    assert not schemas.has("a")
    assert schemas.newest("a-value").canonical == ONE.canonical
    assert schemas.by_id(number).canonical == ONE.canonical
    assert [schemas.has_id(number), schemas.has_id(number, "a-value")] == [True, True]
    assert [schemas.has_id(number, "b"), schemas.has_id(99), schemas.has_id(99, "b")] == [False] * 3
    with pytest.raises(Unreadable, match="does not have"):
        schemas.by_id(99)
    with pytest.raises(SqlError, match="cannot be taken from b"):
        schemas.newest("b")


def test_only_a_subject_that_began_here_is_its_own(schemas, registry):
    """Until it is forgotten."""
    registry.register("theirs", ONE)
    for subject in ("theirs", "ours", "ours"):
        schemas.register(subject, ONE)
    assert (schemas.is_own("theirs"), schemas.is_own("ours")) == (False, True)
    schemas.forget("ours")
    schemas.forget("nobody's")
    assert registry.subjects() == ["theirs"]
    assert not schemas.is_own("ours")


def test_what_the_registry_refuses_is_an_error_of_the_statement(schemas):
    """With its reason, and what to do."""
    schemas.register("a", ONE)
    with pytest.raises(SqlError, match=r"does not take .* for a: .*customer.* KAFKA_TOPIC"):
        schemas.register("a", parsed(record(CENTS, CUSTOMER)))


def test_without_a_registry_there_are_none():
    """One error says what to do."""
    with pytest.raises(SqlError, match=r"needs a schema registry.*lab.new_registry"):
        Schemas().has("a")


def test_a_registry_that_does_not_answer_is_an_error_of_the_statement():
    """Which says so."""
    schemas = Schemas(lambda: registry_at("http://127.0.0.1:1"))
    with pytest.raises(SqlError, match="did not name its subjects") as caught:
        schemas.has("a")
    assert not isinstance(caught.value, CallError)


def test_the_environment_may_name_a_registry(monkeypatch):
    """By its URL."""
    monkeypatch.delenv(VARIABLE, raising=False)
    assert external_registry() is None
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:8081")
    assert external_registry().url == "http://127.0.0.1:8081"
