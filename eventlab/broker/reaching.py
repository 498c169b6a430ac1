"""Whether this machine reaches a cluster's brokers under the addresses that they go by.

A client begins at an address that its user names. All that leads further is told by the cluster,
and may be a name that means something only where the cluster runs.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, as_completed
from typing import TYPE_CHECKING, Any

from eventlab.broker.readiness import admin
from eventlab.broker.trouble import Cause, Trouble
from eventlab.errors import BrokerError

if TYPE_CHECKING:  # it takes a tenth of a second to import
    from confluent_kafka.admin import BrokerMetadata

_NOT_REACHED = {"_TRANSPORT", "_ALL_BROKERS_DOWN", "_TIMED_OUT", "_TIMED_OUT_QUEUE", "_RESOLVE"}
_REMEDY = (
    "Let the cluster give its brokers addresses that this machine reaches (advertised.listeners), "
    "or let this machine know those names."
)


def require_reached(settings: Mapping[str, Any], seconds: float) -> None:
    """Return once one of a running cluster's brokers answers at its own address.

    Raises BrokerError when the time is up, and KafkaException.
    """
    from confluent_kafka.admin import ConfigResource, ResourceType

    trouble = Trouble()
    client = admin({**settings, "error_cb": trouble.note})
    brokers = client.list_topics(timeout=seconds).brokers
    questions = [[ConfigResource(ResourceType.BROKER, str(number))] for number in brokers]
    # Kept while we wait: librdkafka's answers are looked up in it.
    answers = [client.describe_configs(one, request_timeout=seconds) for one in questions]
    futures = [future for answer in answers for future in answer.values()]
    if not any(_came(future) for future in as_completed(futures)):
        raise _unreached(settings, brokers.values(), trouble.of(client))


def _came(answer: "Future[Any]") -> bool:
    """Tell whether a broker said anything, be it that it does not tell us its settings."""
    from confluent_kafka import KafkaException

    error = answer.exception()
    return not (isinstance(error, KafkaException) and error.args[0].name() in _NOT_REACHED)


def _unreached(
    settings: Mapping[str, Any], brokers: Iterable["BrokerMetadata"], cause: Cause
) -> BrokerError:
    addresses = [f"{broker.host}:{broker.port}" for broker in brokers]
    return BrokerError(
        f"Kafka at {settings['bootstrap.servers']} answers, and gives its brokers addresses at "
        "which none does",
        expected=f"an answer from {' or '.join(addresses[:3])}",
        found=cause.reason or "none",
        remedy=cause.remedy or _REMEDY,
    )
