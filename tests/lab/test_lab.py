import subprocess
import sys
from collections import Counter

import pandas
import pytest
from confluent_kafka import Consumer, TopicPartition

from eventlab import Lab
from eventlab.errors import TopicError, UsageError
from eventlab.events import Shop
from eventlab.log import Topic, follow, lag, read, take_turns, topics
from eventlab.streams import table_at
from eventlab.teach.progress import remembered
from tests.lab.flows import countries
from tests.lab.orders import orders
from tests.lab.shell import Shell
from tests.waiting import until

pytestmark = pytest.mark.broker

VERBS = {
    *("name", "new_group", "kafka", "topic", "new_topic", "produce", "read", "play", "source"),
    *("sink", "run", "forget", "table", "show", "keep", "claim", "predict", "reveal", "check"),
    *("stage", "serve", "subscribe", "link", "spans", "close"),
    *("view", "new_database", "new_registry"),
    *("sql", "sql_function", "flink"),
}


def test_a_lab_has_few_verbs():
    """What is more belongs to the rooms: log, streams, pictures, and so on."""
    assert {name for name in dir(Lab) if not name.startswith("_")} == VERBS


# -- opening and closing ------------------------------------------------------------------------


def test_another_lab_for_the_chapter_takes_the_place_of_the_first(lab):
    """Running the set-up cell again closes what the earlier lab had opened."""
    player = lab.play(Shop(seed=1).orders(), into=lab.new_topic("orders"), speed=60, control=False)
    with Lab(chapter=lab.chapter) as again:
        assert player.status.state == "stopped"
        assert len(topics(again.cluster, again.name("orders"))) == 1


