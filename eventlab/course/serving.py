"""A table that answers over HTTP, as a small service does."""

import json
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from eventlab.processes.background import Background
from eventlab.streams import Table

_POLL_SECONDS = 0.05


class Service:
    """Answer over HTTP, on loopback, with the rows of a table; `serve` makes one."""

    def __init__(self, table: Table) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(table))
        serve_forever = partial(self._server.serve_forever, _POLL_SECONDS)
        self._background = Background("service", serve_forever, halt=self._server.shutdown)
        self._background.start()

    def ask(self, path: str) -> Any:
        """Return what it answers to a request."""
        line = HTTPConnection("127.0.0.1", self._server.server_port)
        try:
            line.request("GET", path)
            return json.loads(line.getresponse().read())
        finally:
            line.close()

    def stop(self) -> None:
        """End it; a second call does nothing."""
        self._background.stop()
        self._server.server_close()


def serve(table: Table) -> Service:
    """Answer requests with the rows of a table, from now on."""
    return Service(table)


def _handler(table: Table) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(table.rows()).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing: the log of a service has no place in a notebook."""

    return Handler
