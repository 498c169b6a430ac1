import pytest

from eventlab.errors import LogError
from eventlab.log import Record, produce
from eventlab.sql.server.commands import Command, CommandLog

pytestmark = pytest.mark.broker


def test_what_was_done_is_there_again(command_topic):
    """In its order, with what was said beside it; what failed is not."""
    first = Command("SELECT 1;", {"auto.offset.reset": "latest"}, {"é": "1"})
    log = CommandLog(command_topic)
    assert log.kept() == []
    numbers = [log.append(first), log.append(Command("two"))]
    log.mark(numbers[0], is_done=True)
    log.mark(numbers[1], is_done=False)
    (kept,) = CommandLog(command_topic).kept()
    assert (kept.number, kept.command, kept.is_done) == (numbers[0], first, True)


def test_only_the_last_may_have_been_cut_off(command_topic):
    """An older one without a mark was not acknowledged to anybody."""
    log = CommandLog(command_topic)
    log.kept()
    log.append(Command("one"))
    log.append(Command("two"))
    (kept,) = CommandLog(command_topic).kept()
    assert (kept.command.text, kept.is_done) == ("two", False)


def test_marks_are_written_when_the_log_is_back(command_topic, monkeypatch):
    """None is lost."""
    log = CommandLog(command_topic)
    log.kept()
    numbers = [log.append(Command(text)) for text in ("one", "two")]

    def away(*_):
        raise LogError("Away", expected="a", found="b", remedy="C.")

    with monkeypatch.context() as patch:
        patch.setattr("eventlab.sql.server.commands.produce", away)
        log.mark(numbers[0], is_done=True)
    log.mark(numbers[1], is_done=True)
    assert [kept.is_done for kept in CommandLog(command_topic).kept()] == [True, True]


@pytest.mark.parametrize("value", [b"no JSON", b'{"order": 1}'])
def test_another_topic_is_refused(command_topic, value):
    """Whatever is in it."""
    produce(command_topic.made(), [Record(None, value)])
    with pytest.raises(LogError, match="is not the command topic"):
        CommandLog(command_topic).kept()
