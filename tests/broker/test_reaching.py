"""Whether a cluster's brokers are reached under the addresses that they go by."""

from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException

from eventlab.broker import reaching
from eventlab.broker.reaching import require_reached
from eventlab.errors import BrokerError

SETTINGS = {"bootstrap.servers": "door:9092"}
LOST, REFUSED = KafkaError._TIMED_OUT, KafkaError.CLUSTER_AUTHORIZATION_FAILED


class Cluster:
    """The admin client of a cluster that names brokers; each answers with a code, or settings."""

    def __init__(self, *codes: int | None):
        self._codes = codes

    def list_topics(self, timeout):
        numbered = range(len(self._codes))
        return SimpleNamespace(brokers={n: SimpleNamespace(host=f"b{n}", port=n) for n in numbered})

    def describe_configs(self, resources, request_timeout):
        (resource,) = resources
        code = self._codes[int(resource.name)]
        answer = Future()
        if code is None:
            answer.set_result({})
        else:
            answer.set_exception(KafkaException(KafkaError(code)))
        return {resource: answer}

    def poll(self, _timeout):
        """Hand over that a name is unknown."""
        self.note(KafkaError(KafkaError._RESOLVE, "Failed to resolve 'b0:0': Unknown"))


@pytest.fixture
def cluster(monkeypatch):
    """Return what puts a cluster in the place of a real one."""

    def put(*codes: int | None) -> None:
        made = Cluster(*codes)

        def admin(settings):
            made.note = settings["error_cb"]
            return made

        monkeypatch.setattr(reaching, "admin", admin)

    return put


def test_a_real_broker_is_reached(broker):
    """It answers at the address that it gives."""
    require_reached(broker.client_settings, 30.0)


@pytest.mark.parametrize("codes", [[None], [REFUSED], [LOST, None], [LOST, LOST, REFUSED]])
def test_any_answer_of_one_of_them_is_enough(cluster, codes):
    """Others may be down; and whoever may not ask for settings has been heard."""
    cluster(*codes)
    require_reached(SETTINGS, 30.0)


def test_a_cluster_whose_brokers_are_nowhere_is_one_error(cluster):
    """What answered, what does not, and why: the name that cannot be resolved."""
    cluster(LOST, LOST)
    with pytest.raises(BrokerError, match="Kafka at door:9092 answers") as caught:
        require_reached(SETTINGS, 30.0)
    assert caught.value.expected == "an answer from b0:0 or b1:1"
    assert caught.value.found == "the name b0, which could not be resolved"
    assert "advertised.listeners" in caught.value.remedy
