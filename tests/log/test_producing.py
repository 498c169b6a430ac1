"""Writing, with every delivery accounted for."""

import subprocess
import sys
from itertools import islice

import msgspec
import pytest
from confluent_kafka import KafkaError, KafkaException

from eventlab.errors import DeliveryError, EventError, UsageError
from eventlab.events import Shop
from eventlab.log import Cluster, Record, Report, Topic, Writer, prepare, produce, read
from tests.conftest import FRAGILE
from tests.events.examples import EXAMPLE_ORDER
from tests.log.schemas.made import CENTS, contracts, record
from tests.waiting import until

INTERRUPTED = """
import signal, sys, threading
from eventlab.log import Cluster, Topic, produce
topic = Topic(Cluster({"bootstrap.servers": sys.argv[1]}), "interrupted").reset()
def endless():
    yield ("k", "v")
    print("ready", flush=True)
    sys.stdin.readline()
    yield ("k", "v")
    signal.alarm(1)
signal.signal(signal.SIGALRM, signal.default_int_handler)
try:
    produce(topic, endless())
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
INTERRUPTED_OFTEN = """
import os, random, signal, sys, threading, time
from collections import Counter

from eventlab.log import Cluster, Topic, produce

def interrupt():
    for _ in range(200):
        time.sleep(random.random() / 50)
        os.kill(os.getpid(), signal.SIGINT)

topic = Topic(Cluster({"bootstrap.servers": sys.argv[1]}), sys.argv[2])
ended = Counter()
produce(topic, [("k", "v")])
interrupts = threading.Thread(target=interrupt)
try:
    interrupts.start()
    while interrupts.is_alive():
        try:
            produce(topic, [("k", "v")] * 25)
        except Exception as error:
            ended[type(error).__name__] += 1
        except KeyboardInterrupt:
            ended["an interrupt"] += 1
except KeyboardInterrupt:  # between two of them
    signal.signal(signal.SIGINT, signal.SIG_IGN)
interrupts.join()
print(*ended)
"""


def test_the_report_accounts_for_every_record(new_topic):
    """What was sent, what was acknowledged, and where it went, agree with what can be read."""
    topic = new_topic(3)
    story = list(islice(Shop(seed=2), 2_000))
    report = produce(topic, story)
    events = read(topic).events
    assert (report.sent, report.acknowledged, report.failed, report.waiting) == (2_000, 2_000, 0, 0)
    assert report.partitions == events.groupby("partition").size().to_dict()
    spans = events.groupby("partition")["offset"].agg(["min", "max"])
    assert report.offsets == {n: (row["min"], row["max"]) for n, row in spans.iterrows()}
    assert sorted(events["event_id"]) == sorted(event.event_id for event in story)


def test_events_of_a_key_stay_in_order_in_one_partition(new_topic):
    """Each customer's events lie in one partition in the order in which they were written."""
    topic = new_topic(3)
    orders = list(islice(Shop(seed=2).orders(), 500))
    produce(topic, orders)
    for customer, events in read(topic).events.groupby("customer_id"):
        assert events["partition"].nunique() == 1
        expected = [order.event_id for order in orders if order.customer_id == customer]
        assert events["event_id"].tolist() == expected


def test_a_record_keeps_what_it_was_given(new_topic, cluster):
    """Partition, time and headers arrive as they were said."""
    topic = new_topic(2)
    produce(topic, [Record("k", b"1", 1_000, [("trace", b"7")], 1)])
    row = read(topic).events.iloc[0]
    assert (row["partition"], row["timestamp"].timestamp(), row["key"]) == (1, 1.0, "k")


def test_a_writer_s_report_is_a_snapshot(new_topic):
    """An earlier report does not change while the writer goes on."""
    writer = Writer(new_topic())
    earlier = writer.report
    assert writer.offer(Record("k", b"1"), 1)
    assert writer.close(10).acknowledged == 1
    assert earlier == Report(earlier.topic)


def test_what_is_too_large_is_counted_and_reported(new_topic):
    """One record that Kafka does not take is an error with the counts; the others arrive."""
    topic = new_topic()
    sent = [("k", "1"), ("k", b"x" * 2_000_000), ("k", "2")]
    with pytest.raises(DeliveryError, match="1 MSG_SIZE_TOO_LARGE") as caught:
        produce(topic, sent)
    report = caught.value.report
    assert (report.sent, report.acknowledged, report.failed) == (3, 2, 1)
    assert read(topic).events["value"].tolist() == [1, 2]


def test_a_partition_that_is_not_there_is_counted(new_topic):
    """A record for it has failed, with Kafka's reason."""
    with pytest.raises(DeliveryError, match="UNKNOWN_PARTITION") as caught:
        produce(new_topic(), [Record("k", b"1", partition=7)])
    assert caught.value.report.failed == 1


def test_an_error_of_the_story_stays_itself_and_loses_nothing(new_topic):
    """What was written before a generator failed has arrived when its error is raised."""
    topic = new_topic()

    def failing():
        yield from [("k", "1"), ("k", "2")]
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        produce(topic, failing())
    assert read(topic).events["value"].tolist() == [1, 2]


@pytest.mark.parametrize("items", [5, {"a": 1}, "text"])
def test_what_is_no_series_is_refused_before_anything_is_asked(items):
    """No broker is needed to say so."""
    nowhere = Topic(Cluster({"bootstrap.servers": "127.0.0.1:1"}), "t")
    with pytest.raises(UsageError, match="a list, a generator"):
        produce(nowhere, items)


def test_an_event_that_cannot_be_said_is_named(new_topic):
    """The error of the event's own room is passed on."""
    order = msgspec.structs.replace(EXAMPLE_ORDER, country=object())
    with pytest.raises(EventError, match="country"):
        produce(new_topic(), [order])


