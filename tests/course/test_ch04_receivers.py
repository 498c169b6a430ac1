from types import SimpleNamespace

from eventlab.course.ch04 import with_a_burst
from eventlab.course.ch04_receivers import (
    ACCEPTED,
    ADD,
    DENIED,
    FREEZE,
    GO_ON,
    GOT,
    IN_BURST,
    Receivers,
)
from eventlab.events import Shop
from eventlab.services import Answer


def receivers(answers, done):
    """Return a picture that has these answers, (second, accepted), and when what was done."""
    services = [SimpleNamespace(name=name, pid=1) for name in ("stock", "report")]
    story = with_a_burst(Shop(seed=7).orders(), len(answers))
    picture = Receivers(story, services[0], services, done=None, later=lambda: None, speed=0)
    for number, (at, accepted) in enumerate(answers):
        outcome = "200" if accepted else "503"
        picture._answers[number] = (at, Answer(number, "sender", outcome, 0.01))
    for name, moments in done.items():
        picture._done[name] = dict(moments)
    return picture


def test_an_order_waits_from_the_yes_until_it_is_done():
    """One that was refused does not wait, and one that was done before the yes never did."""
    picture = receivers(
        [(1.0, True), (2.0, True), (3.0, False), (4.0, True)],
        {"report": {0: 3.5, 1: 3.6, 2: 9.0, 3: 3.9}},
    )
    assert [picture.waiting("report", at) for at in (0.5, 1.0, 2.0, 3.5, 5.0)] == [0, 1, 2, 1, 0]
    assert picture.most_waiting("report") == 2
    assert picture.held_up() == 1


def test_the_figures_tell_the_sender_from_its_receivers():
    """Counts of orders, and the ratio of two medians."""
    picture = receivers(
        [(float(at), True) for at in range(8)],
        {
            "stock": {number: number + 0.1 for number in range(8)},
            "report": {number: 7.0 + number for number in range(8)},
        },
    )
    found = picture.burst_figures()
    assert (found["accepted"], found["in_burst"], found["held_up"]) == (8, 5, 0)
    assert (found["most_waiting"], found["left"], found["burst_ms"]) == (7, 0, 10.0)
    assert found["waited_ms"] == 7000
    assert picture.pace_figures()["waiting_then"] == 7
    assert picture.added_figures() == {
        "orders": 8,
        "got": 0,
        "first_order": -1,
        "sender_changes": 0,
    }


def test_a_sender_that_refuses_all_has_no_time_for_a_yes():
    """The scoreboard says so with a dash."""
    scores = receivers([(1.0, False)] * 8, {}).scores()
    assert (scores[ACCEPTED], scores[DENIED], scores[IN_BURST], scores[GOT]) == (0, 8, "–", 0)


def test_a_receiver_is_added_once():
    """However often its button is pressed."""
    picture = receivers([(1.0, True)] * 8, {})
    picture._later = lambda: SimpleNamespace(name="audit", pid=2)
    picture._receivers[-1].suspend = picture._receivers[-1].resume = None
    assert list(picture.acts()) == [ADD, FREEZE, GO_ON]
    picture.add()
    picture.add()
    assert [one.name for one in picture._receivers] == ["stock", "report", "audit"]


def test_what_was_answered_is_drawn_as_dots():
    """One for each answer, and words beside each row."""
    picture = receivers([(1.0, True), (2.0, False)] + [(3.0, True)] * 6, {})
    picture._draw()
    rows = picture._live.rows
    assert rows["kind"].count("took") == 7
    assert rows["kind"].count("refused") == 1
    assert "sender: 10 ms, 1 refused" in rows["words"]
    assert "audit: not there yet" in rows["words"]
