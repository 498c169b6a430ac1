"""An experiment from end to end, without a page."""

import re
import threading
from datetime import timedelta
from functools import partial
from itertools import count

import pytest

from eventlab import Lab
from eventlab.errors import BrokerError, LogError, UsageError
from eventlab.lab.acts import BREAK
from eventlab.live import Cards
from eventlab.live.director import Place, Turn
from eventlab.log import topics
from eventlab.pictures import EventCards
from eventlab.processes.background import Background
from eventlab.services import FaultSchedule, Outage
from tests.conftest import FRAGILE
from tests.lab.flows import countries
from tests.lab.orders import orders
from tests.services import apps
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


def test_on_a_page_the_stage_is_there_before_the_play(lab, monkeypatch):
    """Services, databases and flows take their seconds; without a page nothing is drawn of that."""
    words = {}

    def seen_from_within(_side, has_page):
        stage = lab._on_stage.stage
        words[has_page] = stage.status["words"]
        assert (stage._output is not None) is has_page
        return Cards()

    for has_page in (True, False):
        monkeypatch.setattr("eventlab.live.stage.has_page", lambda has_page=has_page: has_page)
        stage = lab.stage("Slow", partial(seen_from_within, has_page=has_page)).stage
        assert stage._output is not None
        until(lambda stage=stage: stage.status["words"] == "", what="the end of the beginning")
    assert words == {True: "getting ready …", False: "getting ready …"}


def test_one_that_cannot_begin_leaves_its_stage_with_the_reason(lab, monkeypatch):
    """Its cell says it too, and the next one begins as ever."""
    monkeypatch.setattr("eventlab.live.stage.has_page", lambda: True)
    with pytest.raises(ZeroDivisionError):
        lab.stage("Broken", lambda _side: 1 / 0)
    stage = lab._on_stage.stage
    assert stage.trouble == "ZeroDivisionError: division by zero"
    assert not stage._sender.is_alive
    data, _metadata = stage.still()
    assert "Broken" in data["text/html"]
    assert "division by zero" in data["text/html"]
    assert lab.stage("Whole", cards).wait().board().rows == [["sent", "60"]]


def test_what_was_waited_for_is_on_the_page(lab, monkeypatch):
    """At once, and not at the stage's next turn: the cell may say next what came out."""
    monkeypatch.setattr("eventlab.live.stage._RATE", 0.001)
    experiment = lab.stage("Keys", cards, counts=keys).wait()
    assert experiment.stage.board["rows"] == [["sent", "60"], ["keys", str(CUSTOMERS)]]
    assert experiment.stage.status["state"] == "finished"


def test_an_older_count_never_takes_the_place_of_the_last_one(lab):
    """What began before the end may take its time."""
    numbers = count(1)
    first = threading.Event()
    is_over = threading.Event()

    def slow_at_first(_lab):
        number = next(numbers)
        if number == 1:
            first.set()
            is_over.wait(1)
        return {"number": number}

    experiment = lab.stage("Slow", cards, counts=slow_at_first)
    until(first.is_set, what="a count while it plays")
    experiment.wait()
    is_over.set()
    experiment.stop()
    assert experiment.counts["number"] > 1


def test_what_plays_nothing_has_nothing_sent(lab):
    """And no speed."""
    experiment = lab.stage("Still", lambda lab: Cards(), counts=lambda lab: {"joined": 3}).wait()
    assert experiment.board().rows == [["joined", "3"]]
    assert experiment.saying().speeds == ()


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
        (cards, {"acts": {BREAK: print}}, "another name in acts, found 'Break it'"),
        (cards, {"acts": {BREAK: print}, "broken": {"key": "order_id"}}, "another name in acts"),
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


