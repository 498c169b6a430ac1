"""Lead the clients of a Kafka to a proxy: the addresses in what its brokers answer are exchanged.

A client begins at one address, and goes on to those that the answers name. Three kinds of answers
matter: who the brokers are (Metadata), which of them coordinates a group (FindCoordinator), and
which versions of requests they take (ApiVersions): the versions are left out whose answers may name
a broker as well (KIP-951), and those that nobody here can read. Everything else goes on as it is.
Source: the protocol's guide, https://kafka.apache.org/protocol.
"""

import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from eventlab.services.addresses import Address

_PRODUCE = 0
_FETCH = 1
_METADATA = 3
_FIND_COORDINATOR = 10
_API_VERSIONS = 18

# The last versions that are read here; of Produce and Fetch, the last that name no broker.
_NEWEST = {_PRODUCE: 9, _FETCH: 15, _METADATA: 13, _FIND_COORDINATOR: 6}

# From this version on lengths are compact, and there are tagged fields (KIP-482).
_FLEXIBLE = {_METADATA: 9, _FIND_COORDINATOR: 3, _API_VERSIONS: 3}

_UNSUPPORTED_VERSION = 35  # what follows is then of version 0
_HEAD = struct.Struct(">ii")  # size, correlation id
_SHORT = struct.Struct(">h")
_WHOLE = struct.Struct(">i")
_VERSIONS = struct.Struct(">hhh")  # API key, oldest, newest


class Broker(NamedTuple):
    """A broker as an answer names it; its number is -1 where there is none."""

    number: int
    address: Address


class KafkaAnswers:
    """Take what comes from a broker on one connection, and give what goes on to its client.

    `places_of` gets the brokers that an answer names, and whether these are all, and says where the
    client is led instead. Requests have to be told by `expect` before their answers come.
    """

    def __init__(self, places_of: "PlacesOf") -> None:
        self._places_of = places_of
        self._expected: dict[int, _Request] = {}
        self._kept = b""
        self._passing = 0  # so much goes on before the next answer begins

    def expect(self, key: int, version: int, correlation_id: int) -> None:
        """Know of a request, of whatever kind."""
        if key in _FLEXIBLE:
            self._expected[correlation_id] = _Request(key, version)

    def take(self, data: bytes) -> bytes:
        """Return what may go on: all but the beginning of an answer that is to be exchanged."""
        if not self._kept and self._passing >= len(data):
            self._passing -= len(data)
            return data
        self._kept += data
        return b"".join(self._ready())

    def _ready(self) -> Iterator[bytes]:
        while True:
            if self._passing:
                yield self._cut(self._passing)
            if len(self._kept) < _HEAD.size:
                return
            size, correlation_id = _HEAD.unpack_from(self._kept)
            end = size + _WHOLE.size
            request = self._expected.get(correlation_id)
            if end < _HEAD.size:
                self._passing = sys.maxsize  # what is no answer of Kafka's goes on as it is
            elif request is None:
                self._passing = end
            elif len(self._kept) < end:
                return
            else:
                del self._expected[correlation_id]
                answer = self._cut(end)
                try:
                    yield self._exchanged(answer, request)
                except (struct.error, IndexError, UnicodeDecodeError):  # it is not Kafka's
                    yield answer

    def _cut(self, most: int) -> bytes:
        piece = self._kept[:most]
        self._kept = self._kept[most:]
        self._passing = max(0, self._passing - len(piece))
        return piece

    def _exchanged(self, answer: bytes, request: "_Request") -> bytes:
        if request.key == _API_VERSIONS:
            return _with_known_versions(answer, request)
        walk = _Walk(answer, is_flexible=request.is_flexible)
        walk.tags()  # of the head
        find = _in_metadata if request.key == _METADATA else _coordinators
        named = [one for one in find(walk, request.version) if one.broker.number >= 0]
        places = self._places_of([one.broker for one in named], request.key == _METADATA)
        return _with_places(answer, named, places, request)


PlacesOf = Callable[[Sequence[Broker], bool], Sequence[Address]]


