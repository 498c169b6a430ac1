"""A cluster of the user's own, named by the environment."""

import pytest

from eventlab.broker import ExternalCluster, external, join
from eventlab.broker.external import CONFIG, SERVERS, external_settings, refuse_for_external
from eventlab.errors import BrokerError, UsageError

REFUSED = {
    "stop": "stop",
    "kill": "end",
    "restart": "restart",
    "suspend": "freeze",
    "resume": "go on",
    "keep": "stay",
    "end": "end",
}


@pytest.fixture
def config(tmp_path, monkeypatch):
    """Return what writes a properties file and names it in the environment."""

    def write(text: str | bytes):
        path = tmp_path / "mine.properties"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        monkeypatch.setenv(CONFIG, str(path))
        return path

    return write


def test_nothing_named_is_nothing(monkeypatch):
    """Without the variables, or with empty ones, there is no external cluster."""
    assert external_settings() == {}
    monkeypatch.setenv(SERVERS, "")
    monkeypatch.setenv(CONFIG, "")
    assert external_settings() == {}


def test_a_byte_order_mark_belongs_to_no_name(config):
    """Some editors on Windows put one at the beginning."""
    config(b"\xef\xbb\xbfbootstrap.servers=a:1\n")
    assert external_settings() == {"bootstrap.servers": "a:1"}


def test_a_properties_file_is_read(config, monkeypatch):
    """Comments and blanks are passed over; a value may hold an equals sign; the variable wins."""
    config("# mine\n\n bootstrap.servers = a:1 \nsasl.password=x=y\n")
    assert external_settings() == {"bootstrap.servers": "a:1", "sasl.password": "x=y"}
    monkeypatch.setenv(SERVERS, "b:2")
    assert external_settings()["bootstrap.servers"] == "b:2"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bootstrap.servers=a:1\nsasl.password hunter2\n", "Line 2 of .* is no setting"),
        ("=value\n", "Line 1 of .* is no setting"),
        ("sasl.username=me\n", "names no cluster"),
        ("", "names no cluster"),
        (b"bootstrap.servers=\xff\n", "cannot be read"),
    ],
)
def test_a_broken_file_is_one_error(config, text, said):
    """The file and the line are named, and no password is shown."""
    path = config(text)
    with pytest.raises(UsageError, match=said) as caught:
        join()
    assert str(path) in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.remedy


def test_a_file_that_is_not_there_is_one_error(monkeypatch):
    """The variable and the path are named."""
    monkeypatch.setenv(CONFIG, "/nowhere/mine.properties")
    with pytest.raises(UsageError, match=f"{CONFIG} names /nowhere/mine.properties"):
        join()


@pytest.mark.parametrize("setting", ["no.such.setting=1", "socket.timeout.ms=soon"])
def test_a_setting_that_librdkafka_refuses_is_one_error(config, setting):
    """An unknown name or a wrong value is reported in librdkafka's words, with both variables."""
    config(f"bootstrap.servers=127.0.0.1:1\n{setting}\n")
    with pytest.raises(UsageError, match=f"cannot be used.*{setting.partition('=')[0]}") as caught:
        join()
    assert "KafkaError" not in str(caught.value)


def test_one_that_does_not_answer_is_one_error(monkeypatch):
    """The address and how long was waited are reported."""
    monkeypatch.setattr(external, "_ANSWER_SECONDS", 0.3)
    monkeypatch.setenv(SERVERS, "127.0.0.1:1")
    with pytest.raises(BrokerError, match=r"Kafka at 127.0.0.1:1 does not answer.*within 0\.3 s"):
        join()


def test_nobody_is_told_to_start_it():
    """What to do when it is away is not what is refused."""
    remedy = ExternalCluster({"bootstrap.servers": "127.0.0.1:1"}).when_away
    assert remedy.endswith(".")
    assert "lab.broker" not in remedy


@pytest.mark.broker
def test_it_is_used_and_never_touched(broker, monkeypatch):
    """Any notebook runs on it; what only its owner may do is refused."""
    monkeypatch.setenv(SERVERS, broker.bootstrap_servers)
    with join("me") as cluster:
        assert isinstance(cluster, ExternalCluster)
        assert cluster.client_settings == {"bootstrap.servers": broker.bootstrap_servers}
        assert (cluster.status, cluster.users, cluster.pid) == ("running", [], None)
        cluster.on_change(print)()
        for command, words in REFUSED.items():
            with pytest.raises(BrokerError, match=f"cannot be made to {words} from here") as caught:
                getattr(cluster, command)()
            assert "only that" in caught.value.remedy
    assert broker.status == "running"


@pytest.mark.broker
def test_one_that_runs_is_not_refused_a_start(broker):
    """A chapter that starts the broker again goes on, as it does where ours is running."""
    ExternalCluster(broker.client_settings).start()


def test_one_that_is_away_cannot_be_started(monkeypatch):
    """Why it does not answer is said."""
    monkeypatch.setattr(external, "_ANSWER_SECONDS", 0.3)
    cluster = ExternalCluster({"bootstrap.servers": "127.0.0.1:1"})
    with pytest.raises(BrokerError, match=r"made to start from here.*127.0.0.1:1.*refused.*named"):
        cluster.start()


def test_only_an_external_cluster_is_refused(monkeypatch):
    """Without one the command goes on; with one its address and the remedy are in the error."""
    refuse_for_external("start")
    monkeypatch.setenv(SERVERS, "kafka.example:9092")
    with pytest.raises(BrokerError, match=r"made to start from here.*kafka\.example:9092.*Unset"):
        refuse_for_external("start")
