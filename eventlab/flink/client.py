"""Flink's gateway over HTTP: a session, statements, and what they give, page by page.

Source: Flink's documentation, "SQL Gateway REST Endpoint", version 4.
"""

import json
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from eventlab.errors import ServiceError, SqlError
from eventlab.flink.refusals import refusal

_API = "/v4"
_ANSWER_SECONDS = 60.0
_OK = 200
_NOT_READY = "NOT_READY"


@dataclass(frozen=True)
class Column:
    """A column of a result: its name, and the root of its type, such as BIGINT."""

    name: str
    kind: str


@dataclass(frozen=True)
class Page:
    """A part of a result, maybe empty: its columns, its changes, whether a query gives them.

    It is the last one where nothing follows.

    A change is INSERT, UPDATE_BEFORE, UPDATE_AFTER or DELETE, and the row.
    """

    columns: list[Column]
    changes: list[tuple[str, tuple[Any, ...]]]
    is_query: bool
    is_last: bool = False


_NONE_YET = Page([], [], is_query=False)


class Client:
    """Ask the gateway at `url`; `lost` makes the error of one that does not answer."""

    def __init__(self, url: str, lost: Callable[[str], ServiceError]) -> None:
        self._netloc = urlsplit(url).netloc
        self._lost = lost
        self._session = ""

    def open_session(self) -> None:
        """Open the session in which all statements run. Raises ServiceError."""
        opened = self._json("POST", f"{_API}/sessions", "", {})
        self._session = f"{_API}/sessions/{opened['sessionHandle']}"

    def pages(self, statement: str) -> Generator[Page, None, None]:
        """Run a statement, and yield its pages as they come; an empty one while there is none.

        Closed before its end, it ends the statement. Raises SqlError and ServiceError.
        """
        session = self._session
        asked = {"statement": statement}
        started = self._json("POST", f"{session}/statements", statement, asked)
        operation = f"{session}/operations/{started['operationHandle']}"
        path: str | None = f"{operation}/result/0?rowFormat=JSON"
        try:
            while path is not None:
                answer = self._json("GET", path, statement)
                if answer["resultType"] == _NOT_READY:
                    yield _NONE_YET
                    continue
                yield _page(answer)
                path = answer.get("nextResultUri")
        finally:
            with suppress(SqlError, ServiceError):  # it has ended, or Flink has
                self._json("DELETE", f"{operation}/close", statement)

    def _json(self, method: str, path: str, statement: str, body: Any = None) -> Any:
        status, text = self._asked(method, path, None if body is None else json.dumps(body))
        try:
            found = json.loads(text)
        except ValueError:
            raise self._lost(f"status {status} and no JSON") from None
        if status == _OK:
            return found
        stacks = found.get("errors") if isinstance(found, dict) else None
        raise refusal("\n".join(map(str, stacks or [found])), statement)

    def _asked(self, method: str, path: str, body: str | None) -> tuple[int, bytes]:
        connection = HTTPConnection(self._netloc, timeout=_ANSWER_SECONDS)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException) as error:
            raise self._lost(str(error) or type(error).__name__) from None
        finally:
            connection.close()


def _page(answer: Any) -> Page:
    results = answer["results"]
    return Page(
        columns=[Column(one["name"], one["logicalType"]["type"]) for one in results["columns"]],
        changes=[(one["kind"], tuple(one["fields"])) for one in results["data"]],
        is_query=bool(answer.get("isQueryResult")),
        is_last=answer.get("nextResultUri") is None,
    )
