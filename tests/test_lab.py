import subprocess
import sys
from collections import Counter
from itertools import islice

import bytewax.operators as op
import pandas
import pytest
from bytewax.dataflow import Dataflow
from confluent_kafka import Consumer

from eventlab import Lab
from eventlab.errors import TopicError, UsageError
from eventlab.events import Shop
from tests.waiting import until

pytestmark = pytest.mark.broker


@pytest.fixture
def lab(request):
    """A lab with a chapter's name of its own."""
    with Lab(chapter=request.node.name[5:45].replace("[", "-").replace("]", "")) as lab:
        yield lab


def orders(count, seed=1):
    """Return the first orders of a shop."""
    return list(islice(Shop(seed=seed).orders(), count))


def test_topics_are_the_chapters_own(lab):
    """Two chapters that use one name have two topics."""
    with Lab(chapter="neighbour") as neighbour:
        neighbour.topic("orders")
        lab.produce(orders(3), into=lab.topic("orders"))
        assert len(neighbour.read("orders")) == 0
        assert list(lab.topics()["topic"]) == [lab.name("orders")]


def test_a_topic_that_is_made_again_is_empty(lab):
    """Running the notebook again begins at offset 0."""
    lab.produce(orders(3), into=lab.topic("orders"))
    assert lab.topic("orders", partitions=2).end_offsets() == {0: 0, 1: 0}


def test_what_is_written_can_be_read(lab):
    """Events come back as a DataFrame with their place, their time and their fields."""
    written = orders(50)
    lab.produce(written, into=lab.topic("orders", partitions=3))
    frame = lab.read("orders")
    assert set(frame["order_id"]) == {order.order_id for order in written}
    assert list(frame.columns[:4]) == ["partition", "offset", "timestamp", "key"]
    assert (frame["timestamp"] == frame["at"]).all()


def test_unreadable_records_are_told_of_and_kept(lab, capsys):
    """One line says how many there are and where to look; none is dropped."""
    lab.produce([("a", b"{"), *orders(2)], into=lab.topic("orders"))
    assert len(lab.read("orders")) == 2
    assert "1 records could not be decoded: lab.unreadable('orders')" in capsys.readouterr().out
    assert list(lab.unreadable("orders")["key"]) == ["a"]


def test_plain_clients_work_beside_it(lab):
    """lab.kafka is a dict of settings that confluent_kafka takes as it is."""
    lab.produce(orders(5), into=lab.topic("orders"))
    settings = {"group.id": lab.name("audit"), "auto.offset.reset": "earliest"}
    consumer = Consumer(lab.kafka | settings)
    consumer.subscribe([lab.name("orders")])
    assert len(consumer.consume(5, timeout=30)) == 5
    consumer.commit(asynchronous=False)
    assert lab.lag("audit")["lag"].sum() == 0
    consumer.close()


def test_playing_again_stops_what_played_before(lab):
    """Of two players into one topic only the younger goes on."""
    topic = lab.topic("orders")
    first = lab.play(Shop(seed=1).orders(), into=topic, speed=60, control=False)
    second = lab.play(orders(100), into=topic, speed=0, control=False)
    assert second.wait(30).acknowledged == 100
    assert first.status.state == "stopped"


def test_another_lab_for_the_chapter_takes_the_place_of_the_first(lab):
    """Running the set-up cell again closes what the earlier lab had opened."""
    player = lab.play(Shop(seed=1).orders(), into=lab.topic("orders"), speed=60, control=False)
    with Lab(chapter=lab.chapter) as again:
        assert player.status.state == "stopped"
        assert len(again.topics()) == 1


def test_following_hands_over_what_comes(lab):
    """A follower sees what was there and what is written later."""
    topic, seen = lab.topic("orders"), []
    lab.produce(orders(2), into=topic)
    lab.follow(topic, lambda batch: seen.extend(batch.rows), start="earliest")
    lab.produce(orders(3), into=topic)
    until(lambda: len(seen) == 5, what="five orders")


