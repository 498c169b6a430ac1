"""A client of an SQL server: what holds for a session, statements, and rows as they come."""

import json
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from eventlab.errors import ServiceError

_V1 = "application/vnd.ksql.v1+json"
_ANSWER_SECONDS = 60.0


class Refused(Exception):
    """What the server does not do, and the line and the column of it in the statement, if any."""

    def __init__(self, fields: dict[str, Any]) -> None:
        super().__init__(str(fields.get("message", fields)))
        self.position: tuple[int, int] | None = None
        if "line" in fields:
            self.position = (fields["line"], fields["column"])


class Client:
    """Ask a server at `url`; `properties` and `variables` are those of the session.

    Where it is gone, one of `others` is asked from then on, which may also start one. Raises
    Refused, and ServiceError where none answers.
    """

    def __init__(self, url: str, others: Callable[[], list[str]] = list) -> None:
        self.url = url
        self._others = others
        self.properties: dict[str, str] = {}
        self.variables: dict[str, str] = {}

    def is_there(self) -> bool:
        """Tell whether the server at `url` answers; no other is asked."""
        alone = Client(self.url)
        with suppress(ServiceError, Refused, ValueError):
            return "KsqlServerInfo" in alone._json("GET", "/info")
        return False

    def run(self, text: str) -> list[dict[str, Any]]:
        """Run statements, and return what they answer."""
        body = {
            "ksql": text,
            "streamsProperties": self.properties,
            "sessionVariables": self.variables,
        }
        found: list[dict[str, Any]] = self._json("POST", "/ksql", body)
        return found

    def rows(self, text: str) -> Generator[Any, None, None]:
        """Yield the header of a query's result, and then its rows; close it to end the query."""
        with closing(self.lines(text)) as lines:
            for line in lines:
                yield json.loads(line)

    def lines(self, text: str) -> Generator[bytes, None, None]:
        """Yield the lines of what a query gives, or PRINT; close it to end the query."""
        body = {
            "sql": text,
            "properties": self.properties,
            "sessionVariables": self.variables,
        }
        connection, answer = self._asked("POST", "/query-stream", body, seconds=None)
        try:
            for line in _lines_of(answer):
                if line.startswith(b'{"@type"'):
                    raise Refused(json.loads(line))
                yield line
        except (OSError, HTTPException):
            raise ServiceError(
                "The server has gone; the query is cut off",
                expected="rows until the query ends",
                found="an answer that breaks off",
                remedy="Run it again: another server is asked, where there is one.",
            ) from None
        finally:
            connection.close()

    def _json(self, method: str, path: str, body: Any = None) -> Any:
        connection, answer = self._asked(method, path, body, _ANSWER_SECONDS)
        try:
            return json.loads(answer.read())
        finally:
            connection.close()

    def _asked(
        self, method: str, path: str, body: Any, seconds: float | None
    ) -> tuple[HTTPConnection, HTTPResponse]:
        connection = self._connection(seconds)
        accept = {"Accept": _V1} if path == "/ksql" else {}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), accept)
            answer = connection.getresponse()
        except (OSError, HTTPException) as error:
            connection.close()
            raise self._away(error) from None
        if answer.status != 200:
            text = answer.read()
            connection.close()
            raise Refused(_fields(text))
        return connection, answer

    def _connection(self, seconds: float | None) -> HTTPConnection:
        try:
            return _connected(self.url, seconds)
        except OSError as error:
            for url in self._others():
                with suppress(OSError):
                    connection = _connected(url, seconds)
                    self.url = url
                    return connection
            raise self._away(error) from None

    def _away(self, error: Exception) -> ServiceError:
        return ServiceError(
            "The SQL server does not answer",
            expected=f"a server at {self.url}",
            found=str(error) or type(error).__name__,
            remedy="Start one: eventlab sql server.",
        )


def _connected(url: str, seconds: float | None) -> HTTPConnection:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=seconds)
    connection.connect()
    return connection


def _lines_of(answer: HTTPResponse) -> Iterator[bytes]:
    """Yield lines as they come; raise HTTPException where the answer is cut off."""
    rest = b""
    while part := answer.read1():  # readline takes an answer that is cut off for one that ended
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            yield line + b"\n"


def _fields(text: bytes) -> dict[str, Any]:
    with suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    return {"message": text.decode(errors="replace")}
