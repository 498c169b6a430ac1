"""Why a client cannot reach its cluster: librdkafka tells it aside, and not in its errors."""

import math
import re
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:  # it takes a tenth of a second to import
    from confluent_kafka import KafkaError

_NAME = re.compile(r"Failed to resolve '(?:\w+://)?(?P<name>.+?)(?::\d+)?'")
_ASIDE = re.compile(r" \(after \d+ms in state \w+.*\)$")
_SAYS_NOTHING = "_ALL_BROKERS_DOWN"

# However long one waits, these do not pass.
_REMEDIES = {
    "_AUTHENTICATION": "Correct sasl.mechanisms, sasl.username and sasl.password, and compare "
    "security.protocol with what the cluster's listener asks.",
    "_SSL": "Let ssl.ca.location name the certificate of the authority that has signed the "
    "broker's, and compare security.protocol with what the cluster's listener asks.",
}


class Polled(Protocol):
    """A client that hands over what librdkafka has to say when it is polled."""

    def poll(self, timeout: float) -> object:
        """Hand it over."""


class Cause(NamedTuple):
    """Why a client reached nobody, and what helps; "" where it was not told, or waiting may help.

    What helps is a whole sentence.
    """

    reason: str = ""
    remedy: str = ""


class Trouble:
    """Remember what a client was told last; pass `note` to it as its `error_cb`."""

    def __init__(self) -> None:
        self._cause = Cause()
        self._heard_at = 0.0

    def note(self, error: "KafkaError") -> None:
        """Remember an error that says more than that nobody answers."""
        if error.name() != _SAYS_NOTHING:
            self._cause = Cause(in_words(error.str()), _REMEDIES.get(error.name(), ""))
            self._heard_at = time.monotonic()

    def of(self, client: Polled, within_seconds: float = math.inf) -> Cause:
        """Return why `client` reached nobody since the last call, if it was told so lately."""
        client.poll(0)
        cause = self._cause
        self._cause = Cause()
        is_over = time.monotonic() - self._heard_at > within_seconds
        return Cause() if is_over else cause


def in_words(text: str) -> str:
    """Return what librdkafka tells, with the name alone where one could not be resolved."""
    unknown = _NAME.search(text)
    if unknown:
        return f"the name {unknown['name']}, which could not be resolved"
    return _ASIDE.sub("", text)
