from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, ShareConsumer

from eventlab.course import ch04_queue
from eventlab.errors import LogError

RECORDS = 20


@pytest.fixture
def topic(new_topic, cluster):
    """Return a topic of one partition, each record in a batch of its own."""
    topic = new_topic(1)
    producer = Producer(cluster.settings | {"batch.num.messages": 1})
    for number in range(RECORDS):
        producer.produce(topic.name, str(number))
    producer.flush()
    return topic


def lab_of(cluster):
    return SimpleNamespace(cluster=cluster, kafka=cluster.settings)


def sharing(cluster, topic, group):
    worker = ShareConsumer(ch04_queue.share_settings(lab_of(cluster), group))
    worker.subscribe([topic.name])
    return worker


def ordinary(cluster, topic, group):
    # As in the chapter: who comes second takes nothing away from the first.
    sticky = {"partition.assignment.strategy": "cooperative-sticky"}
    begin = {"group.id": group, "auto.offset.reset": "earliest"}
    worker = Consumer(cluster.settings | begin | sticky)
    worker.subscribe([topic.name])
    return worker


def lab_that_answers(code):
    """Return a lab whose Kafka answers every change of settings with an error."""
    answer = Future()
    answer.set_exception(KafkaException(KafkaError(code, "Unknown resource type 32")))
    admin = SimpleNamespace(incremental_alter_configs=lambda resources: {"group": answer})
    cluster = SimpleNamespace(admin=admin, require_up=lambda what: None)
    return SimpleNamespace(cluster=cluster, kafka={})


class Refused:
    """A worker whose Kafka refuses it."""

    def __init__(self, code) -> None:
        self._code = code
        self.closed = 0

    def poll(self, seconds):
        raise KafkaException(KafkaError(self._code))

    def close(self):
        self.closed += 1


def test_workers_of_a_share_group_share_what_one_group_gives_to_one(topic, cluster):
    """Each of two has some of one partition; of an ordinary group one has none."""
    workers = [sharing(cluster, topic, f"{topic}.queue") for _ in range(2)]
    shared = ch04_queue.worked(workers, RECORDS)
    assert shared == {"records": RECORDS, "done": RECORDS, "twice": 0, "idle": 0}
    team = [ordinary(cluster, topic, f"{topic}.team") for _ in range(2)]
    assert ch04_queue.worked(team, RECORDS)["idle"] == 1


@pytest.mark.parametrize(
    "code",
    [KafkaError.INVALID_REQUEST, KafkaError.INVALID_CONFIG, KafkaError._UNSUPPORTED_FEATURE],
)
def test_a_kafka_whose_groups_have_no_such_setting_is_too_old(code):
    """The error says which one is needed, what was found, and what to do."""
    with pytest.raises(LogError, match=r"no share groups: expected Kafka 4\.2 .* Go on") as caught:
        ch04_queue.share_settings(lab_that_answers(code), "queue")
    assert "Unknown resource type 32" in caught.value.found


def test_a_kafka_that_refuses_share_consumers_has_no_share_groups():
    """And the workers are closed all the same."""
    workers = [Refused(KafkaError.UNSUPPORTED_VERSION) for _ in range(2)]
    with pytest.raises(LogError, match="no share groups"):
        ch04_queue.worked(workers, RECORDS)
    assert [worker.closed for worker in workers] == [1, 1]


def test_a_kafka_that_gives_out_nothing_has_no_share_groups(new_topic, cluster, monkeypatch):
    """Kafka 4.0 takes the consumers, and is silent; of an ordinary group nothing is concluded."""
    monkeypatch.setattr(ch04_queue, "_PATIENCE_SECONDS", 0.1)
    empty = new_topic(1)
    with pytest.raises(LogError, match=r"no share groups: .* no record within 0\.1 s"):
        ch04_queue.worked([sharing(cluster, empty, f"{empty}.queue")], RECORDS)
    assert ch04_queue.worked([ordinary(cluster, empty, f"{empty}.team")], RECORDS)["done"] == 0


def test_where_there_are_no_share_groups_it_is_said_and_the_chapter_goes_on(capsys):
    """In one line, and nothing of the block is done any more."""
    done = []
    with ch04_queue.needs_share_groups():
        ch04_queue.share_settings(lab_that_answers(KafkaError.INVALID_REQUEST), "queue")
        done.append("claimed")
    assert done == []
    assert capsys.readouterr().out.startswith("This Kafka has no share groups: expected Kafka 4.2")


@pytest.mark.parametrize(
    "ask",
    [
        lambda code: ch04_queue.share_settings(lab_that_answers(code), "queue"),
        lambda code: ch04_queue.worked([Refused(code)], RECORDS),
    ],
    ids=["settings", "records"],
)
def test_another_refusal_stays_an_error(ask):
    """It is one of ours, with what was found."""
    denied = KafkaError.GROUP_AUTHORIZATION_FAILED
    with (
        pytest.raises(LogError, match="GROUP_AUTHORIZATION_FAILED"),
        ch04_queue.needs_share_groups(),
    ):
        ask(denied)
