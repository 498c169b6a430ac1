"""A broker that has just started is asked again."""

import pytest
from confluent_kafka import KafkaError, KafkaException

from eventlab.log.settling import settled


def asking(errors: list[int]):
    """Return a question that is refused with each of the errors, and then answered."""
    left = list(errors)

    def ask() -> str:
        if left:
            raise KafkaException(KafkaError(left.pop(0)))
        return "here"

    return ask


def test_what_only_settles_is_asked_again():
    """Who leads and who coordinates is known a moment later."""
    loading = [KafkaError.COORDINATOR_LOAD_IN_PROGRESS, KafkaError.NOT_COORDINATOR]
    leading = [KafkaError.LEADER_NOT_AVAILABLE, KafkaError.UNKNOWN_LEADER_EPOCH]
    assert settled(asking([*loading, *leading]), 60) == "here"


def test_the_last_refusal_is_raised_when_the_time_is_up():
    """It is asked once at least."""
    with pytest.raises(KafkaException, match="COORDINATOR_LOAD_IN_PROGRESS"):
        settled(asking([KafkaError.COORDINATOR_LOAD_IN_PROGRESS] * 2), -1)


def test_what_will_not_pass_is_raised_at_once():
    """Nothing changes by asking again."""
    ask = asking([KafkaError.GROUP_AUTHORIZATION_FAILED])
    with pytest.raises(KafkaException, match="GROUP_AUTHORIZATION_FAILED"):
        settled(ask, 60)
    assert ask() == "here"