class _Request(NamedTuple):
    key: int
    version: int

    @property
    def is_flexible(self) -> bool:
        return self.version >= _FLEXIBLE[self.key]


class _Named(NamedTuple):
    """A broker, and from where to where its address is in the answer."""

    broker: Broker
    begin: int
    end: int


class _Walk:
    """Go through the fields of an answer, one after the other."""

    def __init__(self, answer: bytes, *, is_flexible: bool) -> None:
        self._answer = answer
        self._is_flexible = is_flexible
        self.place = _HEAD.size

    def short(self) -> int:
        """Take 16 bits."""
        return self._number(_SHORT)

    def whole(self) -> int:
        """Take 32 bits."""
        return self._number(_WHOLE)

    def count(self) -> int:
        """Take the length of an array."""
        return self._varint() - 1 if self._is_flexible else self.whole()

    def text(self) -> bytes:
        """Take a text; none is an empty one."""
        length = self._varint() - 1 if self._is_flexible else self.short()
        return self._bytes(max(0, length))

    def tags(self) -> None:
        """Take the tagged fields, where there may be any."""
        for _ in range(self._varint() if self._is_flexible else 0):
            self._varint()
            self._bytes(self._varint())

    def broker(self) -> _Named:
        """Take a broker: its number, host and port."""
        number = self.whole()
        begin = self.place
        host = self.text().decode()
        port = self.whole()
        return _Named(Broker(number, Address(host, port)), begin, self.place)

    def _number(self, kind: struct.Struct) -> int:
        (found,) = kind.unpack_from(self._answer, self.place)
        self.place += kind.size
        return int(found)

    def _varint(self) -> int:
        found = 0
        for shift in range(0, 35, 7):
            byte = self._bytes(1)[0]
            found |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
        return found

    def _bytes(self, length: int) -> bytes:
        begin = self.place
        self.place += length
        return self._answer[begin : self.place]


def _in_metadata(walk: _Walk, version: int) -> Iterator[_Named]:
    if version >= 3:
        walk.whole()  # how long the client is throttled
    for _ in range(walk.count()):
        yield walk.broker()
        if version >= 1:
            walk.text()  # its rack
        walk.tags()


def _coordinators(walk: _Walk, version: int) -> Iterator[_Named]:
    if version >= 1:
        walk.whole()  # how long the client is throttled
    if version >= 4:
        for _ in range(walk.count()):
            walk.text()  # of which group
            yield walk.broker()
            walk.short()  # an error
            walk.text()
            walk.tags()
        return
    walk.short()  # an error
    if version >= 1:
        walk.text()
    yield walk.broker()


def _with_places(
    answer: bytes, named: Sequence[_Named], places: Sequence[Address], request: _Request
) -> bytes:
    exchanged = bytearray(answer)
    for one, place in reversed(list(zip(named, places, strict=True))):
        exchanged[one.begin : one.end] = _written(place, request)
    _WHOLE.pack_into(exchanged, 0, len(exchanged) - _WHOLE.size)
    return bytes(exchanged)


def _written(place: Address, request: _Request) -> bytes:
    host = place.host.encode()
    length = bytes([len(host) + 1]) if request.is_flexible else _SHORT.pack(len(host))
    return length + host + _WHOLE.pack(place.port)


def _with_known_versions(answer: bytes, request: _Request) -> bytes:
    exchanged = bytearray(answer)
    (error,) = _SHORT.unpack_from(answer, _HEAD.size)
    walk = _Walk(answer, is_flexible=request.is_flexible and error != _UNSUPPORTED_VERSION)
    walk.short()
    for _ in range(walk.count()):
        begin = walk.place
        key, oldest, newest = _VERSIONS.unpack_from(answer, begin)
        known = max(oldest, min(newest, _NEWEST.get(key, newest)))
        _VERSIONS.pack_into(exchanged, begin, key, oldest, known)
        walk.place = begin + _VERSIONS.size
        walk.tags()
    return bytes(exchanged)
