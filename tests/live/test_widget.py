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


def test_stopping_leaves_the_picture_of_all_that_came(counter, notebook):
    """What was still waiting is in it; a second stop does nothing."""
    page = notebook(page=True)
    told = []
    counter.on_stop(lambda: told.append("feed ended"))
    counter.show()
    counter.push(1)
    counter.stop()
    counter.stop()
    assert counter.sent == [1]
    assert [data["text/html"] for data in page.renewals] == ["1 numbers"]
    assert told == ["feed ended"]


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
    assert counter._ticker is None


def test_the_page_gets_one_module():
    """What pictures share comes before what each has of its own; nothing is left to import."""
    source = script("cards.js")
    assert source.index("function askUntil") < source.index("function render")
    assert source.count("export ") == 1
    assert "import " not in source.replace("await import(", "")
