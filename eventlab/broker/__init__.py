"""Apache Kafka as a process on this machine, shared by everyone who needs it."""

from importlib import import_module

# Resolved on first use: the supervisor imports this room too, and needs none of it.
_MODULES = {
    "Broker": "local",
    "ExternalCluster": "external",
    "VERSION": "distribution",
    "join": "local",
    "prepare": "installation",
    "running_broker": "local",
}

__all__ = sorted(_MODULES)


def __getattr__(name: str):
    if name not in _MODULES:
        raise AttributeError(f"module 'eventlab.broker' has no attribute {name!r}")
    return getattr(import_module(f"eventlab.broker.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
