"""How rows are framed on their way to a client: in lines, or as one JSON array.

Source: ksqlDB's documentation, "HTTP Streaming API" and "Run a query and stream back the output".
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Protocol

from eventlab.sql.planning.rows import Field
from eventlab.sql.server.wire_values import encode, row_writer, schema_text

V1 = "application/vnd.ksql.v1+json"
DELIMITED = "application/vnd.ksqlapi.delimited.v1"
JSON = "application/json"


class Framing(Protocol):
    """How an answer begins, how a batch of rows goes on, and how it ends."""

    def head(self, query_id: str | None, columns: Sequence[Field]) -> bytes:
        """Return how the answer begins."""

    def rows(self, rows: list[list[Any]]) -> bytes:
        """Return some rows."""

    def tail(self, said: str, error: dict[str, Any] | None) -> bytes:
        """Return how it ends: with what is said then, or with an error."""


class Lines:
    """A header object and then arrays, each in a line: `/query-stream`."""

    def head(self, query_id: str | None, columns: Sequence[Field]) -> bytes:
        """Return the line of the header."""
        return encode(_header(query_id, columns)) + b"\n"

    def rows(self, rows: list[list[Any]]) -> bytes:
        """Return a line for each row."""
        return b"".join(encode(row) + b"\n" for row in rows)

    def tail(self, said: str, error: dict[str, Any] | None) -> bytes:
        """Return the error's line, if there is one."""
        return b"" if error is None else encode(error) + b"\n"


class Array:
    """The same as one JSON array."""

    def head(self, query_id: str | None, columns: Sequence[Field]) -> bytes:
        """Return the array's begin, and the header in it."""
        return b"[" + encode(_header(query_id, columns))

    def rows(self, rows: list[list[Any]]) -> bytes:
        """Return rows, each behind a comma."""
        return b"".join(b",\n" + encode(row) for row in rows)

    def tail(self, said: str, error: dict[str, Any] | None) -> bytes:
        """Return the array's end."""
        return b"]\n" if error is None else b",\n" + encode(error) + b"]\n"


class Streamed:
    """A JSON array of objects, each with its kind: `/query`."""

    def head(self, query_id: str | None, columns: Sequence[Field]) -> bytes:
        """Return the array's begin, and the header in it."""
        header = {"queryId": query_id or "", "schema": schema_text(columns)}
        return b"[" + encode({"header": header})

    def rows(self, rows: list[list[Any]]) -> bytes:
        """Return rows, each behind a comma."""
        return b"".join(b",\n" + encode({"row": {"columns": row}}) for row in rows)

    def tail(self, said: str, error: dict[str, Any] | None) -> bytes:
        """Return what is said at last, or the error, and the array's end."""
        last = {"finalMessage": said} if error is None else {"errorMessage": error}
        return b",\n" + encode(last) + b"]\n"


def _header(query_id: str | None, columns: Sequence[Field]) -> dict[str, Any]:
    header: dict[str, Any] = {} if query_id is None else {"queryId": query_id}
    names = [column.name for column in columns]
    return header | {"columnNames": names, "columnTypes": [str(one.kind) for one in columns]}


async def framed(
    framing: Framing,
    query_id: str | None,
    columns: Sequence[Field],
    batches: AsyncIterator[list[Any]],
    end: Callable[[], tuple[str, dict[str, Any] | None]],
) -> AsyncIterator[bytes]:
    """Yield an answer piece by piece; `end` is asked what to say when there are no more rows."""
    write = row_writer(columns)
    yield framing.head(query_id, columns)
    async for rows in batches:
        yield framing.rows([write(row) for row in rows])
    yield framing.tail(*end())


async def at_once(rows: list[Any]) -> AsyncIterator[list[Any]]:
    """Yield all rows as one batch."""
    if rows:
        yield rows
