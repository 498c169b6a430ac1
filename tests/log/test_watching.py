"""What a look at a topic finds, with a clock that the tests turn."""

from itertools import count

import pytest

from eventlab.errors import TopicError
from eventlab.log import Cluster, Topic
from eventlab.log.watching import LOOK_SECONDS, SAME_SECONDS, TopicWatch
from tests.waiting import until


class Looking:
    """A watch that is looked at until an answer has come."""

    def __init__(self, topic: Topic):
        self.watch = TopicWatch(topic)
        self._clock = count(step=LOOK_SECONDS)

    def once(self) -> set[int]:
        now = next(self._clock)
        found = self.watch.look(now)
        until(lambda: self.watch._answer is None or self.watch._answer.done())
        return found | self.watch.look(now)


def test_nothing_new_is_nothing(new_topic):
    """A topic that stays as it is gives no new partitions and no trouble."""
    looking = Looking(new_topic(2))
    assert [looking.once(), looking.once()] == [set(), set()]
    assert (looking.watch.partitions, looking.watch.trouble) == ({0, 1}, "")


def test_new_partitions_are_found_once(new_topic):
    """Only those that were added, and only at the first look."""
    topic = new_topic(2)
    looking = Looking(topic)
    looking.once()
    topic.add_partitions(4)
    assert [looking.once(), looking.once()] == [{2, 3}, set()]


def test_a_topic_made_anew_is_new_in_all_its_partitions(new_topic):
    """Also with as many partitions as before: its identity says so."""
    topic = new_topic(2)
    looking = Looking(topic)
    looking.once()
    topic.reset(2)
    assert [looking.once(), looking.once()] == [{0, 1}, set()]


def test_what_it_is_now_can_be_waited_for(new_topic):
    """Asked for before the topic was made anew, it is the same, and not if asked afterwards."""
    topic = new_topic()
    watch = TopicWatch(topic)
    clock = count(1.0, SAME_SECONDS)
    assert watch.is_same()
    watch.ask(next(clock))
    assert watch.is_same()
    topic.reset(1)
    watch.ask(1.0)  # too soon to be another one
    assert watch.is_same()
    watch.ask(next(clock))
    assert not watch.is_same()
    topic.delete()
    watch.ask(next(clock))
    assert watch.is_same()


def test_a_topic_that_is_gone_is_trouble_until_it_is_back(new_topic):
    """The reason is given in words, and is gone with the reason."""
    topic = new_topic()
    looking = Looking(topic)
    topic.delete()
    assert looking.once() == set()
    assert looking.watch.trouble == f"There is no topic {topic.name}: none of that name"
    topic.create(1)
    assert looking.once() == {0}
    assert looking.watch.trouble == ""


def test_it_asks_once_a_second_and_never_waits(new_topic, monkeypatch):
    """However often it is looked at, one question is under way at most."""
    watch, asked = TopicWatch(new_topic()), []
    ask = watch._asked
    monkeypatch.setattr(watch, "_asked", lambda seconds: asked.append(seconds) or ask(seconds))
    watch.look(0.0)
    until(lambda: watch._answer.done())
    for tenth in range(1, 10):
        watch.look(tenth * LOOK_SECONDS / 10)
    assert len(asked) == 1
    watch.look(LOOK_SECONDS)
    assert len(asked) == 2


def test_a_topic_that_was_never_there_is_an_error(cluster):
    """Whoever wants to watch it gets the error at once."""
    with pytest.raises(TopicError, match="There is no topic"):
        TopicWatch(Topic(cluster, "never.there"))


def test_a_broker_that_is_away_is_trouble_in_words(new_topic, monkeypatch):
    """The question that nobody answers does no harm, and what is wrong is said."""
    looking = Looking(new_topic())
    nowhere = Topic(Cluster({"bootstrap.servers": "127.0.0.1:1"}), "t")
    monkeypatch.setattr(looking.watch, "_topic", nowhere)
    assert looking.once() == set()
    assert "127.0.0.1:1 did not describe the topic t" in looking.watch.trouble
