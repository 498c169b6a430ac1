"""The rows of a source one after the other."""

import pytest

from eventlab.sql.running import succession
from eventlab.sql.running.succession import Succession


class Topic:
    """A topic with two records."""

    def end_offsets(self, *, committed):
        return {0: 2}


class Flow:
    """A flow that gives what it reads when it is asked to look for more."""

    def __init__(self, rows, pairs):
        self.error, self.count, self.positions = None, 2, {("t", 0): 2}
        self._rows, self._pairs = rows, pairs

    def start(self):
        self._rows.take(self._pairs)

    def stop(self):
        pass


@pytest.fixture
def rows(monkeypatch):
    """Two rows of a topic, of which none was looked at."""
    monkeypatch.setattr(succession, "_FIRST_SECONDS", 0.0)
    rows = Succession(Topic())
    rows.start(Flow(rows, [("a", 1), ("b", 2)]))
    return rows


def test_each_row_is_given_once(rows):
    """In the order in which they came, and the rest waits."""
    asked = []
    assert [rows.next(lambda: asked.append(1)) for _ in range(2)] == [("a", 1), ("b", 2)]
    assert rows.looked_at == 2
    assert asked == []


def test_what_is_late_is_waited_for(rows, monkeypatch):
    """Until the queries have read all, and the topic was read to its end."""
    rows.next(print)
    rows.next(print)
    waits = []
    monkeypatch.setattr(rows, "wait_for_all", lambda: waits.append("all"))
    assert rows.next(lambda: waits.append("settled")) is None
    assert rows.next(lambda: rows.take([("c", 3)])) == ("c", 3)
    assert waits == ["settled", "all", "all"]
    assert rows.looked_at == 3


def test_no_more_are_read_while_many_wait(rows, monkeypatch):
    """Until they have been looked at."""
    monkeypatch.setattr(succession, "_MOST_WAITING", 2)
    assert rows.look(None)
    rows.next(print)
    assert not rows.look(None)
