"""An experiment from end to end, without a page."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from eventlab.errors import LogError, UsageError
from eventlab.lab.experiment import BREAK, _has_read, _wait_for
from eventlab.live import Cards
from eventlab.log import topics
from eventlab.pictures import EventCards
from tests.lab.flows import countries
from tests.lab.orders import orders
from tests.waiting import until

pytestmark = pytest.mark.broker
STORY = orders(60)


def cards(lab, key="customer_id", gap=timedelta(seconds=5)):
    """Play the story into a topic and show its newest orders."""
    placed = lab.new_topic("placed", partitions=2)
    lab.play(STORY, into=placed, key=key, speed=0)
    return EventCards(placed)


def keys(lab):
    """Count how many different keys there are."""
    return {"keys": lab.read("placed")["key"].nunique()}


@pytest.fixture
def experiment(lab):
    return lab.stage("Keys", cards, broken={"key": "order_id"}, counts=keys).wait()


CUSTOMERS = len({order.customer_id for order in STORY})


def test_it_plays_and_counts(experiment):
    """The scoreboard has what was sent, and what was counted."""
    assert experiment.counts == {"keys": CUSTOMERS}
    assert experiment.board().rows == [["sent", "60"], ["keys", str(CUSTOMERS)]]
    assert experiment.saying().state == "finished"


def test_again_it_is_the_same_and_nothing_is_doubled(lab, experiment):
    """Its topics are emptied, and the same events come."""
    experiment.again()
    experiment.wait()
    assert len(lab.read("placed")) == 60
    assert experiment.counts == {"keys": CUSTOMERS}


def test_the_broken_run_stands_beside_it_on_the_same_events(lab, experiment):
    """With the damage between them, and topics of its own."""
    experiment.break_it().wait()
    assert experiment.broken_counts == {"keys": 60}
    assert experiment.counts == {"keys": CUSTOMERS}
    board = experiment.board()
    assert board.heads == ["key: customer_id", "key: order_id"]
    assert board.rows == [["sent", "60", "60"], ["keys", str(CUSTOMERS), "60"]]
    assert len(topics(lab.cluster, lab.name("broken"))) == 1


def test_the_switch_breaks_it_and_mends_it(experiment):
    """As often as it is pressed."""
    experiment.command("act", BREAK)
    assert experiment.stage.acts == [{"name": BREAK, "on": True}]
    assert len(experiment.board().heads) == 2
    experiment.command("act", BREAK)
    assert experiment.stage.acts == [{"name": BREAK, "on": False}]
    assert len(experiment.board().heads) == 1


def test_with_BREAK_the_first_run_is_the_broken_one(lab, monkeypatch):
    """As the switch breaks it, so does the notebook's parameter."""
    monkeypatch.setattr("eventlab.lab.lab.parameter", {"BREAK": True}.get)
    broken = lab.stage("Keys", cards, broken={"key": "order_id"}, counts=keys).wait()
    assert broken.counts == {"keys": 60}
    assert broken.board().heads == ["key: order_id"]


def test_what_is_played_can_be_paused_and_given_another_speed(lab):
    """By what the stage asks for."""

    def slow(lab):
        lab.play(STORY, into=lab.new_topic("placed"), speed=1)
        return Cards()

    experiment = lab.stage("Slow", slow)
    experiment.command("pause", None)
    until(lambda: experiment.saying().state == "paused")
    experiment.command("speed", 0)
    assert experiment.saying().speed == 0
    experiment.command("play", None)
    experiment.wait(30)
    assert experiment.board().rows == [["sent", "60"]]


def test_it_waits_until_its_flows_have_read_it_all(lab):
    """What is counted then is all there is."""

    def counted(lab):
        lab.play(STORY, into=lab.new_topic("orders"), speed=0)
        lab.run(countries(lab))
        return Cards()

    def arrived(lab):
        return {"written": len(lab.read("counts"))}

    experiment = lab.stage("Countries", counted, counts=arrived).wait()
    assert experiment.counts == {"written": 60}
    experiment.again()
    assert experiment.wait().board().rows[0] == ["sent", "60"]


