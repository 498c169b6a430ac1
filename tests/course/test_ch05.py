"""A view that answers, a wait for one's own write, the words of the claims, and the exercise."""

import asyncio
import json
from itertools import islice

import pytest
from confluent_kafka import Consumer, TopicPartition

from eventlab import Lab
from eventlab.course import ch05
from eventlab.events import Shop
from eventlab.log import produce
from eventlab.teach import check
from tests.course.harness import Answer, ChapterTests, solution

PEOPLE = [("ann", {"name": "Ann"}), ("bob", {"name": "Bob"})]


def row_of(view, request):
    return view.rows[request.path_params["key"]]


async def waits(view, request):
    offset = int(request.query_params["at-least"])
    return {"is_there": await view.reaches(offset, seconds=float(request.query_params["seconds"]))}


@pytest.fixture
def lab():
    with Lab(chapter="ch05-tests") as lab:
        yield lab


@pytest.mark.broker
def test_a_view_has_the_newest_row_of_each_key(cluster, new_topic):
    """It has read what was there as soon as it has started."""
    topic = new_topic()
    produce(topic, [*PEOPLE, ("ann", {"name": "Anna"})])

    async def look():
        view = ch05.View(cluster.settings, topic.name)
        await view.start()
        return view.rows, view.offset

    assert asyncio.run(look()) == ({"ann": {"name": "Anna"}, "bob": {"name": "Bob"}}, 2)


@pytest.mark.broker
def test_a_service_with_a_view_answers_out_of_it(lab):
    """Whoever asks for the key in the path."""
    people = lab.new_topic("people")
    lab.produce(PEOPLE, into=people)
    service = lab.serve("people", ch05.with_view(people, row_of))
    assert service.ask("/bob") == {"name": "Bob"}


@pytest.mark.broker
def test_a_read_waits_for_its_own_write_and_no_longer(lab):
    """It is there as soon as the record is read, and its time-out says that it is not."""
    people = lab.new_topic("people")
    service = lab.serve("people", ch05.with_view(people, waits))
    assert service.ask("/?at-least=0&seconds=0.1") == {"is_there": False}
    lab.produce(PEOPLE[:1], into=people)
    assert service.ask("/?at-least=0&seconds=4") == {"is_there": True}


@pytest.mark.broker
def test_a_question_waits_for_a_service_that_is_away(lab):
    """And its answer has the correlation id of the question: here the topics win."""
    people, questions, answers = map(lab.new_topic, ["people", "questions", "answers"])
    lab.produce(PEOPLE, into=people)
    service = lab.serve("people", ch05.with_view(people, row_of, questions, answers))
    service.kill()
    lab.produce([("bob", {"number": 1})], into=questions)
    service.start()
    reading = lab.cluster.settings | {"group.id": lab.new_group("shop")}
    [answer] = first_messages(reading, answers.name, 1)
    assert json.loads(answer.value()) == {"name": "Bob"}


def first_messages(settings, topic, count):
    reader = Consumer(settings)
    reader.assign([TopicPartition(topic, 0, 0)])
    try:
        return reader.consume(count, timeout=20)
    finally:
        reader.close()


@pytest.mark.broker
def test_a_copy_takes_what_is_posted(lab):
    """Beside what it reads in its topic."""
    stock = lab.new_topic("stock")
    copy = lab.serve("copy", ch05.with_view(stock, ch05.keep_copy))
    assert copy.ask("/", json={"product_id": "p1", "on_hand": 3})["amounts"] == {"p1": 3}
    assert copy.ask("/") == {"offset": -1, "amounts": {"p1": 3}}


def test_medians_and_their_factor_are_the_figures_of_the_look_ups():
    """One slow answer moves none of them."""
    found = ch05.lookup_figures([0.001, 0.001, 9.0], [0.004, 0.005, 0.005], wrong=0)
    assert (found["shop_ms"], found["topics_ms"], found["factor"]) == (1, 5, 5)
    assert "5.0 times as long" in ch05.why(found)


@pytest.mark.parametrize(
    ("factor", "words"),
    [(0.9, ch05.SAME), (2.5, ch05.TWICE), (5, ch05.SLOWER), (40, ch05.FAR)],
)
def test_a_guess_of_the_look_ups_comes_true_by_the_factor(factor, words):
    """Each of the guesses can."""
    assert ch05.outcome(factor) == words
    assert words in ch05.GUESSES


def test_the_right_stock_is_the_newest_of_each_product():
    """By the shop's own list; a copy without a product has it wrong."""
    changes = list(islice(Shop(seed=7, products=12).stock(), 40))
    right = ch05.amounts_after(changes)
    assert len(right) == 12
    assert ch05.wrong_products(right, right) == []
    last = changes[-1].product_id
    assert ch05.wrong_products(right | {last: -1}, right) == [last]
    assert len(ch05.wrong_products({}, right)) == 12


def test_the_reason_has_the_wrong_products_of_both_runs():
    """Whichever run stands beside the one with calls."""
    said = ch05.why_copies({"wrong in support": 0}, {"wrong in support": 5})
    assert "5 of 12 are wrong, in the run beside it 0" in said


def judged(requests, events):
    return check("05.1", requests, events)


def test_blank_is_not_yet():
    """The dots of the exercise are no answer."""
    assert judged(..., ...).state == "not yet"
    assert judged("adeg", ...).state == "not yet"


@pytest.mark.parametrize(
    ("requests", "events"),
    [
        ("adeg", "bcfh"),
        ("GEDA", "h f c b"),
        ("a, d, e, g", "b, c, f, h"),
        (["a", "d", "e", "g"], ("b", "c", "f", "h")),
        ({"a", "d", "e", "g"}, {"b", "c", "f", "h"}),
    ],
)
def test_sorted_right_each_gets_its_why(requests, events):
    """However the letters are written."""
    verdict = judged(requests, events)
    assert verdict.state == "right"
    assert verdict.message.count("(") == 8


@pytest.mark.parametrize(
    ("requests", "events", "hint"),
    [
        ("abcdefgh", "", "Not everything is a request"),
        ("", "abcdefgh", "Not everything is an event"),
        ("adg", "bcefh", "(e)"),
        ("adegh", "bcf", "(h)"),
        ("abdeg", "cfh", "(b)"),
        ("acdeg", "bfh", "(c)"),
        ("adef", "bcgh", "(f)"),
        ("ade", "bcfh", "(g)"),
        ("adeg", "bcfhg", "(g)"),
        ("bcfh", "adeg", "(a)"),
        ("adegx", "bcfh", "letters from a to h"),
        (["request"], ["event"], "letters from a to h"),
    ],
)
def test_a_plausible_wrong_answer_is_helped_on(requests, events, hint):
    """Each slip gets the sentence that mends it."""
    verdict = judged(requests, events)
    assert verdict.state == "wrong"
    assert hint in verdict.message


@pytest.mark.parametrize("odd", [3, [1, 2], {"a": 1}, object(), [["a"]]])
def test_an_odd_answer_is_judged_too(odd):
    """No exception gets through."""
    assert judged(odd, odd).state == "wrong"


class TestChapter05(ChapterTests):
    """With look-ups through topics, changes by calls and reads that do not wait none holds."""

    number = "05"
    claims = ("05.lookup", "05.copies", "05.own_write")
    answers = (
        Answer("05.1", "solved", solution("05", 1), "right"),
        Answer("05.1", "all as events", 'requests = ""\nevents = "abcdefgh"', "wrong"),
    )
