import random
import re

import pytest

from eventlab.services.traceparent import only_header, read_traceparent, traceparent

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
VALID = f"00-{TRACE}-{PARENT}-01"
# What W3C says of all versions, in one expression; that of 00 has nothing behind its flags.
GRAMMAR = re.compile(
    r"(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)


def read(header: str):
    """Read a header as it comes, in bytes."""
    return read_traceparent(header.encode("latin-1"))


def by_the_grammar(header: str):
    """Return trace, span and flag by the expression alone."""
    found = GRAMMAR.fullmatch(header)
    if found is None or (found[1] == "00" and found[5] is not None):
        return None
    return found[2], found[3], int(found[4], 16) % 2 == 1


def test_a_traceparent_is_read():
    """Ids and the flag of sampling, whatever other flags there are."""
    assert read(VALID) == (TRACE, PARENT, True)
    for flags, is_sampled in (("00", False), ("03", True), ("02", False), ("ff", True)):
        assert read(f"00-{TRACE}-{PARENT}-{flags}") == (TRACE, PARENT, is_sampled)


def test_a_later_version_may_say_more():
    """Its first four fields are those of today."""
    assert read(f"cc-{TRACE}-{PARENT}-01-what-comes") == (TRACE, PARENT, True)
    assert read(f"cc-{TRACE}-{PARENT}-00") == (TRACE, PARENT, False)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "fast",
        f"ff-{TRACE}-{PARENT}-01",
        f"0-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT.upper()}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"cc-{TRACE}-{PARENT}-01.more",
        f"00-{TRACE[1:]}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-1",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE}-{PARENT}-0x",
        f"{VALID}\n",
        f" {VALID}",
        f"00_{TRACE}_{PARENT}_01",
    ],
)
def test_a_malformed_traceparent_says_nothing(header):
    """W3C's rules: lower-case hexadecimal, no version ff, no ids of zeros alone."""
    assert read(header) is None


@pytest.mark.parametrize("version", ["00", "01", "cc", "ff"])
@pytest.mark.parametrize("more", ["", "-", "-more"])
def test_each_header_is_read_by_the_grammar(version, more):
    """Every character of it is in turn another one, doubled, or not there."""
    header = f"{version}-{TRACE}-{PARENT}-01{more}"
    headers = [header]
    for place in range(len(header)):
        for other in "0123456789abcdefAFgx-_ .\n\x00\xe9":
            headers.append(header[:place] + other + header[place + 1 :])
        headers.append(header[:place] + header[place] + header[place:])
        headers.append(header[:place] + header[place + 1 :])
    assert [read(one) for one in headers] == [by_the_grammar(one) for one in headers]
    assert any(map(by_the_grammar, headers))


def test_what_is_written_is_read():
    """Any ids, kept or not."""
    draw = random.Random(1)
    for is_sampled in (True, False):
        ids = f"{draw.getrandbits(128):032x}", f"{draw.getrandbits(64):016x}"
        assert read(traceparent(*ids, is_sampled)) == (*ids, is_sampled)


def test_a_header_that_is_there_twice_is_none():
    """Others may be beside it."""
    ours = ("traceparent", b"1")
    assert only_header([("a", b"0"), ours, ("b", None)], "traceparent") == b"1"
    assert only_header([ours, ("a", b"0"), ours], "traceparent") is None
    assert only_header([], "traceparent") is None


def test_a_header_may_be_text():
    """As whoever makes a message by hand writes it."""
    assert only_header([("traceparent", VALID)], "traceparent") == VALID.encode()
