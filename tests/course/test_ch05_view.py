"""A service that has a view, and a wait for one's own write."""

import json

import pytest
from confluent_kafka import Consumer, TopicPartition

from eventlab.course import ch05_view
from eventlab.log import produce
from tests import looping

PEOPLE = [("ann", {"name": "Ann"}), ("bob", {"name": "Bob"})]


def row_of(view, request):
    return view.rows[request.path_params["key"]]


async def waits(view, request):
    offset = int(request.query_params["at-least"])
    return {"is_there": await view.reaches(offset, seconds=float(request.query_params["seconds"]))}


@pytest.mark.broker
def test_a_view_has_the_newest_row_of_each_key(cluster, new_topic):
    """It has read what was there as soon as it has started."""
    topic = new_topic()
    produce(topic, [*PEOPLE, ("ann", {"name": "Anna"})])

    async def look():
        view = ch05_view.View(cluster.settings, topic.name)
        await view.start()
        return view.rows, view.offset

    assert looping.run(look()) == ({"ann": {"name": "Anna"}, "bob": {"name": "Bob"}}, 2)


@pytest.mark.broker
def test_a_service_with_a_view_answers_out_of_it(lab):
    """Whoever asks for the key in the path."""
    people = lab.new_topic("people")
    lab.produce(PEOPLE, into=people)
    service = lab.serve("people", ch05_view.with_view(people, row_of))
    assert service.ask("/bob") == {"name": "Bob"}


@pytest.mark.broker
def test_a_read_waits_for_its_own_write_and_no_longer(lab):
    """It is there as soon as the record is read, and its time-out says that it is not."""
    people = lab.new_topic("people")
    service = lab.serve("people", ch05_view.with_view(people, waits))
    assert service.ask("/?at-least=0&seconds=0.1") == {"is_there": False}
    lab.produce(PEOPLE[:1], into=people)
    assert service.ask("/?at-least=0&seconds=4") == {"is_there": True}


@pytest.mark.broker
def test_a_question_waits_for_a_service_that_is_away(lab):
    """And its answer has the correlation id of the question: here the topics win."""
    people, questions, answers = map(lab.new_topic, ["people", "questions", "answers"])
    lab.produce(PEOPLE, into=people)
    service = lab.serve("people", ch05_view.with_view(people, row_of, questions, answers))
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
    copy = lab.serve("copy", ch05_view.with_view(stock, ch05_view.keep_copy))
    assert copy.ask("/", json={"product_id": "p1", "on_hand": 3})["amounts"] == {"p1": 3}
    assert copy.ask("/") == {"offset": -1, "amounts": {"p1": 3}}


@pytest.mark.broker
def test_a_service_learns_the_offset_of_what_it_has_written(lab):
    """Each record has the next one."""
    lab.new_topic("orders")

    async def write(request):
        return {"offset": await ch05_view.written("orders", await request.json(), key="id")}

    service = lab.serve("writer", write)
    assert [service.ask("/", json={"id": "o"})["offset"] for _ in range(3)] == [0, 1, 2]
