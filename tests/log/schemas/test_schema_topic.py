"""The compacted topic in which a schema registry keeps all it knows."""

import json

import pytest

from eventlab.errors import ContractError, TopicError
from eventlab.log import Record, Topic, produce, read
from eventlab.log.schemas.schema_topic import made_anew, replayed, write
from eventlab.log.schemas.subjects import Subjects
from tests.log.schemas.made import CENTS, record

ONE = json.dumps(record(CENTS))

pytestmark = pytest.mark.broker


def test_what_was_written_is_told_again(new_topic):
    """Schemas and levels, in Confluent's own form; what was deleted for good is gone."""
    topic = made_anew(new_topic())
    subjects = Subjects()
    version = subjects.registering("a", ONE)
    level = subjects.setting("a", "FULL")
    write(topic, [version.entry, level, subjects.setting(None, "NONE")])
    again = replayed(topic)
    assert again.version("a", "latest").schema.text == ONE
    assert (again.level("a"), again.level()) == ("FULL", "NONE")
    assert topic.settings()["cleanup.policy"] == "compact"
    key = json.loads(read(topic).events["key"][0])
    assert key == {"keytype": "SCHEMA", "subject": "a", "version": 1, "magic": 1}
    write(topic, [version.gone(for_good=True)])
    assert replayed(topic).names(deleted=True) == []


def test_it_is_made_anew_and_empty(new_topic):
    """Whatever a registry has kept there before."""
    topic = made_anew(new_topic())
    write(topic, [Subjects().registering("a", ONE).entry])
    assert replayed(made_anew(topic)).names() == []


@pytest.mark.parametrize(
    "stranger",
    [
        Record("ann", b'{"cents": 20}'),
        Record(None, b"{}"),
        Record("5", b"{}"),
        Record("{}", b"\xff"),
    ],
)
def test_a_topic_of_something_else_is_refused(new_topic, stranger):
    """Nothing that a registry has written is a sign that it is the wrong topic."""
    topic = new_topic()
    produce(topic, [stranger])
    with pytest.raises(ContractError, match="is not the topic of a schema registry"):
        replayed(topic)


def test_a_topic_that_is_gone_is_said(cluster):
    """By whoever reads it and whoever writes to it."""
    topic = Topic(cluster, "no-such-registry")
    with pytest.raises(TopicError, match="There is no topic"):
        replayed(topic)
    with pytest.raises(TopicError, match="There is no topic"):
        write(topic, [Subjects().setting(None, "FULL")])
