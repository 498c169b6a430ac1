"""Playing events at the pace of their own time."""

import re
import threading
from datetime import UTC, datetime, timedelta
from itertools import count, islice

import pytest

from eventlab import log
from eventlab.errors import DeliveryError, EventError, LogError, TopicError, UsageError
from eventlab.events import Event, Shop, late, malformed
from eventlab.log import Cluster, Player, Topic, read
from tests.conftest import FRAGILE
from tests.log.schemas.made import contracts, record
from tests.waiting import until

AT = {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}}
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)


class Clock:
    """A clock that the tests turn."""

    def __init__(self):
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def steady(per_second: float, number: int | None = None, start: datetime = NOON):
    """Yield events that happen so often in a virtual second."""
    numbers = count() if number is None else range(number)
    return (Event(f"e{n}", start + timedelta(seconds=n / per_second)) for n in numbers)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def play(new_topic):
    """Return what plays into a topic of its own; every player is stopped at the end."""
    players = []

    def start(events, topic=None, **options) -> Player:
        player = Player(topic or new_topic(), events, **options)
        player.start()
        players.append(player)
        return player

    yield start
    for player in players:
        player.stop()
        assert player.status.state in ("stopped", "finished", "failed")


def passes(player: Player, clock: Clock, seconds: float, sent: int) -> None:
    """Turn the clock, and wait until so many events were sent and no more would be."""
    clock.seconds += seconds
    until(lambda: player.status.sent >= sent, what=f"{sent} events sent")
    until(lambda: player._next is not None or player.status.state != "playing")
    assert player.status.sent == sent


def test_all_of_a_story_is_played(play):
    """As fast as the machine can: every event is acknowledged and can be read, in its order."""
    story = list(islice(Shop(seed=5).orders(), 3_000))
    player = play(story, speed=0)
    report = player.wait(60)
    assert (report.sent, report.acknowledged, report.failed) == (3_000, 3_000, 0)
    assert read(player.topic).events["event_id"].tolist() == [event.event_id for event in story]
    status = player.status
    assert (status.state, status.sent, status.error) == ("finished", 3_000, None)
    assert status.virtual_time == story[-1].at


def test_faults_are_played_as_they_arrive(play):
    """Late and malformed deliveries reach the topic in the order and shape of their arrival."""
    story = list(islice(Shop(seed=5).orders(), 300))
    deliveries = list(malformed(late(story, seed=1), seed=2))
    events, unreadable = read(play_all(play, deliveries))
    assert len(events) + len(unreadable) == 300
    damaged = [n for n, one in enumerate(deliveries) if one.value in set(unreadable["value"])]
    assert unreadable["offset"].tolist() == damaged != []


def play_all(play, events) -> Topic:
    player = play(events, speed=0)
    player.wait(60)
    return player.topic


@pytest.mark.parametrize(("per_second", "speed"), [(5_000, 1.0), (50, 100.0), (500_000, 0.01)])
def test_the_pace_is_kept_to_the_event(play, clock, per_second, speed):
    """After so many seconds exactly so many events are sent: nothing drifts, nothing is early."""
    player = play(steady(per_second), speed=speed, clock=clock)
    due = 1  # the first happens at once
    passes(player, clock, 0.0, due)
    for seconds in (0.25, 0.01, 1.0, 0.5):
        due += round(seconds * speed * per_second)
        passes(player, clock, seconds + 1e-6, due)
        clock.seconds -= 1e-6


def test_a_pause_and_new_speeds_change_nothing_but_the_time(play, clock):
    """What is sent is always the sum of seconds times speed, and nothing in a pause."""
    player = play(steady(100), speed=1.0, clock=clock)
    passes(player, clock, 1.005, 101)
    player.pause()
    assert player.status.state == "paused"
    passes(player, clock, 60.0, 101)
    player.play()
    passes(player, clock, 1.0, 201)
    player.speed = 10
    passes(player, clock, 1.0, 1_201)
    player.speed = 0.5
    passes(player, clock, 2.0, 1_301)
    assert player.status.virtual_time == NOON + timedelta(seconds=13.005)


def test_a_burst_of_one_moment_is_sent_at_that_moment(play, clock):
    """Ten thousand events of the same instant, and then the next one in its own time."""
    story = [Event(f"e{n}", NOON) for n in range(10_000)]
    story.append(Event("last", NOON + timedelta(seconds=2)))
    player = play(story, speed=1.0, clock=clock)
    passes(player, clock, 0.0, 10_000)
    passes(player, clock, 1.99, 10_000)
    passes(player, clock, 0.02, 10_001)


