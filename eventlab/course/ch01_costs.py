"""Chapter 01, further: what sending in batches buys, what old data cost, what a terabit takes.

Times are taken in turns, so that whatever else the machine does meets both sides, and medians are
compared. Bytes are those that librdkafka's own statistics report.
"""

import json
import math
import random
import statistics
import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from confluent_kafka import Consumer, Producer, TopicPartition

from eventlab.errors import LogError
from eventlab.events import Shop, encode
from eventlab.log import Topic, produce

Settings = dict[str, Any]

_STATISTICS_MS = 50
_ANSWER_SECONDS = 30.0
_LEAST_ROUNDS = 40
_MEASURE_SECONDS = 20.0
# The upper end of the interval over its lower end: well within what the claim allows. With 1.4 a
# factor near 1 came out as 0.73 once in eight times on a busy machine; with 1.2 at 0.93 to 1.15.
_PRECISE = 1.2
_FAR = 2.0  # who is so far off need not be known precisely


# -- batching -------------------------------------------------------------------------------------


class Sending(NamedTuple):
    """What it took to send events: how many a second, and how many bytes for each."""

    events_per_second: float
    bytes_per_event: float


def values(seed: int, count: int) -> list[bytes]:
    """Return so many orders as they travel."""
    return [encode(order) for order in islice(Shop(seed=seed).orders(), count)]


def send(settings: Settings, topic: Topic, events: Sequence[bytes]) -> Sending:
    """Send events with a producer of these settings, and return what it took.

    Raises LogError where the statistics do not come.
    """
    reports: list[str] = []
    telling = {"statistics.interval.ms": _STATISTICS_MS, "stats_cb": reports.append}
    producer = Producer(settings | telling)
    began = time.perf_counter()
    for event in events:
        producer.produce(topic.name, event)
    producer.flush()
    seconds = time.perf_counter() - began
    size = _bytes_sent(producer, reports, len(events))
    return Sending(len(events) / seconds, size / len(events))


def _bytes_sent(producer: Producer, reports: list[str], messages: int) -> int:
    deadline = time.monotonic() + _ANSWER_SECONDS
    while time.monotonic() < deadline:
        producer.poll(_STATISTICS_MS / 1000)
        newest = json.loads(reports[-1]) if reports else {"txmsgs": 0}
        if newest["txmsgs"] >= messages:
            return int(newest["tx_bytes"])
    raise LogError(
        "The producer did not say how much it has sent",
        expected=f"statistics of {messages} messages",
        found=f"none within {_ANSWER_SECONDS:g} seconds",
        remedy="Run the cell again.",
    )


def compare_sendings(
    plain: Callable[[], Sending], batched: Callable[[], Sending], *, rounds: int = 5
) -> dict[str, float]:
    """Return the medians of both ways to send, in turns, and the factors between them."""
    turns = [(plain(), batched()) for _ in range(rounds)]
    one = [turn[0] for turn in turns]
    many = [turn[1] for turn in turns]
    slow = statistics.median(sending.events_per_second for sending in one)
    quick = statistics.median(sending.events_per_second for sending in many)
    large = statistics.median(sending.bytes_per_event for sending in one)
    small = statistics.median(sending.bytes_per_event for sending in many)
    return {
        "events_per_second_one_by_one": slow,
        "events_per_second_batched": quick,
        "factor": quick / slow,
        "bytes_one_by_one": large,
        "bytes_batched": small,
        "factor_in_bytes": large / small,
    }


# -- old data -------------------------------------------------------------------------------------


def fill(topic: Topic, *, events: int, size: int) -> float:
    """Write events of `size` random bytes, and return how many bytes were written in a second."""
    made = [random.Random(number).randbytes(size) for number in range(100)]
    began = time.perf_counter()
    produce(topic, (("", made[number % 100]) for number in range(events)))
    return events * size / (time.perf_counter() - began)


