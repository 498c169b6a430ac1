"""Functions between texts, bytes and numbers: encodings, digests, identifiers.

Source: ksqlDB's reference, "Scalar functions".
"""

import base64
import binascii
import hashlib
import re
import struct
import uuid
from collections.abc import Callable, Mapping
from typing import TypeVar

from eventlab.sql.functions.declaring import scalar

Coder = TypeVar("Coder")

_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_ORDERS = {"BIG_ENDIAN": ">", "LITTLE_ENDIAN": "<"}


@scalar(
    "ENCODE",
    "(text STRING, from STRING, to STRING) STRING",
    "Write anew what is hex, utf8, ascii or base64 in another of these.",
)
def encoded(text: str, old: str, new: str) -> str:
    """Return the same bytes in another encoding. Raises ValueError for one that is not there."""
    if old.lower() == new.lower():
        raise ValueError(f"{old} and {new} are the same encoding")
    written = text_from_bytes(bytes_from_text(text, old), new)
    return written.lower() if new.lower() == "hex" else written


@scalar(
    "TO_BYTES",
    "(text STRING, encoding STRING) BYTES",
    "Read a text that is hex, utf8, ascii or base64 as bytes.",
)
def bytes_from_text(text: str, encoding: str) -> bytes:
    """Return the bytes that a text says. Raises ValueError."""
    return _known(_READ, encoding)(text)


@scalar(
    "FROM_BYTES",
    "(bytes BYTES, encoding STRING) STRING",
    "Write bytes as a text in hex, utf8, ascii or base64.",
)
def text_from_bytes(value: bytes, encoding: str) -> str:
    """Return the text that says the bytes. Raises ValueError."""
    return _known(_WRITTEN, encoding)(value)


@scalar(
    "INT_FROM_BYTES",
    "(bytes BYTES, order STRING?) INT",
    "Read four bytes as a whole number, BIG_ENDIAN or LITTLE_ENDIAN.",
)
def integer_from_bytes(value: bytes, order: str = "BIG_ENDIAN") -> int:
    """Return the number. Raises ValueError for another length or an order that is not there."""
    return int(_unpacked("i", value, order))


@scalar(
    "BIGINT_FROM_BYTES",
    "(bytes BYTES, order STRING?) BIGINT",
    "Read eight bytes as a whole number, BIG_ENDIAN or LITTLE_ENDIAN.",
)
def long_from_bytes(value: bytes, order: str = "BIG_ENDIAN") -> int:
    """Return the number. Raises ValueError for another length or an order that is not there."""
    return int(_unpacked("q", value, order))


@scalar(
    "DOUBLE_FROM_BYTES",
    "(bytes BYTES, order STRING?) DOUBLE",
    "Read eight bytes as a number, BIG_ENDIAN or LITTLE_ENDIAN.",
)
def double_from_bytes(value: bytes, order: str = "BIG_ENDIAN") -> float:
    """Return the number. Raises ValueError for another length or an order that is not there."""
    return float(_unpacked("d", value, order))


@scalar("MD5", "(text STRING) STRING", "Digest a text with MD5, written in hex.")
def md5(text: str) -> str:
    """Return the digest of the text as UTF-8."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@scalar(
    "UUID", "() STRING", "Make an identifier that nobody else has, or write sixteen bytes as one."
)
def random_identifier() -> str:
    """Return a random identifier."""
    return str(uuid.uuid4())


@scalar("UUID", "(bytes BYTES) STRING")
def identifier(value: bytes) -> str | None:
    """Return sixteen bytes as an identifier, NULL if there are more or fewer."""
    return str(uuid.UUID(bytes=value)) if len(value) == 16 else None


def _unpacked(form: str, value: bytes, order: str) -> int | float:
    wanted = struct.calcsize(form)
    if order not in _ORDERS:
        raise ValueError(f"There is no order {order}: it is one of {', '.join(_ORDERS)}")
    if len(value) != wanted:
        raise ValueError(f"There are {len(value)} bytes, but {wanted} are needed")
    number: int | float = struct.unpack(f"{_ORDERS[order]}{form}", value)[0]
    return number


def _from_hex(text: str) -> bytes:
    """Read hexadecimal digits, which may stand in X'…' or behind 0x."""
    if text.startswith("0x"):
        digits = text[2:]
        return binascii.unhexlify(f"0{digits}" if len(digits) % 2 else digits)
    if text[:2] in ("x'", "X'") and len(text) > 2 and text.endswith("'"):
        return binascii.unhexlify(text[2:-1])
    return binascii.unhexlify(text)


def _from_base64(text: str) -> bytes:
    """Read base64, in either alphabet and with or without what fills it up."""
    letters = _NO_BASE64.sub("", text.replace("-", "+").replace("_", "/"))
    return base64.b64decode(letters + "=" * (-len(letters) % 4))


# What cannot be said in an encoding is a question mark, and what cannot be read the sign for that.
_READ: dict[str, Callable[[str], bytes]] = {
    "hex": _from_hex,
    "utf8": lambda text: text.encode("utf-8", "replace"),
    "ascii": lambda text: text.encode("ascii", "replace"),
    "base64": _from_base64,
}
_WRITTEN: dict[str, Callable[[bytes], str]] = {
    "hex": lambda value: value.hex().upper(),
    "utf8": lambda value: value.decode("utf-8", "replace"),
    "ascii": lambda value: value.decode("ascii", "replace"),
    "base64": lambda value: base64.b64encode(value).decode("ascii"),
}


def _known(table: Mapping[str, Coder], name: str) -> Coder:
    if name.lower() not in table:
        raise ValueError(f"There is no encoding {name}: it is one of {', '.join(table)}")
    return table[name.lower()]
