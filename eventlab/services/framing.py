"""Where a request begins and ends in the bytes of a connection: HTTP/1.1's, and Kafka's.

A client may keep its connection for many requests, and each is to be judged by itself. What is
neither protocol is left as it is: then no further request is found in it.
"""

import re
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

_HTTP_LINE = re.compile(rb"[A-Z]{1,20} \S+ HTTP/1\.[01]\r?\n")
_HTTP_BEGINNING = re.compile(rb"[A-Z]{1,20}( |\Z)")
_LONGEST_LINE = 65_536

_KAFKA_SIZE = struct.Struct(">i")
_KAFKA_BEGINNING = struct.Struct(">ihhi")  # size, API key, its version, correlation id
_KAFKA_HEAD = struct.Struct(">ihhih")  # the same, and the length of the client's id
_LARGEST_KAFKA_REQUEST = 104_857_600  # socket.request.max.bytes of a broker
_KAFKA_KEYS = range(1_000)


class Piece(NamedTuple):
    """Bytes of one request; whether they are its first ones, and its last ones."""

    data: bytes
    begins: bool
    ends: bool


class Framing(Protocol):
    """What finds the requests in what a client sends; all that goes in comes out at once."""

    is_between: bool
    keeps_alive: bool
    wants_answer: bool

    def pieces(self, data: bytes) -> Iterator[Piece]:
        """Yield the data, cut where a request ends and the next one begins."""


class HttpRequests:
    """Find HTTP/1.1 requests.

    `is_between` tells that the next byte begins a request, `keeps_alive` that the client takes
    more than one answer on its connection, and `wants_answer` that it sends no body before one.
    """

    def __init__(self) -> None:
        self.is_between = True
        self.keeps_alive = True
        self.wants_answer = False
        self._line = bytearray()
        self._rest = 0
        self._is_chunked = False
        self._step: Callable[[bytes, int], int] = self._in_first_line

    def pieces(self, data: bytes) -> Iterator[Piece]:
        """Yield the data, cut where a request ends and the next one begins."""
        place = 0
        while place < len(data):
            begins = self.is_between and _HTTP_BEGINNING.match(data, place) is not None
            if self.is_between and not begins:
                self._step = self._in_something_else
            end = self._after_request(data, place)
            yield Piece(data[place:end], begins, self.is_between)
            place = end

    def _after_request(self, data: bytes, place: int) -> int:
        self.is_between = False
        while place < len(data) and not self.is_between:
            place = self._step(data, place)
        return place

    # -- each step takes what belongs to it, and returns the place behind ------------------------

    def _in_first_line(self, data: bytes, place: int) -> int:
        line, place = self._line_of(data, place)
        if line is None:
            return place
        if not _HTTP_LINE.fullmatch(line):
            self._step = self._in_something_else
            return place
        self.keeps_alive = b" HTTP/1.1" in line
        self.wants_answer = False
        self._rest = 0
        self._is_chunked = False
        self._step = self._in_head
        return place

    def _in_head(self, data: bytes, place: int) -> int:
        line, place = self._line_of(data, place)
        if line is not None and line.strip():
            self._take_header(line)
        elif line is not None:
            self._end_head()
        return place

    def _in_body(self, data: bytes, place: int) -> int:
        taken = min(self._rest, len(data) - place)
        self._rest -= taken
        if not self._rest:
            self._end_body()
        return place + taken

    def _in_size_of_chunk(self, data: bytes, place: int) -> int:
        line, place = self._line_of(data, place)
        if line is None:
            return place
        size = _number(line.partition(b";")[0], 16)
        if size is None:
            self._step = self._in_something_else
        elif size:
            self._rest = size + len(b"\r\n")
            self._step = self._in_body
        else:
            self._step = self._in_trailer
        return place

    def _in_trailer(self, data: bytes, place: int) -> int:
        line, place = self._line_of(data, place)
        if line is not None and not line.strip():
            self._end_request()
        return place

    def _in_something_else(self, data: bytes, place: int) -> int:
        return len(data)

    # -- what they need --------------------------------------------------------------------------

    def _line_of(self, data: bytes, place: int) -> tuple[bytes | None, int]:
        """Return the line that ends here, None while it does not, and the place behind it."""
        end = data.find(b"\n", place) + 1
        self._line += data[place : end or len(data)]
        if not end and len(self._line) <= _LONGEST_LINE:
            return None, len(data)
        line = bytes(self._line)
        self._line.clear()
        return line, end or len(data)

    def _take_header(self, line: bytes) -> None:
        name, _, value = line.lower().partition(b":")
        value = value.strip()
        if name == b"content-length":
            self._rest = _number(value, 10) or 0
        elif name == b"transfer-encoding":
            self._is_chunked = value.endswith(b"chunked")
        elif name == b"connection":
            self.keeps_alive = value == b"keep-alive" or (self.keeps_alive and value != b"close")
        elif name == b"expect":
            self.wants_answer = True

    def _end_head(self) -> None:
        if self._is_chunked:
            self._step = self._in_size_of_chunk
        elif self._rest:
            self._step = self._in_body
        else:
            self._end_request()

    def _end_body(self) -> None:
        if self._is_chunked:
            self._step = self._in_size_of_chunk
        else:
            self._end_request()

    def _end_request(self) -> None:
        self._step = self._in_first_line
        self.is_between = True


