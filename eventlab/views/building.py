"""Build one generation of rows: read its topics on from its mark, a transaction for each batch."""

import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from confluent_kafka import KafkaError, TopicPartition

from eventlab.errors import EventlabError, ViewError
from eventlab.log import Batch, Topic
from eventlab.log.cluster import in_brief, is_passing, refusal
from eventlab.log.messages import PlacedMessage, pieces
from eventlab.log.reading import reader
from eventlab.log.watching import TopicWatch
from eventlab.views.folding import FoldFailed, Folding, stopped
from eventlab.views.positions import Offsets, Places, reached
from eventlab.views.runs import Run
from eventlab.views.store_trouble import other_topics
from eventlab.views.stores import Generation, Mark

_TURN_SECONDS = 0.05
_PARTITION_EOF = KafkaError._PARTITION_EOF
_GONE = {KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}

# Past the end of what is there the consumer would go to another place by itself.
_SETTINGS = {"enable.partition.eof": True, "auto.offset.reset": "error"}


class Bound(NamedTuple):
    """Where a view ends that goes no further: before these offsets, and before a time."""

    offsets: Places
    until: float = float("inf")  # milliseconds


class Unreadable(NamedTuple):
    """What could not be decoded, and was passed over: how many records, and why the last one."""

    records: int
    reason: str


NOTHING_UNREADABLE = Unreadable(0, "")


