"""A schema registry over HTTP, as Confluent's own client and its serializers see it."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, SchemaRegistryError
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from eventlab.errors import EventError
from eventlab.log import Cluster, Topic
from eventlab.log.schemas import parsed
from eventlab.log.schemas.schema_topic import made_anew
from tests.conftest import FRAGILE
from tests.log.schemas.made import CENTS, CUSTOMER, contracts, field, record
from tests.services.registries import serving

ONE = json.dumps(record(CENTS))
TWO = json.dumps(record(CENTS, field("string", "note", default="-")))
BAD = json.dumps(record(CENTS, CUSTOMER))

pytestmark = pytest.mark.broker


@pytest.fixture
def topic(new_topic) -> Topic:
    return made_anew(new_topic())


@pytest.fixture
def url(topic):
    with serving(topic) as url:
        yield url


@pytest.fixture
def client(url) -> SchemaRegistryClient:
    return patient(url)


def patient(url: str) -> SchemaRegistryClient:
    return SchemaRegistryClient({"url": url, "max.retries": 0, "timeout": 20})


def avro(text: str) -> Schema:
    return Schema(text, "AVRO")


def code(question, *arguments, **options) -> tuple[int, int]:
    with pytest.raises(SchemaRegistryError) as caught:
        question(*arguments, **options)
    assert caught.value.error_message
    return caught.value.http_status_code, caught.value.error_code


def asked(url: str, method: str, path: str, body: bytes | None = None) -> tuple[int, dict]:
    line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    try:
        line.request(method, path, body)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        line.close()


def test_confluent_s_client_finds_what_it_registers(client):
    """By id, by version, as the latest, by the schema itself, and in lists."""
    assert client.register_schema("a-value", avro(ONE)) == 1
    assert client.register_schema("a-value", avro(TWO)) == 2
    assert client.register_schema("b-value", avro(TWO)) == 2
    assert client.get_schema(2).schema_str == TWO
    assert client.get_version("a-value", 1).schema.schema_str == ONE
    assert client.get_latest_version("a-value").version == 2
    assert client.lookup_schema("a-value", avro(ONE)).version == 1
    assert client.get_subjects() == ["a-value", "b-value"]
    assert client.get_subjects(subject_prefix="b") == ["b-value"]
    assert client.get_versions("a-value") == [1, 2]
    assert client.get_subjects_by_schema_id(2) == ["a-value", "b-value"]
    assert [one.version for one in client.get_schema_versions(2)] == [2, 1]
    assert client.get_schema_types() == ["AVRO"]
    assert client.get_global_mode() == client.get_mode("a-value") == "READWRITE"


def test_a_subject_may_have_any_name(client):
    """A slash and a blank in it too."""
    client.register_schema("shop/orders of today-value", avro(ONE))
    assert client.get_versions("shop/orders of today-value") == [1]


def test_an_incompatible_version_is_refused_with_the_reason(client):
    """Status 409, and nothing is registered; asked before, it says so."""
    client.register_schema("a-value", avro(ONE))
    assert client.test_compatibility("a-value", avro(TWO))
    assert not client.test_compatibility("a-value", avro(BAD))
    assert not client.test_compatibility("a-value", avro(BAD), version=1)
    assert not client.test_compatibility_all_versions("a-value", avro(BAD))
    with pytest.raises(
        SchemaRegistryError, match="customer has no default, so new readers"
    ) as caught:
        client.register_schema("a-value", avro(BAD))
    assert (caught.value.http_status_code, caught.value.error_code) == (409, 409)
    assert client.get_versions("a-value") == [1]


def test_reasons_are_told_to_who_asks_for_them(client, url):
    """As `verbose` does in Confluent's."""
    client.register_schema("a-value", avro(ONE))
    path = "/compatibility/subjects/a-value/versions/latest"
    body = json.dumps({"schema": BAD}).encode()
    assert asked(url, "POST", path, body) == (200, {"is_compatible": False})
    _, answer = asked(url, "POST", path + "?verbose=true", body)
    assert "customer has no default" in answer["messages"][0]


def test_levels_are_set_for_all_or_for_one_subject(client, url):
    """And taken back again."""
    assert client.get_compatibility() == "BACKWARD"
    assert code(client.get_compatibility, "a-value") == (404, 40408)
    client.set_compatibility("a-value", "none")
    assert client.get_compatibility("a-value") == "NONE"
    client.set_compatibility(level="FULL_TRANSITIVE")
    assert client.get_compatibility() == "FULL_TRANSITIVE"
    client.delete_config("a-value")
    assert asked(url, "GET", "/config/a-value?defaultToGlobal=true")[1] == {
        "compatibilityLevel": "FULL_TRANSITIVE"
    }
    client.delete_config()
    assert client.get_compatibility() == "BACKWARD"


def test_what_is_deleted_is_gone_in_two_steps(client):
    """Out of sight first, with its level, and then for good."""
    client.register_schema("a-value", avro(ONE))
    client.register_schema("a-value", avro(TWO))
    client.set_compatibility("a-value", "FULL")
    assert client.delete_version("a-value", 1) == 1
    assert code(client.get_version, "a-value", 1) == (404, 40402)
    assert client.get_version("a-value", 1, deleted=True).version == 1
    assert client.delete_subject("a-value") == [2]
    assert client.get_subjects() == []
    assert client.get_subjects(deleted=True) == ["a-value"]
    assert code(client.get_compatibility, "a-value") == (404, 40408)
    assert client.delete_subject("a-value", permanent=True) == [1, 2]
    assert client.get_subjects(deleted=True) == []


