"""The topic in which a server keeps the statements that last, so that its next run knows them.

A command is written before it is run, and marked when it has been: one that has no mark was cut off
by the end of the server. What a command is numbered by is its offset, which no other ever has.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from eventlab.errors import EventlabError, LogError, shown
from eventlab.log import Record, Topic, produce
from eventlab.log.reading import changes

_SETTINGS: dict[str, str | float | bool] = {
    "cleanup.policy": "delete",
    "retention.ms": -1,
    "retention.bytes": -1,
}
_MARKS = ("done", "failed")


@dataclass(frozen=True)
class Command:
    """A statement, and what was said about it: properties, and the values of variables."""

    text: str
    properties: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Kept:
    """A command of an earlier run; what is not `is_done` was cut off."""

    number: int
    command: Command
    is_done: bool


class CommandLog:
    """Keep commands in a topic of one partition. One process writes to it; call it from one thread.

    Raises TopicError, BrokerError and LogError.
    """

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._unwritten: list[dict[str, int]] = []

    def kept(self) -> list[Kept]:
        """Return what is to be run again, in its order; the topic is made where there is none.

        What failed is left out, and what has neither mark too, unless it is the last of all.
        """
        if not self._topic.exists:
            self._topic.create(1, _SETTINGS)
            return []
        batch = changes(self._topic)
        if batch.unreadable:
            raise _not_ours(self._topic, batch.unreadable[0]["value"])
        return self._sorted_out(dict(zip(batch.place["offset"], batch.fields, strict=True)))

    def append(self, command: Command) -> int:
        """Write a command, and return its number."""
        fields = {
            "statement": command.text,
            "properties": command.properties,
            "variables": command.variables,
        }
        report = produce(self._topic, [_record(fields)])
        return report.offsets[0][0]

    def mark(self, number: int, *, is_done: bool) -> None:
        """Write that a command has been run, or has failed; where the log is away, do it later."""
        self._unwritten.append({_MARKS[0] if is_done else _MARKS[1]: number})
        try:
            produce(self._topic, [_record(mark) for mark in self._unwritten])
        except EventlabError:
            return  # with the next one
        self._unwritten.clear()

    def delete(self) -> None:
        """Delete the topic: all is forgotten."""
        self._topic.delete()

    def _sorted_out(self, found: dict[int, dict[str, Any]]) -> list[Kept]:
        done = {fields["done"] for fields in found.values() if "done" in fields}
        failed = {fields["failed"] for fields in found.values() if "failed" in fields}
        commands = {n: fields for n, fields in found.items() if not fields.keys() & {*_MARKS}}
        newest = max(commands, default=None)
        return [
            Kept(number, self._command(fields), number in done)
            for number, fields in commands.items()
            if number not in failed and (number in done or number == newest)
        ]

    def _command(self, fields: dict[str, Any]) -> Command:
        try:
            return Command(fields["statement"], fields["properties"], fields["variables"])
        except KeyError:
            raise _not_ours(self._topic, fields) from None


def _record(fields: dict[str, Any]) -> Record:
    return Record(None, json.dumps(fields, ensure_ascii=False).encode())


def _not_ours(topic: Topic, found: object) -> LogError:
    return LogError(
        f"{topic} is not the command topic of an SQL server",
        expected="records that a server has written",
        found=shown(found),
        remedy="Give the server another id.",
    )
