import re

import pytest

from tests.sql.functions.calling import called


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["4c6f67", "hex", "utf8"], "Log"),
        (["0x4c6f67", "hex", "ascii"], "Log"),
        (["0x5", "hex", "utf8"], "\x05"),
        (["X'4c6f67'", "hex", "base64"], "TG9n"),
        (["x''", "hex", "utf8"], ""),
        (["Log", "utf8", "hex"], "4c6f67"),
        (["Löß", "ascii", "hex"], "4c3f3f"),
        (["Löß", "utf8", "base64"], "TMO2w58="),
        (["TMO2w58=", "base64", "ascii"], "L\ufffd\ufffd\ufffd\ufffd"),
        (["TMO2w58", "BASE64", "UTF8"], "Löß"),
        ([None, "hex", "utf8"], None),
    ],
)
def test_a_text_is_encoded_anew(arguments, expected):
    """What cannot be said is a question mark, what cannot be read the sign for that."""
    assert called("ENCODE", *arguments) == expected


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [("xyz", "hex", "utf8"), ("abc", "hex", "utf8"), ("a", "utf8", "morse"), ("a", "utf8", "utf8")],
)
def test_what_is_not_so_encoded_is_refused(text, old, new):
    """And so is an encoding that is not there."""
    with pytest.raises(ValueError, match=r"digit|Odd-length|no encoding|same encoding"):
        called("ENCODE", text, old, new)


@pytest.mark.parametrize(
    ("encoding", "text"), [("hex", "CAFE21"), ("ascii", "tea"), ("utf8", "thé"), ("base64", "dGVh")]
)
def test_bytes_are_a_text_and_come_back(encoding, text):
    """In each encoding."""
    value = called("TO_BYTES", text, encoding)
    assert isinstance(value, bytes)
    assert called("FROM_BYTES", value, encoding) == text


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("INT_FROM_BYTES", [b"\x00\x00\x01\x02"], 258),
        ("INT_FROM_BYTES", [b"\x02\x01\x00\x00", "LITTLE_ENDIAN"], 258),
        ("INT_FROM_BYTES", [b"\xff\xff\xff\xfe", "BIG_ENDIAN"], -2),
        ("BIGINT_FROM_BYTES", [b"\x00" * 6 + b"\x01\x02"], 258),
        ("DOUBLE_FROM_BYTES", [b"\x40\x04" + b"\x00" * 6], 2.5),
        ("INT_FROM_BYTES", [None], None),
    ],
)
def test_bytes_are_numbers(name, arguments, expected):
    """The first byte is the greatest, unless it is said otherwise."""
    assert called(name, *arguments) == expected


def test_other_bytes_are_no_numbers():
    """There must be just as many, and the order must be known."""
    with pytest.raises(ValueError, match="3 bytes, but 4 are needed"):
        called("INT_FROM_BYTES", b"abc")
    with pytest.raises(ValueError, match="no order MIDDLE"):
        called("INT_FROM_BYTES", b"abcd", "MIDDLE")


def test_a_text_has_a_digest():
    """Always the same one, and of an empty text too."""
    assert called("MD5", "order 17") == called("MD5", "order 17")
    assert called("MD5", "") == "d41d8cd98f00b204e9800998ecf8427e"


def test_an_identifier_is_random_or_made_of_bytes():
    """Two that are random differ."""
    first = called("UUID")
    assert re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", first)
    assert called("UUID") != first
    assert called("UUID", bytes(range(16))) == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert called("UUID", b"short") is None