class Stretches:
    """Read stretches of a topic's one partition with a consumer that is told where to begin.

    It fetches ahead of what is taken, a megabyte at a time: stretches that are to be compared all
    need as much behind them, or the last one of the topic has less to do.
    """

    def __init__(self, settings: Settings, topic: Topic) -> None:
        own = {"group.id": "none of a group", "enable.auto.commit": False, "fetch.wait.max.ms": 5}
        self._consumer = Consumer(settings | own)
        self._topic = topic

    def microseconds_per_event(self, first: int, count: int, *, each_alone: bool = False) -> float:
        """Return how long an event takes of `count` in a row; or looked up one by one."""
        starts = range(first, first + count) if each_alone else [first]
        began = time.perf_counter()
        for offset in starts:
            self._consumer.assign([TopicPartition(self._topic.name, 0, offset)])
            self._take(count // len(starts))
        ended = time.perf_counter()
        self._consumer.unassign()  # what it would fetch ahead is no cost of the next stretch
        return (ended - began) * 1e6 / count

    def _take(self, count: int) -> None:
        taken = self._consumer.consume(count, timeout=_ANSWER_SECONDS)
        if len(taken) < count:
            raise LogError(
                "The topic did not give what it holds",
                expected=f"{count} records",
                found=f"{len(taken)}",
                remedy="Run the cell again.",
            )

    def close(self) -> None:
        """Close the consumer."""
        self._consumer.close()


class SameCost(NamedTuple):
    """What an event cost on both sides, in microseconds, and the middle of their factors."""

    old: list[float]
    new: list[float]
    factor: float


def compare_costs(old: Callable[[], float], new: Callable[[], float]) -> SameCost:
    """Measure both in turns until the middle factor is known well enough, or the time is up.

    The middle of the factors between neighbours in time does not mind what else the machine does.
    How well it is known: the interval between two order statistics that holds it in 95 of 100
    cases, whatever the distribution (the sign test's interval; Conover, Practical Nonparametric
    Statistics, 3.2).
    """
    old()  # once unmeasured: the first call connects
    new()
    olds: list[float] = []
    news: list[float] = []
    deadline = time.monotonic() + _MEASURE_SECONDS
    while len(olds) < _LEAST_ROUNDS or not _is_known(olds, news):
        if len(olds) >= _LEAST_ROUNDS and time.monotonic() > deadline:
            break
        first, second = (old, new) if len(olds) % 2 else (new, old)
        one = first()
        other = second()
        olds.append(one if first is old else other)
        news.append(one if first is new else other)
    return SameCost(olds, news, statistics.median(_factors(olds, news)))


def figures(found: SameCost) -> dict[str, float]:
    """Return the figures of a claim about both costs: medians, the middle factor, the turns."""
    return {
        "microseconds_old": statistics.median(found.old),
        "microseconds_new": statistics.median(found.new),
        "factor": found.factor,
        "turns": len(found.old),
    }


def _factors(olds: Sequence[float], news: Sequence[float]) -> list[float]:
    return sorted(old / new for old, new in zip(olds, news, strict=True))


def _is_known(olds: Sequence[float], news: Sequence[float]) -> bool:
    factors = _factors(olds, news)
    count = len(factors)
    reach = math.ceil(0.98 * math.sqrt(count))
    low = factors[max(0, count // 2 - reach)]
    high = factors[min(count - 1, count // 2 + reach)]
    return high / low < _PRECISE or low > _FAR


# -- a terabit ------------------------------------------------------------------------------------

_DISK_BYTES = 20e12
_SECONDS_A_DAY = 86_400


class Plan(NamedTuple):
    """What it takes to write and keep so much: machines like this one, and bytes."""

    machines_for_one_copy: float
    machines: float
    disks: float
    petabytes: float


def plan(write_rate: float, terabits: float, copies: float, days: float) -> Plan:
    """Return what `terabits` a second take, in `copies`, kept for `days`.

    `write_rate` is what one machine writes, in bytes a second.
    """
    arriving = terabits * 1e12 / 8
    kept = arriving * copies * days * _SECONDS_A_DAY
    machines = math.ceil(arriving / write_rate)
    return Plan(
        machines_for_one_copy=machines,
        machines=machines * copies,
        disks=kept / _DISK_BYTES,
        petabytes=kept / 1e15,
    )
