"""The settings with which a topic keeps records of any time, as far as its broker knows them."""

from collections.abc import Callable, Mapping

from eventlab.errors import TopicError

# Kafka judges records by their own time. Under its defaults events of 2013 would be deleted within
# a second (after seven days), and events more than an hour ahead of the clock are refused.
_KEPT_FOR_EVER = {"retention.ms": "-1"}
_ANY_TIME = str(2**63 - 1)

# What limits the time of a record has had two names: this one since Kafka 3.6, that one up to 3.9.
# What is spoken like Kafka and is none may know neither, and may have no such limit.
_LIMITS = ("message.timestamp.after.max.ms", "message.timestamp.difference.max.ms")


def keeping_all(make: Callable[[dict[str, str]], object], settings: Mapping[str, object]) -> None:
    """Call `make` with `settings` over those that keep everything, without what it does not know.

    Raises TopicError as `make` does for anything else.
    """
    own = {key: str(value) for key, value in settings.items()}
    for limit in _LIMITS:
        try:
            make(_KEPT_FOR_EVER | {limit: _ANY_TIME} | own)
        except TopicError as error:
            if limit in own or limit not in error.found:
                raise
        else:
            return
    make(_KEPT_FOR_EVER | own)
