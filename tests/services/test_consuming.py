import os
import signal
from collections import Counter
from random import Random
from typing import Any

import pytest

from eventlab.errors import LogError, ServiceError, TopicError, UsageError
from eventlab.log import Cluster, Topic, lag, produce, read
from eventlab.services import CallPolicy, EventService, Mesh, life, service
from eventlab.services.registry import own_registry
from tests.conftest import FRAGILE
from tests.log.schemas.made import record
from tests.services import apps
from tests.services.ways import BOTH
from tests.waiting import until

pytestmark = pytest.mark.broker


@pytest.fixture
def topics(new_topic) -> tuple[Topic, Topic]:
    """A topic to consume, and one to write to."""
    return new_topic(2), new_topic()


@pytest.fixture
def log_mesh(meshed, cluster, topics) -> Mesh:
    """A mesh whose groups no other test has."""
    return meshed(cluster, f"{topics[0]}.")


def order(topic: Topic, *numbers: int) -> None:
    """Write some orders."""
    produce(topic, [(str(number), {"id": number}) for number in numbers])


def written(topic: Topic) -> Counter:
    """Return how often each order was shipped."""
    events = read(topic).events
    return Counter(events["id"]) if len(events) else Counter()


def is_done(one: EventService, topic: Topic) -> bool:
    """Tell whether its group has committed the end of the topic."""
    try:
        rows = lag(topic.cluster, one.group)
    except LogError:  # it has not joined yet
        return False
    return len(rows) == len(topic.partitions) and not rows["lag"].any()


@BOTH
def test_each_event_is_answered_once_as_long_as_nothing_fails(log_mesh, topics):
    """By what the function returns; and its place is committed."""
    order(topics[0], *range(250))
    shipping = log_mesh.subscribe("s", apps.ship, to=topics[0], into=topics[1], key="id")
    until(lambda: written(topics[1]) == Counter(range(250)))
    until(lambda: is_done(shipping, topics[0]))
    assert shipping.state == "up"
    assert set(read(topics[1]).events["key"]) == {str(number) for number in range(250)}


@pytest.mark.parametrize(("handle", "times"), [(apps.twice, 2), (apps.nothing, 0)])
def test_an_event_may_be_answered_with_several_or_none(log_mesh, topics, handle, times):
    """A list of them, or nothing at all; a batch may be of one."""
    order(topics[0], 1, 2, 3)
    shipping = log_mesh.subscribe("s", handle, to=topics[0], into=topics[1], batch=1)
    until(lambda: is_done(shipping, topics[0]))
    assert list(written(topics[1]).values()) == ([times] * 3 if times else [])


def test_it_goes_on_where_it_was_stopped(log_mesh, topics):
    """Nothing comes again after an end in peace, in the middle of what it was given too."""
    order(topics[0], *range(20))
    shipping = log_mesh.subscribe("s", apps.unhurried, to=topics[0], into=topics[1])
    until(lambda: written(topics[1]))
    shipping.stop()
    assert 0 < len(written(topics[1])) < 20
    shipping.start()
    until(lambda: len(written(topics[1])) == 20)
    assert written(topics[1]) == Counter(range(20))


def test_what_its_function_raises_ends_it_before_that_event(log_mesh, topics):
    """In the learner's own line; what came before is done once, and what comes after is kept."""
    source, target = topics
    produce(source, [("a", {"id": number}) for number in range(20)])
    shipping = log_mesh.subscribe("s", apps.ship_but_seven, to=source, into=target)
    until(lambda: shipping.state == "failed")
    assert "of ship_but_seven: raise LookupError" in str(shipping.error)
    assert written(target) == Counter(range(7))
    shipping.start()
    until(lambda: shipping.state == "failed")
    assert written(target) == Counter(range(7))
    mended = log_mesh.subscribe("s", apps.ship, to=source, into=target)
    until(lambda: len(written(target)) == 20)
    assert written(target) == Counter(range(20))
    assert mended.state == "up"


def test_a_record_that_cannot_be_read_is_passed_over_and_said(log_mesh, topics):
    """The others are answered, and the report has its place."""
    source, target = topics
    produce(source, [("a", {"id": 1}), ("a", b"{"), ("a", {"id": 2})])
    shipping = log_mesh.subscribe("s", apps.ship, to=source, into=target)
    until(lambda: written(target) == Counter([1, 2]))
    until(lambda: shipping.failures == 1)
    assert "offset 1 of partition" in str(shipping.error)
    until(lambda: is_done(shipping, topics[0]))
    assert shipping.state == "up"


