"""Confluent's wire format: a zero, the schema's id in four bytes, and what it says of an event.

https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html
"""

import struct
from typing import NamedTuple

from eventlab.errors import EventError, shown

MAGIC = b"\0"
_HEAD = struct.Struct(">BI")


class Framed(NamedTuple):
    """What a value holds: the id of the schema by which it was written, and its bytes."""

    schema_id: int
    payload: bytes


def head(schema_id: int) -> bytes:
    """Return the five bytes with which a value begins."""
    return _HEAD.pack(0, schema_id)


def framed(value: bytes) -> Framed:
    """Return the parts of a value. Raises EventError where it names no schema."""
    if len(value) < _HEAD.size or value[:1] != MAGIC:
        raise EventError(
            "A message names no schema",
            expected="a zero byte and the schema's id in four bytes before the event",
            found=shown(value),
            remedy="It was written without a contract: read it without one, or set it apart.",
        )
    return Framed(_HEAD.unpack_from(value)[1], value[_HEAD.size :])
