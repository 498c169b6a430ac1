"""What a call to a service sends, whether it comes from another service or from the notebook."""

import re
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from eventlab.errors import UsageError, shown

_METHOD = re.compile("[A-Z]{1,20}")
_SAFE = "/?&=%:,~+"  # what divides a path and its question stays as it is
_LETTERS = 8_000  # servers refuse a longer line


class Sent(NamedTuple):
    """One request: its method, its path as it goes over the wire, and its body."""

    method: str
    path: str
    body: bytes | None

    @property
    def headers(self) -> dict[str, str]:
        """Return what says of which kind the body is."""
        return {} if self.body is None else {"Content-Type": "application/json"}


def sent(path: str, json: Any, method: str | None) -> Sent:
    """Return the request that a call makes: a GET, or with `json` a POST. Raises UsageError."""
    body = None if json is None else _encoded(json)
    verb = method or ("GET" if body is None else "POST")
    if not _METHOD.fullmatch(verb):
        raise UsageError(
            "This is no method of HTTP",
            expected="a method in capital letters",
            found=shown(verb),
            remedy='Write method="PUT", or leave it out.',
        )
    return Sent(verb, _quoted(path), body)


def _quoted(path: str) -> str:
    wire = quote(path, safe=_SAFE)
    if not wire.startswith("/") or len(wire) > _LETTERS:
        raise UsageError(
            "This is no path of a service",
            expected=f"a path that begins with a slash, of at most {_LETTERS} letters",
            found=shown(path),
            remedy='Write it as in "/orders/7".',
        )
    return wire


def _encoded(json: Any) -> bytes:
    try:
        return msgspec.json.encode(json)
    except (TypeError, ValueError, RecursionError, OverflowError) as error:
        raise UsageError(
            "The body of the call cannot be written as JSON",
            expected="dicts, lists, texts, numbers, or an event of eventlab.events",
            found=f"{shown(json)}: {error}",
            remedy='Write json={"order_id": "o-1"}.',
        ) from None
