"""A learner's own Kafka that answers, and gives its brokers addresses at which none is."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from eventlab import Lab
from eventlab.broker import external
from eventlab.broker.external import SERVERS
from eventlab.doctor import examine
from eventlab.errors import BrokerError
from eventlab.log import Cluster, Topic, groups, lag, produce, read
from eventlab.streams import Table
from tests.clusters.launching import Listener, running
from tests.clusters.releases import OURS

pytestmark = [pytest.mark.broker, pytest.mark.long, pytest.mark.timeout(600)]

LOST, CLOSED = "no.such.host.invalid:9092", "127.0.0.1:1"
REASONS = {LOST: "name no.such.host.invalid, which could not be resolved", CLOSED: "refused"}

QUESTIONS = {
    "end_offsets": Topic.end_offsets,
    "describe": Topic.describe,
    "settings": Topic.settings,
    "read": read,
    "reset": Topic.reset,
    "delete": Topic.delete,
    "groups": lambda topic: groups(topic.cluster),
    "lag": lambda topic: lag(topic.cluster, "nobody"),
    "table": lambda topic: Table(topic).start(),
}


@pytest.fixture(scope="module")
def kafka(tmp_path_factory):
    """Return the addresses of a running Kafka by what it advertises there; it has a topic."""
    listeners = [
        Listener("LOST", "PLAINTEXT", advertised=LOST),
        Listener("CLOSED", "PLAINTEXT", advertised=CLOSED),
    ]
    with running(OURS, tmp_path_factory.mktemp("unreachable kafka"), listeners) as plain:
        topic = Topic(Cluster({"bootstrap.servers": plain}), "there").create()
        produce(topic, [("k", n) for n in range(10)])
        yield {one.advertised: one.address for one in listeners}


@pytest.mark.parametrize("advertised", [LOST, CLOSED])
def test_a_lab_on_it_is_one_error(kafka, monkeypatch, advertised):
    """What the cluster says of its brokers, and why it is not so; the doctor says the same."""
    monkeypatch.setattr(external, "_ANSWER_SECONDS", 3.0)
    monkeypatch.setenv(SERVERS, kafka[advertised])
    with pytest.raises(BrokerError, match=f"Kafka at {kafka[advertised]} answers") as caught:
        Lab(chapter="unreachable")
    assert caught.value.expected == f"an answer from {advertised}"
    assert REASONS[advertised] in caught.value.found
    assert "lab.broker" not in caught.value.remedy
    (found,) = (finding for finding in examine() if finding.what == "Broker")
    assert (found.state, REASONS[advertised] in found.found) == ("missing", True)


@pytest.mark.parametrize("advertised", [LOST, CLOSED])
def test_whoever_lost_it_is_told_why(kafka, advertised):
    """Every question ends in an error that names the reason, and none in an offset or no rows."""
    settings = {"bootstrap.servers": kafka[advertised]}

    def asked(question) -> str:
        with pytest.raises(BrokerError) as caught:
            question(Topic(Cluster(settings, "Ask Ann."), "there"))
        assert caught.value.remedy == "Ask Ann."
        return caught.value.found

    with ThreadPoolExecutor(len(QUESTIONS)) as pool:
        found = dict(zip(QUESTIONS, pool.map(asked, QUESTIONS.values()), strict=True))
    assert {name: text for name, text in found.items() if REASONS[advertised] not in text} == {}
