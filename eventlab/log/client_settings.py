"""The settings that clients begin with: a member of a group that died is soon known to be dead."""

from collections.abc import Mapping
from typing import Any

# With the default of a second, poll() stalls as soon as 100,000 messages wait: 150,000 messages
# a second in place of 650,000. A producer passes over it; at log level 0 it does so in silence.
# By default a client waits up to ten seconds before it looks whether the broker is back, and a
# group for 45 seconds before it gives the partitions of a member that died to another. Less than
# six a Kafka does not allow unless it is told to, as ours is (group.min.session.timeout.ms).
_DEFAULTS = {
    "fetch.queue.backoff.ms": 10,
    "reconnect.backoff.max.ms": 500,
    "log_level": 0,
    "session.timeout.ms": 6000,
    "heartbeat.interval.ms": 500,
}

# Under the consumer protocol (KIP-848) the broker says these, and librdkafka refuses them.
_CLASSIC_ALONE = {"session.timeout.ms", "heartbeat.interval.ms"}


class ClientSettings(dict[str, Any]):
    """librdkafka's settings, by their names with dots, to be completed with `| {...}`.

    Where that asks for group.protocol=consumer, ours go that only the classic protocol takes.
    """

    def __or__(self, more: Mapping[str, Any]) -> "ClientSettings":  # type: ignore[override]  # a dict may get other types of keys; settings have names
        """Return these settings with `more`, which wins."""
        merged = ClientSettings({**self, **more})
        if merged.get("group.protocol") == "consumer":
            for name in _CLASSIC_ALONE - more.keys():
                merged.pop(name, None)
        return merged


def client_settings(cluster: Mapping[str, Any]) -> ClientSettings:
    """Return what clients of a cluster begin with; what `cluster` says of it wins."""
    return ClientSettings(_DEFAULTS) | cluster