def test_a_broken_run_that_fails_leaves_the_other_on_the_stage(lab):
    """It begins anew, for its topics were emptied; nothing goes on that nobody sees."""
    opened = []

    def act(lab, fails=False):
        opened.append(lab.play(STORY, into=lab.new_topic("placed"), speed=0))
        if fails:
            raise RuntimeError("no picture")
        return Cards()

    experiment = lab.stage("Half", act, broken={"fails": True}).wait()
    with pytest.raises(RuntimeError, match="no picture"):
        experiment.break_it()
    assert len(opened) == 4
    assert [player.status.state for player in opened[:3]] == ["finished", "stopped", "stopped"]
    assert experiment.wait().board().rows == [["sent", "60"]]
    assert experiment.stage.acts == [{"name": BREAK, "on": False}]
    experiment.again()
    assert experiment.wait().board().rows == [["sent", "60"]]


def test_a_count_that_fails_is_told_until_it_does_not(lab):
    """Under the pictures, in one line; the play goes on."""
    faults = [KeyError("cents")]

    def sometimes(lab):
        if faults:
            raise faults[0]
        return {"fine": 1}

    experiment = lab.stage("Wrong", cards, counts=sometimes).wait()
    until(lambda: "cents" in experiment.stage.trouble, what="the fault")
    assert experiment.board().rows == [["sent", "60"]]
    faults.clear()
    experiment.again()
    experiment.wait()
    until(lambda: experiment.stage.trouble == "", what="the fault to be over")
    assert experiment.counts == {"fine": 1}


@pytest.mark.parametrize("counted", [None, [1], 5, "abc", {1: 2}])
def test_counts_that_are_none_are_told_with_what_was_expected(lab, counted):
    """The scoreboard stays as it is."""
    experiment = lab.stage("Wrong", cards, counts=lambda lab: counted).wait()
    until(lambda: "a dict of what was counted" in experiment.stage.trouble)
    assert experiment.board().rows == [["sent", "60"]]


class Odd(EventCards):
    """A picture of a learner's own, in which something goes wrong."""

    def __init__(self, topic, **wrong):
        super().__init__(topic)
        self._wrong = wrong

    def acts(self):
        return self._wrong.get("acts", {})

    def scores(self):
        return self._wrong.get("scores", {})

    def stop(self):
        super().stop()
        if self._wrong.get("stop"):
            raise self._wrong["stop"].pop()


def odd(**wrong):
    def act(lab, breaks=False):
        placed = lab.new_topic("placed")
        lab.play(STORY, into=placed, speed=0)
        return Odd(placed, **wrong)

    return act


@pytest.mark.parametrize("acts", [None, ["Press"], {"Press": 5}, {BREAK: print}])
def test_a_picture_s_buttons_that_are_none_are_refused_and_nothing_stays(lab, acts):
    """As what an act returns in place of a picture is."""
    with pytest.raises(UsageError, match=r"Odd\.acts"):
        lab.stage("Odd", odd(acts=acts))
    assert not [one for one in threading.enumerate() if str(lab.topic("placed")) in one.name]


@pytest.mark.parametrize("scores", [None, [1], {1: 2}])
def test_a_picture_s_scores_that_are_none_are_told(lab, scores):
    """It plays on, again and broken too."""
    experiment = lab.stage("Odd", odd(scores=scores), broken={"breaks": True}).wait()
    until(lambda: "Odd.scores" in experiment.stage.trouble)
    experiment.break_it().wait()
    assert experiment.board().rows == [["sent", "60", "60"]]


def test_a_picture_that_cannot_be_stopped_does_not_stop_the_next_play(lab):
    """What went wrong is told on the stage; the players and readers beside it are ended."""
    experiment = lab.stage("Odd", odd(stop=[RuntimeError("not me")])).wait()
    experiment.again()
    assert experiment.wait().board().rows == [["sent", "60"]]
    assert "not me" in experiment.stage.trouble


def test_stopped_before_its_end_it_does_not_pass_for_played(lab):
    """Neither by its own stop, nor by another play into its topic."""

    def slow(lab):
        lab.play(STORY, into=lab.new_topic("placed"), speed=1)
        return Cards()

    first = lab.stage("Slow", slow)
    second = lab.stage("Slow too", slow)
    with pytest.raises(LogError, match="was not played to its end"):
        first.wait()
    second.stop()
    for late in (second.wait, second.again, second.break_it, lambda: second.press(BREAK)):
        with pytest.raises(UsageError):
            late()
    with pytest.raises(UsageError, match="has ended"):
        second.again()