def test_from_full_speed_it_goes_on_where_it_has_come(play, clock):
    """Neither a rest until time has caught up, nor a burst of what lies between."""
    player = play(steady(1), speed=0, clock=clock)
    until(lambda: player.status.sent > 2_000)
    player.speed = 1.0
    until(lambda: player.status.virtual_time == NOON + timedelta(seconds=player.status.sent - 1))
    sent = player.status.sent
    passes(player, clock, 3.5, sent + 3)
    player.speed = 0
    until(lambda: player.status.sent > sent + 1_000)


def test_a_slower_speed_is_felt_at_once(play, clock):
    """A speed that no machine can keep does not go on until its time is caught up with."""
    player = play(steady(1), speed=1e9, clock=clock)
    clock.seconds += 1_000  # a thousand billion events are due
    until(lambda: player.status.sent > 1_000)
    player.speed = 1.0
    until(lambda: not player._woken.is_set())
    until(lambda: player.status.virtual_time < NOON + timedelta(days=1))
    sent = player.status.sent
    passes(player, clock, 2.5, sent + 2)


def test_the_wall_clock_s_pace_is_within_two_percent(play):
    """On the real clock, events are sent at the rate that speed and story say."""
    player = play(steady(5_000), speed=1.0)
    until(lambda: player.status.sent > 1_000)
    for _ in range(3):
        player.pause()
        player.play()
    begin = player.status
    until(lambda: player.status.sent > 11_000)
    end = player.status
    virtual_seconds = (end.virtual_time - begin.virtual_time).total_seconds()
    assert end.sent - begin.sent == pytest.approx(virtual_seconds * 5_000, rel=0.02)
    assert end.events_per_second == pytest.approx(5_000, rel=0.25)


def test_full_speed_leaves_the_main_thread_its_turns(play):
    """While it writes as fast as it can, the kernel's own thread goes on getting its turn."""
    player, turns, tick = play(Shop(seed=1).orders(), speed=0), 0, threading.Event()
    until(lambda: player.status.sent > 0)
    first = player.status.sent
    while (sent := player.status.sent) < first + 50_000:
        tick.wait(0.001)
        turns += 1
    assert sent / turns < 10_000
    assert turns > 25


def test_the_events_key_may_be_another(play):
    """`key` names the field, as for writing."""
    player = play(islice(Shop(seed=1).orders(), 20), speed=0, key="product_id")
    player.wait(30)
    events = read(player.topic).events
    assert events["key"].tolist() == events["product_id"].tolist()


@pytest.mark.parametrize("kind", [ZeroDivisionError, SystemExit, KeyboardInterrupt])
def test_an_error_of_the_story_stays_the_learner_s_own(play, kind):
    """What was played before has arrived; `wait` raises the very error, as often as one asks."""

    def failing():
        yield from islice(Shop(seed=1), 10)
        raise kind("mine")

    player = play(failing(), speed=0)
    for _ in range(2):
        with pytest.raises(kind, match="mine"):
            player.wait(30)
    assert (player.status.state, player.report.acknowledged) == ("failed", 10)
    assert player.status.error is player.error


def test_what_is_no_event_fails_the_player(play):
    """The error says what can be delivered."""
    player = play([*islice(Shop(seed=1), 2), {"a": 1}], speed=0)
    with pytest.raises(UsageError, match="only events can be delivered"):
        player.wait(30)
    assert player.report.acknowledged == 2


def test_a_record_that_kafka_refuses_fails_the_player(play):
    """It is not passed over: the report has the reason."""
    player = play(
        islice(Shop(seed=1), 5), speed=0, settings={"message.max.bytes": 1_000}, key=lambda _: "k"
    )
    assert player.wait(30).acknowledged == 5

    def huge():
        yield from islice(Shop(seed=1), 5)
        yield Event("x" * 2_000, NOON)

    failed = play(huge(), topic=player.topic, speed=0, settings={"message.max.bytes": 1_000})
    with pytest.raises(DeliveryError, match="1 MSG_SIZE_TOO_LARGE"):
        failed.wait(30)
    assert (failed.report.sent, failed.report.acknowledged, failed.report.failed) == (6, 5, 1)


@pytest.mark.parametrize("events", [5, "text", {"a": 1}, None])
def test_what_is_no_series_is_refused_at_once(new_topic, events):
    """No thread is started for it."""
    before = threading.active_count()
    with pytest.raises(UsageError, match="a list, a generator"):
        Player(new_topic(), events)
    assert threading.active_count() == before


def test_a_speed_or_a_topic_that_is_none_is_refused_at_once(new_topic, cluster):
    """Nor for these, and a wrong speed leaves a running player as it was."""
    with pytest.raises(UsageError, match="speed"):
        Player(new_topic(), [], speed=-1)
    with pytest.raises(TopicError, match="There is no topic"):
        Player(Topic(cluster, "log.nowhere"), [])


