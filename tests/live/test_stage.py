"""The stage without a page: what it holds, says, does, and leaves behind."""

import threading
from itertools import count

import altair
import pytest

from eventlab.live.cards import Card, Cards
from eventlab.live.chart import LiveChart
from eventlab.live.director import Band, Board, Place, Saying, Turn
from eventlab.live.stage import Run, Stage
from tests.waiting import until


class Director:
    """Somebody who does what a test wants."""

    def __init__(self):
        self.commands = []
        self.act = lambda: None

    def saying(self):
        return Saying("playing", "playing · noon", 2.0, [("twice as fast", 2.0)])

    def board(self):
        return Board(["log", "queue"], [["lost", "0", "17"]])

    def places(self):
        return [Place("stock", "hangs", ["hangs", "killed"])]

    def bands(self):
        return [Band("stock <to> log", 60.0, 1200.0, "hangs")]

    def turns(self):
        return [Turn("services", ["1", "4"], 1)]

    def command(self, what, value):
        self.commands.append((what, value))
        self.act()


@pytest.fixture
def director():
    return Director()


@pytest.fixture
def stage(director):
    """A stage with two runs."""
    with Stage("Log & queue", director) as stage:
        stage.put([Run("a log", Cards()), Run("a queue", Cards())])
        yield stage


def press(stage, what, value=None):
    """Do what a click on the page does."""
    stage._asked(stage, {"type": "do", "what": what, "value": value}, [])


def test_it_tells_the_page_what_its_director_says(stage):
    """Words, speeds and the scoreboard come with the state."""
    assert stage.status["words"] == "playing · noon"
    assert stage.status["speeds"] == [("twice as fast", 2.0)]
    assert stage.places == [{"name": "stock", "now": "hangs", "choices": ["hangs", "killed"]}]
    assert [band["words"] for band in stage.bands] == ["hangs"]
    assert stage.turns == [{"name": "services", "values": ["1", "4"], "now": 1}]
    assert stage.board["heads"] == ["log", "queue"]
    assert stage.board["rows"] == [["lost", "0", "17"]]
    assert stage.board["words"] == ["lost 0", "lost 17"]


def test_it_can_tell_the_page_before_its_next_turn(stage, director):
    """Whoever waited for the end need not wait for the page too."""
    director.board = lambda: Board(["log"], [["lost", "3"]])
    stage.tell()
    assert stage.board["rows"] == [["lost", "3"]]


def test_it_holds_its_runs_in_their_order(stage):
    """Each with its words, and in a box of its own."""
    assert stage.captions == ["a log", "a queue"]
    assert len(stage.views) == 2


def test_what_the_learner_does_the_director_does(stage, director):
    """Without holding up who brought the word."""
    press(stage, "speed", 60)
    until(lambda: director.commands == [("speed", 60)] and not stage.status["busy"])


def test_of_what_is_set_while_it_is_busy_the_last_is_done(stage, director):
    """Of each thing that can be set: a key that is held goes through all of its values."""
    go = threading.Event()
    director.act = lambda: go.wait(10)
    press(stage, "turn", ["services", 1])
    until(lambda: director.commands)
    for step in (2, 3, 4):
        press(stage, "turn", ["services", step])
        press(stage, "turn", ["orders", 10 * step])
        press(stage, "speed", 100 * step)
        press(stage, "trouble", ["stock", str(step)])
    go.set()
    until(lambda: not stage.status["busy"])
    done = [("turn", ["services", 1]), ("turn", ["services", 4]), ("turn", ["orders", 40])]
    assert director.commands == [*done, ("speed", 400), ("trouble", ["stock", "4"])]


def test_the_page_never_learns_that_it_is_done_before_what_came_of_it(stage, director):
    """What it shows of a setting would go back for a moment, under the learner's hand."""
    now = [1]
    director.turns = lambda: [Turn("services", ["1", "4"], now[0])]
    director.act = lambda: now.__setitem__(0, 0)
    seen = []

    def look(change):
        if not change["new"]["busy"]:
            seen.append(stage.turns[0]["now"])

    stage.observe(look, "status")
    press(stage, "turn", ["services", 0])
    until(lambda: seen)
    assert seen[0] == 0


