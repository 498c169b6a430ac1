"""W3C's traceparent: the header by which a trace goes on from one service to the next.

Source: https://www.w3.org/TR/trace-context/. Its companion tracestate is not carried on.
"""

import re
from typing import Any

HEADER = "traceparent"
HEADER_BYTES = HEADER.encode()

Caller = tuple[str, str, bool]  # its trace, its span, whether they are kept

_NO_TRACE = "0" * 32
_NO_SPAN = "0" * 16
_SAMPLED = "13579bdf"  # the last digit of flags whose lowest bit is set
_LATER = re.compile(
    rb"(?!00|ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)
# What a header of version 00 looks like when each hexadecimal digit is an x, and each other
# character but the hyphen a question mark.
_SHAPE = b"xx-%b-%b-xx" % (b"x" * 32, b"x" * 16)
_SHAPES = bytes(
    ord("x" if chr(one) in "0123456789abcdef" else "-" if chr(one) == "-" else "?")
    for one in range(256)
)


def traceparent(trace_id: str, span_id: str, is_sampled: bool) -> str:
    """Return the header that makes a span the parent of what it causes elsewhere."""
    return f"00-{trace_id}-{span_id}-{'01' if is_sampled else '00'}"


def read_traceparent(header: bytes) -> Caller | None:
    """Return trace, span and flag of a traceparent, None if it is malformed: a new trace begins.

    A later version than 00 may say more behind; version ff and ids of zeros alone are none.
    """
    # Nearly every header; the expression for the others takes twice the time.
    if header.translate(_SHAPES) == _SHAPE and header[:2] == b"00":
        text = header.decode("ascii")
        trace_id = text[3:35]
        span_id = text[36:52]
        if trace_id == _NO_TRACE or span_id == _NO_SPAN:
            return None
        return trace_id, span_id, text[54] in _SAMPLED
    return _read_later_version(header)


def _read_later_version(header: bytes) -> Caller | None:
    found = _LATER.fullmatch(header)
    if found is None:
        return None
    trace_id = found[1].decode("ascii")
    span_id = found[2].decode("ascii")
    flags = found[3].decode("ascii")
    return trace_id, span_id, flags[1] in _SAMPLED


def only_header(headers: Any, name: str | bytes) -> bytes | None:
    """Return the value of the header of that name; one that is there twice is none, says W3C.

    `headers` are pairs, as those of a message of Kafka or of a request in ASGI.
    """
    found: str | bytes | None = None
    for one, value in headers:
        if one == name:
            if found is not None:
                return None
            found = value
    return found.encode() if isinstance(found, str) else found
