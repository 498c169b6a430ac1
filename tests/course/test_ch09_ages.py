"""The picture of copies that age, and the age itself."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from eventlab.course.ch09 import SOURCE, TARGET, THURSDAY_EVENING, Change, four_days, outage_of
from eventlab.course.ch09_ages import DOWN, UP, Ages, age_of
from eventlab.course.ch09_system import CALL, FILE, LOG, Data
from eventlab.events.shop import MONDAY_MORNING as MONDAY

HOUR = timedelta(hours=1)
STEPS = four_days(7, 24)


def changed(version, hours, row="p"):
    return Change(version, MONDAY + hours * HOUR, SOURCE, row, 1, (SOURCE, TARGET))


def test_a_copy_that_has_all_is_of_no_age():
    """Nor is one of which nothing has changed."""
    history = {"p": [changed("a", 0), changed("b", 1)]}
    assert age_of(history, {"p": "b"}, MONDAY + 5 * HOUR) == (0, timedelta())
    assert age_of({}, {}, MONDAY) == (0, timedelta())


def test_its_age_counts_from_the_first_change_that_it_has_missed():
    """Not from the last one; of several rows the oldest counts."""
    history = {
        "p": [changed("a", 0), changed("b", 1), changed("c", 4)],
        "q": [changed("d", 2, "q")],
    }
    now = MONDAY + 5 * HOUR
    assert age_of(history, {"p": "a", "q": "d"}, now) == (1, 4 * HOUR)
    assert age_of(history, {"p": "b", "q": "d"}, now) == (1, HOUR)
    assert age_of(history, {"p": "c"}, now) == (1, 3 * HOUR)
    assert age_of(history, {}, now) == (2, 5 * HOUR)


class Target:
    """A system that can be killed, and started again."""

    is_alive = True

    def kill(self):
        self.is_alive = False

    def start(self):
        self.is_alive = True


class Scene:
    """The two systems without services: the story is kept as a good way and a bad one would."""

    def __init__(self, folder, third=LOG):
        self.target = Target()
        self.picture = Ages(folder, STEPS, self.target, third=third)
        self.data = Data(folder / f"{TARGET}.sqlite")
        self.missed = []

    def play(self):
        """Play all; calls reach a system that is there, and the log waits for it."""
        down, up = outage_of(STEPS)
        for step in self.picture.story():
            self.target.is_alive = not down <= step.at < up
            if isinstance(step, Change):
                self.take(step)
            if self.target.is_alive:
                self.catch_up()
            self.picture.answered(None)
            self.picture.answered(None)

    def take(self, step):
        row = {"owner": SOURCE, "row": step.row, "event_id": step.event_id, "value": 1}
        self.missed.append(row)
        if self.target.is_alive:
            self.data.copy(CALL, row)

    def catch_up(self):
        for row in self.missed:
            self.data.copy(LOG, row)
        self.missed.clear()


@pytest.fixture
def scene(tmp_path):
    found = Scene(tmp_path)
    found.play()
    found.picture.settle()
    yield found
    found.data.close()


def test_a_copy_by_the_log_is_old_only_while_its_system_is_down(scene):
    """What was called in vain stays missing, and without files one never has anything."""
    figures = scene.picture.figures()
    assert (figures["third_old"], figures["third_wrong"]) == (0, 0)
    assert figures["calls_wrong"] > 0
    assert figures["file_wrong"] == 40
    assert figures["hours"] == figures["file_old"] == 64
    assert 0 < figures["calls_old"] < 30


def test_what_is_right_when_the_system_is_back_is_known(scene):
    """And how old each copy was at any moment."""
    assert scene.picture.right_when_back() == ["third copy"]
    minutes = scene.picture.minutes(THURSDAY_EVENING)
    assert minutes["third copy"] == 0
    assert minutes["second copy"] > minutes["first copy"] > 60
    assert scene.picture.minutes(MONDAY)["third copy"] == 0


def test_every_hour_is_a_bar_of_each_copy(scene):
    """And the words say how it is now."""
    rows = scene.picture.chart.rows
    bars = [lane for lane, what in zip(rows["lane"], rows["what"], strict=True) if what == "bar"]
    assert {lane: bars.count(lane) for lane in bars} == dict.fromkeys(scene.picture.lanes, 84)
    assert "0 h old, 0 rows wrong" in rows["words"]


def test_the_scoreboard_has_the_hours_and_the_milliseconds(scene):
    """Those of a way that nothing came are unknown."""
    scores = scene.picture.scores()
    assert scores["third copy: hours old"] == 0
    assert scores[f"{CALL}: ms"] == "–"


def test_a_button_takes_the_system_down_and_brings_it_back(scene):
    """As a stage offers them."""
    scene.picture.acts()[DOWN]()
    assert not scene.target.is_alive
    scene.picture.acts()[UP]()
    assert scene.target.is_alive


def test_before_the_story_nothing_is_old(tmp_path):
    """Nor after nothing has been looked at."""
    picture = Ages(tmp_path, STEPS, SimpleNamespace(is_alive=True), third=FILE)
    assert picture.figures()["third_wrong"] == 0
    assert picture.lanes["third copy"] == FILE
    assert not picture.is_over
