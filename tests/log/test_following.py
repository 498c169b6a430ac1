"""Following a topic as it grows."""

import gc
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from confluent_kafka import Consumer, KafkaError, Message

from eventlab.errors import TopicError, UsageError
from eventlab.log import Batch, Cluster, Follower, Record, Topic, follow, produce
from eventlab.moments import milliseconds
from tests.conftest import FRAGILE
from tests.log.schemas.made import CENTS, contracts, record
from tests.waiting import until

THEN = datetime(2025, 3, 3, 12, tzinfo=UTC)


class Heard(list):
    """The numbers that a follower has passed on, and the follower."""

    def __init__(self, topic: Topic, **options):
        super().__init__()
        self.follower = follow(topic, self._take, **options)

    def _take(self, batch: Batch) -> None:
        self.extend(batch.columns.get("value", []))

    def __enter__(self) -> "Heard":
        return self

    def __exit__(self, *_error) -> None:
        self.follower.stop()
        assert not self.follower.is_alive


def write(topic: Topic, *numbers: int, partition: int = 0) -> None:
    produce(topic, [Record("k", b"%d" % n, partition=partition) for n in numbers])


def test_what_is_written_is_passed_on_in_order(new_topic):
    """From the beginning, and on as it grows; the position is behind what was passed on."""
    topic = new_topic(2)
    write(topic, *range(500))
    with Heard(topic, start="earliest") as heard:
        until(lambda: len(heard) == 500)
        write(topic, *range(500, 1_000))
        until(lambda: len(heard) == 1_000)
        assert heard == [*range(1_000)]
        assert heard.follower.position == {0: 1_000, 1: 0}
        assert (heard.follower.trouble, heard.follower.error) == ("", None)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("earliest", [0, 1, 2, 3, 9]),
        ("latest", [9]),
        (2, [2, 3, 9]),
        ({0: 3}, [3, 9]),
        (99, [9]),
        ({0: -5}, [0, 1, 2, 3, 9]),
        (THEN + timedelta(hours=2), [2, 3, 9]),
        (THEN + timedelta(hours=40), [9]),
    ],
)
def test_it_begins_where_one_says(new_topic, start, expected):
    """By name, by offset, by partition or by time; beyond the end it waits for what comes."""
    topic = new_topic()
    hours = [milliseconds(THEN + timedelta(hours=n)) for n in range(4)]
    produce(topic, [Record("k", b"%d" % n, at) for n, at in enumerate(hours)])
    with Heard(topic, start=start) as heard:
        write(topic, 9)
        until(lambda: heard and heard[-1] == 9)
        assert heard == expected


def test_a_dict_chooses_the_partitions(new_topic):
    """The others are not followed, nor are those that come later."""
    topic = new_topic(2)
    with Heard(topic, start={1: 0}) as heard:
        topic.add_partitions(3)
        write(topic, 1, partition=0)
        write(topic, 2, partition=2)
        write(topic, 3, partition=1)
        until(lambda: heard == [3])
        until(lambda: heard.follower._watch.partitions == {0, 1, 2})
        assert heard.follower.position == {1: 1}


@pytest.mark.parametrize("start", ["first", None, 1.5, True, -1, datetime(2025, 3, 3), {5: 0}])
def test_a_start_that_means_nothing_is_refused(new_topic, start):
    """At the beginning and when it is to go elsewhere, which leaves it where it is."""
    topic = new_topic()
    write(topic, 1)
    with pytest.raises(UsageError):
        follow(topic, print, start=start)
    with Heard(topic, start="earliest") as heard:
        with pytest.raises(UsageError):
            heard.follower.seek(start)
        until(lambda: heard == [1])


def test_a_topic_that_is_not_there_cannot_be_followed(cluster):
    """It is an error at once, not silence."""
    with pytest.raises(TopicError, match="There is no topic"):
        follow(Topic(cluster, "log.nowhere"), print)