def test_a_wrong_speed_leaves_a_player_as_it_was(play, clock):
    """The error is raised where the speed was set."""
    player = play(steady(10), speed=2.0, clock=clock)
    with pytest.raises(UsageError, match="speed"):
        player.speed = -1
    assert (player.speed, player.status.state) == (2.0, "playing")
    passes(player, clock, 0.51, 11)


def test_nothing_runs_before_it_is_started(new_topic):
    """Making a player starts no thread; to start it twice is to start it once."""
    topic = new_topic()
    before = threading.active_count()
    player = Player(topic, steady(100, 3), speed=0)
    assert threading.active_count() == before
    player.start()
    player.start()
    assert player.wait(30).acknowledged == 3


def test_the_clock_of_a_story_stands_when_it_is_over(play, clock):
    """However long one looks at it afterwards."""
    player = play(list(islice(Shop(seed=5).orders(), 3)), speed=10_000)
    passes(player, clock, 3600, 3)
    player.wait(30)
    at_the_end = player.status.virtual_time
    clock.seconds += 3600
    assert player.status.virtual_time == at_the_end


def test_no_events_are_a_finished_play(play):
    """Nothing to play ends at once, without error."""
    player = play([], speed=1.0)
    assert player.wait(30).sent == 0
    assert (player.status.state, player.status.virtual_time) == ("finished", None)


def test_stop_ends_it_for_good_and_twice_without_harm(play, clock):
    """What was sent has its answer; afterwards neither play nor speed starts it again."""
    player = play(steady(100), speed=1.0, clock=clock)
    passes(player, clock, 1.005, 101)
    report = player.stop()
    assert (report.sent, report.acknowledged) == (101, 101)
    assert player.stop() == report == player.wait(1)
    player.play()
    player.speed = 0
    assert (player.status.state, player.status.sent) == ("stopped", 101)


def test_stop_does_not_wait_for_a_story_that_never_comes(play, monkeypatch):
    """A generator that waits for something does not hold the cell that stops it."""
    monkeypatch.setattr("eventlab.log.playing._STOP_SECONDS", 0.1)
    come = threading.Event()

    def waiting():
        yield from islice(Shop(seed=1), 2)
        come.wait(30)

    player = play(waiting(), speed=0)
    until(lambda: player.status.sent == 2)
    assert player.stop().sent == 2
    assert player.status.state == "playing"
    come.set()
    until(lambda: player.status.state == "stopped")


def test_wait_gives_up_when_its_time_is_over(play, clock):
    """The player goes on; the error says how far it is."""
    player = play(steady(100), speed=1.0, clock=clock)
    passes(player, clock, 0.0, 1)
    with pytest.raises(LogError, match=r"still being played.*1 events sent"):
        player.wait(0.05)
    assert not player.ends_within(0)
    assert player.status.state == "playing"
    player.stop()
    assert player.ends_within(0)


def test_a_pause_before_the_first_event_holds_it(play, clock):
    """Paused as soon as it is made, it sends what it had begun and nothing after."""
    player = play(steady(100), speed=1.0, clock=clock)
    player.pause()
    until(lambda: player._next is not None)
    sent = player.status.sent
    passes(player, clock, 100.0, sent)
    assert sent <= 1
    assert player.status.events_per_second == 0.0


def test_a_pause_holds_a_slow_story_at_once(play):
    """Also at full speed, and in the middle of what is due, the next event is not sent."""
    go = threading.Event()

    def slow():
        yield Event("e0", NOON)
        go.wait(30)
        yield from steady(1)

    player = play(slow(), speed=0)
    until(lambda: player.status.sent == 1)
    player.pause()
    go.set()
    until(lambda: player._next is not None)
    until(lambda: not player._woken.is_set())
    assert player.status.sent == 1
    player.play()
    until(lambda: player.status.sent > 1_000)


@FRAGILE
def test_it_outlives_a_restart_of_the_broker(fragile):
    """While the broker is away the records wait; afterwards each is there once, in order.

    They are of today: of a producer whose last record is older than a day a restarted broker knows
    nothing, and a batch whose answer the stop cut off would then be there twice.
    """
    topic = Topic(Cluster(fragile.client_settings), "play.restart").reset()
    player = log.play(topic, steady(1_000, 20_000, start=datetime.now(UTC)), speed=1.0)
    until(lambda: player.status.acknowledged > 100)
    fragile.stop()
    sent = player.status.sent
    until(lambda: player.status.sent > sent + 100)
    assert player.status.state == "playing"
    fragile.start()
    player.speed = 0
    report = player.wait(60)
    assert (report.sent, report.acknowledged, report.failed) == (20_000, 20_000, 0)
    assert read(topic).events["event_id"].tolist() == [f"e{n}" for n in range(20_000)]


