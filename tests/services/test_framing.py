"""Requests are found in bytes, however these are cut; what is neither protocol is left alone."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.services.framing import HttpRequests, KafkaRequests, begins_http, kafka_client_id

GET = b"GET /stock HTTP/1.1\r\nhost: a\r\n\r\n"
POST = b"POST /orders HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /"
CHUNKED = (
    b"PUT /x HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    b"5;a=b\r\nGET /\r\n3\r\n\r\n\r\r\n0\r\ntrailer: 1\r\n\r\n"
)
OLD = b"GET / HTTP/1.0\nhost: a\n\n"
HTTP = [GET, POST, CHUNKED, OLD]


def kafka(client_id: str | None, body: bytes = b"...", key: int = 18) -> bytes:
    """Return a request as Kafka's clients write it."""
    encoded = (client_id or "").encode()
    length = -1 if client_id is None else len(encoded)
    rest = struct.pack(">hhih", key, 3, 1, length) + encoded + body
    return struct.pack(">i", len(rest)) + rest


KAFKA = [kafka("warehouse"), kafka(None), kafka("x", b"y" * 300), kafka("", b"")]


def found(framing, data: bytes, cuts: list[int]) -> list[bytes]:
    """Return the requests in data that comes in parts."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    requests: list[bytes] = []
    passed = b""
    for begin, end in pairwise(places):
        for piece in framing.pieces(data[begin:end]):
            passed += piece.data
            if piece.begins:
                requests.append(b"")
            requests[-1] += piece.data
    assert passed == data
    assert framing.is_between
    return requests


CUTS = st.lists(st.integers(0, 1000), max_size=12)


@given(st.lists(st.sampled_from(HTTP), min_size=1, max_size=6), CUTS)
def test_http_requests_are_found(requests, cuts):
    """With a body or without, of known length or in chunks, in any number of segments."""
    assert found(HttpRequests(), b"".join(requests), cuts) == requests


@given(st.lists(st.sampled_from(KAFKA), min_size=1, max_size=6), CUTS)
def test_kafka_requests_are_found(requests, cuts):
    """Each behind its size, and what it asks for is known."""
    noted = []
    framing = KafkaRequests(lambda *beginning: noted.append(beginning))
    assert found(framing, b"".join(requests), cuts) == requests
    assert noted == [(18, 3, 1)] * len(requests)


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01" + b"GET / HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + GET,
        b"hello\r\n\r\n" + GET,
        b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n" + GET,
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n" + GET,
    ],
)
def test_what_is_not_http_has_no_further_requests(data):
    """It goes on as it is, and nothing in it is taken for a request."""
    framing = HttpRequests()
    pieces = [
        piece
        for place in range(0, len(data), 7)
        for piece in framing.pieces(data[place : place + 7])
    ]
    assert b"".join(piece.data for piece in pieces) == data
    assert not any(piece.begins for piece in pieces[1:])
    assert not any(piece.ends for piece in pieces)


@pytest.mark.parametrize(
    ("head", "keeps_alive", "wants_answer"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", True, False),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", False, False),
        (b"GET / HTTP/1.0\r\n\r\n", False, False),
        (b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", True, False),
        (b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", True, True),
    ],
)
def test_a_head_says_how_an_answer_has_to_be(head, keeps_alive, wants_answer):
    """Whether another request may follow, and whether the body waits for an answer."""
    framing = HttpRequests()
    list(framing.pieces(head))
    assert (framing.keeps_alive, framing.wants_answer) == (keeps_alive, wants_answer)


def test_the_beginning_of_a_request_is_known():
    """Also in the middle of a connection; a body that looks almost so is none."""
    assert begins_http(GET)
    assert not begins_http(b"GET /stock HT")
    assert not begins_http(b'{"a": "GET / HTTP/1.1\\r\\n"}')


@pytest.mark.parametrize("client_id", ["warehouse", "", "Zoë"])
def test_a_client_of_kafka_says_who_it_is(client_id):
    """As soon as all of its name is there, and not before."""
    data = kafka(client_id)
    end = 14 + len(client_id.encode())
    assert [kafka_client_id(data[:number]) for number in range(end)] == [None] * end
    assert kafka_client_id(data[:end]) == kafka_client_id(data) == client_id


@pytest.mark.parametrize(
    "data",
    [
        kafka(None),
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03ABCDEF",
        struct.pack(">ihhih", 10, 18, 3, 1, 5) + b"longer",
        struct.pack(">ihhih", -1, 18, 3, 1, 0),
        bytes(14),
    ],
)
def test_who_does_not_say_it_has_no_name(data):
    """Neither a client without one, nor what is not Kafka's protocol."""
    assert kafka_client_id(data) == ""