def test_it_goes_back_and_forth_while_it_runs(new_topic):
    """Set back it passes on the same again; set to the end it leaves out what lies between."""
    topic = new_topic(2)
    write(topic, *range(100))
    with Heard(topic, start="earliest") as heard:
        until(lambda: len(heard) == 100)
        heard.follower.seek("earliest")
        until(lambda: len(heard) == 200)
        heard.follower.seek({0: 98})
        until(lambda: len(heard) == 202)
        assert heard == [*range(100), *range(100), 98, 99]


def test_a_pause_keeps_the_place(new_topic):
    """Nothing comes in a pause, also after being set elsewhere in it, and nothing is left out."""
    topic = new_topic()
    write(topic, *range(10))
    with Heard(topic, start="earliest") as heard:
        until(lambda: len(heard) == 10)
        heard.follower.pause()
        until(lambda: heard.follower.paused)
        write(topic, 10)
        heard.follower.seek(8)
        until(lambda: heard.follower.position == {0: 8})
        assert len(heard) == 10
        heard.follower.resume()
        until(lambda: len(heard) == 13)
        assert heard[10:] == [8, 9, 10]


def test_a_pace_is_not_exceeded_and_can_be_set_free(new_topic):
    """At ten a second a thousand take long; without a bound they come at once."""
    topic = new_topic()
    write(topic, *range(1_000))
    with Heard(topic, start="earliest", per_second=10) as heard:
        until(lambda: len(heard) >= 3)
        assert len(heard) < 100
        heard.follower.per_second = None
        until(lambda: len(heard) == 1_000)
        assert heard == [*range(1_000)]


@pytest.mark.parametrize("per_second", [0, -1, "2", True])
def test_a_pace_that_is_none_is_refused(new_topic, per_second):
    """To take nothing for a while there is `pause`."""
    with pytest.raises(UsageError, match="argument per_second"):
        follow(new_topic(), print, per_second=per_second)


def test_what_the_function_raises_ends_it_and_stays(new_topic):
    """The learner's own error is kept, and stopping afterwards is no error."""
    topic = new_topic()
    write(topic, 1)
    follower = follow(topic, lambda batch: 1 / 0, start="earliest")
    until(lambda: not follower.is_alive)
    assert isinstance(follower.error, ZeroDivisionError)
    follower.stop()


def test_what_the_function_raises_is_passed_to_whoever_shows_it(new_topic):
    """Once, in place of a line in the log; a follower that was stopped passes nothing on."""
    topic = new_topic()
    errors = []
    write(topic, 1)
    failing = follow(topic, lambda batch: 1 / 0, start="earliest", on_error=errors.append)
    until(lambda: not failing.is_alive)
    stopped = follow(topic, lambda batch: None, start="earliest", on_error=errors.append)
    until(lambda: stopped.position == {0: 1})
    stopped.stop()
    assert errors == [failing.error]


def test_nothing_runs_before_it_is_started(new_topic):
    """Making a follower reads nothing; to start it twice is to start it once."""
    topic = new_topic()
    batches = []
    write(topic, 1)
    follower = Follower(topic, batches.append, start="earliest")
    assert not follower.is_alive
    assert follower.position == {0: 0}
    follower.start()
    follower.start()
    until(lambda: follower.position == {0: 1})
    follower.stop()
    assert [len(batch) for batch in batches] == [1]


def test_it_can_be_stopped_from_its_own_function(new_topic):
    """It ends after that batch."""
    topic, seen = new_topic(), []
    write(topic, 1)

    def take(batch):
        seen.append(len(batch))
        follower.stop()

    follower = follow(topic, take)
    follower.seek("earliest")
    until(lambda: not follower.is_alive)
    assert (seen, follower.error) == ([1], None)


def test_unreadable_values_are_passed_on_too(new_topic):
    """Nothing is dropped in silence: the batch has them apart."""
    topic, seen = new_topic(), []
    produce(topic, [("k", b"{")])
    follower = follow(topic, lambda batch: seen.extend(batch.unreadable), start="earliest")
    until(lambda: seen)
    follower.stop()
    assert seen[0]["value"] == b"{"


def test_new_partitions_are_followed_from_their_beginning(new_topic):
    """Those who look on need not begin again when a topic grows."""
    topic = new_topic()
    with Heard(topic) as heard:
        topic.add_partitions(2)
        write(topic, 1, 2, partition=1)
        until(lambda: heard == [1, 2])