def test_its_function_may_call_another_service(log_mesh, topics):
    """By its name; when that one is dead it ends, and nothing is lost."""
    source, target = topics
    calls = {"stock": CallPolicy(retries=0)}
    order(source, 1)
    stock = log_mesh.serve("stock", apps.hello)
    shipping = log_mesh.subscribe("s", apps.ship_from_stock, to=source, into=target, calls=calls)
    until(lambda: written(target) == Counter([1]))
    assert read(target).events["stock"][0] == {"hello": "/tea"}
    stock.kill()
    order(source, 2)
    until(lambda: shipping.state == "failed")
    assert type(shipping.error).__name__ == "CallError"
    assert shipping.error.reason in {"refused", "reset"}  # over a link either is right
    stock.start()
    shipping.start()
    until(lambda: written(target) == Counter([1, 2]))


def test_a_function_that_never_ends_does_not_keep_it(log_mesh, topics, monkeypatch):
    """It is killed in the end, and the event comes again."""
    monkeypatch.setattr(life, "_STOP_SECONDS", 0.2)
    source, target = topics
    produce(source, [("a", {"id": number}) for number in range(5, 9)])
    shipping = log_mesh.subscribe("s", apps.stop_at_seven, to=source, into=target, batch=1)
    until(lambda: written(target) == Counter([5, 6]))
    shipping.stop()
    assert shipping.state == "stopped"
    log_mesh.subscribe("s", apps.ship, to=source, into=target)
    until(lambda: {7, 8} <= set(written(target)))


def test_an_event_without_a_topic_to_go_to_ends_it(log_mesh, topics):
    """The remedy names what is missing."""
    order(topics[0], 1)
    shipping = log_mesh.subscribe("s", apps.ship, to=topics[0])
    until(lambda: shipping.state == "failed")
    assert "into=" in str(shipping.error)


@BOTH
def test_another_service_of_its_name_consumes_its_own_topic(log_mesh, topics, new_topic):
    """Though the group takes both for the same member, which had other partitions before."""
    source, target = topics
    other = new_topic(3)
    order(source, 1)
    shipping = log_mesh.subscribe("s", apps.ship, to=source, into=target)
    until(lambda: is_done(shipping, source))
    shipping.stop()
    order(source, 2)
    order(other, *range(10, 30))
    log_mesh.subscribe("s", apps.ship, to=other, into=target)
    until(lambda: set(range(10, 30)) <= set(written(target)))
    assert set(written(target)) == {1, *range(10, 30)}


def test_a_topic_made_anew_with_more_partitions_is_consumed_whole(log_mesh, topics):
    """By who had all of those that it had before."""
    source, target = topics
    order(source, 1)
    shipping = log_mesh.subscribe("s", apps.ship, to=source, into=target)
    until(lambda: is_done(shipping, source))
    shipping.stop()
    source.reset(6)
    order(source, *range(10, 40))
    log_mesh.subscribe("s", apps.ship, to=source, into=target)
    until(lambda: set(range(10, 40)) <= set(written(target)))


@BOTH
def test_a_frozen_one_goes_on_when_it_is_resumed(log_mesh, topics):
    """With what has come meanwhile."""
    source, target = topics
    order(source, 1)
    shipping = log_mesh.subscribe("s", apps.ship, to=source, into=target)
    until(lambda: written(target) == Counter([1]))
    shipping.suspend()
    order(source, 2)
    assert shipping.state == "frozen"
    shipping.resume()
    until(lambda: set(written(target)) == {1, 2})


def killed_at_random(one: EventService, topics: tuple[Topic, Topic], kills: int) -> Counter:
    """Kill a service so often while it writes, at moments that a generator chooses."""
    source, target = topics
    choice = Random(7)
    for number in range(kills):
        order(source, *range(number * 100, number * 100 + 100))
        more = target.end_offsets()[0] + choice.randrange(1, 100)
        until(lambda more=more: target.end_offsets()[0] >= more, seconds=60)
        if number % 2:
            os.kill(one.pid, signal.SIGKILL)
            until(lambda: one.state == "failed")
        else:
            one.kill()
        one.start()
    total = set(range(kills * 100))
    until(lambda: set(written(target)) == total, seconds=60, what="every order")
    return written(target)


