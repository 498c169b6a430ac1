"""A learner's own Kafka that asks who comes: with SASL, with TLS, and with both."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from confluent_kafka import Consumer

from eventlab import Lab
from eventlab.broker import external
from eventlab.broker.external import CONFIG
from eventlab.doctor import examine
from eventlab.errors import BrokerError
from eventlab.log import Transactions, groups, lag, read
from eventlab.services import Faults, publish
from tests.clusters.secured import SECRET, secured
from tests.lab.flows import countries
from tests.lab.orders import orders
from tests.waiting import until

pytestmark = [pytest.mark.broker, pytest.mark.long, pytest.mark.timeout(600)]

PROTOCOLS = ["SSL", "SASL_PLAINTEXT", "SASL_SSL"]


@pytest.fixture(scope="module")
def kafka(tmp_path_factory):
    """Return a running Kafka that asks who comes."""
    with secured(tmp_path_factory.mktemp("secured kafka")) as running:
        yield running


@pytest.fixture
def named(kafka, tmp_path, monkeypatch):
    """Return what names the Kafka in a file of settings, as its user would, some of it changed."""

    def name(protocol: str, **changed: str) -> None:
        path = tmp_path / "mine.properties"
        path.write_text(kafka.properties(protocol, **changed), encoding="utf-8")
        monkeypatch.setenv(CONFIG, str(path))

    return name


@pytest.fixture(params=PROTOCOLS)
def lab(named, request):
    """Return a lab that is let in."""
    named(request.param)
    with Lab(chapter="secured") as lab:
        yield lab


def broker_finding():
    """Return what the doctor says of the broker."""
    (found,) = (finding for finding in examine() if finding.what == "Broker")
    return found


def test_who_is_let_in_writes_and_reads(lab):
    """With the lab and with a plain client that has the lab's settings."""
    topic = lab.new_topic("orders", partitions=2)
    assert lab.produce(orders(100), into=topic, key="customer_id").acknowledged == 100
    assert len(lab.read(topic)) == sum(topic.end_offsets().values()) == 100
    group = lab.name("reader")
    reader = Consumer(lab.kafka | {"group.id": group, "auto.offset.reset": "earliest"})
    reader.subscribe([topic.name])
    assert len(reader.consume(100, timeout=30)) == 100
    reader.close()
    assert lag(lab.cluster, group)["lag"].sum() == 0
    assert groups(lab.cluster, group)["group"].tolist() == [group]
    assert broker_finding().state == "ok"


@pytest.mark.parametrize("where", ["thread", "process"])
def test_its_flows_are_let_in(lab, where):
    """Those in a process of their own too."""
    lab.new_topic("orders")
    lab.new_topic("counts")
    lab.produce(orders(100), into="orders")
    assert lab.run(countries(lab, bounded=True), where=where).wait(60)
    assert lab.read("counts").groupby("key")["value"].max().sum() == 100


def test_its_transactions_are_let_in(lab):
    """What is read is written once."""
    one, two = lab.new_topic("one"), lab.new_topic("two")
    lab.produce([("k", n) for n in range(20)], into=one)
    copying = {"group": lab.name("copies"), "name": lab.name("copies")}

    def copied(message):
        return [(two, ("k", message.value()))]

    with Transactions(lab.cluster, [one], copied, **copying) as copies:
        until(lambda: copies.step())
    until(lambda: len(read(two).events) == 20)
    assert lab.read(two)["value"].tolist() == [*range(20)]


@pytest.mark.parametrize(
    ("protocol", "changed", "found", "remedy"),
    [
        ("SASL_PLAINTEXT", {"sasl_password": "wr-ong"}, "invalid credentials", "sasl.password"),
        ("SASL_SSL", {"sasl_username": "bob"}, "invalid credentials", "sasl.username"),
        ("SASL_SSL", {"sasl_mechanisms": "PLAIN"}, "supported mechanisms", "sasl.mechanisms"),
        ("SSL", {"ssl_ca_location": "foreign"}, "could not be verified", "ssl.ca.location"),
        ("SASL_SSL", {"ssl_ca_location": "foreign"}, "could not be verified", "ssl.ca.location"),
    ],
)
def test_who_is_not_let_in_is_told_why_at_once(
    kafka, named, monkeypatch, protocol, changed, found, remedy
):
    """One error, with what to correct, however long an answer may take; no password is shown."""
    monkeypatch.setattr(external, "_ANSWER_SECONDS", 3600.0)
    if "ssl_ca_location" in changed:
        changed = {"ssl_ca_location": str(kafka.foreign.pem)}
    named(protocol, **changed)
    with pytest.raises(BrokerError, match="cannot be used with these settings") as caught:
        Lab(chapter="secured")
    assert caught.value.expected
    assert found in caught.value.found
    assert remedy in caught.value.remedy
    assert SECRET not in str(caught.value)
    assert "wr-ong" not in str(caught.value)
    assert broker_finding().state == "missing"


@pytest.mark.parametrize("protocol", ["SSL", "SASL_PLAINTEXT"])
def test_another_protocol_than_the_listener_s_is_an_error(named, monkeypatch, protocol):
    """A client that greets in plain words is hung up on, and told to compare the protocols."""
    monkeypatch.setattr(external, "_ANSWER_SECONDS", 1.0)
    named(protocol, security_protocol="PLAINTEXT")
    with pytest.raises(BrokerError, match="does not answer") as caught:
        Lab(chapter="secured")
    assert "security.protocol" in caught.value.remedy


async def shop(request):
    """Write an order, and say that it is written."""
    await publish("orders", await request.json(), key="order_id")
    return {"accepted": True}


def test_the_way_of_a_service_to_it_can_be_broken(lab):
    """Whatever it speaks: the proxy speaks it in the service's place."""
    topic = lab.new_topic("orders")
    service = lab.serve("shop", shop, log_link=True)
    order = {"order_id": "1"}
    assert service.ask("/", json=order) == {"accepted": True}
    way = lab.link("shop", "log")
    assert way.counts.bytes > 0
    way.set(Faults(mode="hang"))
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(service.ask, "/", json=order)
        assert topic.end_offsets() == {0: 1}
        way.heal()
        assert answer.result() == {"accepted": True}
    assert topic.end_offsets() == {0: 2}
