"""Flink as a notebook asks it, with a program that stands for it."""

import json
from datetime import timedelta
from types import SimpleNamespace
from urllib.request import urlopen

import psutil
import pytest

from eventlab.errors import ServiceError, SqlError, TopicError, UsageError
from eventlab.flink import Flink

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("home", "java")]

_SETTINGS = {"bootstrap.servers": "127.0.0.1:9092"}


class FakeTopic(SimpleNamespace):
    """A topic that is there, unless its name is "none"."""

    @property
    def partitions(self):
        if self.name == "ch.none":
            raise TopicError("There is no topic", expected="one", found="none", remedy="Make it.")
        return [0]


@pytest.fixture
def flink():
    """A Flink that runs."""
    flink = Flink(lambda name: FakeTopic(name=f"ch.{name}"), _SETTINGS).start()
    yield flink
    flink.stop()


def asked(flink):
    """What its gateway was asked, without what was closed."""
    with urlopen(f"{flink.url}/asked") as answer:
        return [one for one in json.load(answer) if not one.startswith("closed")]


def closed(flink):
    """How many statements were ended."""
    with urlopen(f"{flink.url}/asked") as answer:
        return len([one for one in json.load(answer) if one.startswith("closed")])


def test_a_query_is_read_to_its_end(flink):
    """Its rows are a DataFrame."""
    found = flink.sql("SELECT 1;")
    assert found.to_dict("list") == {"n": [1]}


def test_the_last_of_several_is_the_answer(flink):
    """Each runs, one after the other."""
    assert flink.sql("SELECT 1; SELECT 2").n.tolist() == [2]
    assert asked(flink) == ["SELECT 1", "SELECT 2"]


def test_what_ended_in_time_is_whole(flink, monkeypatch):
    """An answer that came with the last moment is one."""
    from eventlab.flink import engine

    moments = iter([0.0, 5.0])  # the deadline is made, and the first page of two has come
    clock = SimpleNamespace(monotonic=lambda: next(moments), sleep=lambda _seconds: None)
    monkeypatch.setattr(engine, "time", clock)
    assert flink.sql("SELECT 2", timeout_seconds=5).n.tolist() == [2]


def test_a_query_without_an_end_gives_as_many_rows_as_are_asked_for(flink):
    """And is ended then."""
    assert flink.sql("SELECT for_ever", rows=5).n.tolist() == [0, 1, 2, 3, 4]
    assert closed(flink) == 1


def test_without_a_number_of_rows_its_time_is_up(flink):
    """A part that looks like the whole is never returned; and it is ended."""
    with pytest.raises(SqlError, match="time for this statement is up: expected its end"):
        flink.sql("SELECT for_ever", timeout_seconds=0.2)
    assert closed(flink) == 1


def test_changes_are_what_they_come_to_or_each_a_row(flink):
    """A row that was replaced is not there, or is there with its signs."""
    assert flink.sql("SELECT changes").n.tolist() == [2, 7]
    found = flink.sql("SELECT changes", changes=True)
    assert found.change.tolist() == ["+I", "-U", "+U", "+I"]
    assert flink.sql("SELECT changes", changes=True, rows=2).change.tolist() == ["+I", "-U"]


def test_what_is_a_sentence_is_printed(flink, capsys):
    """A plan is, OK is not; a list of tables is rows."""
    assert flink.sql("CREATE TABLE a (n INT)") is None
    assert flink.sql("EXPLAIN SELECT 1; CREATE TABLE b (n INT)") is None
    assert capsys.readouterr().out == "== Plan ==\n"
    assert flink.sql("SHOW TABLES")["table name"].tolist() == ["orders"]


def test_a_mistake_is_one_error(flink):
    """And the next statement runs."""
    with pytest.raises(SqlError, match="Column 'nix' not found in any table"):
        flink.sql("SELECT nix FROM orders")
    assert flink.sql("SELECT 2").n.tolist() == [2]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"statements": " ; "}, "at least one statement"),
        ({"statements": None}, "statements is not valid"),
        ({"rows": 0}, "rows is not valid"),
        ({"rows": "3"}, "rows is not valid"),
        ({"timeout_seconds": 0}, "timeout_seconds is not valid"),
        ({"timeout_seconds": float("nan")}, "timeout_seconds is not valid"),
        ({"changes": "yes"}, "changes is not valid"),
    ],
)
def test_a_wrong_argument_is_refused(flink, wrong, words):
    """Before anything is asked."""
    with pytest.raises(UsageError, match=words):
        flink.sql(**{"statements": "SELECT 1"} | wrong)
    assert asked(flink) == []


def test_a_topic_becomes_a_table_anew(flink):
    """A cell that runs again makes it again; the statement is returned."""
    statement = flink.table("orders", "cents INT", wait=timedelta(minutes=5))
    assert "'topic' = 'ch.orders'" in statement
    assert asked(flink) == ["DROP TABLE IF EXISTS `orders`", statement]
    assert "'topic' = 'ch.other'" in flink.table("orders", "cents INT", topic="other")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"name": "none"}, TopicError),
        ({"columns": 3}, UsageError),
        ({"wait": 5}, UsageError),
        ({"wait": timedelta(seconds=-1)}, UsageError),
        ({"wait": timedelta(days=1000)}, UsageError),
        ({"topic": 3}, UsageError),
        ({"bounded": None}, UsageError),
    ],
)
def test_a_table_that_cannot_be_is_refused(flink, wrong, error):
    """Before the one that is there is dropped."""
    with pytest.raises(error):
        flink.table(**{"name": "orders", "columns": "cents INT"} | wrong)
    assert asked(flink) == []


def test_one_that_is_killed_is_one_error(flink):
    """During a statement, and at the next."""
    with pytest.raises(ServiceError, match=r"Flink has ended: .*found it ended with status 3"):
        flink.sql("SELECT end")
    with pytest.raises(ServiceError, match=r"Write lab\.flink\(\) to start it again"):
        flink.sql("SELECT 1")
    assert flink.url == ""
    assert repr(flink) == "Flink(not running)"


def test_one_that_was_stopped_says_so(flink):
    """Its lab may have been closed."""
    flink.stop()
    with pytest.raises(ServiceError, match="it was stopped, or its lab was closed"):
        flink.sql("SELECT 1")


def test_started_twice_it_is_one(flink):
    """A second call does nothing."""
    before = flink.url
    assert flink.start() is flink
    assert flink.url == before


def test_what_cannot_open_a_session_does_not_stay(monkeypatch):
    """Nobody would ever end it."""
    from eventlab.flink.client import Client

    def broken(_client):
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "open_session", broken)
    flink = Flink(lambda name: FakeTopic(name=name), _SETTINGS)
    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(KeyboardInterrupt):
        flink.start()
    assert not flink.is_alive
    assert {child.pid for child in psutil.Process().children()} <= before
