"""An interrupt of the kernel is heard while librdkafka waits."""

import subprocess
import sys

import pytest
from confluent_kafka import KafkaError, KafkaException

from eventlab.log.interrupts import TURN_SECONDS, in_turns

pytestmark = pytest.mark.processes

# Of a broker that nobody reaches each call waits for ten minutes here, unless it is interrupted.
SCRIPT = """
import os, signal, sys, threading
import pandas  # here, since an interrupt in the middle of this import would leave half of it
from confluent_kafka import Consumer, Producer
from eventlab import log
from eventlab.log.messages import consumed

for module in list(sys.modules.values()):
    if module.__name__.startswith("eventlab.log.") and hasattr(module, "ANSWER_SECONDS"):
        module.ANSWER_SECONDS = 600

cluster = log.Cluster({"bootstrap.servers": "127.0.0.1:1"})
topic = log.Topic(cluster, "nothing")
consumer = Consumer(cluster.settings | {"group.id": "nobody"})
consumer.subscribe(["nothing"])
calls = {
    "metadata": cluster.metadata,
    "topics": lambda: log.topics(cluster),
    "partitions": lambda: topic.partitions,
    "ends": topic.end_offsets,
    "create": topic.create,
    "delete": topic.delete,
    "known": lambda: topic.require_known(Producer(cluster.settings)),
    "read": lambda: log.read(topic),
    "produce": lambda: log.produce(topic, [("k", "v")]),
    "follow": lambda: log.follow(topic, print),
    "groups": lambda: log.groups(cluster),
    "members": lambda: log.members(cluster, "nobody"),
    "transactions": lambda: log.Transactions(cluster, [topic], print, group="g", name="n"),
    "consumed": lambda: consumed(consumer, 10, 600),
    "turns": lambda: log.take_turns([consumer], up_to=10, seconds=600),
}
signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
for name, call in calls.items():
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    try:
        timer.start()  # on a busy machine it may be over before this returns
        call()
    except KeyboardInterrupt:
        print("heard", name, flush=True)
print(len(calls), "calls", flush=True)
os._exit(0)  # librdkafka would wait for its requests
"""


def timed_out() -> KafkaException:
    return KafkaException(KafkaError(KafkaError._TIMED_OUT))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to a process alone")
def test_every_call_that_waits_for_kafka_hears_an_interrupt():
    """None of them waits until its time is up; that would be ten minutes for each."""
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=90)
    said = done.stdout.splitlines()
    assert said[-1:] == ["15 calls"], done.stderr
    assert len([line for line in said if line.startswith("heard")]) == 15


def test_a_question_is_asked_again_until_it_is_answered():
    """What did not come within one turn may come within the next."""
    answers = iter([timed_out(), timed_out(), "here"])
    asked = []

    def ask(seconds: float) -> str:
        asked.append(seconds)
        answer = next(answers)
        if isinstance(answer, KafkaException):
            raise answer
        return answer

    assert in_turns(ask, 60) == "here"
    assert asked == [TURN_SECONDS] * 3


def test_what_kafka_refuses_is_not_asked_again():
    """Only an answer that is still to come is worth another turn."""
    asked = []

    def ask(seconds: float) -> None:
        asked.append(seconds)
        raise KafkaException(KafkaError(KafkaError.INVALID_CONFIG))

    with pytest.raises(KafkaException, match="INVALID_CONFIG"):
        in_turns(ask, 60)
    assert len(asked) == 1


def test_the_last_turn_tells_that_there_was_no_answer():
    """It is no longer than what is left of the time."""
    asked = []

    def ask(seconds: float) -> None:
        asked.append(seconds)
        raise timed_out()

    with pytest.raises(KafkaException, match="_TIMED_OUT"):
        in_turns(ask, 0.1)
    assert len(asked) == 1
    assert 0 < asked[0] <= 0.1