def test_more_than_fits_the_queue_is_written_all_the_same(new_topic):
    """With room for a hundred, five thousand arrive, in order."""
    topic = new_topic()
    small = {"queue.buffering.max.messages": 100}
    report = produce(topic, [("k", str(n)) for n in range(5_000)], settings=small)
    assert report.acknowledged == 5_000
    assert read(topic).events["value"].tolist() == [*range(5_000)]


def test_nothing_to_write_is_no_error(new_topic):
    """An empty series has an empty report."""
    assert produce(new_topic(), []).sent == 0


@FRAGILE
def test_a_broker_that_is_gone_leaves_nothing_uncounted(fragile, monkeypatch):
    """When it stops in the middle, what has no answer is reported, with the counts."""
    topic, hasty = Topic(Cluster(fragile.client_settings), "gone").reset(), {"linger.ms": 0}
    produce(topic, [("k", "0")], settings=hasty)  # so that the producer is ready
    monkeypatch.setattr("eventlab.log.producing.PATIENCE_SECONDS", 0.5)

    def story():
        yield from [("k", "1")] * 10
        fragile.stop()
        yield from [("k", "2")] * 5

    with pytest.raises(DeliveryError, match="5 without an answer") as caught:
        produce(topic, story(), settings=hasty)
    report = caught.value.report
    assert (report.sent, report.acknowledged, report.failed, report.waiting) == (15, 10, 5, 0)


@FRAGILE
def test_a_queue_that_stays_full_is_an_error_and_not_a_loss(fragile, monkeypatch):
    """The record that finds no room is not passed over: writing ends, and says so."""
    monkeypatch.setattr("eventlab.log.producing.PATIENCE_SECONDS", 0.3)
    topic = Topic(Cluster(fragile.client_settings), "full").reset()
    taken = []

    def story():
        yield ("k", "1")
        fragile.stop()
        for n in range(100):
            taken.append(n)
            yield ("k", "2")

    with pytest.raises(DeliveryError) as caught:
        produce(topic, story(), settings={"queue.buffering.max.messages": 3})
    report = caught.value.report
    assert report.failed == report.sent - report.acknowledged > 0
    assert len(taken) < 100


def test_a_record_that_is_refused_when_there_is_room_again_has_failed(new_topic, monkeypatch):
    """It is counted with its reason, as one is that is refused at once."""
    writer = Writer(new_topic())
    answers = [BufferError(), KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))]

    def refuse(*_arguments, **_named):
        raise answers.pop(0)

    monkeypatch.setattr(writer, "_produce", refuse)
    assert writer.offer(Record("k", b"1"), 1)
    report = writer.close(1)
    assert (report.sent, report.failed, answers) == (1, 1, [])
    assert report.reasons == {"MSG_SIZE_TOO_LARGE": 1}


@FRAGILE
def test_a_restart_in_the_middle_loses_and_doubles_nothing(fragile):
    """Records that wait for a killed broker arrive once, in order, when it is back."""
    topic = Topic(Cluster(fragile.client_settings), "restarted").reset()
    produce(topic, [("k", "-1")])  # so that the producer is ready

    def story():
        for n in range(2_000):
            if n == 1_000:
                fragile.kill()
                fragile.start()
            yield ("k", str(n))

    assert produce(topic, story()).acknowledged == 2_000
    assert read(topic).events["value"].tolist() == [*range(-1, 2_000)]


@FRAGILE
def test_an_interrupt_is_heard_while_it_waits(fragile):
    """The kernel's interrupt ends a cell that waits for a broker that is away."""
    command = [sys.executable, "-c", INTERRUPTED, fragile.bootstrap_servers]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout.readline() == "ready\n"
        fragile.stop()
        stdout, stderr = process.communicate("\n", 15)
    assert (stdout, stderr, process.returncode) == ("interrupted\n", "", 0)
    until(lambda: process.poll() is not None)


def test_an_interrupt_that_meets_an_answer_is_one_too(broker, new_topic):
    """Whatever is done in that moment: confluent_kafka makes a SystemError of some of them."""
    command = [sys.executable, "-c", INTERRUPTED_OFTEN, broker.bootstrap_servers, new_topic().name]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("an interrupt\n", "")


def test_a_prepared_producer_is_the_one_that_writes(cluster, new_topic, monkeypatch):
    """No other is made afterwards, so nobody waits for its id."""
    apart = Cluster(cluster.settings)
    prepare(apart)
    monkeypatch.setattr("eventlab.log.cluster.Producer", None)
    assert produce(Topic(apart, new_topic().name), [("k", b"1")]).acknowledged == 1


def test_what_was_read_can_be_written(new_topic):
    """Rows of a frame as dicts: their moments, their numbers, and keys that are missing."""
    first = new_topic()
    second = new_topic()
    produce(first, [("a", {"n": 1}), (None, {"n": 2})])
    rows = read(first).events.to_dict("records")
    produce(second, rows, key="key")
    events = read(second).events
    assert events["n"].tolist() == [1, 2]
    assert events["key"].isna().tolist() == [False, True]
    assert events["event_timestamp"].notna().all()


def test_what_breaks_a_contract_is_not_written(new_topic):
    """What came before it is, each once."""
    topic = new_topic()
    (contract,) = contracts(record(CENTS))
    assert produce(topic, [{"cents": 1}], contract=contract).acknowledged == 1
    with pytest.raises(EventError, match="in the field 'cents': expected int, found 'x'"):
        produce(topic, [{"cents": 2}, {"cents": "x"}, {"cents": 3}], contract=contract)
    assert list(read(topic, contract=contract).events["cents"]) == [1, 2]
