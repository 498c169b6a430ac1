"""Understand event-driven systems by running them: a real Kafka, real streams, live charts."""

from importlib import import_module

# The public names and the room each lives in. Resolved on first use, so that importing eventlab
# starts nothing and costs nothing (the supervisor and the command line import it too).
_ROOMS = {
    "EventlabError": "errors",
    "Lab": "lab",
}

__all__ = sorted(_ROOMS)


def __getattr__(name: str):
    if name not in _ROOMS:
        raise AttributeError(f"module 'eventlab' has no attribute {name!r}")
    return getattr(import_module(f"eventlab.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return __all__