def test_no_event_is_lost_by_kills(log_mesh, topics):
    """Each is answered at least once, and nobody is asked to repeat more than it was given."""
    shipping = log_mesh.subscribe("s", apps.ship, to=topics[0], into=topics[1])
    counts = killed_at_random(shipping, topics, 3)
    assert max(counts.values()) <= 4


@pytest.mark.long
@pytest.mark.timeout(900)
def test_no_event_is_lost_by_fifty_kills(log_mesh, topics):
    """At moments that chance decides, by kill -9 from here and from outside."""
    shipping = log_mesh.subscribe("s", apps.ship, to=topics[0], into=topics[1], batch=20)
    killed_at_random(shipping, topics, 50)


@FRAGILE
def test_a_broker_that_is_gone_loses_nothing(fragile, meshed):
    """It waits for the log, goes on when that is back, and has not failed."""
    cluster = Cluster(fragile.client_settings)
    source, target = Topic(cluster, "gone.one").reset(1), Topic(cluster, "gone.two").reset(1)
    shipping = meshed(cluster, "gone.").subscribe("s", apps.ship, to=source, into=target)
    order(source, 1)
    until(lambda: written(target) == Counter([1]))
    fragile.stop()
    fragile.start()
    order(source, 2)
    until(lambda: set(written(target)) == {1, 2}, seconds=60)
    assert shipping.state == "up"


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"name": ""}, UsageError),
        ({"handle": None}, UsageError),
        ({"handle": lambda: 1}, UsageError),
        ({"to": None}, UsageError),
        ({"to": "orders"}, UsageError),
        ({"into": 7}, UsageError),
        ({"batch": 0}, UsageError),
        ({"batch": "all"}, UsageError),
        ({"calls": "stock"}, UsageError),
        ({"calls": 7}, UsageError),
        ({"calls": {"stock": 1}}, UsageError),
        ({"key": 7}, UsageError),
    ],
)
def test_a_service_that_cannot_be_is_refused(log_mesh, topics, wrong, kind):
    """Before any process is there."""
    call: dict[str, Any] = {"name": "s", "handle": apps.ship, "to": topics[0]} | wrong
    with pytest.raises(kind):
        log_mesh.subscribe(**call)
    assert log_mesh.services == {}


def test_a_topic_that_is_not_there_is_refused(log_mesh, topics, cluster):
    """Whether it is to be read or written."""
    none = Topic(cluster, "no.such")
    for one in ({"to": none}, {"to": topics[0], "into": none}):
        with pytest.raises(TopicError, match=r"no\.such"):
            log_mesh.subscribe("s", apps.ship, **one)


def test_a_process_that_cannot_be_made_is_said(log_mesh, topics, monkeypatch):
    """With the system's own words."""

    def fork(*_arguments: object, **_options: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(service, "CAN_FORK", True)
    monkeypatch.setattr(log_mesh._machinery.forking, "fork", fork)
    with pytest.raises(ServiceError, match="no more processes"):
        log_mesh.subscribe("s", apps.ship, to=topics[0])


@BOTH
def test_a_service_reads_by_one_contract_and_writes_by_another(log_mesh, topics, cluster):
    """Each event as its version knows it; the registry is asked from its process."""
    registry = own_registry(log_mesh, cluster, f"{topics[0]}.")
    first = registry.contract(topics[0], record({"name": "id", "type": "int"}))
    note = {"name": "note", "type": "string", "default": "-"}
    second = registry.contract(topics[0], record({"name": "id", "type": "int"}, note))
    shipped = registry.contract(topics[1], record({"name": "id", "type": "int"}, note, name="S"))
    produce(topics[0], [{"id": number} for number in range(9)], contract=first)
    produce(topics[0], [("x", b"no event")])
    service = log_mesh.subscribe(
        "s",
        apps.copied,
        to=topics[0],
        into=topics[1],
        contract=second,
        into_contract=shipped,
    )
    until(lambda: is_done(service, topics[0]))
    found = read(topics[1], contract=shipped).events
    assert sorted(found["id"]) == [*range(9)]
    assert set(found["note"]) == {"-"}
    assert "names no schema" in str(service.error)
