"""Apache Kafka as a process on this machine, shared by everyone who needs it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventlab.broker.distribution import VERSION
    from eventlab.broker.external import ExternalCluster
    from eventlab.broker.installation import prepare
    from eventlab.broker.local import Broker
    from eventlab.broker.seat import Seat
    from eventlab.broker.seats import (
        end_local,
        end_running,
        join,
        present_seat,
        running_broker,
        start_and_keep,
    )

# Resolved on first use: the supervisor imports this room too, and needs none of it.
_MODULES = {
    "Broker": "local",
    "ExternalCluster": "external",
    "Seat": "seat",
    "VERSION": "distribution",
    "end_local": "seats",
    "end_running": "seats",
    "join": "seats",
    "prepare": "installation",
    "present_seat": "seats",
    "running_broker": "seats",
    "start_and_keep": "seats",
}

__all__ = [
    "VERSION",
    "Broker",
    "ExternalCluster",
    "Seat",
    "end_local",
    "end_running",
    "join",
    "prepare",
    "present_seat",
    "running_broker",
    "start_and_keep",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'eventlab.broker' has no attribute {name!r}")
    return getattr(import_module(f"eventlab.broker.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
