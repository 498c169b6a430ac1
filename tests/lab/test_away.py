"""A broker that is known not to answer is not waited for: each call says why, and what to do."""

import signal
from collections.abc import Callable

import psutil
import pytest

from eventlab import Lab
from eventlab.errors import BrokerError
from eventlab.log import groups, lag, members, topics
from tests.conftest import FRAGILE
from tests.lab.flows import countries
from tests.lab.orders import orders
from tests.waiting import until

pytestmark = [pytest.mark.broker, FRAGILE]

CALLS: dict[str, Callable[[Lab], object]] = {
    "new_topic": lambda lab: lab.new_topic("other"),
    "partitions": lambda lab: lab.topic("orders").partitions,
    "end_offsets": lambda lab: lab.topic("orders").end_offsets(),
    "delete": lambda lab: lab.topic("orders").delete(),
    "produce": lambda lab: lab.produce(orders(1), into="orders"),
    "read": lambda lab: lab.read("orders"),
    "play": lambda lab: lab.play(orders(1), into="orders", control=False),
    "source": lambda lab: lab.source("orders"),
    "sink": lambda lab: lab.sink("orders"),
    "run": lambda lab: lab.run(countries(lab)),
    "table": lambda lab: lab.table("orders"),
    "topics": lambda lab: topics(lab.cluster),
    "groups": lambda lab: groups(lab.cluster),
    "lag": lambda lab: lag(lab.cluster, "readers"),
    "members": lambda lab: members(lab.cluster, "readers"),
}

WAYS = {
    "stopped": (lambda broker: broker.stop(), "it was stopped", "lab.broker.start()"),
    "killed": (lambda broker: broker.kill(), "it was killed", "lab.broker.start()"),
    "suspended": (lambda broker: broker.suspend(), "it is suspended", "lab.broker.resume()"),
    "frozen from elsewhere": (
        lambda broker: psutil.Process(broker.pid).send_signal(signal.SIGSTOP),
        "is suspended",
        "kill -CONT",
    ),
    "killed from elsewhere": (
        lambda broker: psutil.Process(broker.pid).kill(),
        "",
        "lab.broker.start()",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_call_says_why_the_broker_does_not_answer(fragile, way):
    """Without asking it, whose answer would be waited for; once it is back, all goes on."""
    end, reason, remedy = WAYS[way]
    with Lab(chapter="away") as lab:
        lab.new_topic("orders")
        lab.produce(orders(3), into="orders")
        pid = lab.broker.pid
        end(lab.broker)
        until(lambda: lab.broker.away is not None)
        said = {name: error_of(call, lab) for name, call in CALLS.items()}
        if way == "frozen from elsewhere":
            psutil.Process(pid).send_signal(signal.SIGCONT)
        lab.broker.start()
        assert {error.expected for error in said.values()} == {"a broker that answers"}
        assert [name for name, error in said.items() if reason not in error.found] == []
        assert [name for name, error in said.items() if remedy not in error.remedy] == []
        assert len(lab.read("orders")) == 3


def error_of(call: Callable[[Lab], object], lab: Lab) -> BrokerError:
    """Return the error with which a call ends."""
    with pytest.raises(BrokerError) as caught:
        call(lab)
    return caught.value