@FRAGILE
def test_stop_while_the_broker_is_away_counts_what_is_lost(fragile):
    """It ends soon, and what had no answer has failed: nothing is left without a verdict."""
    topic = Topic(Cluster(fragile.client_settings), "play.away").reset()
    player = log.play(topic, steady(1_000), speed=1.0)
    until(lambda: player.status.acknowledged > 100)
    fragile.stop()
    sent = player.status.sent
    until(lambda: player.status.sent > sent + 100)
    report = player.stop()
    assert report.sent == report.acknowledged + report.failed
    assert report.reasons == {"without an answer": report.failed}
    assert report.failed >= 100
    assert player.status.state == "stopped"


def test_it_says_in_a_line_how_it_fares(play):
    """As the last value of a cell, for one whose control is not shown."""
    player = play(steady(100, 3), speed=0)
    player.wait(30)
    assert re.fullmatch(r"Player\('.*', finished, 3 events\)", repr(player))


@pytest.mark.parametrize(("before", "after"), [(0, 1), (1, 1), (3, 0)])
def test_none_among_the_events_is_one_error(play, before, after):
    """It is no end: what came before it has arrived, and nothing is passed over in silence."""
    story = list(islice(Shop(seed=1), before + after))
    player = play([*story[:before], None, None, *story[before:]], speed=0)
    with pytest.raises(UsageError, match=r"only events can be delivered: .* found None"):
        player.wait(30)
    assert (player.status.state, player.report.acknowledged) == ("failed", before)


@pytest.mark.parametrize("documented", [Player.__doc__, log.produce.__doc__])
def test_what_may_be_written_twice_is_said_where_one_looks(documented):
    """And how whoever needs each event once can have it."""
    words = " ".join(documented.split())
    for said in ("older than a day", "twice", "events of today", "transactions", "event_id"):
        assert said in words


class Interludes:
    """Note the seconds of each event, keep one waiting, and say when all is over."""

    def __init__(self, wait_at=None):
        self.wait_at = wait_at
        self.asked = []
        self.ends = 0
        self.error = None

    def before(self, due, waiting):
        self.asked.append(((due - NOON).total_seconds(), waiting))
        return (due - NOON).total_seconds() != self.wait_at

    def end(self):
        self.ends += 1
        if self.error is not None:
            raise self.error


@pytest.fixture
def played_with(new_topic):
    """Return what plays events with something between them."""
    players = []

    def start(events, interludes, **options):
        player = Player(new_topic(), events, **options)
        player.interludes = interludes
        player.start()
        players.append(player)
        return player

    yield start
    for player in players:
        player.stop()


def test_something_may_happen_before_each_event(played_with):
    """And it is told when the last one was sent, once."""
    between = Interludes()
    played_with(steady(1, 5), between, speed=0).wait(30)
    assert [seconds for seconds, _ in between.asked] == [0, 1, 2, 3, 4]
    assert between.ends == 1


def test_an_event_waits_until_it_may_go_on(played_with):
    """At full speed it hears how many have no answer yet; stopped, it never goes."""
    between = Interludes(wait_at=3)
    player = played_with(steady(1, 5), between, speed=0)
    until(lambda: between.asked[-1:] == [(3, 0)] and player.status.acknowledged == 3)
    assert player.status.sent == 3
    between.wait_at = None
    assert player.wait(30).acknowledged == 5


def test_stopped_while_an_event_waits_it_ends(played_with):
    """What cannot be mended then is no error: it is being closed too."""
    between = Interludes(wait_at=3)
    between.error = LogError("Gone", expected="a", found="b", remedy="c")
    player = played_with(steady(1, 5), between, speed=1_000)
    until(lambda: player.status.sent == 3 and len(between.asked) > 4)
    assert {waiting for _, waiting in between.asked} == {0}
    player.stop()
    assert (player.status.state, player.error, between.ends) == ("stopped", None, 1)


def test_what_cannot_be_mended_at_the_end_is_an_error(played_with):
    """Of a play that came to its end by itself."""
    between = Interludes()
    between.error = LogError("Gone", expected="a", found="b", remedy="c")
    player = played_with(steady(1, 5), between, speed=0)
    with pytest.raises(LogError, match="Gone"):
        player.wait(30)


def test_events_are_played_under_a_contract(new_topic, play):
    """And one that breaks it ends the play, with the field."""
    (contract,) = contracts(record({"name": "event_id", "type": "string"}, AT))
    topic = new_topic()
    assert play(steady(1, 5), topic, speed=0, contract=contract).wait().acknowledged == 5
    assert list(read(topic, contract=contract).events["event_id"]) == [f"e{n}" for n in range(5)]
    (narrow,) = contracts(record(AT))
    with pytest.raises(EventError, match="in the field 'event_id': expected no such field"):
        play(steady(1, 5), topic, speed=0, contract=narrow).wait()
