"""A schema registry as the notebook knows it."""

import itertools
import os
import threading
from contextlib import suppress

import pytest

from eventlab.errors import CallError, ContractError, ServiceError, UsageError
from eventlab.log import Topic
from eventlab.log.schemas.registry_client import VARIABLE, RegistryClient
from eventlab.services.registry import (
    Registry,
    own_registry,
    reach_loopback_directly,
    registry_at,
)
from tests.log.schemas.made import CENTS, CUSTOMER, field, record
from tests.services.ways import BOTH
from tests.waiting import until

ONE = record(CENTS)
TWO = record(CENTS, field("string", "note", default="-"))

pytestmark = pytest.mark.broker


@pytest.fixture
def prefix(new_topic) -> str:
    return f"{new_topic().name}."


@pytest.fixture
def registry(meshed, cluster, prefix) -> Registry:
    return own_registry(meshed(cluster, prefix), cluster, prefix)


@BOTH
def test_one_that_is_killed_comes_back_with_everything(registry, prefix):
    """At the same URL, with the same ids."""
    registry.contract("orders", ONE, compatibility="FULL")
    registry.contract("orders", TWO)
    before = registry.schemas()
    url = registry.url
    registry.kill()
    assert registry.state == "killed"
    with pytest.raises(CallError, match="did not name its subjects"):
        registry.subjects()
    registry.start()
    assert registry.url == url
    assert registry.schemas().equals(before)
    assert list(before["version"]) == [1, 2]
    assert set(before["compatibility"]) == {"FULL"}
    assert set(before["subject"]) == {f"{prefix}orders-value"}


def test_a_contract_is_a_schema_or_a_version_of_a_topic(registry, cluster, prefix):
    """By the topic or its name; without more it is the latest."""
    topic = Topic(cluster, f"{prefix}orders")
    one = registry.contract(topic, ONE)
    two = registry.contract("orders", TWO)
    assert (one.version, two.version) == (1, 2)
    assert one.subject == two.subject == f"{prefix}orders-value"
    assert registry.contract(topic).version == 2
    assert registry.contract(topic, version=1).schema == ONE
    assert registry.contract(topic, ONE).version == 1
    with pytest.raises(UsageError, match="asked for twice"):
        registry.contract(topic, ONE, version=1)
    with pytest.raises(UsageError, match="topic's name"):
        registry.contract("a b", ONE)


def test_a_version_that_breaks_the_contract_is_refused(registry):
    """With the reason, and what is no schema before anything is asked or set."""
    registry.contract("orders", ONE)
    with pytest.raises(ContractError, match="customer has no default, so new readers cannot"):
        registry.contract("orders", record(CENTS, CUSTOMER))
    with pytest.raises(ContractError, match="no Avro schema"):
        registry.contract("orders", {"type": "strng"}, compatibility="NONE")
    assert list(registry.schemas()["compatibility"]) == ["BACKWARD"]
    assert registry.contract("orders", record(CENTS, CUSTOMER), compatibility="NONE").version == 2


def test_what_is_not_there_is_said(registry):
    """A topic without a contract, a number without a version."""
    registry.contract("orders", ONE)
    with pytest.raises(ContractError, match="payments-value"):
        registry.contract("payments")
    with pytest.raises(ContractError, match="version 7"):
        registry.contract("orders", version=7)


def test_one_whose_topic_is_gone_does_not_start_as_if_nothing_were(registry, cluster, prefix):
    """With other ids its old events would be read wrongly: it says what is missing."""
    registry.contract("orders", ONE)
    registry.stop()
    Topic(cluster, f"{prefix}_schemas").delete()
    with pytest.raises(Exception, match="There is no topic"):
        registry.start()


def test_one_that_is_made_anew_is_empty(registry, meshed, cluster, prefix):
    """Whatever the one before has kept."""
    registry.contract("orders", ONE)
    registry.stop()
    assert own_registry(meshed(cluster, prefix), cluster, prefix).subjects() == []


def test_somebody_else_s_is_used_and_not_ended(registry, prefix):
    """Its schemas stay, unless their names begin with what is this user's own."""
    registry.contract("orders", ONE)
    registry._client.register("other-value", registry.contract("orders")._registered.schema)
    theirs = registry_at(registry.url, prefix, is_own_prefix=False)
    assert theirs.external
    assert theirs.state == "external"
    assert theirs.subjects() == [f"{prefix}orders-value"]
    registry_at(registry.url, prefix, is_own_prefix=True)
    assert registry._client.subjects() == ["other-value"]
    for act in (theirs.start, theirs.stop, theirs.kill):
        with pytest.raises(ServiceError, match="not ours"):
            act()
    with pytest.raises(ServiceError, match="not ours"):
        _ = theirs.output


def test_somebody_else_s_that_does_not_answer_is_said_at_once():
    """Rather than at the first contract."""
    with pytest.raises(CallError, match=VARIABLE):
        registry_at("http://127.0.0.1:1", "a.", is_own_prefix=False)


def test_a_subject_can_be_forgotten(registry):
    """And begins anew with its first version."""
    registry.contract("orders", ONE)
    registry.forget(registry.subjects()[0])
    assert registry.schemas().empty
    assert registry.contract("orders", record(CUSTOMER)).version == 1
    assert "schema registry" in repr(registry)


def test_what_was_answered_is_there_after_kills_at_any_moment(registry):
    """Whoever has an id finds its schema, however often the registry was killed meanwhile."""
    kept: dict[int, str] = {}
    stop = threading.Event()

    def register() -> None:
        for number in itertools.count():
            if stop.is_set():
                return
            schema = record(CENTS, field("string", f"note_{number}", default=""))
            with suppress(CallError):
                contract = Registry(registry.url).contract("orders", schema)
                kept[contract.id] = contract.text

    writer = threading.Thread(target=register, daemon=True)
    writer.start()
    for round_number in range(4):
        known = len(kept)
        until(lambda known=known: len(kept) > known + 1)
        registry.kill()
        registry.start()
        assert round_number < len(kept)
    stop.set()
    writer.join()
    client = RegistryClient(registry.url)
    assert {number: client.schema(number).text for number in kept} == kept


def test_a_proxy_of_the_environment_is_not_for_this_machine(monkeypatch):
    """Confluent's client would ask it for the registry on loopback."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    reach_loopback_directly()
    assert "NO_PROXY" not in os.environ
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("NO_PROXY", "example.com")
    monkeypatch.setenv("no_proxy", "")
    for _ in range(2):
        reach_loopback_directly()
        assert os.environ["NO_PROXY"] == "example.com,127.0.0.1"
        assert os.environ["no_proxy"] == "127.0.0.1"


def test_a_registry_behind_a_proxy_s_back_is_reached(monkeypatch, meshed, cluster, prefix):
    """The proxy that the environment names takes nothing."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    made = own_registry(meshed(cluster, prefix), cluster, prefix)
    assert made.contract("orders", ONE).version == 1
