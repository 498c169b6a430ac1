"""The topic in which the servers of an id keep the statements that last: what all of them know.

A command is written before it is run, and marked when it has been: one that has no mark was cut off
by the end of its server. What a command is numbered by is its offset, which no other ever has.
Who writes has the turn (`turns`), so that a command and its mark follow each other.
"""

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

import msgspec
from confluent_kafka import Consumer, TopicPartition

from eventlab.errors import BrokerError, EventlabError, LogError, shown
from eventlab.log import Record, Topic, produce
from eventlab.log.cluster import ANSWER_SECONDS, is_passing, plain_error
from eventlab.log.messages import PlacedMessage, consumed
from eventlab.log.reading import reader
from eventlab.sql.running.standing import Layout

_SETTINGS: dict[str, str | float | bool] = {
    "cleanup.policy": "delete",
    "retention.ms": -1,
    "retention.bytes": -1,
}
_TAKE = 1000
_LOOK_SECONDS = 0.005


@dataclass(frozen=True)
class Command:
    """A statement, and what was said about it: properties, and the values of variables."""

    text: str
    properties: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """A command that was run; of one that made a query also how that is split."""

    number: int
    command: Command
    layout: Layout | None


@dataclass(frozen=True)
class Ended:
    """Queries that a command ends before it does something else."""

    queries: tuple[str, ...]


@dataclass(frozen=True)
class Forgotten:
    """Everything that there was, which is no more."""


News: TypeAlias = Done | Ended | Forgotten


class CommandLog:
    """Read commands from a topic of one partition, and write them; call it from one thread.

    Raises TopicError, BrokerError and LogError.
    """

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._consumer: Consumer | None = None
        self._next = 0
        self._commands: dict[int, Command] = {}
        self._marked: set[int] = set()
        self._known: set[int] = set()
        self._unwritten: list[dict[str, Any]] = []

    @property
    def name(self) -> str:
        """Return the name of the topic."""
        return self._topic.name

    @property
    def cut_off(self) -> int | None:
        """Return the number of the last command if it has no mark: it runs, or was cut off."""
        newest = max(self._commands, default=None)
        return None if newest in self._marked else newest

    def open(self) -> None:
        """Read from the beginning; the topic is made where there is none."""
        if not self._topic.exists:
            self._topic.create(1, _SETTINGS)
        self._consumer = reader(self._topic.cluster)
        self._consumer.assign([TopicPartition(self._topic.name, 0, 0)])

    def close(self) -> None:
        """Read no more."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None

    def news(self, *, to_end: bool = False) -> list[News]:
        """Return what was done since the last call; `to_end` waits for all that is written now.

        What was marked here is left out, and what failed.
        """
        end = self._topic.end_offsets(committed=True)[0] if to_end else 0
        deadline = time.monotonic() + ANSWER_SECONDS
        found: list[News] = []
        while True:
            messages = self._messages()
            for message in messages:
                found += self._read(message.offset(), self._fields(message))
                self._next = message.offset() + 1
            if self._next >= end and not messages:
                return found
            if time.monotonic() > deadline:
                raise _not_read(self._topic, self._next, end)
            if not messages:
                time.sleep(_LOOK_SECONDS)

    def command(self, number: int) -> Command:
        """Return a command that was read, by its number."""
        return self._commands[number]

    def append(self, command: Command) -> int:
        """Write a command, and return its number."""
        fields = {
            "statement": command.text,
            "properties": command.properties,
            "variables": command.variables,
        }
        report = produce(self._topic, [_record(one) for one in (*self._unwritten, fields)])
        self._unwritten.clear()
        number = report.offsets[0][-1]
        self._commands[number] = command
        return number

    def mark(self, number: int, *, is_done: bool, layout: Layout | None = None) -> None:
        """Write that a command has been run, or has failed; where the log is away, do it later."""
        fields: dict[str, Any] = {"done" if is_done else "failed": number}
        self._known.add(number)
        self._marked.add(number)
        self._write(fields if layout is None else fields | {"layout": asdict(layout)})

    def end(self, queries: Sequence[str]) -> None:
        """Write that queries end, whatever becomes of the command that is run."""
        self._write({"ended": list(queries)})

    def forget(self) -> None:
        """Write that all is forgotten. Raises LogError where that cannot be written."""
        report = produce(self._topic, [_record({"forgotten": True})]).require_all()
        self._known.add(report.offsets[0][-1])

    def _write(self, fields: dict[str, Any]) -> None:
        self._unwritten.append(fields)
        with suppress(EventlabError):  # else with the next one
            produce(self._topic, [_record(one) for one in self._unwritten])
            self._unwritten.clear()

    def _messages(self) -> list[PlacedMessage]:
        assert self._consumer is not None  # open has been called
        messages = []
        for message in consumed(self._consumer, _TAKE, 0):
            error = message.error()
            if error is None:
                messages.append(message)
            elif not is_passing(error):
                raise plain_error(f"give the records of {self._topic}", error, self._topic.cluster)
        return messages

    def _read(self, number: int, fields: dict[str, Any]) -> list[News]:
        match fields:
            case {"done": int(done), **more}:
                return self._done(done, more.get("layout"))
            case {"failed": int(failed)}:
                self._marked.add(failed)
            case {"ended": list(queries)}:
                return [Ended(tuple(queries))]
            case {"forgotten": True}:
                return [] if number in self._known else [Forgotten()]
            case {"statement": str(text), "properties": properties, "variables": variables}:
                self._commands[number] = Command(text, properties, variables)
            case _:
                raise _not_ours(self._topic, fields)
        return []

    def _done(self, number: int, layout: dict[str, Any] | None) -> list[News]:
        self._marked.add(number)
        if number in self._known or number not in self._commands:
            return []
        self._known.add(number)
        found = None if layout is None else msgspec.convert(layout, Layout, str_keys=True)
        return [Done(number, self._commands[number], found)]

    def _fields(self, message: PlacedMessage) -> dict[str, Any]:
        value = message.value()
        with suppress(ValueError):
            found = json.loads(value or b"")
            if isinstance(found, dict):
                return found
        raise _not_ours(self._topic, value)


def _record(fields: dict[str, Any]) -> Record:
    return Record(None, json.dumps(fields, ensure_ascii=False).encode())


def _not_read(topic: Topic, place: int, end: int) -> BrokerError:
    return BrokerError(
        f"{topic} could not be read to its end",
        expected=f"all {end} records within {ANSWER_SECONDS:g} s",
        found=f"{place}",
        remedy=topic.cluster.when_away,
    )


def _not_ours(topic: Topic, found: object) -> LogError:
    return LogError(
        f"{topic} is not the command topic of an SQL server",
        expected="records that a server has written",
        found=shown(found),
        remedy="Give the server another id.",
    )
