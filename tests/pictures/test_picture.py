import pytest

from eventlab.live.sheet import Sheet
from eventlab.pictures.picture import Picture
from tests.waiting import until


class Feed:
    """A feed that runs from when it is made, and ends when a test says so."""

    def __init__(self):
        self.error, self.stops = None, 0

    def stop(self):
        self.stops += 1


class Rows(Picture):
    """The least that a picture is: one widget, and feeds."""

    def __init__(self, *more):
        super().__init__(Sheet("Rows", key="key", alt="Rows"))
        self.begun = []
        self._more = more

    def _feeds(self):
        for make in (Feed, *self._more):
            feed = make()
            self.begun.append(feed)
            yield feed


def fail():
    raise ValueError("no such topic")


def test_to_make_one_starts_and_shows_nothing(notebook):
    """Showing it does, and a second time is harmless."""
    page = notebook(page=True)
    picture = Rows()
    assert (picture.begun, page.shown) == ([], None)
    assert picture.show() is picture.show()
    assert len(picture.begun) == 1
    assert page.shown["text/plain"] == "Sheet"
    picture.stop()


def test_as_a_cell_s_last_value_it_is_shown_once(notebook):
    """Whether it was shown before or not."""
    page = notebook(page=True)
    picture = Rows()
    picture._ipython_display_()
    assert page.shown["text/plain"] == "Sheet"
    page.shown = None
    picture._ipython_display_()
    assert page.shown is None
    picture.stop()
    assert repr(picture) == "Rows"


def test_stopped_its_feeds_and_its_widget_are_stopped():
    """Twice is harmless, and so is stopping what never began."""
    with Rows() as picture:
        pass
    picture.stop()
    assert [feed.stops for feed in picture.begun] == [1]
    assert not picture.chart._sender.is_alive
    Rows().stop()


def test_what_ends_a_feed_stands_over_the_picture():
    """And the picture goes on."""
    with Rows() as picture:
        picture.begun[0].error = ValueError("a bad record")
        until(lambda: picture.chart.trouble == "ValueError: a bad record")
        assert picture.chart._sender.is_alive


def test_where_a_feed_cannot_begin_nothing_is_left_running(notebook):
    """The others end, and nothing was shown."""
    page = notebook(page=True)
    picture = Rows(fail)
    with pytest.raises(ValueError, match="no such topic"):
        picture.show()
    assert [feed.stops for feed in picture.begun] == [1]
    assert page.shown is None


def test_what_cannot_be_shown_leaves_nothing_running():
    """Its feeds have begun by then."""
    picture = Rows()
    picture.chart.show = fail
    with pytest.raises(ValueError, match="no such topic"):
        picture.show()
    assert [feed.stops for feed in picture.begun] == [1]


def test_a_turn_that_fails_is_told_and_the_next_one_comes():
    """As with a flow that cannot be asked just now."""
    with Rows() as picture:
        turns = []

        def turn():
            turns.append(1)
            raise ValueError(f"turn {len(turns)}")

        ticker = picture._again(turn, 100)
        until(lambda: len(turns) > 2)
        ticker.stop()
        assert picture.chart.trouble.startswith("ValueError: turn")
