from types import SimpleNamespace

import pytest

from eventlab.lab.card import card, plain_card


def broker(status="running", **changes):
    """Return a broker as the card sees it."""
    facts = {
        "version": "4.4.0",
        "bootstrap_servers": "127.0.0.1:9",
        "memory_megabytes": 175.2,
        "reason": "it was killed",
        "notice": "",
        "users": ["chapter 00", "eventlab lab"],
    }
    return SimpleNamespace(status=status, **(facts | changes))


def test_a_running_broker_is_named_with_its_place_and_size():
    """Version, address, memory and chapter stand in one line."""
    html = card("00", broker())["text/html"]
    assert all(part in html for part in ("4.4.0", "running", "127.0.0.1:9", "175 MB", "chapter 00"))


@pytest.mark.parametrize(
    ("status", "way"), [("stopped", "start"), ("lost", "start"), ("suspended", "resume")]
)
def test_a_broker_that_is_away_says_how_to_go_on(status, way):
    """The card has the reason and the call that mends it, and no address that leads nowhere."""
    html = card("00", broker(status))["text/html"]
    assert "It was killed" in html
    assert f"lab.broker.{way}()" in html
    assert "127.0.0.1:9" not in html


def test_a_notice_is_shown_as_text():
    """What Kafka said about the last start is shown, and is not taken for HTML."""
    html = card("00", broker(notice="moved <aside>"))["text/html"]
    assert "moved &lt;aside&gt;" in html


def test_the_plain_text_is_the_same_for_every_run():
    """Runs are compared by it, so neither port nor memory stands in it."""
    here, there = (card("00", broker(bootstrap_servers=f"h:{n}")) for n in (1, 2))
    assert here["text/plain"] == there["text/plain"]


def test_a_chapter_that_is_open_twice_says_so():
    """Two notebooks of one chapter share its topics, which no other two do."""
    assert "open in another notebook" not in card("00", broker())["text/html"]
    html = card("00", broker(users=["chapter 00", "chapter 01", "chapter 00"]))["text/html"]
    assert "Chapter 00 is open in another notebook too" in html


def test_a_plain_script_has_it_as_a_line_of_text():
    """No HTML, and no dict of it."""
    line = plain_card("00", broker())
    assert line == "Lab, chapter 00: Apache Kafka 4.4.0 is running at 127.0.0.1:9"
    assert plain_card("00", broker("stopped")).endswith("is stopped")
    assert plain_card("00", broker(notice="It was moved.")).endswith(":9. It was moved.")