def test_the_last_that_the_page_hears_is_that_it_is_at_rest(stage, director, monkeypatch):
    """Also where the stage's turn comes while something is done, and takes its time."""
    moments = count()
    is_sending = threading.Event()
    is_over = threading.Event()
    heard = []
    send_state = stage.send_state

    def send_slowly(key=None):
        busy = stage.status["busy"]
        if busy and threading.current_thread() is not threading.main_thread():
            is_sending.set()
            is_over.wait(0.2)
        if key == "status":
            heard.append(busy)
        send_state(key)

    director.act = lambda: is_sending.wait(10)
    monkeypatch.setattr(stage, "send_state", send_slowly)
    monkeypatch.setattr(director, "saying", lambda: Saying("playing", str(next(moments))))
    press(stage, "again")
    until(lambda: heard[-1:] == [False], what="the end of it")
    is_over.set()
    tick = stage.status["words"]
    until(lambda: stage.status["words"] != tick, what="the stage's next turn")
    assert heard[heard.index(False) :] == [False] * heard.count(False)


def test_one_thing_is_done_at_a_time(stage, director):
    """What is pressed meanwhile does nothing, and the page shows that it is busy."""
    go = threading.Event()
    director.act = lambda: go.wait(10)
    press(stage, "again")
    until(lambda: director.commands)
    assert stage.status["busy"]
    press(stage, "again")
    go.set()
    until(lambda: not stage.status["busy"])
    assert director.commands == [("again", None)]


def test_what_goes_wrong_is_told_and_the_next_press_works(stage, director):
    """In one line, which the next thing takes away."""

    def fail():
        raise ValueError("no shop")

    director.act = fail
    press(stage, "again")
    until(lambda: stage.trouble == "ValueError: no shop")
    until(lambda: not stage.status["busy"])
    director.act = lambda: None
    press(stage, "again")
    until(lambda: len(director.commands) == 2 and not stage.status["busy"])
    assert stage.trouble == ""


def test_switches_and_buttons_are_offered(stage):
    """A switch that is on says so."""
    stage.offer(["Break it", "Walk away"], pressed=["Break it"])
    assert stage.acts == [{"name": "Break it", "on": True}, {"name": "Walk away", "on": False}]


def test_its_still_has_every_picture_and_the_scoreboard(stage):
    """Each under its words, for where nothing can move."""
    stage._runs[1].picture.push([Card("Order <b>", ["key ann"])])
    data, _ = stage.still()
    html = data["text/html"]
    assert html.index("Log &amp; queue") < html.index("a log") < html.index("a queue")
    assert html.index("Order &lt;b&gt;") < html.index("lost") < html.index(">17<")
    assert data["text/plain"] == "Stage"


def test_a_still_of_one_run_is_its_picture(director):
    """So that a site that shows no HTML shows it all the same."""
    points = altair.Chart(altair.NamedData("live")).mark_point().encode(x="at:Q")
    with Stage("One", director) as stage:
        stage.put([Run("", LiveChart(points, alt="Points in a row"))])
        data, metadata = stage.still()
    assert "image/png" in data
    assert metadata["image/png"]["alt"] == "Points in a row. Counted: lost 0"
    assert 'alt="Points in a row. Counted: lost 0"' in data["text/html"]


def test_each_picture_of_its_still_says_what_was_counted_in_its_run(stage):
    """To those who cannot see it, as the page has drawn it too."""
    shots = [{"png": "AAAA", "width": 10, "height": 10}] * 2
    data, _ = stage._still_of(shots)
    assert data["text/html"].count('. Counted: lost 0"') == 1
    assert data["text/html"].count('. Counted: lost 17"') == 1


def test_each_run_gets_what_the_page_has_drawn_of_it(director):
    """Words stand for themselves, and of a chart without rows there is nothing to wait for."""
    points = altair.Chart(altair.NamedData("live")).mark_point().encode(x="at:Q")
    shot = {"png": "drawn", "width": 300, "height": 200, "sequence": 1}
    with Stage("Two", director) as stage:
        chart = LiveChart(points, alt="Points in a row")
        stage.put([Run("words", Cards()), Run("points", chart)])
        chart._send_all()
        assert not stage.is_drawn()
        stage._asked(stage, {"type": "drawn", "shots": [None, shot]}, [])
        assert stage.is_drawn()
        assert "drawn" in stage.still()[0]["text/html"]


def test_it_has_changed_when_a_picture_has(stage):
    """Whichever of them."""
    before = stage.version()
    stage._runs[0].picture.push([Card("Order", [])])
    assert stage.version() > before
