"""A registry in memory: what it answers is what a real one does."""

import pytest

from eventlab.errors import ContractError
from eventlab.log.schemas import parsed
from eventlab.sql.running.memory_registry import MemoryRegistry
from tests.log.schemas.made import CENTS, CUSTOMER, field, record

ONE = parsed(record(CENTS))
TWO = parsed(record(CENTS, field("string", "note", default="")))


def test_schemas_have_versions_and_ids():
    """One that is there stays, and one id is one schema."""
    registry = MemoryRegistry()
    first = registry.register("a", ONE)
    assert registry.register("a", ONE) == first
    second = registry.register("a", TWO)
    assert [(one.version, one.id) for one in (first, second)] == [(1, 1), (2, 2)]
    assert registry.register("b", ONE).id == 1
    assert registry.version("a") == second
    assert registry.version("a", 1) == first
    assert registry.schema(2).canonical == TWO.canonical
    assert registry.version_of(1, "b") == 1
    assert registry.version_of(2, "b") is None
    assert registry.subjects() == ["a", "b"]


def test_what_it_does_not_know_or_take_is_refused():
    """With its reason."""
    registry = MemoryRegistry()
    registry.register("a", ONE)
    with pytest.raises(ContractError, match="customer"):
        registry.register("a", parsed(record(CENTS, CUSTOMER)))
    for ask in (lambda: registry.version("b"), lambda: registry.schema(9)):
        with pytest.raises(ContractError, match="not found"):
            ask()
    with pytest.raises(ContractError, match="not found"):
        registry.version_of(9, "a")


def test_a_subject_can_be_forgotten():
    """Then anything may be its first schema."""
    registry = MemoryRegistry()
    registry.register("a", ONE)
    registry.forget("a")
    assert registry.subjects() == []
    assert registry.register("a", parsed(record(CUSTOMER))).version == 1
