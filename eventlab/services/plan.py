"""What the process of a service is sent at first, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from eventlab.errors import EventlabError
from eventlab.services.inside import Place

STOP = b"s"


@dataclass(frozen=True)
class Plan:
    """What a service runs; `work` is pickled, so that `path` counts when it is read."""

    place: Place
    work: bytes
    path: list[str]
    sources: Mapping[str, list[str]]
    descriptor: int = -1
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Ready:
    """It takes requests, or events, from now on."""


@dataclass(frozen=True)
class Trouble:
    """Something failed, and the service goes on; `times` since the last of these."""

    error: EventlabError
    times: int = 1


@dataclass(frozen=True)
class Failed:
    """What ended it."""

    error: EventlabError
