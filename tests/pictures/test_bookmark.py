"""A log and its reader: what was read, what waits, what is lost, and where the place is."""

from functools import partial

import pytest
from confluent_kafka import Consumer, KafkaException

from eventlab.errors import UsageError
from eventlab.live.picture import still
from eventlab.log import produce
from eventlab.pictures.bookmark import LOST, READ, WAITING, Bookmark, bookmark_chart
from tests.live.test_chart import colours, near
from tests.waiting import until

pytestmark = pytest.mark.broker
ORDERS = 30


def come(topic, group, start):
    reader = Consumer(topic.cluster.settings | {"group.id": group, "auto.offset.reset": start})
    reader.subscribe([topic.name])
    return reader


@pytest.fixture
def topic(new_topic):
    return new_topic()


def write(topic, count):
    produce(topic, [("ann", {"type": "order", "number": number}) for number in range(count)])


@pytest.fixture
def bookmark(topic):
    """The log with a reader who keeps a place, and leaves after ten orders."""
    group = f"{topic}.you"
    picture = Bookmark(
        topic, partial(come, topic, group, "earliest"), orders=ORDERS, leaves_after=10
    )
    with picture:
        yield picture


def test_the_reader_leaves_and_the_rest_waits(topic, bookmark):
    """Nothing is lost, and the first visit ended by itself."""
    write(topic, ORDERS)
    until(lambda: bookmark.scores() == {READ: 10, WAITING: 20, LOST: 0}, what="orders to wait")
    bookmark.settle()
    assert bookmark.visits == [list(range(10))]


def test_the_reader_comes_back_to_the_place(topic, bookmark):
    """With what was the first order not yet read, and then to the end."""
    write(topic, ORDERS)
    until(lambda: bookmark.scores()[READ] == 10)
    bookmark.acts()["Come back"]()
    bookmark.settle()
    assert bookmark.scores() == {READ: 30, WAITING: 0, LOST: 0}
    assert bookmark.visits == [list(range(10)), list(range(10, 30))]
    assert [message.offset() for message in bookmark.messages] == list(range(30))


@pytest.fixture
def stranger(topic):
    """The log with a reader who keeps no place, and begins with what is new."""
    group = iter(range(9))
    picture = Bookmark(
        topic, lambda: come(topic, f"{topic}.{next(group)}", "latest"), orders=ORDERS
    )
    with picture:
        yield picture


def test_who_keeps_no_place_loses_what_came_meanwhile(topic, stranger):
    """A reader that stands behind an order will never get it."""
    stranger.walk_away()
    write(topic, 20)
    stranger.come_back()
    stranger.settle()
    assert stranger.scores() == {READ: 0, WAITING: 0, LOST: 20}
    until(lambda: "you are reading\nyour place: offset 20" in drawn(stranger)["place"])


def test_what_is_lost_stays_lost(topic, stranger):
    """Who walks away again has still passed it; what comes then waits."""
    stranger.walk_away()
    write(topic, 20)
    stranger.come_back()
    stranger.settle()
    stranger.walk_away()
    write(topic, 5)
    until(lambda: stranger.scores() == {READ: 0, WAITING: 5, LOST: 20}, what="those that wait")
    until(lambda: "you are away\nyour place: offset 20" in drawn(stranger)["place"])
    stranger.come_back()
    stranger.settle()
    assert stranger.scores() == {READ: 0, WAITING: 0, LOST: 25}
    write(topic, 5)
    stranger.settle()
    assert stranger.scores() == {READ: 5, WAITING: 0, LOST: 25}
    stranger.stop()
    assert stranger.scores() == {READ: 5, WAITING: 0, LOST: 25}


def test_who_is_away_has_lost_nothing_yet(topic, bookmark):
    """However long it takes: those orders wait."""
    write(topic, ORDERS)
    until(lambda: bookmark.scores()[READ] == 10)
    visit = bookmark._visit
    until(lambda: not visit.is_alive)
    assert bookmark.scores()[LOST] == 0


def test_who_begins_anew_is_waited_for(topic):
    """The place of the visit before is not its own."""
    group = iter(range(9))
    with Bookmark(
        topic, lambda: come(topic, f"{topic}.{next(group)}", "earliest"), orders=ORDERS
    ) as picture:
        write(topic, ORDERS)
        picture.settle()
        picture.come_back()
        picture.settle()
    assert picture.visits == [list(range(ORDERS)), list(range(ORDERS))]


def drawn(picture):
    """Return what each mark says."""
    return dict(zip(picture.chart.rows["id"], picture.chart.rows["words"], strict=True))


def test_each_order_is_drawn_once_and_changes_its_colour(topic, bookmark):
    """The newest order says what it is, the place where it is."""
    write(topic, ORDERS)
    bookmark.settle()

    def drawn():
        columns = bookmark.chart.rows
        return dict(
            zip(columns["id"], zip(columns["state"], columns["words"], strict=True), strict=True)
        )

    until(lambda: len(drawn()) == ORDERS + 2, what="every order")
    until(lambda: [state for state, _ in drawn().values()].count(WAITING) == 20)
    assert drawn()["newest"] == ("", "order")
    assert "offset 10" in drawn()["place"][1]


def test_the_triangle_stands_out_from_a_dark_page():
    """It is as dark as such a page, and has a light edge."""
    rows = [
        {"id": n, "kind": "place", "offset": n, "end": 0, "state": "", "words": ""}
        for n in range(0, 300, 15)
    ]
    spec = bookmark_chart(300).to_dict()
    spec["config"] = spec.get("config", {}) | {"background": "#212121"}
    datasets = spec.get("datasets", {}) | {"live": rows}
    assert near(colours(still(spec | {"datasets": datasets}, "Log", "Log")[0]), (255, 255, 255))


def test_what_ends_the_reader_is_told_under_the_picture(topic):
    """In one line; the log goes on."""

    def fail():
        raise KafkaException("no such group")

    with Bookmark(topic, fail, orders=ORDERS) as picture:
        until(lambda: "no such group" in picture.chart.trouble)
        write(topic, 3)
        until(lambda: picture.scores()[WAITING] == 3)


@pytest.mark.parametrize("orders", [0, -1, "many", 10**30])
def test_a_log_of_no_length_is_refused(topic, orders):
    """With what is expected."""
    with pytest.raises(UsageError, match="argument orders"):
        Bookmark(topic, print, orders=orders)
