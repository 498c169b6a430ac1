"""The newest rows, the youngest on top."""

import pytest

from eventlab.errors import UsageError
from eventlab.live.roll import Roll
from tests.waiting import until


@pytest.fixture
def roll(monkeypatch):
    """A roll of two rows that keeps what it sends."""
    sent = []
    monkeypatch.setattr(Roll, "send", lambda self, message: sent.append(message))
    with Roll("Orders", ["good"], alt="The newest orders", most=2) as roll:
        yield roll, sent


def test_the_youngest_stand_on_top(roll):
    """Of more rows than there is room for those are shown that came last, with their numbers."""
    widget, sent = roll
    widget.add([(1, ["tea"]), (2, ["milk"]), (7, ["salt"])])
    assert widget.rows == [["salt"], ["milk"]]
    until(lambda: sent)
    assert sent[-1]["columns"] == ["good"]
    assert sent[-1]["rows"] == [
        {"number": 7, "cells": ["salt"]},
        {"number": 2, "cells": ["milk"]},
    ]


def test_nothing_is_sent_while_nothing_comes(roll):
    """A page that asks gets all there is."""
    widget, sent = roll
    widget._asked(widget, {"type": "all?"}, [])
    assert [message["rows"] for message in sent] == [[]]
    widget.stop()
    assert len(sent) == 1


def test_the_still_is_a_table():
    """With the title, and each text as text."""
    roll = Roll("2 rows", ["<good>"], alt="The newest orders")
    roll.add([(1, ["<tea>"]), (1234, ["milk"])])
    data, _ = roll.still()
    assert "2 rows</caption>" in data["text/html"]
    assert "<th>&lt;good&gt;</th>" in data["text/html"]
    assert data["text/html"].index("1,234") < data["text/html"].index("&lt;tea&gt;")


def test_a_roll_has_room_for_a_row():
    """Less is refused."""
    with pytest.raises(UsageError, match="most"):
        Roll("Orders", ["good"], alt="The newest orders", most=0)