class Building:
    """Apply a view's topics to a generation, a batch at each step; for one thread at a time.

    It begins where the generation's mark says. Raises TopicError, BrokerError, CallError where the
    registry of a contract does not answer, and ViewError where a topic was made anew, or the log no
    longer has what comes next.
    """

    def __init__(
        self,
        view: str,
        folds: Mapping[Topic, Folding],
        generation: Generation,
        *,
        batch: int,
        bound: Bound | None = None,
        unreadable: Unreadable = NOTHING_UNREADABLE,
    ) -> None:
        self._view = view
        self._folds = {topic.name: fold for topic, fold in folds.items()}
        self._topics = list(folds)
        self._at_most = batch
        self._bound = bound
        self.generation = generation
        self.unreadable = unreadable
        self._refusal = ""
        self._first_later: Places = {}
        self._watches = {topic.name: TopicWatch(topic) for topic in self._topics}
        self._position = self._first_position()
        if bound is not None:
            self._position = {
                topic: {number: self._position[topic][number] for number in bound.offsets[topic]}
                for topic in bound.offsets
            }
        self._consumer = reader(self._topics[0].cluster, **_SETTINGS)
        self._assign()

    @property
    def position(self) -> Places:
        """Return how far it is; it is another dict after each step."""
        return self._position

    @property
    def whole_position(self) -> Places:
        """Return up to where all records are in the rows; a bound of time leaves out later ones."""
        return {
            topic: offsets | self._first_later.get(topic, {})
            for topic, offsets in self._position.items()
        }

    def step(self) -> bool:
        """Wait a moment for records, apply them, and tell whether the position has moved."""
        before = self._position
        self._notice_topics()
        runs: list[Run] = []
        answers: list[PlacedMessage] = []
        for messages in pieces(self._consumer, self._at_most, _TURN_SECONDS):
            records = [message for message in messages if message.error() is None]
            if len(records) < len(messages):
                answers += [message for message in messages if message.error() is not None]
            self._take_in(runs, records)
        self._ask_for_topics({run.topic for run in runs})
        for run in runs:
            self._apply(run)
        self._pass_over(answers)
        return self._position is not before

    @property
    def trouble(self) -> str:
        """Return why nothing can be read just now, "" if nothing is wrong."""
        reasons = [self._refusal, *(watch.trouble for watch in self._watches.values())]
        return next(filter(None, reasons), "")

    @property
    def has_all(self) -> bool:
        """Tell whether it has all that was there when Kafka last sent records; it asks nobody."""
        return all(
            self._newest_end(topic, number) in range(offset + 1)
            for topic, offsets in self._position.items()
            for number, offset in offsets.items()
        )

    def build(self, until: Places) -> None:
        """Go on until all before a position is in the rows."""
        while not reached(self._position, until):
            self.step()

    def close(self) -> None:
        """Read no more; the generation stays open."""
        self._consumer.close()
        # Until it is freed, a closed client holds one of the process's thread keys.
        del self._consumer

    # -- where ----------------------------------------------------------------------------------

    def _first_position(self) -> Places:
        mark = self.generation.mark
        names = [topic.name for topic in self._topics]
        if set(mark.offsets) - set(names):
            raise other_topics(self._view, names, list(mark.offsets))
        position: Places = {}
        for topic in self._topics:
            lows = topic.start_offsets()
            kept = mark.offsets.get(topic.name)
            if kept is not None:
                self._require_same(topic.name, mark.identities)
                self._require_there(topic, kept, lows)
                lows = dict.fromkeys(lows, 0) | kept  # partitions that are new since
            position[topic.name] = lows
        return position

    def _require_same(self, topic: str, identities: Mapping[str, str]) -> None:
        if topic in identities and self._watches[topic].identity != identities[topic]:
            raise self._made_anew(topic)

    def _made_anew(self, topic: str) -> ViewError:
        return ViewError(
            f"The view {self._view} is of a topic that is no more",
            expected=f"{topic} as it was when the view was built",
            found="another topic of that name, made anew since",
            remedy="Build the view anew: call it again, with keep=False.",
        )

    def _require_there(self, topic: Topic, kept: Mapping[int, int], lows: dict[int, int]) -> None:
        ends = topic.end_offsets()
        for number, offset in kept.items():
            if not lows.get(number, 0) <= offset <= ends.get(number, 0):
                found = f"offsets {lows.get(number, 0)} to {ends.get(number, 0)}"
                raise self._gone(f"{topic}, partition {number}", f"offset {offset}", found)

    def _gone(self, where: str, expected: str, found: str) -> ViewError:
        return ViewError(
            f"The log no longer has what the view {self._view} reads next of {where}",
            expected=expected,
            found=found,
            remedy="What is missing was deleted by retention, or lost: build the view anew from"
            " what is there, with keep=False.",
        )

    def _assign(self) -> None:
        self._consumer.assign(
            [
                TopicPartition(topic, number, offset)
                for topic, offsets in self._position.items()
                for number, offset in offsets.items()
            ]
        )

    def _notice_topics(self) -> None:
        """Take in new partitions; a topic that was made anew ends it."""
        if self._bound is not None:
            return
        for topic, watch in self._watches.items():
            identities = {topic: watch.identity}
            new = watch.look(time.monotonic())
            if new:
                self._require_same(topic, identities)
                fresh = self._position[topic] | dict.fromkeys(new, 0)
                self._position = self._position | {topic: fresh}
                self._assign()

    def _ask_for_topics(self, topics: set[str]) -> None:
        """Ask whether what was read is of the topics that it began with, and read on meanwhile."""
        for topic in topics:
            self._watches[topic].ask(time.monotonic())

    def _newest_end(self, topic: str, number: int) -> int:
        """Return where a partition ended at the last fetch, negative while there was none."""
        place = TopicPartition(topic, number)
        _, end = self._consumer.get_watermark_offsets(place, cached=True)
        return int(end)

    # -- what -----------------------------------------------------------------------------------

    def _take_in(self, runs: list[Run], messages: list[PlacedMessage]) -> None:
        for topic, records in self._by_topic(messages):
            if not runs or runs[-1].topic != topic:
                runs.append(Run(topic, self._folds[topic].contract))
            runs[-1].add(records, self._within(topic, records))

    def _by_topic(
        self, messages: list[PlacedMessage]
    ) -> Iterable[tuple[str, Sequence[PlacedMessage]]]:
        if not messages:
            return []
        if len(self._topics) == 1:
            return [(self._topics[0].name, messages)]
        return [(topic, list(run)) for topic, run in groupby(messages, lambda one: one.topic())]

    def _apply(self, run: Run) -> None:
        """Apply a batch; where its fold raises, only the events before that one."""
        topic = run.topic
        batch = run.batch
        after = self._after(run)
        if not self._watches[topic].is_same():
            raise self._made_anew(topic)
        failed = self._failed(topic, batch, len(batch), after)
        if failed is not None and failed.is_of_batch and not self.generation.is_spoilt:
            failed = self._failed(topic, batch, len(batch), after, singly=True)
        if failed is not None:
            failed = self._keep_before(topic, batch, failed)
        self._count_unreadable(topic, batch)
        if failed is not None:
            raise stopped(self._view, topic, batch, failed) from failed.__cause__

    def _failed(
        self, topic: str, batch: Batch, count: int, position: Places, *, singly: bool = False
    ) -> FoldFailed | None:
        """Write the first events of a batch, and return where the fold has failed, if it has."""
        newest = max(batch.place["timestamp"][:count], default=-1)
        mark = self._mark(position, newest)
        try:
            with self.generation.transaction() as writer:
                self._folds[topic].apply(writer, topic, batch, count, singly=singly)
                self.generation.keep(mark)
        except FoldFailed as failed:
            batch.decode_anew()  # it may have changed its events
            return failed
        self._position = position
        return None

    def _keep_before(self, topic: str, batch: Batch, failed: FoldFailed) -> FoldFailed:
        """Keep what the events before a failed one have made, and return which one that is."""
        again: FoldFailed | None = failed
        while again is not None and not self.generation.is_spoilt:
            failed = again
            position = self._before(topic, batch, failed.index)
            again = self._failed(topic, batch, failed.index, position, singly=True)
        if self.generation.is_spoilt:
            self._position = self._before(topic, batch, failed.index)
        return failed

    def _count_unreadable(self, topic: str, batch: Batch) -> None:
        """Count what was passed over; what comes after a failed event is read again."""
        offsets = self._position[topic]
        passed = [one for one in batch.unreadable if one["offset"] < offsets[one["partition"]]]
        if passed:
            records = self.unreadable.records + len(passed)
            self.unreadable = Unreadable(records, str(passed[-1]["reason"]))

    def _before(self, topic: str, batch: Batch, index: int) -> Places:
        """Return the position at which an event of a batch is the next of its partition."""
        columns = batch.place
        before = zip(columns["partition"][:index], columns["offset"][:index], strict=True)
        passed = {number: offset + 1 for number, offset in before}
        next_one = {columns["partition"][index]: columns["offset"][index]}
        return self._position | {topic: self._position[topic] | passed | next_one}

    def _mark(self, position: Places, newest: int) -> Mark:
        identities = {topic: watch.identity for topic, watch in self._watches.items()}
        return Mark(position, identities, max(newest, self.generation.mark.newest))

    def _within(self, topic: str, messages: Sequence[PlacedMessage]) -> Sequence[PlacedMessage]:
        bound = self._bound
        if bound is None:
            return messages
        ends = bound.offsets[topic]
        there = [one for one in messages if one.offset() < ends[one.partition()]]
        within = [one for one in there if one.timestamp()[1] < bound.until]
        if len(within) < len(there):
            self._note_later(topic, [one for one in there if one.timestamp()[1] >= bound.until])
        return within

    def _note_later(self, topic: str, messages: Sequence[PlacedMessage]) -> None:
        """Note where in each partition the first record is that is too late for the rows."""
        first = self._first_later.setdefault(topic, {})
        for message in messages:
            offset = first.get(message.partition(), message.offset())
            first[message.partition()] = min(offset, message.offset())

    def _after(self, run: Run) -> Places:
        """Return the position behind a run."""
        offsets = self._position[run.topic] | run.passed
        return self._position | {run.topic: self._up_to_bound(run.topic, offsets)}

    def _up_to_bound(self, topic: str, offsets: Offsets) -> Offsets:
        if self._bound is None:
            return offsets
        ends = self._bound.offsets[topic]
        return {number: min(offset, ends[number]) for number, offset in offsets.items()}

    def _pass_over(self, answers: list[PlacedMessage]) -> None:
        """Take what Kafka says in place of records: the end of a partition, or its trouble."""
        for answer in answers:
            error = answer.error()
            assert error is not None
            if error.code() == _PARTITION_EOF:
                self._end(answer.topic(), answer.partition(), answer.offset())
            elif error.code() in _GONE:
                self._watches = {topic.name: TopicWatch(topic) for topic in self._topics}
                self._require_same(answer.topic(), self.generation.mark.identities)
                where = f"{answer.topic()}, partition {answer.partition()}"
                raise self._gone(where, "the record at its position", str(error.str()))
            elif not is_passing(error):
                self._refusal = in_brief(self._refused(error))

    def _refused(self, error: KafkaError) -> EventlabError:
        names = " and ".join(topic.name for topic in self._topics)
        return refusal(f"give the records of {names}", error)

    def _end(self, topic: str, number: int, offset: int) -> None:
        """Stand at the end of a partition: what is before it may be the marker of a transaction."""
        self._refusal = ""
        if offset <= self._position[topic].get(number, 0):
            return
        offsets = self._up_to_bound(topic, self._position[topic] | {number: offset})
        position = self._position | {topic: offsets}
        with self.generation.transaction():
            self.generation.keep(self._mark(position, -1))
        self._position = position
