"""A learner's own Kafka of an old release: what the lab does on ours it does there."""

from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import Consumer, Producer, ShareConsumer

from eventlab import Lab
from eventlab.broker.external import SERVERS
from eventlab.broker.readiness import await_groups
from eventlab.course import ch04_queue
from eventlab.doctor import examine
from eventlab.errors import BrokerError, LogError, TopicError
from eventlab.events import Event
from eventlab.log import Record, Transactions, groups, lag, members, produce, read, topics
from eventlab.moments import milliseconds
from tests.calls.bases import BASES
from tests.calls.table import fault_of_valid
from tests.calls.world import made
from tests.clusters.launching import running
from tests.clusters.releases import OURS
from tests.lab.flows import countries
from tests.lab.orders import orders
from tests.waiting import until

pytestmark = [pytest.mark.broker, pytest.mark.long, pytest.mark.timeout(600)]

THEN = datetime(2013, 1, 1, tzinfo=UTC)


def test_a_topic_is_made_written_read_and_made_anew(lab):
    """As often as one likes, with offsets that begin at 0."""
    for _ in range(3):
        topic = lab.new_topic("orders", partitions=3)
        assert topic.end_offsets() == {0: 0, 1: 0, 2: 0}
        assert lab.produce(orders(100), into="orders", key="customer_id").acknowledged == 100
        assert len(lab.read("orders")) == sum(topic.end_offsets().values()) == 100
        assert topic.describe()["records"].sum() == 100


def test_events_of_any_time_are_kept(lab):
    """Those of 2013 are not deleted, and those of a year ahead are not refused."""
    topic = lab.new_topic("times")
    sent = [Event("old", THEN), Event("new", datetime.now(UTC) + timedelta(days=400))]
    assert lab.produce(sent, into=topic).acknowledged == 2
    topic.set(segment_ms=100)
    assert lab.read(topic)["event_id"].tolist() == ["old", "new"]


def test_a_topic_has_the_settings_and_partitions_that_it_was_given(lab):
    """At its making and afterwards; each has a value."""
    topic = lab.new_topic("set", cleanup_policy="compact")
    topic.set(segment_ms=1000)
    topic.add_partitions(4)
    settings = topic.settings()
    assert (settings["cleanup.policy"], settings["segment.ms"]) == ("compact", "1000")
    assert None not in settings.values()
    assert topic.partitions == [0, 1, 2, 3]


def test_a_moment_leads_to_offsets(lab):
    """The first record of that moment or later."""
    topic = lab.new_topic("moments")
    hours = [THEN + timedelta(hours=n) for n in range(3)]
    produce(topic, [Record("k", b"1", milliseconds(at)) for at in hours])
    assert topic.offsets_at(hours[1]) == {0: 1}
    assert topic.offsets_at(hours[2] + timedelta(hours=1)) == {0: 3}
    assert len(lab.read(topic, since=hours[1])) == 2


def test_a_topic_that_is_not_there_is_named_with_those_near(lab):
    """The errors are those that one gets on ours."""
    topic = lab.new_topic("near")
    with pytest.raises(TopicError, match=f"There is no topic .*{topic.name}"):
        lab.topic("nearr").end_offsets()
    with pytest.raises(TopicError, match="already exists"):
        topic.create()
    assert topic.name in set(topics(lab.cluster, topic.name)["topic"])


def test_a_group_is_seen_with_its_members_and_its_lag(lab):
    """While it reads and when it has gone."""
    topic = lab.new_topic("read", partitions=2)
    lab.produce(orders(100), into=topic, key="customer_id")
    group = lab.name("readers")
    with pytest.raises(LogError, match="There is no group"):
        lag(lab.cluster, group)
    reader = Consumer(lab.kafka | {"group.id": group, "auto.offset.reset": "earliest"})
    reader.subscribe([topic.name])
    assert len(reader.consume(100, timeout=30)) == 100
    assert members(lab.cluster, group)["topic"].tolist() == [topic.name] * 2
    reader.close()
    assert lag(lab.cluster, group)["lag"].sum() == 0
    assert members(lab.cluster, group).empty
    assert groups(lab.cluster, group)["state"].tolist() == ["EMPTY"]


def test_a_group_goes_on_where_it_was(lab):
    """The plain client's settings are those of the lab; the new reader gets what was left."""
    topic = lab.new_topic("resumed")
    lab.produce([("k", n) for n in range(50)], into=topic)
    settings = lab.kafka | {"group.id": lab.name("resumed"), "auto.offset.reset": "earliest"}
    values = []
    for _ in range(2):
        reader = Consumer(settings)
        reader.subscribe([topic.name])
        values += [int(message.value()) for message in reader.consume(25, timeout=30)]
        reader.close()
    assert values == [*range(50)]