def test_take_turns_lets_every_group_read_all(lab):
    """Consumers with groups of their own do not share the records."""
    topic = lab.topic("orders", partitions=2)
    lab.produce(orders(20), into=topic)
    readers = [
        Consumer(lab.kafka | {"group.id": lab.name(f"r{n}"), "auto.offset.reset": "earliest"})
        for n in range(2)
    ]
    for reader in readers:
        reader.subscribe([topic.name])
    assert [len(seen) for seen in lab.take_turns(readers, up_to=20, seconds=30)] == [20, 20]
    for reader in readers:
        reader.close()


def test_a_claim_carries_the_kafka_it_was_made_with(lab):
    """The evidence names the version."""
    claim = lab.claim("77.one", "One is one", holds=pandas.Series([True]).all(), count=1)
    assert claim.as_dict()["versions"]["kafka"] == lab.broker.version
    assert claim.holds


def test_an_unknown_topic_names_its_neighbours(lab):
    """A slip of the pen is answered with the topics that are near."""
    lab.topic("orders")
    with pytest.raises(TopicError, match=lab.name("orders")):
        lab.read("order")


@pytest.mark.parametrize("chapter", ["", "a/b", 7, None])
def test_a_chapter_needs_a_plain_name(chapter):
    """It becomes the prefix of topics, so it is what a topic's name may be."""
    with pytest.raises(UsageError, match="A lab belongs to a chapter"):
        Lab(chapter=chapter)


def test_a_program_that_forgets_to_close_ends_all_the_same():
    """Nothing keeps the process, and nothing is printed at its end."""
    program = (
        "from eventlab import Lab; from eventlab.events import Shop\n"
        "lab = Lab(chapter='forgetful')\n"
        "lab.play(Shop(seed=1), into=lab.topic('all'), speed=600, control=False)\n"
        "lab.follow('all', lambda batch: None)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_static_chart_in_a_notebook_is_a_picture():
    """Altair's own output would stay blank offline; ours is a PNG with words."""
    program = (
        "from IPython.testing.globalipapp import start_ipython; shell = start_ipython()\n"
        "from eventlab import Lab; lab = Lab(chapter='static')\n"
        "import altair as alt\n"
        "chart = alt.Chart(alt.InlineData([{'x': 1}]), title='One').mark_bar().encode(x='x:Q')\n"
        "data, metadata = shell.display_formatter.format(chart)\n"
        "print(sorted(data), metadata['image/png']['alt'])\n"
        "lab.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120
    )
    assert "['image/png', 'text/plain'] One" in done.stdout, done.stderr


def countries(lab, **options):
    """Return a flow that writes how many orders each country has had."""
    flow = Dataflow("countries")
    arrivals = op.input("orders", flow, lab.source("orders", **options))
    keyed = op.key_on("by country", arrivals, lambda arrival: arrival.event["country"])
    counted = op.stateful_map("count", keyed, lambda count, _: ((count or 0) + 1,) * 2)
    op.output("counts", counted, lab.sink("counts"))
    return flow


def test_a_flow_goes_from_topic_to_topic(lab):
    """It is bytewax's own; the lab gives it a source and a sink, and runs it in the background."""
    written = orders(200)
    lab.produce(written, into=lab.topic("orders", partitions=2))
    assert lab.run(countries(lab, bounded=True)).wait(30)
    last = lab.read("counts").groupby("key")["value"].max().to_dict()
    assert last == Counter(order.country for order in written)


def test_running_a_flow_again_ends_the_one_before(lab):
    """So its cell may be run at any time; closing the lab ends all of them."""
    lab.topic("orders")
    first = lab.run(countries(lab))
    second = lab.run(countries(lab))
    assert (first.is_alive, second.is_alive) == (False, True)
    lab.close()
    assert not second.is_alive


def test_a_flow_keeps_what_it_knows_until_it_is_told_to_forget(lab):
    """With recovery the counts go on; forgotten, they begin at one."""
    lab.topic("orders")
    counts = []
    for number in range(3):
        if number == 2:
            lab.forget("countries")
        lab.produce(orders(10), into="orders")
        lab.topic("counts")
        assert lab.run(countries(lab, bounded=True), recovery=True).wait(30)
        counts.append(lab.read("counts").groupby("key")["value"].max().sum())
    assert counts == [10, 20, 30]
    assert len(lab.read("counts")) == 30  # the last run has read all of it from the start
