"""Frames over a pipe: pickled objects, each behind its length in four bytes.

Only for what two processes of ours say to each other; standard library only.
"""

import pickle
import struct
from typing import Any, Protocol

_LENGTH = struct.Struct(">I")


class Readable(Protocol):
    """What frames are read from; it may return less than was asked for."""

    def read(self, size: int, /) -> bytes | None:
        """Return at most `size` bytes, none at the end."""


class Writable(Protocol):
    """What frames are written to."""

    def write(self, data: bytes, /) -> object:
        """Take all the bytes."""

    def flush(self) -> object:
        """Pass them on."""


def send(channel: Writable, thing: object) -> None:
    """Write one frame."""
    data = pickle.dumps(thing)
    channel.write(_LENGTH.pack(len(data)) + data)
    channel.flush()


def receive(channel: Readable) -> Any:
    """Return what the next frame holds; raise EOFError when there is none, or half of one."""
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size))
    return pickle.loads(_exactly(channel, length))


def _exactly(channel: Readable, number: int) -> bytes:
    data = bytearray()
    while len(data) < number:
        more = channel.read(number - len(data))
        if not more:
            raise EOFError
        data += more
    return bytes(data)
