"""Between flows and a cluster's topics: records in bytes, read by RawSource, written by TopicSink.

The key of a window's record is text on the wire, whatever the format: the key's own text, and the
window behind it (log.window_keys), so that every tool can read it.
"""

from collections.abc import Callable
from typing import TypeAlias

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Stream

from eventlab.log import Record, Start, Topic
from eventlab.log.window_keys import WindowKey
from eventlab.sql.catalog import Source
from eventlab.sql.formats.delimited import delimited_serde
from eventlab.sql.formats.serde import Serde, Unreadable
from eventlab.sql.formats.serdes import key_serde
from eventlab.sql.planning.plans import Read, Repartition, Step, sources_of
from eventlab.sql.running.building import Builder, ReadTopic
from eventlab.sql.running.encoding import Window, record_writer
from eventlab.sql.running.repartitioning import WRITER_SETTINGS, PassedSource, passing_on
from eventlab.streams import Arrival, TopicSink
from eventlab.streams.arrivals import Place
from eventlab.streams.raw_source import RawSource

OpenTopic: TypeAlias = Callable[[str], Topic]
Report: TypeAlias = Callable[[str], object]


class Wires:
    """Read the topics of a cluster into flows, and write what flows give into them.

    `open_topic` gives a topic by the name that statements use; `report` takes what cannot be used.
    """

    def __init__(self, open_topic: OpenTopic, report: Report):
        self.open_topic = open_topic
        self.report = report

    def topic(self, source: Source) -> Topic:
        """Return the topic of a stream or a table."""
        return self.open_topic(source.topic)

    def reading(
        self,
        *,
        start_of: Callable[[Topic], Start] = lambda _: "earliest",
        bounded: bool = False,
        is_paused: Callable[[Source], bool] | None = None,
        passed_to: int = 0,
    ) -> ReadTopic:
        """Return what reads the topic of a source into a flow, unless it `is_paused`.

        Where it starts, and in which partitions, is what `start_of` says of the topic. Of what was
        passed on it reads what went to the partition `passed_to`.
        """

        def read(flow: Dataflow, name: str, step: Read | Repartition) -> Stream[Arrival]:
            (source, *_) = sources_of(step)
            if isinstance(step, Repartition):
                passed = PassedSource(
                    self.open_topic(step.topic),
                    passed_to,
                    source=self.topic(source),
                    is_paused=lambda: is_paused is not None and is_paused(source),
                )
                return op.input(name, flow, passed)
            is_windowed = source.window is not None
            topic = self.topic(source)
            records = RawSource(
                topic,
                start=start_of(topic),
                bounded=bounded,
                has_windows=is_windowed,
                is_paused=None if is_paused is None else lambda: is_paused(source),
            )
            arriving = op.input(name, flow, records)
            if not is_windowed:
                return arriving
            return op.flat_map_batch(f"{name}_key", arriving, self._keys_from_text(source))

        return read

    def places_of(self, step: Step) -> list[Place]:
        """Return the partitions of the source that the rows of a step are of."""
        topic = self.topic(sources_of(step)[0])
        return [(topic.name, number) for number in topic.partitions]

    def pass_on(self, builder: Builder, step: Repartition) -> None:
        """Let the rows that a step repartitions be written to its topic."""
        topic = self.open_topic(step.topic)
        pass_on = passing_on(step, len(topic.partitions), self.report)
        records = builder.passed_on(step, pass_on)
        op.output(f"{builder.name}_out", records, TopicSink(topic, WRITER_SETTINGS))

    def _keys_from_text(self, source: Source) -> Callable[[list[Arrival]], list[Arrival]]:
        wired = _key_from_text(source)

        def read(batch: list[Arrival]) -> list[Arrival]:
            found: list[Arrival] = []
            for arrival in batch:
                try:
                    found.append(wired(arrival))
                except Unreadable as error:
                    self.report(f"{source.topic}, offset {arrival.offset}: {error}")
            return found

        return read

    def write(self, builder: Builder, plan: Step, target: Source) -> None:
        """Let what a plan makes be written to the topic of its stream or table."""
        topic = self.topic(target)
        if target.window is None:
            write = record_writer(target, self.report, _bytes, Record)
        else:
            named = _named_by_window(target, len(topic.partitions))
            write = record_writer(target, self.report, named, _of_window)
        op.output(f"{builder.name}_out", builder.records(plan, write), TopicSink(topic))


def _bytes(key: bytes | None, _window: Window | None) -> bytes | None:
    return key


def _named_by_window(
    target: Source, partitions: int
) -> Callable[[bytes | None, Window | None], tuple[str, int] | None]:
    """Return what makes text of a key and its window, and finds the partition of the key."""
    text_of = _text_of_key(target)

    def named(key: bytes | None, window: Window | None) -> tuple[str, int] | None:
        if key is None or window is None:
            return None
        made = WindowKey(text_of(key), *window)
        return str(made), made.partition(partitions)

    return named


def _of_window(named: tuple[str, int] | None, value: bytes | None, time: int) -> Record:
    if named is None:
        return Record(None, value, time)
    key, partition = named
    return Record(key, value, time, partition=partition)


def _text_of_key(target: Source) -> Callable[[bytes], str]:
    """Return what makes text of a key: itself, or of a number in bytes its digits."""
    wire, text = _serdes(target)
    if text is None:
        return bytes.decode

    def text_of(key: bytes) -> str:
        values = wire.read(key)
        written = None if values is None else text.write(values)
        return "" if written is None else written.decode()

    return text_of


def _key_from_text(source: Source) -> Callable[[Arrival], Arrival]:
    wire, text = _serdes(source)
    if text is None:
        return lambda arrival: arrival

    def wired(arrival: Arrival) -> Arrival:
        key, value = arrival.event
        # The empty text is a key too, though DELIMITED has no value in it.
        values = text.read(key) if key else None
        event = (key if values is None else wire.write(values), value)
        place = (arrival.topic, arrival.partition, arrival.offset)
        times = (arrival.time, arrival.stream_time)
        return Arrival(event, None, *place, *times, arrival.headers, arrival.window)

    return wired


def _serdes(source: Source) -> tuple[Serde, Serde | None]:
    """Return how a key is written on the wire, and as text where that is something else."""
    wire = key_serde(source)
    assert wire is not None  # what has windows has a key
    if source.key_format.name != "KAFKA":
        return wire, None
    columns = [(column.name, column.kind) for column in source.keys]
    return wire, delimited_serde(columns, None)
