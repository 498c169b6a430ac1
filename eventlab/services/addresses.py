"""Where brokers are: a host and a port, as librdkafka's `bootstrap.servers` lists them."""

from typing import NamedTuple
from urllib.parse import urlsplit

from eventlab.errors import UsageError

_KAFKA_PORT = 9092


class Address(NamedTuple):
    """A host, by its name or its number, and a port of it."""

    host: str
    port: int


def addresses(servers: str) -> list[Address]:
    """Return the addresses in `servers`: parted by commas, each with a protocol and a port or not.

    Raises UsageError where one of them is none. Source: librdkafka, CONFIGURATION.md,
    bootstrap.servers.
    """
    return [_address(one.strip(), servers) for one in servers.split(",") if one.strip()]


def _address(text: str, servers: str) -> Address:
    try:
        parts = urlsplit(f"//{text.rpartition('://')[2]}")
        host = parts.hostname
        port = _KAFKA_PORT if parts.port is None else parts.port
    except ValueError:
        host = None
    if not host:
        raise UsageError(
            "bootstrap.servers names no address of a broker",
            expected="host:port, parted by commas",
            found=repr(servers),
            remedy="Correct the address.",
        )
    return Address(host, port)
