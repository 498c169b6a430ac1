"""The ways of Kafka's clients, each with its own faults, and no way past the proxy."""

import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from eventlab.errors import BrokerError, UsageError
from eventlab.services import Faults, KafkaLink, Proxy
from tests.services.kafka_clients import led_to, said
from tests.services.targets import EchoTarget, connected, received, serving
from tests.services.test_framing import kafka
from tests.waiting import until

pytestmark = pytest.mark.processes

NOWHERE = {"bootstrap.servers": "127.0.0.1:1"}


def port_of(link: KafkaLink) -> int:
    return int(link.address.rpartition(":")[2])


def test_clients_of_a_kafka_have_faults_of_their_own(proxy):
    """By their client.id; those without a link have those of all."""
    with serving(EchoTarget()) as target:
        link = proxy.kafka_link(led_to(target), name="own faults")
        warehouse = link.client("warehouse")
        assert warehouse.address == link.address
        warehouse.set(Faults(mode="refuse"))
        assert said(link.address, "warehouse") == "reset"
        assert said(link.address, "shop") == said(link.address, None) == "passed"
        warehouse.heal()
        link.set(Faults(mode="reset"))
        assert said(link.address, "warehouse") == "passed"
        assert said(link.address, "shop") == "reset"
        assert (warehouse.counts.connections, link.counts.connections) == (2, 3)
        with connected(port_of(link)) as connection:
            connection.sendall(kafka("warehouse"))
            assert received(connection, 1)
            link.set(Faults(mode="refuse"))
            with pytest.raises(ConnectionResetError):
                received(connection, 1000)
        with pytest.raises(ConnectionRefusedError):
            connected(port_of(link))


def test_a_client_that_cannot_be_is_refused():
    """A name that is taken has another one beside it, and there is no HTTP to answer with."""
    proxy = Proxy()
    proxy.link("warehouse", 1)
    link = proxy.kafka_link(NOWHERE)
    with pytest.raises(UsageError, match="pass another name"):
        link.client("warehouse")
    client = link.client("warehouse", name="warehouse to Kafka")
    for one in (link, client):
        with pytest.raises(UsageError, match="without an error_share"):
            one.set(Faults(error_share=0.1))
    assert list(proxy.links) == ["warehouse", "kafka", "warehouse to Kafka"]
    proxy.stop()


@pytest.mark.parametrize(
    ("settings", "error", "found"),
    [
        ({}, UsageError, "no settings"),
        ({"client.id": "a"}, UsageError, "client.id"),
        ({"bootstrap.servers": "a:b"}, UsageError, "a:b"),
        (NOWHERE | {"security.protocol": "ssl", "ssl.engine.id": "x"}, BrokerError, "ssl.engine"),
    ],
)
def test_a_kafka_that_cannot_be_is_refused(settings, error, found):
    """Nothing is kept of it."""
    proxy = Proxy()
    with pytest.raises(error) as caught:
        proxy.kafka_link(settings)
    assert found in caught.value.found
    assert proxy.links == {}
    proxy.stop()


def test_settings_lead_by_way_of_the_link():
    """What else a client needs stays, without the TLS that the proxy does in its place."""
    proxy = Proxy()
    secured = NOWHERE | {"security.protocol": "SASL_SSL", "sasl.username": "ann"}
    link = proxy.kafka_link(secured)
    expected = {
        "bootstrap.servers": link.address,
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.username": "ann",
    }
    assert link.settings == expected
    assert link.client("shop").settings == expected | {"client.id": "shop"}
    other = proxy.kafka_link({"metadata.broker.list": "127.0.0.1:1"}, name="other")
    assert other.settings == {"bootstrap.servers": other.address}
    proxy.stop()


@pytest.mark.broker
def test_all_of_a_client_goes_by_way_of_its_link(proxy, cluster, new_topic):
    """Also where it is led on by the broker, as a member of a group is."""
    topic = new_topic()
    link = proxy.kafka_link(cluster.settings, name="real")
    settings = link.client("all of it").settings
    producer = Producer(settings)
    producer.produce(topic.name, b"x" * 100_000)
    assert producer.flush(30) == 0
    group = {"group.id": f"{topic.name}.group", "auto.offset.reset": "earliest"}
    consumer = Consumer(settings | group)
    consumer.subscribe([topic.name])
    message = consumer.poll(30)
    assert len(message.value()) == 100_000
    consumer.commit(message, asynchronous=False)
    consumer.close()
    counts = proxy.links["all of it"].counts
    assert counts.bytes > 200_000
    assert link.counts.connections == 0


@pytest.mark.broker
def test_a_client_is_struck_wherever_it_is_led(proxy, cluster, new_topic):
    """And another one is not."""
    topic = new_topic()
    link = proxy.kafka_link(cluster.settings, name="struck")
    struck = link.client("struck one")
    struck.set(Faults(mode="reset"))
    with pytest.raises(KafkaException):
        AdminClient(struck.settings).list_topics(timeout=1)
    assert AdminClient(link.settings | {"client.id": "another"}).list_topics(topic.name).brokers
    struck.heal()
    assert AdminClient(struck.settings).list_topics(topic.name, timeout=30).brokers


@pytest.fixture
def three_brokers():
    """Return the settings of clients of a Kafka with three brokers: librdkafka's stand-in."""
    standing_in = Producer({"test.mock.num.brokers": 3, **NOWHERE})
    brokers = standing_in.list_topics(timeout=30).brokers.values()
    return {"bootstrap.servers": ",".join(f"{one.host}:{one.port}" for one in brokers)}, standing_in


def test_every_broker_of_a_cluster_is_reached_by_way_of_the_link(proxy, three_brokers):
    """Each at a port of its own; closed to all, every one of them refuses."""
    settings, standing_in = three_brokers
    link = proxy.kafka_link(settings, name="three")
    own = link.client("of three")
    known = AdminClient(link.settings).list_topics("spread", timeout=30)
    brokers = known.brokers
    leaders = {one.leader for one in known.topics["spread"].partitions.values()}
    ports = {broker.port for broker in brokers.values()}
    theirs = {broker.port for broker in standing_in.list_topics(timeout=30).brokers.values()}
    assert len(ports) == 3
    assert not ports & theirs
    producer = Producer(own.settings | {"reconnect.backoff.max.ms": 100})
    for partition in range(4):
        producer.produce("spread", b"x" * 50_000, partition=partition)
    assert producer.flush(30) == 0
    assert own.counts.bytes > 4 * 50_000
    assert own.counts.connections >= len(leaders)
    link.set(Faults(mode="refuse"))
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            connected(port)
    link.heal()
    producer.produce("spread", b"again", partition=3)
    until(lambda: producer.flush(1) == 0)


@pytest.mark.long
def test_a_group_of_a_cluster_is_reached_by_way_of_the_link(proxy, three_brokers):
    """Its coordinator is any of the brokers."""
    settings, _standing_in = three_brokers
    own = proxy.kafka_link(settings, name="groups").client("of a group")
    producer = Producer(own.settings)
    producer.produce("grouped", b"x" * 50_000)
    assert producer.flush(30) == 0
    for number in range(4):
        group = {"group.id": f"group {number}", "auto.offset.reset": "earliest"}
        consumer = Consumer(own.settings | group)
        consumer.subscribe(["grouped"])
        assert consumer.poll(30) is not None
        consumer.close()
    assert own.counts.bytes > 5 * 50_000