def test_an_act_plays_into_topics_of_its_own(lab):
    """Two runs in one topic would count each other's events."""
    shared = lab.new_topic("shared")

    def act(_lab, breaks=False):
        _lab.play(STORY, into=shared, speed=0)
        return Cards()

    experiment = lab.stage("Shared", act, broken={"breaks": True})
    with pytest.raises(UsageError, match="its own run"):
        experiment.break_it()
    with pytest.raises(UsageError, match="events"):
        lab.stage("Nothing", lambda lab: lab.play(None, into=lab.new_topic("none")))


@pytest.mark.parametrize("seconds", [-1, "a", [1], float("nan")])
def test_a_time_to_wait_that_is_none_is_refused(experiment, seconds):
    """With what is expected."""
    with pytest.raises(UsageError, match="seconds"):
        experiment.wait(seconds)


@pytest.mark.parametrize("name", ["Walk", None, [1], {"a": 1}])
def test_a_button_that_is_not_there_is_refused(experiment, name):
    """With those that are."""
    with pytest.raises(UsageError, match="Break it"):
        experiment.press(name)


@FRAGILE
@pytest.mark.usefixtures("fragile")
def test_a_broker_that_is_gone_is_told_until_it_is_back(monkeypatch):
    """On the stage, and after a while by wait; the play goes on by itself."""

    def slow(lab):
        lab.play(STORY, into=lab.new_topic("placed"), speed=100)
        return Cards()

    with Lab("gone") as lab:
        experiment = lab.stage("Slow", slow)
        lab.broker.stop()
        until(lambda: "lab.broker.start()" in experiment.stage.trouble, what="the trouble")
        assert experiment.saying().words.startswith("waiting for the broker")
        sent = experiment.board().rows
        (player,) = experiment._runs[0].side.players
        written = player.report.sent
        until(lambda: player.report.sent > written, what="more of the story")
        assert experiment.board().rows == sent  # though the shop goes on
        monkeypatch.setattr("eventlab.lab.played.AWAY_SECONDS", 0.5)
        with pytest.raises(BrokerError, match="it was stopped"):
            experiment.wait()
        lab.broker.start()
        until(lambda: experiment.stage.trouble == "", what="the trouble to be over")
        assert experiment.saying().words.startswith("playing")
        experiment.command("speed", 0)
        assert experiment.wait().board().rows == [["sent", "60"]]


@pytest.mark.long
@FRAGILE
@pytest.mark.usefixtures("fragile")
def test_played_again_without_a_broker_it_goes_on_when_the_broker_is_back():
    """Nothing was ended for a play that could not begin: its controls and figures stay."""

    def slow(lab):
        placed = lab.new_topic("placed")
        lab.play(STORY, into=placed, speed=100)
        return EventCards(placed)

    with Lab("refused") as lab:
        experiment = lab.stage("Slow", slow, broken={}, acts={"Stop": lab.broker.stop})
        experiment.press("Stop")
        before = experiment.picture
        for begin in (experiment.again, lambda: experiment.command("again", None)):
            with pytest.raises(BrokerError, match="begin anew"):
                begin()
        assert experiment.saying().state == "playing"
        assert experiment.saying().speeds
        assert experiment.board().heads == [""]
        assert experiment.picture is before
        lab.broker.start()
        experiment.command("speed", 0)
        assert experiment.wait().board().rows == [["sent", "60"]]
        experiment.again()
        experiment.command("speed", 0)
        assert experiment.wait().board().rows == [["sent", "60"]]


