import threading

import pytest

from eventlab.live.widget import LiveWidget, script
from tests.waiting import until


class Counter(LiveWidget):
    """The least that a live picture is: numbers that are passed on."""

    _esm = "export default { render() {} }"

    def __init__(self):
        self.fresh, self.all, self.sent, self._version = [], [], [], 0
        super().__init__(rate=200)

    def push(self, number):
        with self._sending:
            self.fresh.append(number)
            self.all.append(number)
            self._version += 1

    def _send_fresh(self):
        self.sent += self.fresh
        self.fresh.clear()

    def _send_all(self):
        self.sent = list(self.all)
        self.fresh.clear()

    def _still(self):
        return {"text/html": f"{len(self.all)} numbers"}, {}


class Feed:
    """A feed that ends when a test says so."""

    def __init__(self):
        self.error, self.stops = None, 0

    def stop(self):
        self.stops += 1


@pytest.fixture
def counter():
    with Counter() as counter:
        yield counter


def test_what_comes_is_passed_on_by_one_sender(counter):
    """Whoever pushes does not wait for the page."""
    for number in range(3):
        counter.push(number)
    until(lambda: counter.sent == [0, 1, 2])


def test_a_view_that_opens_late_gets_everything_once(counter):
    """Nothing overtakes the whole, and nothing of it comes twice."""
    pushing = threading.Thread(target=lambda: [counter.push(n) for n in range(500)])
    pushing.start()
    while pushing.is_alive():
        counter._asked(counter, {"type": "all?"}, [])
    until(lambda: counter.sent == list(range(500)))


def test_a_page_that_asks_is_a_page_that_watches(counter, notebook):
    """Then no cell puts a still in the moving picture's place."""
    page = notebook(page=False)
    counter.show()
    counter._asked(counter, {"type": "all?"}, [])
    page.end_cell()
    assert page.renewals == []


def test_a_still_stands_beside_the_view_once_it_rests(counter, notebook):
    """What is saved then shows it without a kernel; an equal one does not draw the view anew."""
    page = notebook(page=True)
    counter.show()
    for number in (1, 1, 2):
        counter.push(number)
        counter._asked(counter, {"type": "rest", "shot": None}, [])
        counter._asked(counter, {"type": "rest", "shot": None}, [])
    assert [data["text/html"] for data in page.renewals] == ["1 numbers", "2 numbers", "3 numbers"]
    assert all("application/vnd.jupyter.widget-view+json" in data for data in page.renewals)


def test_what_the_page_has_drawn_is_the_still(counter, notebook):
    """With words and a size; without an output of its own, as on a stage, nothing is kept."""
    shot = {"type": "rest", "shot": {"png": "AAAA", "width": 90, "height": 40}}
    counter._asked(counter, shot, [])
    page = notebook(page=True)
    counter.show()
    counter._asked(counter, shot, [])
    (data,) = page.renewals
    assert data["image/png"] == "AAAA"
    assert page.metadata == [{"image/png": {"width": 90, "height": 40, "alt": "Counter"}}]


def test_stopping_leaves_the_picture_of_all_that_came(counter, notebook):
    """What was still waiting is in it; a second stop does nothing."""
    page = notebook(page=True)
    feed = Feed()
    counter.fed_by(feed)
    counter.show()
    counter.push(1)
    counter.stop()
    counter.stop()
    assert counter.sent == [1]
    assert [data["text/html"] for data in page.renewals] == ["1 numbers"]
    assert feed.stops == 1


def test_as_a_cells_last_value_it_is_shown_once(counter, notebook):
    """It may be shown by name before, or by being the value of the cell."""
    page = notebook(page=True)
    counter._ipython_display_()
    assert page.shown["text/plain"] == "Counter"
    page.shown = None
    counter._ipython_display_()
    assert page.shown is None


def test_it_need_not_be_shown_to_be_stopped():
    """A chart that nobody looked at ends like any other."""
    counter = Counter()
    counter.stop()
    counter.stop()
    assert not counter._sender.is_alive


def test_what_ends_a_feed_is_shown_and_the_picture_goes_on(counter, notebook):
    """In one line under the picture, on the page and in the still."""
    page = notebook(page=True)
    feed = Feed()
    counter.fed_by(feed)
    counter.show()
    feed.error = ValueError("a <bad>\nrecord")
    until(lambda: counter.trouble)
    assert counter.trouble == "ValueError: a <bad> record"
    counter.push(1)
    until(lambda: counter.sent == [1])
    counter.stop()
    (data,) = page.renewals
    picture, line = data["text/html"].split("<div ")
    assert picture == "1 numbers"
    assert line.endswith(">ValueError: a &lt;bad&gt; record</div>")
    assert data["text/plain"].endswith(": ValueError: a <bad> record")


def test_what_ends_the_sending_is_shown_too(counter):
    """Nobody else would ever hear of it."""
    counter._send_fresh = lambda: 1 / 0
    until(lambda: counter.trouble == "ZeroDivisionError: division by zero")


def test_a_feed_that_cannot_be_stopped_keeps_nothing_else_alive(notebook):
    """The others end, the still is there, and the error is raised at the end."""
    page = notebook(page=True)
    counter, broken, other = Counter(), Feed(), Feed()
    broken.stop = lambda: 1 / 0
    counter.fed_by(broken)
    counter.fed_by(other)
    counter.show()
    with pytest.raises(ZeroDivisionError):
        counter.stop()
    assert (other.stops, counter._sender.is_alive, len(page.renewals)) == (1, False, 1)


def test_the_page_gets_one_module():
    """What pictures share comes before what each has of its own; nothing is left to import."""
    source = script("cards.js")
    assert source.index("function askUntil") < source.index("function render")
    assert source.count("export ") == 1
    assert "import " not in source.replace("await import(", "")


def test_what_cannot_be_sent_is_told_and_the_rest_goes_on(counter):
    """One bad moment is not the end of the picture."""
    send = counter._send_fresh
    failures = [ZeroDivisionError("once")]

    def fail_once():
        if failures:
            raise failures.pop()
        send()

    counter._send_fresh = fail_once
    until(lambda: counter.trouble == "ZeroDivisionError: once")
    counter.push(1)
    until(lambda: counter.sent == [1])


def test_a_page_that_asks_for_what_cannot_be_sent_is_told_why(counter):
    """The comm's handler would only log it."""
    counter._send_all = lambda: 1 / 0
    counter._asked(counter, {"type": "all?"}, [])
    assert counter.trouble == "ZeroDivisionError: division by zero"


class Panic(BaseException):
    """What a panic of Rust is in Python."""


@pytest.mark.parametrize("kind", [ValueError, Panic])
def test_a_still_that_cannot_be_drawn_is_one_line(counter, notebook, kind):
    """Stopping, as a cell that is run again does, raises nothing."""

    def fail():
        raise kind("no such scale")

    page = notebook(page=True)
    counter._still = fail
    counter.show()
    counter.stop()
    (data,) = page.renewals
    assert f"{kind.__name__}: no such scale</div>" in data["text/html"]
