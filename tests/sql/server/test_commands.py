import pytest

from eventlab.errors import LogError
from eventlab.log import Record, produce
from eventlab.sql.running.standing import Layout
from eventlab.sql.server.commands import Command, CommandLog, Done, Ended, Forgotten

pytestmark = pytest.mark.broker


@pytest.fixture
def new_log(command_topic):
    """What opens a log on the test's topic; all are closed."""
    logs = []

    def opened():
        logs.append(CommandLog(command_topic))
        logs[-1].open()
        return logs[-1]

    yield opened
    for log in logs:
        log.close()


def test_what_was_done_is_there_again(new_log):
    """In its order, with what was said beside it; what failed is not."""
    first = Command("SELECT 1;", {"auto.offset.reset": "latest"}, {"é": "1"})
    layout = Layout(3, {"orders": {0: 5, 12: 7}})
    log = new_log()
    assert log.news(to_end=True) == []
    numbers = [log.append(first), log.append(Command("two"))]
    log.mark(numbers[0], is_done=True, layout=layout)
    log.mark(numbers[1], is_done=False)
    again = new_log()
    assert again.news(to_end=True) == [Done(numbers[0], first, layout)]
    assert again.cut_off is None
    assert again.news(to_end=True) == []


def test_what_others_write_is_news_and_what_is_written_here_is_not(new_log):
    """Each learns what the other has done, once."""
    one = new_log()
    other = new_log()
    number = one.append(Command("one"))
    one.end(["CTAS_T_1"])
    one.mark(number, is_done=True)
    assert [type(news) for news in other.news(to_end=True)] == [Ended, Done]
    other.forget()
    assert one.news(to_end=True) == [Ended(("CTAS_T_1",)), Forgotten()]
    assert other.news(to_end=True) == []


def test_only_the_last_may_have_been_cut_off(new_log):
    """An older one without a mark was not acknowledged to anybody."""
    log = new_log()
    log.append(Command("one"))
    number = log.append(Command("two"))
    again = new_log()
    assert again.news(to_end=True) == []
    assert again.cut_off == number
    assert again.command(number).text == "two"
    again.mark(number, is_done=True)
    assert again.cut_off is None
    assert [news.command.text for news in log.news(to_end=True)] == ["two"]


def test_who_was_late_to_say_that_it_is_done_is_believed(new_log):
    """Another had taken it for cut off, and it failed there: it had been done."""
    log = new_log()
    number = log.append(Command("DROP STREAM s DELETE TOPIC;"))
    other = new_log()
    other.news(to_end=True)
    other.mark(number, is_done=False)
    log.mark(number, is_done=True)
    assert [news.number for news in new_log().news(to_end=True)] == [number]


def test_marks_are_written_when_the_log_is_back(new_log, monkeypatch):
    """None is lost."""
    log = new_log()
    numbers = [log.append(Command(text)) for text in ("one", "two")]

    def away(*_):
        raise LogError("Away", expected="a", found="b", remedy="C.")

    with monkeypatch.context() as patch:
        patch.setattr("eventlab.sql.server.commands.produce", away)
        log.mark(numbers[0], is_done=True)
    log.mark(numbers[1], is_done=True)
    assert [news.number for news in new_log().news(to_end=True)] == numbers


@pytest.mark.parametrize("value", [b"no JSON", b'{"order": 1}'])
def test_another_topic_is_refused(new_log, command_topic, value):
    """Whatever is in it."""
    produce(command_topic.made(), [Record(None, value)])
    with pytest.raises(LogError, match="is not the command topic"):
        new_log().news(to_end=True)
