import pytest

from eventlab.live import Card, Cards
from tests.waiting import until


def card(number):
    return Card(f"OrderPlaced {number}", [f"key c{number}", f"offset {number}"])


@pytest.fixture
def cards(monkeypatch):
    """Cards that keep what they send."""
    sent = []
    monkeypatch.setattr(Cards, "send", lambda self, message: sent.append(message))
    with Cards(newest=3) as cards:
        yield cards, sent


def titles(message):
    return [one["title"] for one in message["cards"]]


def test_of_many_cards_the_newest_fall_two_at_a_time(cards):
    """A burst is no blur, and when it is over the newest lie there, in their order."""
    widget, sent = cards
    widget.push(map(card, range(50)))
    until(lambda: len(sent) == 2)
    assert [titles(message) for message in sent] == [
        ["OrderPlaced 47", "OrderPlaced 48"],
        ["OrderPlaced 49"],
    ]
    assert not any(message["all"] for message in sent)
    assert sent[0]["cards"][0]["lines"] == ["key c47", "offset 47"]


def test_a_page_that_opens_late_gets_those_that_lie_there(cards):
    """They do not fall a second time."""
    widget, sent = cards
    widget.push(map(card, range(5)))
    widget._asked(widget, {"type": "all?"}, [])
    assert titles(sent[-1]) == ["OrderPlaced 2", "OrderPlaced 3", "OrderPlaced 4"]
    assert sent[-1]["all"] is True


def test_the_still_has_the_newest_cards(cards):
    """As text of a page, with nothing in it that could be taken for markup."""
    widget, _ = cards
    widget.push([card(n) for n in range(3)] + [Card("<b>", ["a & b"], "#123456")])
    data, _ = widget._still()
    assert data["text/plain"] == "Cards"
    assert "OrderPlaced 0" not in data["text/html"]
    assert "&lt;b&gt;" in data["text/html"]
    assert "a &amp; b" in data["text/html"]
    assert "#123456" in data["text/html"]