def test_a_topic_made_anew_is_followed_from_its_beginning(new_topic):
    """The new records before the old place are not left out."""
    topic = new_topic()
    write(topic, *range(50))
    with Heard(topic, start="earliest") as heard:
        until(lambda: len(heard) == 50)
        topic.reset()
        write(topic, *range(100, 200))
        until(lambda: set(range(100, 200)) <= set(heard))
        assert heard.follower.error is None


def test_a_topic_deleted_underneath_is_trouble_and_costs_nothing(new_topic):
    """It waits without turning in circles, and goes on when the topic is back."""
    topic = new_topic()
    with Heard(topic) as heard:
        topic.delete()
        until(
            lambda: heard.follower.trouble == f"There is no topic {topic.name}: none of that name"
        )
        turns = []
        heard.follower._watch.look = _counting(heard.follower._watch.look, turns)
        until(lambda: len(turns) >= 4)
        assert turns[3] - turns[0] > 0.1
        topic.create(1)
        write(topic, 7)
        until(lambda: 7 in heard)
        until(lambda: heard.follower.trouble == "")


def _counting(look, turns: list[float]):
    def counted(now: float):
        turns.append(now)
        return look(now)

    return counted


def test_ten_at_once_are_light_and_undisturbed(new_topic):
    """Each hears all; together they have few threads each and hardly use the processor."""
    topic = new_topic(2)
    write(topic, *range(200))
    process = psutil.Process()
    threads = process.num_threads()
    everyone = [Heard(topic, start="earliest") for _ in range(10)]
    until(lambda: all(len(heard) == 200 for heard in everyone))
    assert all(heard == [*range(200)] for heard in everyone)
    assert process.num_threads() - threads <= 70
    everyone[3].follower.seek("earliest")
    until(lambda: len(everyone[3]) == 400)
    assert [len(heard) for heard in everyone] == [200] * 3 + [400] + [200] * 6
    for heard in everyone:
        heard.follower.stop()
    assert not any(heard.follower.is_alive for heard in everyone)


def test_a_stopped_one_frees_its_client(new_topic):
    """A picture keeps its follower for as long as it is shown; a thousand clients are the most."""
    topic = new_topic()
    followers = [follow(topic, print) for _ in range(3)]
    running = _clients()
    for follower in followers:
        follower.stop()
    assert running - _clients() == len(followers)


def _clients() -> int:
    gc.collect()
    return sum(isinstance(each, Consumer) for each in gc.get_objects())


def test_what_kafka_refuses_is_trouble_until_records_come(new_topic):
    """A reader without the right to read gets the reason, and does not wait in silence."""
    topic = new_topic()
    follower = Follower(topic, print)
    refused = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    follower._advance([Message(topic=topic.name, partition=0, offset=0, error=refused)])
    assert "TOPIC_AUTHORIZATION_FAILED" in follower.trouble
    follower._advance([Message(topic=topic.name, partition=0, offset=4, value=b"1")])
    assert (follower.trouble, follower.position) == ("", {0: 5})


@FRAGILE
def test_it_outlives_a_restart_of_the_broker(fragile):
    """While the broker is away it says so; when it is back it goes on where it was."""
    topic = Topic(Cluster(fragile.client_settings), "follow.restart").reset()
    write(topic, 1, 2)
    with Heard(topic, start="earliest") as heard:
        until(lambda: heard == [1, 2])
        fragile.stop()
        until(lambda: "did not describe" in heard.follower.trouble)
        fragile.start()
        until(lambda: heard.follower.trouble == "")
        write(topic, 3)
        until(lambda: heard == [1, 2, 3])


def test_a_contract_says_how_records_are_read(new_topic):
    """Each batch, as its version knows the events."""
    topic = new_topic()
    (contract,) = contracts(record(CENTS))
    found = []
    follower = follow(
        topic,
        lambda batch: found.extend(batch.columns["cents"]),
        start="earliest",
        contract=contract,
    )
    produce(topic, [{"cents": 20}, {"cents": 5}], contract=contract)
    until(lambda: found == [20, 5])
    follower.stop()
