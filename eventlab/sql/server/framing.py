"""How rows are framed on their way to a client: in lines, or as one JSON array.

Source: ksqlDB's documentation, "HTTP Streaming API" and "Run a query and stream back the output".
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Protocol

from eventlab.sql.planning.rows import Field, Shape, key_reader
from eventlab.sql.running.pushing import Change, Row
from eventlab.sql.server.wire_values import encode, row_writer, schema_text

V1 = "application/vnd.ksql.v1+json"
DELIMITED = "application/vnd.ksqlapi.delimited.v1"
JSON = "application/json"


class Framing(Protocol):
    """How an answer begins, how a batch of rows goes on, and how it ends."""

    def head(self, query_id: str | None, columns: Sequence[Field]) -> bytes:
        """Return how the answer begins."""

    def row(self, row: list[Any]) -> bytes:
        """Return a row."""

    def gone(self, row: list[Any]) -> bytes:
        """Return that there is no row of this key any more; its other columns are null."""

    def still(self) -> bytes:
        """Return that nothing has come for a while, which clients wait for, or nothing."""

    def tail(self, said: str, error: dict[str, Any] | None) -> bytes:
        """Return how it ends: with what is said then, or with an error."""


class Lines:
    """A header object and then arrays, each in a line: `/query-stream`."""

    def head(self, query_id: str | None, columns: Sequence[Field]) -> bytes:
        """Return the line of the header."""
        return encode(_header(query_id, columns)) + b"\n"

    def row(self, row: list[Any]) -> bytes:
        """Return a row's line."""
        return encode(row) + b"\n"

    def gone(self, row: list[Any]) -> bytes:
        """Return nothing: this form has no word for it."""
        return b""

    def still(self) -> bytes:
        """Return nothing: each line is a row."""
        return b""

    def tail(self, said: str, error: dict[str, Any] | None) -> bytes:
        """Return the error's line, if there is one."""
        return b"" if error is None else encode(error) + b"\n"


class Array:
    """The same as one JSON array."""

    def head(self, query_id: str | None, columns: Sequence[Field]) -> bytes:
        """Return the array's begin, and the header in it."""
        return b"[" + encode(_header(query_id, columns))

    def row(self, row: list[Any]) -> bytes:
        """Return a row, behind a comma."""
        return b",\n" + encode(row)

    def gone(self, row: list[Any]) -> bytes:
        """Return nothing: this form has no word for it."""
        return b""

    def still(self) -> bytes:
        """Return nothing: each line is a row."""
        return b""

    def tail(self, said: str, error: dict[str, Any] | None) -> bytes:
        """Return the array's end."""
        return b"]\n" if error is None else b",\n" + encode(error) + b"]\n"


class Streamed:
    """A JSON array of objects, each with its kind: `/query`.

    Each is a whole line as soon as it is there, since there are clients that read line by line.
    """

    def head(self, query_id: str | None, columns: Sequence[Field]) -> bytes:
        """Return the array's begin, and the header in it."""
        header = {"queryId": query_id or "", "schema": schema_text(columns)}
        return b"[" + encode({"header": header}) + b",\n"

    def row(self, row: list[Any]) -> bytes:
        """Return a row's line."""
        return encode({"row": {"columns": row}}) + b",\n"

    def gone(self, row: list[Any]) -> bytes:
        """Return a tombstone's line."""
        return encode({"row": {"columns": row, "tombstone": True}}) + b",\n"

    def still(self) -> bytes:
        """Return an empty line, which is no part of the JSON."""
        return b"\n"

    def tail(self, said: str, error: dict[str, Any] | None) -> bytes:
        """Return what is said at last, or the error, and the array's end."""
        last = {"finalMessage": said} if error is None else {"errorMessage": error}
        return encode(last) + b"]\n"


class Printed:
    """The records of PRINT, each in a line of text."""

    def head(self, query_id: str | None, columns: Sequence[Field]) -> bytes:
        """Return nothing: the lines say themselves what they are."""
        return b""

    def row(self, row: list[Any]) -> bytes:
        """Return a record's line."""
        time, key, value, partition = row
        day, _, clock = time.partition("T")
        shown_key = "<null>" if key is None else key
        shown_value = "<null>" if value is None else value
        place = f"rowtime: {day.replace('-', '/')} {clock} Z, key: {shown_key}"
        return f"{place}, value: {shown_value}, partition: {partition}\n".encode()

    def gone(self, row: list[Any]) -> bytes:
        """Return nothing: a record is never gone."""
        return b""

    def still(self) -> bytes:
        """Return nothing: each line is a row."""
        return b""

    def tail(self, said: str, error: dict[str, Any] | None) -> bytes:
        """Return the error's line, if there is one."""
        return b"" if error is None else encode(error) + b"\n"


def _header(query_id: str | None, columns: Sequence[Field]) -> dict[str, Any]:
    header: dict[str, Any] = {} if query_id is None else {"queryId": query_id}
    names = [column.name for column in columns]
    return header | {"columnNames": names, "columnTypes": [str(one.kind) for one in columns]}


async def framed(
    framing: Framing,
    query_id: str | None,
    columns: Sequence[Field],
    batches: AsyncIterator[bytes],
    end: Callable[[], tuple[str, dict[str, Any] | None]],
) -> AsyncIterator[bytes]:
    """Yield an answer piece by piece; `end` is asked what to say when there are no more rows."""
    yield framing.head(query_id, columns)
    async for batch in batches:
        yield batch
    yield framing.tail(*end())


async def at_once(
    framing: Framing, columns: Sequence[Field], rows: Sequence[Row]
) -> AsyncIterator[bytes]:
    """Yield all rows as one batch."""
    write = row_writer(columns)
    yield b"".join(framing.row(write(row)) for row in rows)


async def as_they_come(
    framing: Framing, shape: Shape, batches: AsyncIterator[list[Change]]
) -> AsyncIterator[bytes]:
    """Yield each batch of what a push query gives."""
    write = row_writer(shape.fields)
    keys = key_reader(shape.key_types)

    def gone(key: str | None) -> list[Any]:
        row: list[Any] = [None] * len(shape.fields)
        for place, value in zip(shape.keys, keys(key), strict=True):
            row[place] = value
        return write(row)

    def piece(change: Change) -> bytes:
        if change.row is None:
            return framing.gone(gone(change.key))
        return framing.row(write(change.row))

    async for batch in batches:
        text = b"".join(map(piece, batch)) if batch else framing.still()
        if text:
            yield text
