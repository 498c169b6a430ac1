"""Understand event-driven systems by running them: a real Kafka, real streams, live charts."""

from typing import TYPE_CHECKING

from eventlab.errors import EventlabError

if TYPE_CHECKING:
    from eventlab.lab import Lab
else:

    def __getattr__(name: str) -> object:
        # Lab brings pandas and IPython. The supervisor of the broker, the processes that run flows
        # and the command line import this package too, and need neither.
        if name == "Lab":
            from eventlab.lab import Lab

            return Lab
        raise AttributeError(f"module 'eventlab' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return __all__


__all__ = ["EventlabError", "Lab"]