def test_a_play_that_cannot_begin_leaves_the_one_before_as_it_was_when_it_ended(lab):
    """With its controls and figures, and what it needs to begin anew."""
    faults = []

    def act(lab):
        placed = lab.new_topic("placed")
        lab.play(STORY, into=placed, speed=0)
        if faults:
            raise faults[0]
        return Odd(placed, acts={"Press": list}, scores={"odd": 1})

    experiment = lab.stage("Half", act, counts=keys, acts={"Mend": faults.clear}).wait()
    board = experiment.board()
    faults.append(RuntimeError("no picture"))
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no picture"):
            experiment.command("again", None)
    assert experiment.saying().state == "finished"
    assert experiment.saying().speeds
    assert experiment.board() == board
    assert experiment.wait().board() == board  # nothing is counted anew in a topic that is empty
    assert [one["name"] for one in experiment.stage.acts] == ["Mend"]
    with pytest.raises(UsageError, match="'Mend'"):
        experiment.press("Press")
    experiment.press("Mend")
    experiment.again()
    assert experiment.wait().board() == board
    assert [one["name"] for one in experiment.stage.acts] == ["Press", "Mend"]


def test_who_waits_waits_for_the_play_that_begins_meanwhile(lab):
    """However long it takes until it stands on the stage, which says that it comes."""
    may_begin = threading.Event()
    has_ended = threading.Event()

    def act(lab):
        placed = lab.new_topic("placed")
        if has_ended.is_set():
            may_begin.wait(30)
        lab.play(STORY, into=placed, speed=0 if has_ended.is_set() else 1)
        has_ended.set()
        return EventCards(placed)

    experiment = lab.stage("Slow", act)
    waiting = Background("wait", experiment.wait)
    waiting.start()
    again = Background("again", experiment.again)
    again.start()
    until(lambda: experiment.saying().state == "stopped", what="the end of the first")
    assert not waiting.wait(0.5)
    assert experiment.saying().words == "getting ready …"
    may_begin.set()
    until(lambda: not waiting.is_alive, what="the end of the wait")
    assert (waiting.error, again.error) == (None, None)
    assert experiment.saying().words.startswith("finished")
    assert experiment.board().rows == [["sent", "60"]]


def test_what_went_with_the_play_before_is_no_error_of_the_wait(lab):
    """Its topics went while somebody waited for them; another play stands on the stage."""

    class Vanishing(EventCards):
        def settle(self):
            if not again:
                again.append(Background("again", experiment.again))
                again[0].start()
                again[0].wait(60)
                raise LogError("gone", expected="a topic", found="none", remedy="-")

    def act(lab):
        placed = lab.new_topic("placed")
        lab.play(STORY, into=placed, speed=0)
        return Vanishing(placed)

    again = []
    experiment = lab.stage("Twice", act)
    experiment.wait()
    assert len(again) == 1
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
    assert re.search(r"sent</th><td[^>]*>60<", html)


def served(lab, words="hello", name="greeter"):
    """Play the story into a service of its own."""
    lab.play(STORY[:5], into=lab.serve(name, lambda _request: words), speed=0)
    return Cards()


def test_the_next_experiment_ends_the_services_of_one_that_is_over(lab):
    """Its counts stay, and it can begin anew; one that goes on keeps them."""
    first = lab.stage("First", served).wait()
    services = [run.side._mesh.services["greeter"] for run in first._runs]
    assert [one.state for one in services] == ["up"]
    second = lab.stage("Second", act_of("porter"))
    assert [one.state for one in services] == ["stopped"]
    assert first.board().rows == [["sent", "5"]]
    first.again()
    assert first.wait().board().rows == [["sent", "5"]]
    third = lab.stage("Third", served)
    unwaited = [run.side._mesh.services["porter"] for run in second._runs]
    assert [one.state for one in unwaited] == ["up"]
    third.wait()


def test_what_was_waited_for_stays_as_it_was_found(lab):
    """Though the next experiment has its topics and services now: cells may run again."""
    first = lab.stage("First", cards, counts=keys).wait()
    lab.stage("Second", lambda lab: EventCards(lab.new_topic("placed"))).wait()
    assert first.wait().counts == {"keys": CUSTOMERS}


def act_of(name):
    """Return an act whose service has this name."""
    return lambda lab: served(lab, name=name)


def events_of(lab):
    """Play the story to a service that reads it."""
    placed = lab.new_topic("placed")
    lab.subscribe("reader", lambda _order: None, to=placed)
    lab.play(STORY[:5], into=placed, speed=0)
    return Cards()


