"""Ask a server over HTTP, as any program does."""

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

V1 = "application/vnd.ksql.v1+json"


class Asked:
    """An answer: its status, its content type, its text."""

    def __init__(self, status: int, kind: str, text: str) -> None:
        self.status = status
        self.kind = kind
        self.text = text

    @property
    def json(self) -> Any:
        """Return it as JSON."""
        return json.loads(self.text)

    @property
    def lines(self) -> list[Any]:
        """Return each line as JSON."""
        return [json.loads(line) for line in self.text.splitlines()]


def ask(
    url: str, method: str, path: str, body: Any = None, accept: str = "", **headers: str
) -> Asked:
    """Ask, and return the whole answer."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        accepted = {"Accept": accept} if accept else {}
        sent = None if body is None else data
        connection.request(method, path, sent, accepted | headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        return Asked(answer.status, answer.headers.get("content-type", ""), text)
    finally:
        connection.close()


def run(url: str, statements: str, **more: Any) -> list[Any]:
    """Run statements, and return what they answer."""
    answer = ask(url, "POST", "/ksql", {"ksql": statements, **more}, V1)
    assert answer.status == 200, answer.text
    found: list[Any] = answer.json
    return found


def pulled(url: str, query: str) -> list[list[Any]]:
    """Return the rows of a pull query."""
    answer = ask(url, "POST", "/query-stream", {"sql": query})
    assert answer.status == 200, answer.text
    return answer.lines[1:]
