"""A node's log: its ports, its start and its reasons are read from it; it does not grow for ever.

Standard library only: the supervisor needs it.
"""

import os
import re
from pathlib import Path
from typing import BinaryIO

LOG_BYTES = 10_000_000
LOG_KEPT_BYTES = 1_000_000

_LISTENING = re.compile(r"Awaiting socket connections on \S*?:(\d+)\.")
# It names its ports first; only then it loads its topics, and may give up.
_STARTED = "Kafka Server started"
# A controller without voters waits for ever. Where the metadata do not name the groups' own topic,
# which nobody deletes, they are lost, and Kafka takes every topic for a stray.
_NO_VOTERS = "Starting voters are VoterSet(voters={})"
_STRAY_GROUPS = re.compile(r"__consumer_offsets-\d+ marked stray")
# Kafka's own words for giving up; without them it was the JVM, which knows nothing of our data.
_GIVING_UP = ("Exiting Kafka", "Encountered fatal fault", "all log dirs")
_CAUSE = re.compile(r"Exception|Error|error")
_REASON_LETTERS = 300


def listening_ports(log: str) -> list[int]:
    """Return the ports on which a node listens, in the order in which it said so."""
    return [int(port) for port in _LISTENING.findall(log)]


def broker_port(log: str) -> int | None:
    """Return the port of a broker that is a controller too: that names its controller's first."""
    ports = listening_ports(log)
    return ports[1] if len(ports) > 1 else None


def has_started(log: str) -> bool:
    """Tell whether a node has loaded what it keeps, and serves."""
    return _STARTED in log


def knows_no_voters(log: str) -> bool:
    """Tell whether a node that votes has no metadata by which it could: it would wait for ever."""
    return _NO_VOTERS in log


def knows_no_groups(log: str) -> bool:
    """Tell whether a node's metadata know nothing of its topics, not of the groups' own either."""
    return _STRAY_GROUPS.search(log) is not None


def gave_up(text: str) -> bool:
    """Tell whether it was Kafka that gave up, in its own words."""
    return any(words in text for words in _GIVING_UP)


def failure_reason(log: str) -> str:
    """Return the line that says why Kafka gave up: the first exception after its last words.

    A line with ERROR alone is no failure; Kafka logs one when a partition is added.
    """
    lines = log.splitlines()
    last_words = [number for number, line in enumerate(lines) if gave_up(line)]
    after = lines[last_words[0] + 1 :] if last_words else lines
    causes = [line for line in after if _CAUSE.search(line)]
    instead = lines[last_words[0] :][:1] if last_words else lines[-1:]
    reasons = causes or instead or ["it said nothing"]
    return reasons[0].strip()[:_REASON_LETTERS]


class NodeLog:
    """The file in which a node says what it does; what the one before said is kept beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def open_anew(self) -> BinaryIO:
        """Put the log of the last time aside and return an empty one to write to."""
        if self._file is not None:
            self._file.close()
        if self._path.exists():
            self._path.replace(self._path.with_suffix(".before.log"))
        self._file = self._path.open("a+b")
        return self._file

    def text(self) -> str:
        """Return all that was said so far."""
        if self._file is None:
            return ""
        self._file.seek(0)
        return self._file.read().decode(errors="replace")

    def shorten(self) -> None:
        """Keep the end of a log that has grown long; the node appends to what is left."""
        if self._file is None:
            return
        size = os.fstat(self._file.fileno()).st_size
        if size > LOG_BYTES:
            self._file.seek(size - LOG_KEPT_BYTES)
            end = self._file.read()
            self._file.truncate(0)
            self._file.write(end)
            self._file.flush()
