import pytest

from eventlab.log import produce
from eventlab.pictures import TablePicture
from eventlab.streams import Table
from tests.waiting import until

pytestmark = pytest.mark.broker

STOCK = [("tea", {"left": 3}), ("jam", {"left": 1}), ("tea", {"left": 2}), ("jam", None)]


@pytest.fixture
def picture(new_topic):
    """A picture of a table that is still empty, beside a stream."""
    topic, stream = new_topic(), new_topic()
    picture = TablePicture(topic, stream=stream, changelog=True).start()
    yield picture, topic, stream
    picture.stop()


def lines(picture, name):
    return picture.sheet._lines()[name]


def test_it_shows_what_the_changelog_comes_to(picture):
    """Rows come, change and go; the changelog's records stand below."""
    shown, topic, _ = picture
    produce(topic, STOCK)
    until(lambda: len(lines(shown, "changelog")) == 4)
    assert shown.sheet.rows == {"tea": {"left": 2}}
    assert lines(shown, "changelog")[-2:] == ["tea  left 2", "jam  (tombstone)"]


def test_the_stream_s_events_stand_beside_it(picture):
    """With what kind they are, and whom they concern."""
    shown, _, stream = picture
    event = {"type": "order", "event_id": "e1", "order_id": "o1", "customer_id": "c1"}
    produce(stream, [("k", event), ("k", {"n": 1})])
    until(lambda: len(lines(shown, "stream")) == 2)
    assert lines(shown, "stream") == ["order  o1 c1", "record  key k"]


def test_replayed_it_is_filled_from_the_first_record_on(picture, new_topic):
    """What stood there before has vanished, another changelog's lines too; a table has a topic."""
    shown, topic, _ = picture
    produce(topic, STOCK)
    until(lambda: shown.sheet.rows == {"tea": {"left": 2}})
    shown.replay(topic)
    assert len(lines(shown, "changelog")) > 0
    until(lambda: shown.sheet.rows == {"tea": {"left": 2}})
    other = new_topic()
    produce(other, [("oil", {"litres": 9})])
    with Table(other) as table:
        shown.replay(table)
    assert "tea" not in str(lines(shown, "changelog"))
    until(lambda: shown.sheet.rows == {"oil": {"litres": 9}})
    produce(other, [("oil", {"litres": 8})])
    until(lambda: shown.sheet.rows == {"oil": {"litres": 8}})