def test_what_cannot_be_closed_is_told_when_all_else_is(lab):
    """The rest is closed, the broker is left, and another lab can take its place."""
    closed = []
    lab.keep(lambda: closed.append("kept"))
    lab.keep(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        lab.close()
    assert closed == ["kept"]
    Lab(chapter=lab.chapter).close()


def test_a_program_that_forgets_to_close_ends_all_the_same():
    """Nothing keeps the process, and nothing is printed at its end."""
    program = (
        "from eventlab import Lab; from eventlab.events import Shop\n"
        "from eventlab.log import follow\n"
        "lab = Lab(chapter='forgetful')\n"
        "topic = lab.new_topic('all')\n"
        "lab.play(Shop(seed=1), into=topic, speed=600, control=False)\n"
        "lab.keep(follow(topic, lambda batch: None))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Lab, chapter forgetful: Apache Kafka")
    assert "html" not in done.stdout


def test_what_is_kept_is_closed_with_the_lab(lab):
    """A follower, say; keep returns it."""
    topic, seen = lab.new_topic("orders"), []
    follower = lab.keep(follow(topic, lambda batch: seen.extend(batch.rows), start="earliest"))
    lab.produce(orders(3), into=topic)
    until(lambda: len(seen) == 3, what="three orders")
    lab.close()
    assert not follower.is_alive


class Card:
    """The least that can be shown."""

    def __init__(self):
        self.calls = []

    def show(self):
        self.calls.append("show")

    def stop(self):
        self.calls.append("stop")


def test_what_is_shown_is_stopped_with_the_lab(lab):
    """Show returns it, so that one can stop it oneself."""
    card = Card()
    assert lab.show(card) is card
    lab.close()
    assert card.calls == ["show", "stop"]


@pytest.mark.parametrize("thing", [7, "orders", None])
def test_what_is_no_picture_is_refused(lab, thing):
    """A topic's name is no picture of it."""
    with pytest.raises(UsageError, match="expected a picture, chart or control"):
        lab.show(thing)


# -- topics -------------------------------------------------------------------------------------


def test_a_name_gets_the_chapter_s_prefix_once(lab):
    """A topic that is passed as such stays what it is."""
    assert lab.name(lab.name("orders")) == f"{lab.chapter}.orders"
    assert lab.topic("orders").name == lab.name("orders")
    assert lab.new_group("orders").startswith(lab.name("orders") + ".")
    foreign = Topic(lab.cluster, "elsewhere")
    assert lab.topic(foreign) is foreign


def test_a_handle_deletes_nothing_and_makes_nothing(lab):
    """Only new_topic does, and then the topic is empty."""
    assert not lab.topic("orders").exists
    lab.produce(orders(3), into=lab.new_topic("orders"))
    assert lab.topic("orders").end_offsets() == {0: 3}
    assert lab.new_topic("orders", partitions=2).end_offsets() == {0: 0, 1: 0}


def test_settings_are_written_with_underscores(lab):
    """As Python's names are."""
    topic = lab.new_topic("stock", cleanup_policy="compact", segment_ms=100)
    assert topic.settings()["cleanup.policy"] == "compact"
    assert topic.settings()["segment.ms"] == "100"


def test_topics_are_the_chapters_own(lab):
    """Two chapters that use one name have two topics."""
    with Lab(chapter="neighbour") as neighbour:
        neighbour.new_topic("orders")
        lab.produce(orders(3), into=lab.new_topic("orders"))
        assert len(neighbour.read("orders")) == 0


def test_what_is_written_can_be_read(lab):
    """Events come back as a DataFrame with their place, their time and their fields."""
    written = orders(50)
    lab.produce(written, into=lab.new_topic("orders", partitions=3))
    frame = lab.read("orders")
    assert set(frame["order_id"]) == {order.order_id for order in written}
    assert list(frame.columns[:4]) == ["partition", "offset", "timestamp", "key"]
    assert (frame["timestamp"] == frame["at"]).all()


def test_unreadable_records_are_counted_and_kept(lab, capsys):
    """One line says how many there are and where to look; none is dropped."""
    topic = lab.new_topic("orders")
    lab.produce([("a", b"{"), *orders(2)], into=topic)
    assert len(lab.read("orders")) == 2
    said = capsys.readouterr().out
    assert "1 records of orders could not be decoded: eventlab.log.read(topic).unreadable" in said
    assert list(read(topic).unreadable["key"]) == ["a"]


def test_an_unknown_topic_names_its_neighbours(lab):
    """A slip of the pen is answered with the topics that are near."""
    lab.new_topic("orders")
    with pytest.raises(TopicError, match=lab.name("orders")):
        lab.read("order")


def test_plain_clients_work_beside_it(lab):
    """lab.kafka is a dict of settings that confluent_kafka takes as it is."""
    lab.produce(orders(5), into=lab.new_topic("orders"))
    settings = {"group.id": lab.name("audit"), "auto.offset.reset": "earliest"}
    consumer = Consumer(lab.kafka | settings)
    consumer.subscribe([lab.name("orders")])
    assert [len(seen) for seen in take_turns([consumer], up_to=5, seconds=30)] == [5]
    consumer.commit(asynchronous=False)
    assert lag(lab.cluster, lab.name("audit"))["lag"].sum() == 0
    consumer.close()


def test_a_reader_s_cell_that_runs_again_reads_everything_again(lab):
    """Its group is another one each time, so the member of the first run is not in its way."""
    lab.produce(orders(20), into=lab.new_topic("orders", partitions=2))
    readers = []
    for _ in range(2):
        group = {"group.id": lab.new_group("audit"), "auto.offset.reset": "earliest"}
        readers.append(lab.keep(Consumer(lab.kafka | group)))
        readers[-1].subscribe([lab.name("orders")])
        assert [len(seen) for seen in take_turns(readers[-1:], up_to=20, seconds=30)] == [20]


def test_a_topic_made_anew_on_a_cluster_of_one_s_own_is_read_from_its_beginning(
    broker, monkeypatch
):
    """Even where offsets outlived it: its coordinator may have been loading when it was deleted."""
    monkeypatch.setenv("EVENTLAB_BOOTSTRAP_SERVERS", broker.bootstrap_servers)
    create = Topic.create

    def outlived(topic, *arguments):
        made = create(topic, *arguments)
        stale = Consumer(lab.kafka | {"group.id": lab.name("audit"), "enable.auto.commit": False})
        stale.commit(offsets=[TopicPartition(made.name, 0, 20)], asynchronous=False)
        stale.close()
        return made

    with Lab(chapter="outlived") as lab:
        monkeypatch.setattr(Topic, "create", outlived)
        lab.produce(orders(20), into=lab.new_topic("orders"))
        reader = lab.keep(Consumer(lab.kafka | {"group.id": lab.name("audit")}))
        reader.subscribe([lab.name("orders")])
        assert [len(seen) for seen in take_turns([reader], up_to=20, seconds=30)] == [20]
        lab.topic("orders").delete()


def test_playing_again_stops_what_played_before(lab):
    """Of two players into one topic only the younger goes on."""
    topic = lab.new_topic("orders")
    first = lab.play(Shop(seed=1).orders(), into=topic, speed=60, control=False)
    second = lab.play(orders(100), into=topic, speed=0, control=False)
    assert second.wait(30).acknowledged == 100
    assert first.status.state == "stopped"


# -- flows --------------------------------------------------------------------------------------


def test_a_flow_goes_from_topic_to_topic(lab):
    """It is bytewax's own; the lab gives it a source and a sink, and runs it in the background."""
    written = orders(200)
    lab.produce(written, into=lab.new_topic("orders", partitions=2))
    assert lab.run(countries(lab, bounded=True)).wait(30)
    last = lab.read("counts").groupby("key")["value"].max().to_dict()
    assert last == Counter(order.country for order in written)


def test_running_a_flow_again_ends_the_one_before(lab):
    """So its cell may be run at any time; closing the lab ends all of them."""
    lab.new_topic("orders")
    first = lab.run(countries(lab))
    second = lab.run(countries(lab))
    assert (first.is_alive, second.is_alive) == (False, True)
    lab.close()
    assert not second.is_alive


def test_a_flow_keeps_what_it_knows_until_it_has_to_forget(lab):
    """With recovery the counts go on; forgotten, they begin at one."""
    lab.new_topic("orders")
    counts = []
    for number in range(3):
        if number == 2:
            lab.forget("countries")
        lab.produce(orders(10), into="orders")
        lab.new_topic("counts")
        assert lab.run(countries(lab, bounded=True), recovery=True).wait(30)
        counts.append(lab.read("counts").groupby("key")["value"].max().sum())
    assert counts == [10, 20, 30]
    assert len(lab.read("counts")) == 30  # the last run has read all of it from the start


@pytest.mark.parametrize("processes", [1, 2])
def test_a_flow_runs_in_processes_of_its_own_too(lab, processes):
    """The same cell with one more word; it keeps what it knows across both."""
    written = orders(200)
    lab.produce(written[:100], into=lab.new_topic("orders", partitions=2))
    options = {"where": "process", "processes": processes, "recovery": True}
    lab.forget("countries")
    assert lab.run(countries(lab, bounded=True), **options).wait(60)
    lab.produce(written[100:], into="orders")
    assert lab.run(countries(lab, bounded=True), recovery=True).wait(30)
    last = lab.read("counts").groupby("key")["value"].max().to_dict()
    assert last == Counter(order.country for order in written)
    lab.forget("countries")


def test_a_table_is_up_to_date_and_follows(lab):
    """The same call again stops the one before; the past stays a question of its own."""
    topic = lab.new_topic("stock", cleanup_policy="compact")
    lab.produce([("tea", {"left": 3}), ("jam", {"left": 1})], into=topic)
    table = lab.table("stock")
    assert table.rows() == {"tea": {"left": 3}, "jam": {"left": 1}}
    lab.produce([("jam", None), ("tea", {"left": 2})], into=topic)
    until(lambda: table.rows() == {"tea": {"left": 2}})
    assert table_at(topic, end=2)["left"].to_dict() == {"tea": 3, "jam": 1}
    again = lab.table("stock")
    lab.produce([("tea", None)], into=topic)
    until(lambda: len(again) == 0)
    assert len(table) == 1


def test_what_is_no_flow_is_refused(lab):
    """A learner may pass the stream in place of the flow."""
    with pytest.raises(UsageError, match="expected a flow"):
        lab.run("countries")


# -- teaching and charts ------------------------------------------------------------------------


def test_a_claim_carries_the_kafka_it_was_made_with(lab):
    """The evidence names the version."""
    claim = lab.claim("77.one", "One is one", needs="count == 1", count=1)
    assert claim.as_dict()["versions"]["kafka"] == lab.broker.version
    assert claim.as_dict()["inequality"] == "count == 1"
    assert claim.holds


def done() -> dict[str, list[str]]:
    return {kind: sorted(remembered(kind)) for kind in ("claim", "exercise")}


def test_what_a_person_has_shown_and_solved_is_their_progress(lab, monkeypatch, tmp_path):
    """A claim that holds, not one that is broken; an exercise that is right, not one attempted."""
    shell = Shell()
    monkeypatch.setattr("eventlab.lab.notebook.get_ipython", lambda: shell)
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    lab.claim("77.less", "One is less", needs="count < 1", count=1)
    shell.user_ns["BREAK"] = True
    lab.claim("77.broken", "One is one", needs="count == 1", count=1)
    lab.check("00.1", 1, country="FR", orders=pandas.DataFrame({"country": ["DE"]}))
    assert done() == {"claim": [], "exercise": []}
    shell.user_ns["BREAK"] = False
    lab.claim("77.one", "One is one", needs="count == 1", count=1)
    lab.check("00.1", 1, country="FR", orders=pandas.DataFrame({"country": ["FR"]}))
    assert done() == {"claim": ["77.one"], "exercise": ["00.1"]}


def test_what_a_program_runs_is_nobodys_progress(lab, monkeypatch, tmp_path):
    """The tour and papermill name no cells."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    lab.claim("77.one", "One is one", needs="count == 1", count=1)
    assert done() == {"claim": [], "exercise": []}


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
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", timeout=120
    )
    assert "['image/png', 'text/plain'] One" in done.stdout, done.stderr
