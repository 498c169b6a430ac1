"""Clients of a Kafka in the tests: what they begin with, and what becomes of a first request."""

import socketserver

from tests.services.targets import connected, received
from tests.services.test_framing import kafka


def led_to(target: socketserver.TCPServer) -> dict[str, str]:
    """Return the settings of clients that begin at a target."""
    host, port = target.server_address
    return {"bootstrap.servers": f"{host}:{port}"}


def said(address: str, client_id: str | None) -> str:
    """Return what becomes of a client's first request, behind which stands an echo."""
    request = kafka(client_id, b"...")
    with connected(int(address.rpartition(":")[2])) as connection:
        try:
            connection.sendall(request)
            return "passed" if received(connection, len(request)) == request else "closed"
        except ConnectionError:
            return "reset"
