"""When a broker counts as up, and what is said when it never is."""

import shutil
import socket

import pytest
from confluent_kafka import KafkaError, KafkaException

from eventlab.broker import readiness
from eventlab.broker.readiness import await_groups, await_ready, create_topic, failed_java
from eventlab.errors import BrokerError, StorageError

pytestmark = pytest.mark.processes


@pytest.mark.broker
def test_a_broker_in_the_metadata_is_ready(broker):
    """A real broker answers, and a topic can be made."""
    assert await_ready(broker.client_settings)
    create_topic(broker.client_settings, "tests.readiness")


def test_an_open_port_is_not_enough(capfd):
    """A port that listens and says nothing is no answer, and librdkafka writes nothing."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        servers = f"127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(BrokerError) as caught:
            await_ready({"bootstrap.servers": servers}, 0.3)
    assert f"Kafka at {servers} does not answer" in str(caught.value)
    assert caught.value.expected == "an answer within 0.3 s"
    assert caught.value.found
    assert capfd.readouterr().err == ""


class Nowhere:
    """An admin client that is told once why it reaches nobody, and then only fails."""

    def __init__(self, settings):
        self._errors = [KafkaError(KafkaError._RESOLVE, "Failed to resolve 'a.b:1': unknown")]
        self._note = settings["error_cb"]

    def list_topics(self, timeout):
        raise KafkaException(KafkaError(KafkaError._TRANSPORT, "transport failure"))

    def poll(self, _timeout):
        while self._errors:
            self._note(self._errors.pop())


def test_what_was_told_once_is_not_forgotten(monkeypatch):
    """librdkafka waits longer and longer before it tries again, and says nothing meanwhile."""
    monkeypatch.setattr(readiness, "admin", Nowhere)
    with pytest.raises(BrokerError, match=r"found the name a\.b, which could not be resolved"):
        await_ready({"bootstrap.servers": "a.b:1"}, 0.1)


def test_waiting_in_vain_ends_at_once():
    """Whoever knows that the broker is gone does not wait out the time."""
    answers = iter([True, False])
    settings = {"bootstrap.servers": "127.0.0.1:1"}
    assert await_ready(settings, 60, worth_waiting=lambda: next(answers)) is False


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        ("java.io.IOException: No space left on device", StorageError),
        ("java.nio.file.AccessDeniedException: /x", StorageError),
        ("ERROR Exiting Kafka\nConfigException: bad value", BrokerError),
    ],
)
def test_the_output_decides_the_error(tmp_path, monkeypatch, output, kind):
    """A full disk and a forbidden folder are reported as such, all else with Java's own reason."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    (tmp_path / "cache").mkdir()
    error = failed_java("Formatting", output)
    assert type(error) is kind
    assert output.splitlines()[-1] in str(error) or "is full" in str(error)


def test_a_full_disk_is_seen_even_when_java_does_not_say_so(tmp_path, monkeypatch):
    """With no space left whatever Java says is its consequence."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    (tmp_path / "cache").mkdir()
    usage = shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr(readiness.shutil, "disk_usage", lambda _folder: usage)
    assert "is full" in str(failed_java("Formatting", "java.lang.InternalError"))


def test_groups_that_are_served_are_ready(broker):
    """A real broker tells what a group has committed, though nobody has ever been in it."""
    assert await_groups(broker.client_settings)


def test_waiting_for_groups_in_vain_ends_at_once():
    """Whoever knows that the broker is gone does not wait out the time, and no client is left."""
    answers = iter([True, True, False])
    settings = {"bootstrap.servers": "127.0.0.1:1"}
    assert await_groups(settings, 60, worth_waiting=lambda: next(answers)) is False


def test_groups_that_are_never_served_are_one_error():
    """A broker without a coordinator of groups is not up, and the error says what is missing."""
    with pytest.raises(BrokerError, match="groups are not served yet"):
        await_groups({"bootstrap.servers": "127.0.0.1:1"}, 0.3)