class KafkaRequests:
    """Find Kafka's requests, each behind its size in four bytes.

    `note` gets of each, as soon as it is known, its API key, its version and its correlation id.
    """

    keeps_alive = True
    wants_answer = False

    def __init__(self, note: Callable[[int, int, int], object]) -> None:
        self.is_between = True
        self._note = note
        self._head = b""
        self._rest = 0

    def pieces(self, data: bytes) -> Iterator[Piece]:
        """Yield the data, cut where a request ends and the next one begins."""
        place = 0
        while place < len(data):
            begins = self.is_between
            end = self._after_request(data, place)
            yield Piece(data[place:end], begins, self.is_between)
            place = end

    def _after_request(self, data: bytes, place: int) -> int:
        if self.is_between:
            self._head = b""
        self.is_between = False
        if len(self._head) < _KAFKA_SIZE.size:
            more = data[place : place + _KAFKA_SIZE.size - len(self._head)]
            self._head += more
            place += len(more)
            if len(self._head) < _KAFKA_SIZE.size:
                return place
            (self._rest,) = _KAFKA_SIZE.unpack(self._head)
        if self._rest < 0:
            return len(data)
        end = min(place + self._rest, len(data))
        self._note_beginning(data[place:end])
        self._rest -= end - place
        self.is_between = not self._rest
        return end

    def _note_beginning(self, data: bytes) -> None:
        missing = _KAFKA_BEGINNING.size - len(self._head)
        if missing:
            self._head += data[:missing]
            if len(self._head) == _KAFKA_BEGINNING.size:
                _, key, version, correlation_id = _KAFKA_BEGINNING.unpack(self._head)
                self._note(key, version, correlation_id)


def begins_http(data: bytes) -> bool:
    """Tell whether bytes begin with the whole first line of an HTTP/1.1 request."""
    return _HTTP_LINE.match(data) is not None


def kafka_client_id(data: bytes) -> str | None:
    """Return the client.id in the first bytes of a connection, None while more are needed.

    It is "" when there is none, or when this is not Kafka's protocol: in plain text, version 1 of
    the head of a request, or a later one.
    """
    if len(data) < _KAFKA_HEAD.size:
        return None
    size, key, version, _, length = _KAFKA_HEAD.unpack_from(data)
    is_kafka = _KAFKA_HEAD.size <= size + _KAFKA_SIZE.size <= _LARGEST_KAFKA_REQUEST
    end = _KAFKA_HEAD.size + length
    if not is_kafka or key not in _KAFKA_KEYS or version < 0 or end > size + _KAFKA_SIZE.size:
        return ""
    if len(data) < end:
        return None
    return data[_KAFKA_HEAD.size : max(end, _KAFKA_HEAD.size)].decode(errors="replace")


def _number(text: bytes, base: int) -> int | None:
    try:
        return max(0, int(text, base))
    except ValueError:
        return None
