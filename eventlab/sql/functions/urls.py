"""Functions of addresses on the web: their parts, and texts within them.

What is no address makes the value NULL. Source: ksqlDB's reference, "Scalar functions"; RFC 2396,
by which Java reads them: a host with an underscore, for one, is none.
"""

import re
from typing import NamedTuple
from urllib.parse import quote_plus, unquote, unquote_plus

from eventlab.sql.functions.declaring import scalar

_ADDRESS = re.compile(
    r"(?:([^:/?#]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")
_FORBIDDEN = re.compile(r'[\x00-\x20\x7F"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})')
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?"
_NAME = rf"(?:{_LABEL}\.)*[A-Za-z](?:[A-Za-z0-9\-]*[A-Za-z0-9])?\.?"
_AUTHORITY = re.compile(
    rf"(?:[^@]*@)?({_NAME}|\d{{1,3}}(?:\.\d{{1,3}}){{3}}|\[[0-9A-Fa-f:.%]+\])(?::(\d*))?"
)
_HALF_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Address(NamedTuple):
    """The parts of an address, decoded; None for those that it has not."""

    scheme: str | None
    host: str | None
    port: int | None
    path: str | None
    query: str | None
    fragment: str | None


def address(text: str) -> Address:
    """Return the parts of an address. Raises ValueError."""
    found = _ADDRESS.fullmatch(text)
    if found is None or _FORBIDDEN.search(text) or not text:
        raise ValueError(f"{text!r} is no address")
    scheme, authority, path, query, fragment = found.groups()
    if scheme is not None and not _SCHEME.fullmatch(scheme):
        raise ValueError(f"{text!r} begins with no scheme")
    if authority == "" and not path:
        raise ValueError(f"{text!r} says no host")
    is_opaque = scheme is not None and authority is None and not path.startswith("/")
    place = _AUTHORITY.fullmatch(authority or "")
    return Address(
        scheme,
        place[1] if place else None,
        int(place[2]) if place and place[2] else None,
        None if is_opaque else unquote(path),
        None if is_opaque or query is None else unquote(query),
        None if fragment is None else unquote(fragment),
    )


@scalar("URL_EXTRACT_PROTOCOL", "(url STRING) STRING", "Take the protocol of an address.")
def protocol(url: str) -> str | None:
    """Return what stands before the colon."""
    return address(url).scheme


@scalar("URL_EXTRACT_HOST", "(url STRING) STRING", "Take the host of an address.")
def host(url: str) -> str | None:
    """Return the name or the number of the machine."""
    return address(url).host


@scalar("URL_EXTRACT_PORT", "(url STRING) INT", "Take the port of an address.")
def port(url: str) -> int | None:
    """Return the port, NULL if it is not said."""
    return address(url).port


@scalar("URL_EXTRACT_PATH", "(url STRING) STRING", "Take the path of an address.")
def path(url: str) -> str | None:
    """Return the path, which may be empty."""
    return address(url).path


@scalar("URL_EXTRACT_QUERY", "(url STRING) STRING", "Take all parameters of an address.")
def query(url: str) -> str | None:
    """Return what stands behind the question mark."""
    return address(url).query


@scalar(
    "URL_EXTRACT_FRAGMENT", "(url STRING) STRING", "Take what stands behind the # of an address."
)
def fragment(url: str) -> str | None:
    """Return what stands behind the #."""
    return address(url).fragment


@scalar(
    "URL_EXTRACT_PARAMETER",
    "(url STRING, name STRING) STRING",
    "Take one parameter of an address by its name.",
)
def parameter(url: str, name: str) -> str | None:
    """Return the value of the first parameter of that name, empty if it has none."""
    parameters = [one.partition("=") for one in (address(url).query or "").split("&")]
    return next((value for key, _, value in parameters if key == name and key), None)


@scalar("URL_ENCODE_PARAM", "(text STRING) STRING", "Write a text as a parameter of an address.")
def encoded(text: str) -> str:
    """Return the text with a plus for each blank and an escape for what may not stand there."""
    return quote_plus(text, safe="*").replace("~", "%7E")


@scalar(
    "URL_DECODE_PARAM", "(text STRING) STRING", "Read a text that is a parameter of an address."
)
def decoded(text: str) -> str:
    """Return the text without its escapes. Raises ValueError for one that is not whole."""
    if _HALF_ESCAPE.search(text):
        raise ValueError(f"{text!r} has an escape that is not whole")
    return unquote_plus(text)