@pytest.mark.parametrize("where", ["thread", "process"])
def test_a_flow_reads_and_writes(lab, where):
    """From TopicSource to TopicSink, in the kernel and in a process of its own."""
    sent = orders(500)
    lab.new_topic("orders", partitions=2)
    lab.new_topic("counts")
    lab.produce(sent, into="orders", key="customer_id")
    assert lab.run(countries(lab, bounded=True), where=where).wait(60)
    counts = lab.read("counts").groupby("key")["value"].max().to_dict()
    told = [order.country for order in sent]
    assert counts == {country: told.count(country) for country in set(told)}


def test_a_flow_goes_on_where_it_was(lab):
    """With a recovery store the second run counts on, and counts nothing twice."""
    lab.new_topic("orders")
    lab.new_topic("counts")
    lab.forget("countries")
    for _ in range(2):
        lab.produce(orders(100), into="orders")
        assert lab.run(countries(lab, bounded=True), recovery=True).wait(60)
    assert lab.read("counts").groupby("key")["value"].max().sum() == 200


def test_what_is_written_in_a_transaction_is_there_once(lab):
    """Uncommitted records are seen only by those who ask for them."""
    one, two = lab.new_topic("one"), lab.new_topic("two")
    lab.produce([("k", n) for n in range(30)], into=one)

    def copied(message):
        return [(two, (message.key().decode(), message.value()))]

    copying = {"group": lab.name("copies"), "name": lab.name("copies"), "at_most": 10}
    with Transactions(lab.cluster, [one], copied, **copying) as copies:
        done = 0
        while done < 30:
            done += copies.step()
    until(lambda: len(read(two).events) == 30)
    assert lab.read(two)["value"].tolist() == [*range(30)]
    producer = Producer(lab.kafka | {"transactional.id": lab.name("open")})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(two.name, b"99")
    producer.flush(30)
    open_end = two.end_offsets()[0]
    assert two.end_offsets(committed=True) == {0: open_end - 1}
    producer.abort_transaction(30)
    assert 99 not in set(lab.read(two)["value"])


def test_a_player_and_a_table_follow(lab):
    """What is played arrives, and the table has the last value of each key."""
    sent = orders(100)
    lab.new_topic("played", cleanup_policy="compact")
    lab.play(sent, into="played", key="country", speed=0, control=False).wait()
    newest = {order.country: order.order_id for order in sent}
    table = lab.table("played")
    assert {country: table.get(country)["order_id"] for country in newest} == newest


def test_the_doctor_finds_it_and_its_groups_are_served(on_old_kafka):
    """What the lab asks a cluster before it is used, this one answers."""
    (found,) = (finding for finding in examine() if finding.what == "Broker")
    assert (found.state, found.found) == ("ok", f"your own at {on_old_kafka}")
    assert await_groups({"bootstrap.servers": on_old_kafka})


def test_every_public_verb_does_its_work_or_says_in_our_words_why_not(on_old_kafka):
    """No error of librdkafka's reaches a learner, whatever their Kafka does not know."""
    with made() as world:
        faults = {verb: fault_of_valid(world, verb) for verb in BASES}
    assert {verb: fault for verb, fault in faults.items() if fault} == {}


def test_a_share_group_is_refused_with_the_release_that_it_needs(lab):
    """Here Kafka does not know that a group has settings."""
    with pytest.raises(LogError, match=r"no share groups: expected Kafka 4\.2 or newer"):
        ch04_queue.share_settings(lab, lab.new_group("queue"))


def test_where_share_groups_are_turned_off_it_is_said_too(tmp_path, monkeypatch):
    """Here Kafka has taken the group's setting; as 4.1 is unless it is told otherwise."""
    with running(OURS, tmp_path, format_with=["--feature", "share.version=0"]) as address:
        monkeypatch.setenv(SERVERS, address)
        with Lab(chapter="off") as lab:
            settings = ch04_queue.share_settings(lab, lab.new_group("queue"))
            worker = ShareConsumer(settings)
            worker.subscribe([lab.new_topic("queue").name])
            with pytest.raises(LogError, match=r"no share groups: .* UNSUPPORTED_VERSION"):
                ch04_queue.worked([worker], 1)


def test_only_its_owner_stops_it(lab):
    """And it goes on being used."""
    with pytest.raises(BrokerError, match="cannot be made to stop from here"):
        lab.broker.stop()
    assert lab.broker.status == "running"
