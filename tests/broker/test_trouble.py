"""Why a client reaches nobody, in words."""

import time

import pytest
from confluent_kafka import KafkaError

from eventlab.broker import readiness
from eventlab.broker.trouble import Trouble, in_words


class Client:
    """A client that tells its errors when it is polled."""

    def __init__(self, trouble: Trouble, *errors: KafkaError):
        self._trouble = trouble
        self._errors = [*errors]

    def poll(self, _timeout):
        while self._errors:
            self._trouble.note(self._errors.pop(0))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            "a.b:9092/bootstrap: Failed to resolve 'a.b:9092': Name or service not known "
            "(after 0ms in state CONNECT)",
            "the name a.b, which could not be resolved",
        ),
        (
            "sasl_ssl://a.b:9/1: Failed to resolve 'a.b:9': Temporary failure",
            "the name a.b, which could not be resolved",
        ),
        (
            "a:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused "
            "(after 0ms in state CONNECT)",
            "a:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused",
        ),
    ],
)
def test_what_librdkafka_tells_aside_is_put_in_words(told, words):
    """A name that nobody knows is named; all else is as it was told, without its state."""
    assert in_words(told) == words


def test_the_last_thing_that_says_something_is_told_once():
    """That all brokers are down says nothing; the next call begins anew."""
    trouble = Trouble()
    told = [KafkaError(KafkaError._RESOLVE, "first"), KafkaError(KafkaError._SSL, "second")]
    client = Client(trouble, *told, KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 are down"))
    assert [trouble.of(client).reason, trouble.of(client).reason] == ["second", ""]


@pytest.mark.parametrize(
    ("code", "setting"),
    [(KafkaError._AUTHENTICATION, "sasl.password"), (KafkaError._SSL, "ssl.ca.location")],
)
def test_what_does_not_pass_has_a_remedy(code, setting):
    """Nobody waits for a wrong password to become right."""
    trouble = Trouble()
    told = trouble.of(Client(trouble, KafkaError(code, "refused")))
    assert told.reason == "refused"
    assert setting in told.remedy


def test_what_was_told_long_ago_is_over(monkeypatch):
    """A client that only waits is not told of what it had before."""
    trouble = Trouble()
    client = Client(trouble)
    told_at = time.monotonic()
    for age, words in ((11, ""), (9, "refused")):
        trouble.note(KafkaError(KafkaError._SSL, "refused"))
        monkeypatch.setattr(time, "monotonic", lambda now=told_at + age + 1: now)
        trouble._told_at = told_at + 1
        assert trouble.of(client, within_seconds=10).reason == words


def test_what_may_pass_has_none():
    """A name that is not known yet, and a connection that is refused, are waited for."""
    trouble = Trouble()
    client = Client(trouble, KafkaError(KafkaError._RESOLVE), KafkaError(KafkaError._TRANSPORT))
    assert trouble.of(client).remedy == ""


@pytest.mark.processes
def test_a_name_that_cannot_be_resolved_is_found_by_a_real_client():
    """librdkafka itself is asked, and what it says aside stands in the one error."""
    with pytest.raises(
        readiness.BrokerError, match=r"name no\.such\.host\.invalid, which could not"
    ):
        readiness.await_ready({"bootstrap.servers": "no.such.host.invalid:9092"}, 0.3)
