"""Apache Flink's SQL gateway as a process on this machine: optional, and installed on request."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventlab.flink.engine import Flink
    from eventlab.flink.installing import cost, why_not

# Resolved on first use: the process that holds Flink imports this room too, and needs none of it.
_MODULES = {"Flink": "engine", "cost": "installing", "why_not": "installing"}

__all__ = ["Flink", "cost", "why_not"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'eventlab.flink' has no attribute {name!r}")
    return getattr(import_module(f"eventlab.flink.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
