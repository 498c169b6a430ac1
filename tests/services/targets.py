"""What stands behind a link in the tests: an HTTP server and an echo, both in threads."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE_SECONDS = 20.0  # of a client that waits for what has to come


class Answering(BaseHTTPRequestHandler):
    """Answer each request with its own path and body, and keep the connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.paths.append(self.path)
        answer = self.path.encode() + b" " + body
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class HttpTarget(ThreadingHTTPServer):
    """Note the paths that it was asked for."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        self.paths: list[str] = []
        super().__init__(("127.0.0.1", port), Answering)

    def handle_error(self, *_arguments: object) -> None:
        """Say nothing of connections that were reset."""


class Echo(socketserver.BaseRequestHandler):
    """Send back what comes, and at the end of it how much that was."""

    def handle(self) -> None:
        number = 0
        while data := self.request.recv(65_536):
            number += len(data)
            self.request.sendall(data)
        self.request.sendall(b"%d in all" % number)


class EchoTarget(socketserver.ThreadingTCPServer):
    """Echo, a thread for each connection."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)

    def handle_error(self, *_arguments: object) -> None:
        """Say nothing of connections that were reset."""


@contextmanager
def serving(target: socketserver.BaseServer) -> Iterator[socketserver.BaseServer]:
    """Let a target serve, and close it."""
    thread = threading.Thread(target=target.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield target
    finally:
        target.shutdown()
        target.server_close()
        thread.join()


def connected(port: int, patience_seconds: float = PATIENCE_SECONDS) -> socket.socket:
    """Return a connection."""
    return socket.create_connection(("127.0.0.1", port), patience_seconds)


def caller(port: int) -> HTTPConnection:
    """Return a client that keeps its connection."""
    return HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)


def asked(client: HTTPConnection, path: str = "/", body: bytes | None = None) -> tuple[int, bytes]:
    """Return the status and the body of an answer."""
    client.request("GET" if body is None else "POST", path, body)
    answer = client.getresponse()
    return answer.status, answer.read()


def outcome(client: HTTPConnection, path: str = "/") -> int | str:
    """Return the status of an answer, or that there was none."""
    try:
        return asked(client, path)[0]
    except (ConnectionError, TimeoutError) as error:
        client.close()
        if isinstance(error, TimeoutError):
            return "timeout"
        return "refused" if isinstance(error, ConnectionRefusedError) else "reset"


def received(connection: socket.socket, number: int) -> bytes:
    """Return so many bytes, fewer at the end of the stream."""
    data = b""
    while len(data) < number:
        more = connection.recv(number - len(data))
        if not more:
            break
        data += more
    return data