def test_a_refusal_has_confluent_s_code(client):
    """What is not there, and what is no schema."""
    client.register_schema("a-value", avro(ONE))
    assert code(client.get_schema, 9) == (404, 40403)
    assert code(client.get_latest_version, "b-value") == (404, 40401)
    assert code(client.get_version, "a-value", 9) == (404, 40402)
    assert code(client.get_version, "a-value", "first") == (422, 42202)
    assert code(client.lookup_schema, "a-value", avro(TWO)) == (404, 40403)
    assert code(client.register_schema, "a-value", avro('{"type": "strng"}')) == (422, 42201)
    assert code(client.register_schema, "a-value", Schema("{}", "JSON")) == (422, 42201)
    assert code(client.set_compatibility, "a-value", "SIDEWARDS") == (422, 42203)
    assert code(client.delete_subject, "b-value") == (404, 40401)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_object_is_the_caller_s_fault(url, body):
    """And the registry goes on."""
    status, answer = asked(url, "POST", "/subjects/a-value/versions", body)
    assert (status, answer["error_code"]) == (400, 400)
    assert asked(url, "GET", "/subjects") == (200, [])


def test_what_it_does_not_speak_is_said_in_json(url):
    """As clients of Confluent's expect it."""
    assert asked(url, "GET", "/associations/resources/-/a")[0] == 404
    assert asked(url, "GET", "/nothing")[1]["error_code"] == 404
    assert asked(url, "PATCH", "/subjects")[1]["error_code"] == 405


def test_confluent_s_serializers_and_ours_read_each_other(client):
    """The same bytes, and the same fields."""
    where = SerializationContext("a", MessageField.VALUE)
    event = {"cents": 20}
    value = AvroSerializer(client, ONE)(event, where)
    one, two = contracts(ONE, TWO)
    assert value == one.encode(event)
    client.register_schema("a-value", avro(TWO))
    assert AvroDeserializer(client, TWO)(value, where) == two.decode(value)
    assert AvroDeserializer(client, ONE)(two.encode({"cents": 3, "note": "x"}), where) == {
        "cents": 3
    }


def test_confluent_s_serializer_takes_what_ours_refuses(client):
    """It cuts and leaves out without a word, which docs/contracts.md says of it."""
    where = SerializationContext("a", MessageField.VALUE)
    (one,) = contracts(ONE)
    assert one.decode(AvroSerializer(client, ONE)({"cents": 1.5, "note": "x"}, where)) == {
        "cents": 1
    }
    for event in ({"cents": 1.5}, {"cents": 1, "note": "x"}, {"cents": 2**40}):
        assert AvroSerializer(client, ONE)(event, where)
        with pytest.raises(EventError):
            one.encode(event)


def test_all_who_register_at_once_get_one_id(url):
    """One schema is one version, however many bring it."""

    def register(number: int) -> list[int]:
        client = patient(url)
        return [client.register_schema(f"{subject}-value", avro(ONE)) for subject in "ab"]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(register, range(16)))
    assert found == [[1, 1]] * 16
    assert patient(url).get_versions("a-value") == [1]


def test_another_one_on_the_topic_finds_everything(topic):
    """After the first has ended: ids, versions, levels, what was deleted."""
    with serving(topic) as url:
        client = patient(url)
        client.register_schema("a-value", avro(ONE))
        client.register_schema("a-value", avro(TWO))
        client.set_compatibility("a-value", "FULL")
        client.delete_version("a-value", 1)
    with serving(topic) as url:
        again = patient(url)
        assert again.get_versions("a-value") == [2]
        assert again.get_schema(1).schema_str == ONE
        assert again.get_compatibility("a-value") == "FULL"
        assert again.register_schema("a-value", avro(ONE)) == 1
        assert again.get_latest_version("a-value").version == 3


def test_a_topic_that_is_gone_is_said_and_what_is_known_can_be_asked(client, topic):
    """A change is refused; nothing is answered that is not kept."""
    client.register_schema("a-value", avro(ONE))
    topic.delete()
    assert code(client.register_schema, "a-value", avro(TWO)) == (500, 50001)
    with pytest.raises(SchemaRegistryError, match="There is no topic"):
        client.register_schema("a-value", avro(TWO))
    assert client.get_versions("a-value") == [1]


@FRAGILE
def test_while_the_log_is_away_what_is_known_can_be_asked(fragile):
    """A change is refused, and is done when the log is back."""
    topic = made_anew(Topic(Cluster(fragile.client_settings), "schemas-of-the-fragile"))
    with serving(topic) as url:
        client = patient(url)
        client.register_schema("a-value", avro(ONE))
        fragile.kill()
        assert code(client.register_schema, "a-value", avro(TWO)) == (500, 50001)
        assert client.get_latest_version("a-value").version == 1
        fragile.start()
        assert client.register_schema("a-value", avro(TWO)) == 2
        assert client.get_versions("a-value") == [1, 2]


def test_schemas_are_told_apart_by_what_they_mean(client):
    """Not by their spaces: the id is that of the first."""
    spaced = json.dumps(record(CENTS), indent=4)
    assert client.register_schema("a-value", avro(ONE)) == 1
    assert client.register_schema("a-value", avro(spaced)) == 1
    assert parsed(client.get_schema(1).schema_str).canonical == parsed(spaced).canonical
