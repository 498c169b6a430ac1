import itertools
import threading
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import Producer

from eventlab.errors import BrokerError, EventError, EventlabError, TopicError, UsageError
from eventlab.log import read
from eventlab.services import call, inside, publish
from eventlab.services.inside import Here, Place
from tests import looping
from tests.log.schemas.made import CENTS, contracts, record
from tests.waiting import until

pytestmark = pytest.mark.processes

NOWHERE = {"bootstrap.servers": "127.0.0.1:1", "log_level": 0}


def in_service(code: Callable[[Here], Any], **place: Any) -> Any:
    """Return what some code returns that runs in a service."""

    async def run() -> Any:
        here = Here(Place("shop", **place))
        inside.enter(here)
        try:
            return await code(here)
        finally:
            here.flush(0.1)
            await here.close()
            here._polling.stop()

    return looping.run(run())


def test_outside_of_a_service_there_is_nobody_to_call():
    """The error says how to ask one from the notebook."""
    for asked in (call("stock"), publish("orders", {"a": 1})):
        with pytest.raises(UsageError, match=r"no service here.*lab\.serve"):
            looping.run(asked)


def test_only_whom_the_service_names_may_be_called():
    """With the names that there are."""
    peers = {"stock": inside.Peer("http://127.0.0.1:1", inside.CallPolicy())}
    with pytest.raises(UsageError, match=r"expected 'stock'.*found 'bank'.*calls=\[\"bank\"\]"):
        in_service(lambda here: call("bank"), peers=peers)


def test_one_caller_and_one_producer_serve_all():
    """They are made when they are needed."""
    peers = {"stock": inside.Peer("http://127.0.0.1:1", inside.CallPolicy())}

    async def code(here: Here) -> None:
        assert here.caller("stock") is here.caller("stock")
        assert here._producer is None
        assert here.producer is here.producer

    in_service(code, peers=peers, kafka=NOWHERE)


def test_nothing_waits_where_nothing_was_published():
    """There is no producer to ask."""
    assert Here(Place("shop")).flush(0) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        *({"topic": None}, {"topic": ""}, {"topic": "a b"}, {"key": "no field"}),
        *({"event": object()}, {"event": None}, {"event": {"a": object()}}),
        {"acknowledged": "yes"},
    ],
)
def test_what_cannot_be_published_is_refused(wrong):
    """By an error of ours that says what would be taken."""

    async def code(here: Here) -> None:
        await publish(**{"topic": "orders", "event": {"id": 1}} | wrong)

    with pytest.raises(EventlabError) as caught:
        in_service(code, kafka=NOWHERE)
    assert caught.value.expected
    assert caught.value.remedy


@pytest.mark.parametrize("wrong", [{"service": None}, {"path": 7}, {"method": 1}])
def test_a_call_of_wrong_arguments_is_refused(wrong):
    """Before anybody is called."""
    with pytest.raises(UsageError, match=next(iter(wrong))):
        call(**{"service": "stock"} | wrong)


def test_an_event_that_nobody_takes_is_told(monkeypatch):
    """The broker is gone: whoever waits hears of it, and who does not is counted."""
    monkeypatch.setitem(inside._PRODUCER, "message.timeout.ms", 50)

    async def code(here: Here) -> None:
        with pytest.raises(BrokerError, match=r"not in orders.*when the log is there"):
            await publish("orders", {"id": 1})
        await publish("orders", {"id": 1}, acknowledged=False)
        assert (here.flush(30), here.failed) == (0, 1)

    in_service(code, kafka=NOWHERE)


def test_a_service_waits_where_its_queue_is_full():
    """What is published without a wait is not refused, and nothing is lost of it."""

    class Full:
        def __init__(self) -> None:
            self.tries = itertools.count()
            self.taken: list[Any] = []

        def produce(self, *record: Any, **_more: Any) -> None:
            if next(self.tries) < 2:
                raise BufferError
            self.taken.append(record)

        def flush(self, seconds: float) -> int:
            return 0

    async def code(here: Here) -> None:
        here._producer = Full()
        await publish("orders", {"id": 1}, acknowledged=False)
        assert here._producer.taken == [("shop.orders", b'{"id":1}', None)]

    in_service(code, prefix="shop.")


@pytest.mark.broker
def test_what_is_acknowledged_is_in_the_log(new_topic, cluster):
    """With its key; the others are there after a flush."""
    topic = new_topic()

    async def code(here: Here) -> None:
        await publish(topic.name, {"id": "a"}, key="id")
        assert len(read(topic).events) == 1
        await publish(topic.name, {"id": "b"}, key="id", acknowledged=False)
        assert (here.flush(30), here.failed) == (0, 0)

    in_service(code, kafka=cluster.settings)
    assert list(read(topic).events["key"]) == ["a", "b"]


@pytest.mark.broker
def test_a_topic_that_is_not_there_is_named(cluster, monkeypatch):
    """With what makes it; it comes into being nowhere."""
    monkeypatch.setitem(inside._PRODUCER, "topic.metadata.propagation.max.ms", 100)
    with pytest.raises(TopicError, match=r'new_topic\("no.such"\)'):
        in_service(lambda here: publish("no.such", {"a": 1}), kafka=cluster.settings)


def test_the_settings_of_the_producer_are_those_of_librdkafka():
    """Each of them is taken."""
    Producer(NOWHERE | inside._PRODUCER)


def test_two_threads_that_need_the_producer_get_the_same(monkeypatch):
    """Else the events of one would never be answered: the other's answers are taken."""
    made = []
    go_on = threading.Event()

    def make(settings):
        made.append(settings)
        assert go_on.wait(30)
        return object()

    monkeypatch.setattr(inside, "Producer", make)
    here = Here(Place("shop"))
    found = []
    threads = [threading.Thread(target=lambda: found.append(here.producer)) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: made)
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert len(made) == 1
    assert len(set(map(id, found))) == 1


def test_an_event_is_published_under_a_contract(cluster, new_topic):
    """One that breaks it is refused in the service, and is not written."""
    topic = new_topic()
    (contract,) = contracts(record(CENTS))

    async def code(here: Here) -> None:
        await publish(topic.name, {"cents": 20}, key="cents", contract=contract)
        with pytest.raises(EventError, match="in the field 'cents'"):
            await publish(topic.name, {"cents": "x"}, contract=contract)

    in_service(code, kafka=cluster.settings)
    events = read(topic, contract=contract).events
    assert events[["key", "cents"]].values.tolist() == [["20", 20]]