@pytest.mark.parametrize(
    ("lag", "offset", "has_read"), [(0, 60, True), (0, 59, False), (1, 60, False), (None, 0, False)]
)
def test_a_flow_has_read_all_when_it_stands_behind_the_last_record(lag, offset, has_read):
    """Its lag is that of its last fetch, and may be none while more was written."""
    flow = SimpleNamespace(lag=lag, positions={("orders", 0): offset, ("else", 0): 3})
    assert _has_read(flow, {("orders", 0): 60}) is has_read


def test_buttons_of_its_own_are_pressed_by_their_names(lab):
    """Beside the switch that breaks it."""
    pressed = []
    experiment = lab.stage("Walk", cards, acts={"Walk away": lambda: pressed.append(1)})
    assert experiment.stage.acts == [{"name": "Walk away", "on": False}]
    experiment.command("act", "Walk away")
    assert pressed == [1]


@pytest.mark.parametrize(
    ("act", "options", "message"),
    [
        (lambda lab: None, {}, "returns its picture"),
        (lambda lab: Cards(), {"broken": {"key": 1}}, "broken"),
        ("act", {}, "act"),
        (lambda lab: Cards(), {"counts": 3}, "counts"),
        (lambda lab: Cards(), {"acts": {"Walk": 3}}, "acts"),
        (lambda: Cards(), {}, "act"),
    ],
)
def test_what_is_no_experiment_is_refused(lab, act, options, message):
    """In one sentence, with what was expected."""
    with pytest.raises(UsageError, match=message) as refusal:
        lab.stage("Wrong", act, **options)
    assert refusal.value.expected
    assert refusal.value.remedy


def test_what_was_not_broken_has_no_damage(lab, experiment):
    """And what does not say how it breaks cannot be broken."""
    with pytest.raises(UsageError, match="Nothing was broken yet"):
        _ = experiment.broken_counts
    with pytest.raises(UsageError, match="what breaks it"):
        lab.stage("Whole", cards).break_it()


def test_an_act_that_fails_leaves_nothing_behind(lab):
    """What it had opened is closed, and the error is its own."""
    opened = []

    def fails(lab):
        opened.append(lab.play(STORY, into=lab.new_topic("placed"), speed=1))
        raise RuntimeError("no picture")

    with pytest.raises(RuntimeError, match="no picture"):
        lab.stage("Fails", fails)
    assert opened[0].status.state == "stopped"


def test_a_broken_run_that_fails_takes_the_other_along(lab):
    """Nothing goes on that nobody sees, and the next play is whole again."""
    opened = []

    def act(lab, fails=False):
        opened.append(lab.play(STORY, into=lab.new_topic("placed"), speed=1))
        if fails:
            raise RuntimeError("no picture")
        return Cards()

    experiment = lab.stage("Half", act, broken={"fails": True})
    with pytest.raises(RuntimeError, match="no picture"):
        experiment.break_it()
    assert len(opened) == 3
    assert {player.status.state for player in opened} == {"stopped"}
    experiment.again()
    assert opened[-1].status.state == "playing"


def test_a_flow_that_never_reads_is_not_waited_for_without_end():
    """The time that one gives it counts for flows as for players."""
    flow = SimpleNamespace(name="stuck", is_alive=True, lag=None, count=3, positions={})
    side = SimpleNamespace(players=[], flows=[flow])
    with pytest.raises(LogError, match="stuck has not read all"):
        _wait_for(side, 0.01)


def test_a_count_that_fails_is_told_and_the_play_goes_on(lab):
    """Under the pictures, in one line."""

    def wrong(lab):
        raise KeyError("cents")

    experiment = lab.stage("Wrong", cards, counts=wrong).wait()
    assert "cents" in experiment.stage.trouble
    assert experiment.board().rows == [["sent", "60"]]


def test_what_ends_a_player_is_told_on_the_stage_and_by_wait(lab):
    """Nothing ends in silence."""

    def bad(lab):
        lab.play([*STORY[:20], None], into=lab.new_topic("placed"), speed=0)
        return Cards()

    experiment = lab.stage("Bad", bad)
    with pytest.raises(UsageError):
        experiment.wait()
    until(lambda: "None" in experiment.stage.trouble)


def test_stopped_it_is_a_still(experiment):
    """And a second stop does nothing."""
    experiment.stop()
    experiment.stop()
    html = experiment.stage.still()[0]["text/html"]
    assert "Keys" in html
    assert "sent" in html
