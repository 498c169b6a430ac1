from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from eventlab.lab.acts import Kind
from eventlab.lab.scoring import Played, Scoring, board_of, saying_of
from eventlab.live.director import Saying


def player(state="playing", sent=3, moment=None, acknowledged=None, topics=("orders",)):
    """Return what a player says of itself."""
    status = SimpleNamespace(state=state, virtual_time=moment)
    report = SimpleNamespace(sent=sent, acknowledged=sent if acknowledged is None else acknowledged)
    return SimpleNamespace(status=status, report=report, speed=60.0, topics=topics)


def side(*players):
    """Return a side with players, and a story of two minutes."""
    return SimpleNamespace(
        players=list(players), story_seconds=120.0, scheduled=[], has_ended=False
    )


def played(caption, *players, **counts):
    """Return a run that stands on the stage, with counts."""
    return Played(Kind("", {}, caption), side(*players), None, counts)


def test_the_board_has_a_column_for_each_run():
    """What one of them has not counted is empty; what is sent comes first."""
    runs = [
        played("as it is", player(sent=1200), late_events=2),
        played("broken", player(), lost=1),
    ]
    board = board_of(runs)
    assert board.heads == ["as it is", "broken"]
    assert board.rows == [["sent", "1,200", "3"], ["late events", "2", ""], ["lost", "", "1"]]


def test_what_kafka_has_not_taken_is_not_sent():
    """It is in no log yet. A request that went to a service was sent, answered or not."""
    run = played("", player(sent=43, acknowledged=7), player(sent=5, acknowledged=2, topics=()))
    assert board_of([run]).rows == [["sent", "12"]]


def test_what_plays_nothing_sends_nothing():
    """And says nothing."""
    assert board_of([played("as it is", joined=3)]).rows == [["joined", "3"]]
    assert saying_of([side()]) == Saying()


def test_it_goes_on_as_long_as_one_player_does():
    """The moment is that of the first player."""
    moment = datetime(2025, 3, 3, 8, 0, 5, tzinfo=UTC)
    saying = saying_of([side(player("finished", moment=moment)), side(player("playing"))])
    assert saying.state == "playing"
    assert saying.words == "playing · Mon 03 Mar 08:00:05 in the story"
    assert saying_of([side(player("finished"), player("stopped"))]).words == "finished"


def test_while_the_broker_is_away_it_says_that_it_waits():
    """What has come to its end, or is paused, does not; nor do requests, which go on."""
    moment = datetime(2025, 3, 3, 8, 0, 5, tzinfo=UTC)

    def words(*players):
        return saying_of([side(*players)], is_away=True).words

    assert words(player()) == "waiting for the broker"
    assert words(player(moment=moment)).startswith("waiting for the broker · Mon 03 Mar 08:00:05")
    assert words(player("finished", topics=()), player()) == "waiting for the broker"
    assert words(player(), player(topics=())) == "playing"
    assert words(player("paused")) == "paused"
    assert words(player("finished")) == "finished"


def test_what_a_count_raises_is_kept_until_one_does_not():
    """The run keeps what was counted before."""
    answers = iter([{"n": 1}, ZeroDivisionError(), {"n": 2}])

    def counts(_lab):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    scoring = Scoring(counts)
    run = played("as it is")
    found = []
    for _ in range(3):
        scoring.count([run])
        found.append((run.counts, type(scoring.error)))
    nothing = type(None)
    assert found == [({"n": 1}, nothing), ({"n": 1}, ZeroDivisionError), ({"n": 2}, nothing)]


def test_a_run_that_has_ended_keeps_its_counts():
    """What it counted in may be gone by now."""
    over = played("as it is", n=1)
    over.side.has_ended = True
    Scoring(lambda _lab: {"n": 2}).count([over])
    assert over.counts == {"n": 1}


def test_counting_gets_its_share_of_the_time(monkeypatch):
    """After a second of it comes nothing for twenty."""
    now = [100.0]
    monkeypatch.setattr("eventlab.lab.scoring.time.monotonic", lambda: now[0])
    counted = []

    def slow(_lab):
        now[0] += 1
        counted.append(now[0])
        return {"n": 1}

    scoring = Scoring(slow)
    for seconds in (0, 19, 1.5):
        now[0] += seconds
        scoring.count_when_due([played("as it is")])
    assert counted == [101.0, 122.5]


@pytest.mark.parametrize("counted", [None, [1]])
def test_counts_that_are_none_are_an_error(counted):
    """It says what was expected."""
    scoring = Scoring(lambda _lab: counted)
    scoring.count([played("as it is")])
    assert "a dict of what was counted" in str(scoring.error)
