"""Playing events as requests, to services whose answers are known beforehand."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from eventlab.errors import UsageError
from eventlab.events import Event
from eventlab.services import Answer, RequestPlayer, request_player
from tests.waiting import until

pytestmark = pytest.mark.processes

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)


@dataclass
class To:
    """A service as far as requests need to know it."""

    name: str
    url: str


def events(number: int) -> list[Event]:
    """Return events a second apart."""
    return [Event(f"e{n}", NOON + timedelta(seconds=n)) for n in range(number)]


@pytest.fixture
def play(http_service):
    """Return what plays into the service; every player is stopped at the end."""
    players = []

    def start(*items, path="/200", to=("shop",), speed=0.0, **options) -> RequestPlayer:
        services = [To(name, http_service.url("")) for name in to]
        players.append(RequestPlayer(services, *items, path=path, speed=speed, **options))
        players[-1].start()
        return players[-1]

    yield start
    for player in players:
        player.stop()


def test_each_event_is_a_request_with_its_json(play, http_service):
    """By POST, each once, and the report counts how they ended."""
    report = play(events(50)).wait(60)
    assert http_service.requests == {"POST /200": 50}
    assert len({body for body in http_service.bodies if b'"event_id":"e' in body}) == 50
    assert "content-type: application/json" in http_service.heads[0].lower()
    assert (report.sent, report.acknowledged, report.reasons) == (50, 50, {"shop: 200": 50})


def test_each_service_gets_each_event(play, http_service):
    """And `on_answer` hears of each answer: the event's number, who has answered, and how."""
    answers: list[Answer] = []
    player = play(events(3), to=("a", "b"), path="/503", on_answer=answers.append)
    assert player.wait(60).acknowledged == 3
    assert sorted((one.number, one.service) for one in answers) == [
        (number, name) for number in range(3) for name in "ab"
    ]
    assert {(one.outcome, one.is_accepted) for one in answers} == {("503", False)}
    assert min(one.seconds for one in answers) > 0
    assert http_service.requests == {"POST /503": 6}


@pytest.mark.parametrize(
    ("path", "outcome"), [("/reset", "reset"), ("/hang", "timeout"), ("/404", "404")]
)
def test_a_request_that_fails_is_an_outcome(play, path, outcome):
    """The play goes on, and ends as if all had been well."""
    player = play(events(2), path=path, timeout_seconds=0.2)
    assert player.wait(60).reasons == {f"shop: {outcome}": 2}
    assert player.status.state == "finished"


def test_nobody_there_is_refused():
    """By a port at which nobody listens."""
    player = RequestPlayer([To("shop", "http://127.0.0.1:1")], events(1), speed=0)
    player.start()
    assert player.wait(60).reasons == {"shop: refused": 1}


def test_who_is_slow_makes_nobody_wait(play, http_service):
    """All are under way at once, at their own time; a stop gives them up."""
    player = play(events(20), path="/hang", speed=1000.0, timeout_seconds=600)
    until(lambda: http_service.requests["POST /hang"] == 20)
    assert player.report.waiting == 20
    player.stop()
    assert player.status.state == "stopped"
    assert player.report.waiting == 20


def test_as_fast_as_it_can_there_are_only_some_at_once(play, http_service):
    """Somebody has to be the measure: who does not answer is not asked without end."""
    player = play(events(100), path="/hang", timeout_seconds=600)
    until(lambda: http_service.requests["POST /hang"] == request_player.AT_FULL_SPEED)
    assert player.status.sent == request_player.AT_FULL_SPEED


@pytest.mark.parametrize("number", [1, 100])
def test_what_an_on_answer_raises_ends_the_play(play, number):
    """At the last answer too; the others have theirs."""
    raised = threading.Event()

    def fail(answer: Answer) -> None:
        raised.set()
        raise LookupError(answer.service)

    player = play(events(number), on_answer=fail)
    with pytest.raises(LookupError, match="shop"):
        player.wait(60)
    assert raised.is_set()
    assert player.status.state == "failed"


@pytest.mark.parametrize(
    "wrong",
    [
        *({"services": []}, {"services": [None]}, {"services": "shop"}),
        {"services": [To("a", "http://a"), To("a", "http://b")]},
        *({"path": "no slash"}, {"events": 7}, {"speed": -1}, {"on_answer": 7}),
        *({"timeout_seconds": 0}, {"timeout_seconds": 1e300}),
    ],
)
def test_what_cannot_be_played_is_refused(wrong):
    """Before anything is begun."""
    good = {"services": [To("a", "http://a")], "events": events(1)}
    with pytest.raises(UsageError, match=next(iter(wrong))):
        RequestPlayer(**good | wrong)
