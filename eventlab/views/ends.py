"""Where topics end, asked once a second without waiting: how old a view may be."""

import time
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import ListOffsetsResultInfo, OffsetSpec

from eventlab.log import Cluster
from eventlab.log.cluster import ANSWER_SECONDS
from eventlab.views.positions import Places, reached

LOOK_SECONDS = 1.0
_OVERDUE_SECONDS = 3.0  # whoever has no answer for so long does not know any more

Answers = dict[TopicPartition, "Future[ListOffsetsResultInfo]"]


class EndWatch:
    """Know when a view last had all that was in its topics. Times are those of time.monotonic."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._began = time.monotonic()
        self._next_look = 0.0
        self._asked_at = 0.0
        self._answers: Answers | None = None
        self._had_all_at: float | None = None
        self._has_all = False

    def look(self, position: Places, now: float) -> None:
        """Ask, or take an answer that is there. Never waits."""
        if self._answers is None:
            if now >= self._next_look:
                self._ask(position, now)
            return
        if all(answer.done() for answer in self._answers.values()):
            answers = self._answers
            self._answers = None
            self._take(answers, position)

    def note_all(self, now: float) -> None:
        """Take note that the view has everything, as a fetch of records says."""
        self._has_all = True
        self._had_all_at = now

    def age_seconds(self, now: float) -> float:
        """Return how long ago the view last had everything, as far as known; 0 while it has."""
        had_all_at = self._began if self._had_all_at is None else self._had_all_at
        age = max(0.0, now - had_all_at)
        return 0.0 if self._has_all and age < _OVERDUE_SECONDS else age

    def rest(self) -> None:
        """Say that nobody reads on: what it has gets older from now on."""
        self._has_all = False
        self._answers = None

    def _ask(self, position: Places, now: float) -> None:
        wanted = {
            TopicPartition(topic, number): OffsetSpec.latest()
            for topic, offsets in position.items()
            for number in offsets
        }
        self._next_look = now + LOOK_SECONDS
        self._asked_at = now
        # The dict is kept while it waits: librdkafka's answers are looked up in it.
        self._answers = self._cluster.admin.list_offsets(
            wanted, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=ANSWER_SECONDS
        )

    def _take(self, answers: Answers, position: Places) -> None:
        ends: Places = {}
        with suppress(Exception):  # while the broker is away nobody knows
            for place, answer in answers.items():
                ends.setdefault(place.topic, {})[place.partition] = _offset(answer.result())
            self._has_all = reached(position, ends)
            if self._has_all:
                self._had_all_at = self._asked_at


def _offset(answer: Any) -> int:
    return int(answer.offset)
