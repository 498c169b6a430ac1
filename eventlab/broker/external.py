"""A Kafka of your own, named by the environment: every notebook runs on it unchanged."""

import os
from pathlib import Path

from eventlab.broker.readiness import await_ready
from eventlab.errors import BrokerError, UsageError

SERVERS = "EVENTLAB_BOOTSTRAP_SERVERS"
CONFIG = "EVENTLAB_KAFKA_CONFIG"
_ANSWER_SECONDS = 10.0


def external_settings() -> dict[str, str]:
    """Return librdkafka's settings for the cluster that the environment names, {} if none.

    EVENTLAB_KAFKA_CONFIG names a librdkafka properties file (SASL, TLS, ...);
    EVENTLAB_BOOTSTRAP_SERVERS wins over the addresses in it. Raises UsageError.
    """
    config = os.environ.get(CONFIG)
    settings = _properties(Path(config).expanduser()) if config else {}
    if servers := os.environ.get(SERVERS):
        settings["bootstrap.servers"] = servers
    if config and "bootstrap.servers" not in settings:
        raise UsageError(
            f"{config} names no cluster",
            expected=f"a line bootstrap.servers=host:port, or {SERVERS}",
            found=", ".join(settings) or "no settings",
            remedy="Add the address, or unset the variable to use the broker of this machine.",
        )
    return settings


def _properties(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{CONFIG} names {path}, which cannot be read",
            expected="a librdkafka properties file",
            found=str(error),
            remedy="Correct the path, or unset the variable.",
        ) from None
    spoken = [(number, line.strip()) for number, line in enumerate(lines, 1)]
    said = [(number, line) for number, line in spoken if line and not line.startswith("#")]
    return dict(_setting(path, number, line) for number, line in said)


def _setting(path: Path, number: int, line: str) -> tuple[str, str]:
    key, equals, value = line.partition("=")
    if not equals or not key.strip():
        raise UsageError(
            f"Line {number} of {path} is no setting",
            expected="key=value",
            found=f"{len(line)} letters without it",  # not shown: it may hold a password
            remedy="Correct the line, or put # before it.",
        )
    return key.strip(), value.strip()


class ExternalCluster:
    """Someone's own cluster: it can be used, and only its owner can stop it."""

    version = "yours"
    external = True
    status = "running"
    reason = notice = ""
    pid = None
    memory_megabytes = 0.0

    def __init__(self, settings: dict[str, str]):
        from confluent_kafka import KafkaException

        self.client_settings = dict(settings)
        try:
            await_ready(self.client_settings, _ANSWER_SECONDS)
        except KafkaException as error:  # librdkafka refuses a setting
            raise UsageError(
                "The settings of your cluster cannot be used",
                expected=f"what librdkafka knows, in {SERVERS} and {CONFIG}",
                found=error.args[0].str(),
                remedy="Correct them, or unset both to use the broker of this machine.",
            ) from None

    @property
    def bootstrap_servers(self) -> str:
        """Return the addresses that clients begin with."""
        return self.client_settings["bootstrap.servers"]

    @property
    def users(self) -> list[str]:
        """Return nobody: an external cluster does not tell."""
        return []

    def on_change(self, _listener):
        """Promise nothing: nobody tells us how an external cluster fares."""
        return lambda: None

    def close(self) -> None:
        """Leave the cluster as it is."""

    def __enter__(self) -> "ExternalCluster":
        return self

    def __exit__(self, *_error) -> None:
        self.close()

    def _refuse(self, wish: str) -> None:
        raise BrokerError(
            f"A cluster of your own cannot be made to {wish} from here",
            found=f"{SERVERS} or {CONFIG} is set",
            remedy="Unset both and restart the kernel: the lab then starts a broker it may break.",
        )

    def start(self) -> None:
        """Refuse."""
        self._refuse("start")

    def stop(self) -> None:
        """Refuse."""
        self._refuse("stop")

    def kill(self) -> None:
        """Refuse."""
        self._refuse("kill")

    def restart(self) -> None:
        """Refuse."""
        self._refuse("restart")

    def suspend(self) -> None:
        """Refuse."""
        self._refuse("suspend")

    def resume(self) -> None:
        """Refuse."""
        self._refuse("resume")
