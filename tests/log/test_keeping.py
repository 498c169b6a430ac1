"""A topic keeps everything, by the settings that its broker knows."""

import pytest

from eventlab.errors import TopicError
from eventlab.log import keeping
from eventlab.log.keeping import keeping_all

AFTER, DIFFERENCE = "message.timestamp.after.max.ms", "message.timestamp.difference.max.ms"


class Kafka:
    """A Kafka that knows some settings, and says of the first other one that it is unknown."""

    def __init__(self, *known: str):
        self._known = {"retention.ms", *known}
        self.made: list[dict[str, str]] = []

    def make(self, settings: dict[str, str]) -> None:
        for name in settings:
            if name not in self._known:
                raise TopicError("no", found=f"INVALID_CONFIG, Unknown topic config name: {name}")
        self.made.append(settings)


@pytest.mark.parametrize(
    ("known", "limits"),
    [
        ([AFTER], [AFTER]),
        ([AFTER, DIFFERENCE], [AFTER]),
        ([DIFFERENCE], [DIFFERENCE]),
        ([], []),
    ],
)
def test_a_topic_is_made_with_what_its_broker_knows(known, limits):
    """From 3.6 on, between, before, and where neither name is known; once, and for ever."""
    kafka = Kafka(*known)
    keeping_all(kafka.make, {})
    assert kafka.made == [{"retention.ms": "-1"} | dict.fromkeys(limits, str(2**63 - 1))]


def test_what_is_asked_for_wins():
    """A retention or a limit of the caller's is in the place of ours, as text."""
    kafka = Kafka(AFTER)
    keeping_all(kafka.make, {"retention.ms": 5, AFTER: 7})
    assert kafka.made == [{"retention.ms": "5", AFTER: "7"}]


@pytest.mark.parametrize("asked", ["colour", AFTER])
@pytest.mark.parametrize("known", [[], [DIFFERENCE]])
def test_what_is_asked_for_is_never_left_out(asked, known):
    """A setting of the caller's that the broker does not know is an error that names it."""
    kafka = Kafka(*known)
    with pytest.raises(TopicError, match=asked):
        keeping_all(kafka.make, {asked: "1"})
    assert kafka.made == []


def test_a_real_broker_that_does_not_know_the_limit_makes_the_topic(new_topic, monkeypatch):
    """Whether it is only asked or does it, its own words are understood."""
    topic = new_topic()
    monkeypatch.setattr(keeping, "_LIMITS", ("message.no.such.limit", AFTER))
    topic.require_makeable()
    assert topic.reset().settings() == {"retention.ms": "-1", AFTER: str(2**63 - 1)}
