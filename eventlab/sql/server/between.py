"""The topics through which queries repartition their rows: they end with their queries."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from confluent_kafka import TopicPartition

from eventlab.errors import EventlabError
from eventlab.flows import Running
from eventlab.log import Topic
from eventlab.sql.running.standing import Layout, Standing

_PURGE_SECONDS = 10.0
_MOST_LETTERS = 249  # that Kafka takes
_LEAST_LETTERS = 10  # the number alone
_EPOCHS = 2  # what was read before the first of them is kept by then


@dataclass(frozen=True)
class _Read:
    """How far a part had read its partition, when its flow had ended so many epochs."""

    flow: Running
    epochs: int
    offset: int


class TopicsBetween:
    """The topics that queries have or had of their own; call it from one thread.

    What cannot be deleted is reported, and deleted when a server of the id begins the next time.
    """

    def __init__(
        self, prefix: str, open_topic: Callable[[str], Topic], report: Callable[[str], object]
    ) -> None:
        self._prefix = prefix
        self._open_topic = open_topic
        self._report = report
        self._known: set[str] = set()
        self._read: dict[tuple[str, int], _Read] = {}
        self._purged = time.monotonic()
        self._answers: list[tuple[Topic, Future[Any]]] = []
        self._refused: set[str] = set()

    def name(self, query_id: str) -> str:
        """Return the name of the topic of a query; of a long id only the end, which has its number.

        A query that one server can run alone is not to fail where another one is there.
        """
        room = _MOST_LETTERS - len(f"{self._prefix}..repartition")
        return f"{self._prefix}.{query_id[-max(room, _LEAST_LETTERS) :]}.repartition"

    def note(self, layout: Layout | None) -> None:
        """Know of a topic that a query had when it was made."""
        if layout is not None and layout.topic:
            self._known.add(layout.topic)

    def keep(self, queries: Iterable[Standing]) -> None:
        """Delete all topics but those of the queries that there are. Have the turn."""
        left = self._known - {one.layout.topic for one in queries}
        for name in sorted(left):
            topic = self._open_topic(name)
            try:
                if topic.exists:
                    topic.delete()
                self._known.discard(name)
            except EventlabError as error:
                self._report(str(error))

    def purge(self, queries: Iterable[Standing]) -> None:
        """Delete records that parts which run here have read, and need no more; now and then.

        Kafka is asked to, and not waited for. It is tried again, and what is refused twice in a row
        is reported: a broker that has just started knows no leaders yet.
        """
        if time.monotonic() < self._purged + _PURGE_SECONDS:
            return
        self._purged = time.monotonic()
        refusals = {str(one) for one in self._refusals()}
        for error in sorted(refusals & self._refused):
            self._report(error)
        self._refused = refusals
        known: dict[tuple[str, int], _Read] = {}
        for query in queries:
            for part, flow in query.flows.items():
                if query.layout.is_behind(part) and flow.is_alive:
                    place = (query.layout.topic, part - query.layout.parts)
                    known[place] = self._known_read(place, flow)
        self._read = known

    def _refusals(self) -> Iterator[EventlabError]:
        """Yield why records that were to be deleted were not; of what is not known yet nothing."""
        for topic, answer in self._answers:
            if answer.done():
                try:
                    topic.answered(answer, "delete the records that queries have passed on")
                except EventlabError as error:
                    yield error
        self._answers.clear()

    def _known_read(self, place: tuple[str, int], flow: Running) -> _Read:
        """Return how far a part has read; delete what it had read before, if that is kept."""
        name, partition = place
        topic = self._open_topic(name)
        before = self._read.get(place)
        if before is not None and before.flow is flow:
            if flow.epochs < before.epochs + _EPOCHS:
                return before
            if before.offset:
                asked = [TopicPartition(topic.name, partition, before.offset)]
                answers = topic.cluster.admin.delete_records(asked, operation_timeout=0)
                self._answers += [(topic, answer) for answer in answers.values()]
        offset = flow.positions.get((topic.name, partition), 0)
        return _Read(flow, flow.epochs, offset)  # asked in this order: it is of the next at most
