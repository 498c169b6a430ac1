"""A Kafka of your own, named by the environment: every notebook runs on it unchanged."""

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from eventlab.arguments import refused
from eventlab.broker.away import Away
from eventlab.broker.reaching import require_reached
from eventlab.broker.readiness import await_ready
from eventlab.broker.seat import Listener
from eventlab.checked import checked
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
        # An editor may have put a byte order mark at the beginning.
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{CONFIG} names {path}, which cannot be read",
            expected="a librdkafka properties file",
            found=str(error),
            remedy="Correct the path, or unset the variable.",
        ) from None
    settings: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text and not text.startswith("#"):
            key, value = _setting(path, number, text)
            settings[key] = value
    return settings


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


def refuse_for_external(command: str) -> None:
    """Raise BrokerError if the environment names a cluster: only its owner starts and stops it."""
    settings = external_settings()
    if settings:
        raise _refusal(command, settings["bootstrap.servers"])


def _refusal(command: str, cluster: str) -> BrokerError:
    return BrokerError(
        f"A cluster of your own cannot be made to {command} from here",
        expected="a broker that the lab started itself",
        found=f"{cluster}, named by {SERVERS} or {CONFIG}",
        remedy="Unset both and restart the kernel: the lab then starts a broker of its own, and "
        "stops only that.",
    )


class ExternalCluster:
    """Someone's own cluster: it can be used, and only its owner can start or stop it."""

    @checked
    def __init__(self, settings: dict[str, str]) -> None:
        if "bootstrap.servers" not in settings:
            raise refused("settings", settings, "bootstrap.servers among them", "lab.kafka")
        self._settings = dict(settings)

    def await_answer(self) -> None:
        """Return when a broker of the cluster answers at its own address.

        Raises BrokerError, and UsageError for settings that cannot be used.
        """
        from confluent_kafka import KafkaException

        try:
            await_ready(self._settings, _ANSWER_SECONDS)
            require_reached(self._settings, _ANSWER_SECONDS)
        except KafkaException as error:  # librdkafka refuses a setting
            raise UsageError(
                "The settings of your cluster cannot be used",
                expected=f"what librdkafka knows, in {SERVERS} and {CONFIG}",
                found=error.args[0].str(),
                remedy="Correct them, or unset both to use the broker of this machine.",
            ) from None

    # -- what it is -----------------------------------------------------------------------------

    @property
    def version(self) -> str:
        """Return that it is yours: no client learns which version a cluster has."""
        return "yours"

    @property
    def external(self) -> bool:
        """Return that it is someone's own cluster."""
        return True

    @property
    def status(self) -> str:
        """Return running: how an external cluster fares only its owner knows."""
        return "running"

    @property
    def reason(self) -> str:
        """Return nothing."""
        return ""

    @property
    def notice(self) -> str:
        """Return nothing."""
        return ""

    @property
    def users(self) -> list[str]:
        """Return nobody: who uses it only its owner knows."""
        return []

    @property
    def bootstrap_servers(self) -> str:
        """Return the addresses that clients begin with."""
        return self._settings["bootstrap.servers"]

    @property
    def client_settings(self) -> dict[str, str]:
        """Return the settings that any librdkafka client needs to reach it."""
        return dict(self._settings)

    @property
    def when_away(self) -> str:
        """Return what to do when it does not answer: only its owner can start it."""
        return (
            "Ask whoever runs it whether it is up, and check that this machine reaches the "
            "addresses that it gives for its brokers."
        )

    @property
    def away(self) -> Away | None:
        """Return None: how an external cluster fares only its owner knows."""
        return None

    @property
    def pid(self) -> int | None:
        """Return None: it has no process of ours."""
        return None

    @property
    def memory_megabytes(self) -> float:
        """Return 0: it takes no memory of this machine's."""
        return 0.0

    @checked
    def on_change(self, listener: Listener) -> Callable[[], None]:
        """Promise nothing: no state of an external cluster is reported to us."""
        return lambda: None

    # -- what one can do with it ----------------------------------------------------------------

    def close(self) -> None:
        """Leave the cluster as it is."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Do nothing where it answers; else refuse with BrokerError, which says why it does not."""
        try:
            self.await_answer()
        except BrokerError as error:
            raise _refusal("start", f"{self.bootstrap_servers}, {error.found}") from None

    def stop(self) -> None:
        """Refuse, with BrokerError."""
        self._refuse("stop")

    def kill(self) -> None:
        """Refuse, with BrokerError."""
        self._refuse("end")

    def restart(self) -> None:
        """Refuse, with BrokerError."""
        self._refuse("restart")

    def suspend(self) -> None:
        """Refuse, with BrokerError."""
        self._refuse("freeze")

    def resume(self) -> None:
        """Refuse, with BrokerError."""
        self._refuse("go on")

    def keep(self) -> None:
        """Refuse, with BrokerError."""
        self._refuse("stay")

    def end(self) -> None:
        """Refuse, with BrokerError."""
        self._refuse("end")

    def _refuse(self, command: str) -> None:
        raise _refusal(command, self.bootstrap_servers)
