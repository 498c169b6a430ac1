"""The picture of two ways to ask: what it counts, and what it draws."""

import threading
from types import SimpleNamespace

import pytest

from eventlab.course.ch05_race import AWAY, BACK, LEFT, SHOP, TOPICS, Race, race_chart
from eventlab.errors import CallError
from eventlab.live.picture import still
from eventlab.log import produce
from tests.waiting import until

PEOPLE = [SimpleNamespace(customer_id="c1", name="Ann")]


class Service:
    """One that is there or not."""

    is_there = True

    def kill(self):
        self.is_there = False

    def start(self):
        self.is_there = True

    def ask(self, _who):
        if self.is_there:
            return {"name": "Ann"}
        raise CallError("No", expected="an answer", found="none", remedy="Ask again.")


@pytest.fixture
def topics(new_topic):
    return {name: new_topic() for name in ("orders", "questions", "answers")}


def race(topics, service, lookup="by request"):
    def through_topics(_who):
        for name in ("questions", "answers"):
            produce(topics[name], [("c1", {})])
        return {"name": "Ann"} if service.is_there else None

    ways = {"by request": service.ask, "through topics": through_topics}
    lab = SimpleNamespace(topic=topics.get)
    return Race(lab, ways, lookup, people=PEOPLE, count=3, service=service)


def play(topics):
    produce(topics["orders"], [("c1", {"customer_id": "c1"})] * 3)


@pytest.mark.broker
@pytest.mark.parametrize(("lookup", "records"), [("by request", 0), ("through topics", 6)])
def test_each_order_is_asked_for_in_both_ways(topics, lookup, records):
    """The records are those of the shop's own questions alone."""
    with race(topics, Service(), lookup) as picture:
        play(topics)
        picture.settle()
        picture._draw()
    assert {way: len(seconds) for way, seconds in picture.seconds.items()} == {SHOP: 3, TOPICS: 3}
    figures = picture.figures()
    assert (figures["look_ups"], figures["wrong_answers"], figures["records"]) == (3, 0, records)
    assert picture.scores()[LEFT] == records
    assert f"{LEFT}: {records}" in picture.chart.rows["words"]
    assert any(lookup in words for words in picture.chart.rows["words"])


@pytest.mark.broker
def test_a_question_that_waits_is_said_to(topics):
    """As long as it does: nothing else moves meanwhile."""
    answered = threading.Event()

    class Slow(Service):
        def ask(self, who):
            answered.wait(30)
            return super().ask(who)

    with race(topics, Slow()) as picture:
        answered.set()
        play(topics)
        picture.settle()
        answered.clear()
        play(topics)
        until(lambda: "1 waits" in picture.chart.rows.get("words", []), what="that one waits")
        answered.set()
        until(lambda: "1 waits" not in picture.chart.rows["words"], what="the end of its wait")


@pytest.mark.broker
def test_a_service_that_is_away_leaves_requests_without_an_answer(topics):
    """They are counted and drawn, and it can be brought back."""
    service = Service()
    with race(topics, service) as picture:
        picture.acts()[AWAY]()
        play(topics)
        picture.settle()
        picture._draw()
    assert picture.scores()["without an answer"] == 3
    assert "3 unanswered" in picture.chart.rows["words"]
    picture.acts()[BACK]()
    assert service.is_there


@pytest.mark.broker
def test_what_a_killed_service_answers_twice_is_none_of_the_shop_s(topics):
    """A question of the comparison, whose answer was written before its place was kept."""
    with race(topics, Service()) as picture:
        play(topics)
        picture.settle()
        produce(topics["answers"], [("c1", {})])
        assert picture.scores()[LEFT] == 0


@pytest.mark.broker
def test_stopped_it_asks_nothing_more(topics):
    """It ends with the question that waits, however many orders are behind it."""
    may_answer = threading.Event()
    asked = []

    class Slow(Service):
        def ask(self, who):
            asked.append(who)
            may_answer.wait(30)
            return super().ask(who)

    picture = race(topics, Slow()).start()
    play(topics)
    until(lambda: asked, what="the first question")
    stopping = threading.Thread(target=picture.stop)
    stopping.start()
    until(picture._stopping.is_set, what="the stop")
    may_answer.set()
    stopping.join(30)
    assert not stopping.is_alive()
    assert len(asked) == 1


def test_the_chart_becomes_a_still():
    """As every output does."""
    spec = race_chart().to_dict()
    spec["datasets"] = {"live": [{"kind": "words", "base": 0.0, "words": "a", "way": SHOP}]}
    assert still(spec, "A chart", "A chart")[0]["image/png"]
