"""A broker's answers as the protocol's guide has them, version by version, however they are cut."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.services.addresses import Address
from eventlab.services.kafka_answers import KafkaAnswers

METADATA, COORDINATOR, VERSIONS = 3, 10, 18
TAGS = b"\x01\x00\x03abc"  # one tagged field with the number 0 and three bytes
BROKERS = [(1, "kafka-1.example", 9092), (2, "b", 70_000 - 40_000)]
PLACES = {1: Address("127.0.0.1", 5001), 2: Address("127.0.0.1", 5002)}


def short(number: int) -> bytes:
    return struct.pack(">h", number)


def whole(number: int) -> bytes:
    return struct.pack(">i", number)


def compact(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])


def text(found: str | None, *, flexible: bool) -> bytes:
    if found is None:
        return b"\x00" if flexible else short(-1)
    length = compact(len(found) + 1) if flexible else short(len(found))
    return length + found.encode()


def answer(correlation_id: int, body: bytes) -> bytes:
    return whole(len(body) + 4) + whole(correlation_id) + body


def metadata(version: int, brokers, rest: bytes = b"topics and more") -> bytes:
    """Return the answer who the brokers are."""
    flexible = version >= 9
    body = TAGS if flexible else b""
    body += whole(0) if version >= 3 else b""
    body += compact(len(brokers) + 1) if flexible else whole(len(brokers))
    for number, (node, host, port) in enumerate(brokers):
        body += whole(node) + text(host, flexible=flexible) + whole(port)
        if version >= 1:
            body += text("rack" if number else None, flexible=flexible)
        body += TAGS if flexible else b""
    return answer(7, body + rest)


def coordinator(version: int, brokers) -> bytes:
    """Return the answer who coordinates a group, or several from version 4 on."""
    flexible = version >= 3
    body = TAGS if flexible else b""
    body += whole(0) if version >= 1 else b""
    if version < 4:
        ((node, host, port),) = brokers
        body += short(0)
        body += text("said" * 50, flexible=flexible) if version >= 1 else b""
        body += whole(node) + text(host, flexible=flexible) + whole(port)
        return answer(7, body + (TAGS if flexible else b""))
    body += compact(len(brokers) + 1)
    for node, host, port in brokers:
        body += text("a group", flexible=True)
        body += whole(node) + text(host, flexible=True) + whole(port)
        body += short(0) + text(None, flexible=True) + TAGS
    return answer(7, body + TAGS)


def versions(version: int, newest: dict[int, int], error: int = 0, oldest: int = 0) -> bytes:
    """Return the answer which versions of which requests are taken."""
    flexible = version >= 3
    body = short(error) + (compact(len(newest) + 1) if flexible else whole(len(newest)))
    for key, most in newest.items():
        body += short(key) + short(oldest) + short(most) + (TAGS if flexible else b"")
    return answer(7, body + b"throttle and more")


def exchanged(key: int, version: int, data: bytes, cuts: list[int] = ()) -> tuple[bytes, list]:
    """Return what goes on of an answer that comes in parts, and what was asked for a place."""
    asked = []

    def places_of(brokers, are_all):
        asked.append(([broker.number for broker in brokers], are_all))
        return [PLACES[broker.number] for broker in brokers]

    answers = KafkaAnswers(places_of)
    answers.expect(key, version, 7)
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return b"".join(answers.take(data[begin:end]) for begin, end in pairwise(places)), asked


def led(brokers):
    """Return the brokers as they are to be found in what goes on."""
    return [(node, *PLACES[node]) for node, _, _ in brokers]


@pytest.mark.parametrize("version", range(14))
@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_brokers_of_a_cluster_are_exchanged(version, count):
    """And all that follows stays as it was."""
    found, asked = exchanged(METADATA, version, metadata(version, BROKERS[:count]))
    assert found == metadata(version, led(BROKERS[:count]))
    assert asked == [([1, 2][:count], True)]


@pytest.mark.parametrize("version", range(7))
def test_the_coordinator_of_a_group_is_exchanged(version):
    """Also several of them; these are not all brokers."""
    brokers = BROKERS if version >= 4 else BROKERS[:1]
    found, asked = exchanged(COORDINATOR, version, coordinator(version, brokers))
    assert found == coordinator(version, led(brokers))
    assert asked == [([node for node, _, _ in brokers], False)]


@pytest.mark.parametrize("version", range(7))
def test_no_coordinator_stays_none(version):
    """It has the number -1, and no address."""
    nobody = coordinator(version, [(-1, "", -1)])
    found, _ = exchanged(COORDINATOR, version, nobody)
    assert found == nobody


@pytest.mark.parametrize("version", range(5))
def test_versions_are_left_out_that_name_other_addresses(version):
    """Of Produce and Fetch; of the answers that are exchanged, those that nobody here can read."""
    newest = {0: 13, 1: 18, 2: 11, 3: 99, 10: 5, 18: 4}
    found, _ = exchanged(VERSIONS, version, versions(version, newest))
    assert found == versions(version, {0: 9, 1: 15, 2: 11, 3: 13, 10: 5, 18: 4})


def test_what_a_later_kafka_asks_for_at_least_is_left():
    """Better an address that leads past the link than a client that cannot come at all."""
    found, _ = exchanged(VERSIONS, 3, versions(3, {0: 20, 1: 20}, oldest=12))
    assert found == versions(3, {0: 12, 1: 15}, oldest=12)


def test_a_broker_that_does_not_know_the_question_answers_as_the_first_ones_did():
    """It tells its versions all the same."""
    found, _ = exchanged(VERSIONS, 4, versions(0, {0: 13, 18: 3}, error=35))
    assert found == versions(0, {0: 9, 18: 3}, error=35)


@given(st.lists(st.integers(0, 2000), max_size=12), st.integers(0, 900))
def test_answers_are_found_among_others(cuts, length):
    """However they are cut; the others pass, be they of the same length or long."""
    other = answer(8, b"x" * length)
    data = other + metadata(12, BROKERS) + other + other
    found, _ = exchanged(METADATA, 12, data, cuts)
    assert found == other + metadata(12, led(BROKERS)) + other + other


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n\r\n" * 100,
        whole(-5) + whole(7) + b"no size" * 10,
        answer(7, b"nothing that could be metadata"),
        answer(7, whole(0) + whole(1) + whole(1) + short(2) + b"\xff\xff" + whole(1)),
        b"",
    ],
)
def test_what_is_not_kafka_s_goes_on_as_it_is(data):
    """A link may lead to anything."""
    found, _ = exchanged(METADATA, 8, data)
    assert found == data


def test_what_goes_on_is_not_held_up():
    """Only the beginning of an answer that is to be exchanged waits for its end."""
    answers = KafkaAnswers(lambda brokers, _are_all: [PLACES[1] for _ in brokers])
    long = answer(8, b"x" * 100)
    assert answers.take(long[:50]) == long[:50]
    assert answers.take(long[50:] + long[:3]) == long[50:]
    answers.expect(METADATA, 12, 7)
    whole_answer = metadata(12, BROKERS[:1])
    assert answers.take(long[3:] + whole_answer[:20]) == long
    assert answers.take(whole_answer[20:]) == metadata(12, led(BROKERS[:1]))