@pytest.mark.parametrize(("act", "name"), [(served, "greeter"), (events_of, "reader")])
def test_a_service_takes_the_place_of_one_of_its_name_in_another_experiment(lab, act, name):
    """Though nobody has waited for that: both would write the same view, or share a group."""
    first = lab.stage("First", act)
    second = lab.stage("Second", act)
    services = [one._runs[0].side._mesh.services[name] for one in (first, second)]
    assert [one.state for one in services] == ["stopped", "up"]
    first.again()
    again = first._runs[0].side._mesh.services[name]
    assert [one.state for one in (services[1], again)] == ["stopped", "up"]
    first.wait()


def test_a_service_that_is_served_again_in_one_run_gives_up_its_port_last(lab):
    """As in a notebook: the one before answers until the new one takes requests."""
    seen = []

    def act(lab):
        first = lab.serve("greeter", lambda _request: "one")
        second = lab.serve("greeter", lambda _request: "two")
        seen.extend([first.url == second.url, second.ask("/")])
        return Cards()

    lab.stage("Twice", act)
    assert seen == [True, "two"]


def shop(lab, replicas=1, patient=True):
    """Play the story into a service that is killed for some of it."""
    service = lab.serve("shop", apps.hello)
    seconds = [(one.at - STORY[0].at).total_seconds() for one in STORY]
    outage = Outage(seconds[20], seconds[40], "shop", "killed")
    lab.play(STORY, into=service, speed=0, faults=FaultSchedule([outage]))
    return Cards()


def test_the_outages_of_what_it_plays_are_drawn(lab):
    """Once, though two runs meet them; and how far in the story they are."""
    experiment = lab.stage("Shop", shop, broken={"patient": False}).break_it().wait()
    (band,) = experiment.bands()
    assert (band.target, band.words) == ("shop", "killed")
    said = experiment.saying()
    assert 0 < band.begin < band.end < said.of_seconds
    assert said.at_seconds == pytest.approx(said.of_seconds)


def test_a_hand_breaks_the_same_in_both_runs(lab):
    """As often as it wants, and a service that is not there is refused."""
    experiment = lab.stage("Shop", shop, broken={"patient": False}).break_it().wait()
    experiment.command("trouble", ["shop", "frozen"])
    assert experiment.places() == [Place("shop", "frozen", ["killed", "frozen"])]
    states = [run.side.breakables()["shop"].trouble for run in experiment._runs]
    assert states == ["frozen", "frozen"]
    experiment.let("shop", "")
    assert [place.now for place in experiment.places()] == [""]
    with pytest.raises(UsageError, match="'shop'"):
        experiment.let("stock", "killed")


def test_what_can_be_broken_stays_in_its_place_while_it_begins_anew(lab):
    """The figures below it do not jump up and down."""
    seen = []

    def act(lab, patient=True):
        if experiment:
            seen.append([place.name for place in experiment[0].places()])
        return shop(lab, patient=patient)

    experiment = []
    experiment.append(lab.stage("Shop", act))
    experiment[0].wait().again()
    assert seen == [["shop"]]


def test_a_turn_lets_it_begin_anew(lab):
    """With the other value, on the page by its number."""
    taken = []

    def act(lab, services=2):
        taken.append(services)
        return Cards()

    experiment = lab.stage("Turned", act, turn={"services": [1, 2, 4]})
    assert experiment.turns() == [Turn("services", ["1", "2", "4"], 1)]
    experiment.command("turn", ["services", 2])
    experiment.turn("services", 1).again()
    assert taken == [2, 4, 1, 1]
    with pytest.raises(UsageError, match="1 or 2 or 4"):
        experiment.turn("services", 3)
    assert taken == [2, 4, 1, 1]


class Vanishing(list):
    """What stands on the stage until somebody has looked at it."""

    def __iter__(self):
        found = list.copy(self)
        self.clear()
        return iter(found)


def test_what_is_said_is_of_the_same_runs_throughout(lab):
    """Though all begins anew in the middle of it: else the stage would say nothing any more."""
    experiment = lab.stage("Shop", shop).wait()
    standing = experiment._runs
    experiment._runs = Vanishing(standing)
    assert experiment.saying().state == "finished"
    experiment._runs = standing
