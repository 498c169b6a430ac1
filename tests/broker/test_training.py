"""The broker that is run so that the JVM learns what to keep (its success: test_installation)."""

import sys

import pytest

from eventlab.broker.training import train
from eventlab.errors import BrokerError
from tests.broker.homes import processes_of
from tests.waiting import until

GIVES_UP = """
print("ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)")
print("java.lang.RuntimeException: a reason of its own")
raise SystemExit(1)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return template, archive and folder of a training, in a home of this test."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    template, folder = tmp_path / "cache" / "template", tmp_path / "cache" / "making"
    template.mkdir(parents=True)
    folder.mkdir()
    yield template, folder / "archive", folder
    until(lambda: not processes_of(tmp_path))


def test_a_training_that_fails_is_one_error_and_leaves_no_process(place):
    """Kafka's reason is reported, and broker and supervisor are gone."""
    with pytest.raises(BrokerError, match=r"Starting Kafka failed: .*found .*a reason of its own"):
        train([sys.executable, "-c", GIVES_UP], *place)


@pytest.mark.broker
def test_a_jvm_that_writes_no_archive_is_one_error(place, broker, monkeypatch):
    """A broker that ran and ended in order, and yet no file: that is reported."""
    port = broker.bootstrap_servers.rsplit(":")[-1]
    lines = [f"Awaiting socket connections on 127.0.0.1:{p}." for p in (1, port)]
    lines.append("Kafka Server started")
    script = "import time\n" + "".join(f"print({line!r}, flush=True)\n" for line in lines)
    monkeypatch.setattr("eventlab.broker.training.create_topic", lambda *_args: None)
    with pytest.raises(BrokerError, match="Making the start-up archive failed"):
        train([sys.executable, "-c", script + "time.sleep(60)"], *place)
