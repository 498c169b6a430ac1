"""Rows that come line by line in a request, each acknowledged when it is in its topic.

Source: ksqlDB's documentation, "Inserting rows into an existing stream".
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from starlette.requests import ClientDisconnect, Request

from eventlab.errors import EventlabError
from eventlab.sql.server.answering import Streaming
from eventlab.sql.server.asked import object_in
from eventlab.sql.server.framing import DELIMITED
from eventlab.sql.server.refusals import BAD_REQUEST, Refusal, refusal
from eventlab.sql.server.wire_values import encode

Row: TypeAlias = dict[str, Any]
Insert: TypeAlias = Callable[[str, list[Row]], Awaitable[Sequence[EventlabError | None]]]


async def batches(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[Row]]:
    """Yield the JSON objects of each chunk's whole lines. Raises Refusal."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if found := _objects(lines):
            yield found
    if found := _objects([rest]):
        yield found


async def inserting(request: Request, insert: Insert) -> Streaming:
    """Return the answer to a request whose first object says where the others go.

    Raises Refusal where that is nowhere.
    """
    arriving = batches(request.stream())
    nothing: list[Row] = []
    first = await anext(arriving, nothing)
    target = _target(first)
    await insert(target, [])  # raises where there is none
    pieces = acknowledged(target, first[1:], arriving, insert)
    return Streaming(pieces, DELIMITED, is_watching=False)


async def acknowledged(
    target: str, first: list[Row], arriving: AsyncIterator[list[Row]], insert: Insert
) -> AsyncIterator[bytes]:
    """Yield a line for each row, with its number, when it is in its topic or is not taken."""
    number = 0
    rows = first
    while True:
        for error in await insert(target, rows):
            yield encode(_line(number, error)) + b"\n"
            number += 1
        try:
            rows = await anext(arriving)
        except (StopAsyncIteration, ClientDisconnect):
            return
        except Refusal as refused:
            yield encode(refused.fields | {"status": "error", "seq": number}) + b"\n"
            return


def _line(number: int, error: EventlabError | None) -> dict[str, Any]:
    if error is None:
        return {"status": "ok", "seq": number}
    return refusal(error).fields | {"status": "error", "seq": number}


def _objects(lines: list[bytes]) -> list[Row]:
    found = []
    for line in lines:
        if not line.strip():
            continue
        found.append(object_in(line, "A line"))
    return found


def _target(first: list[Row]) -> str:
    found = first[0].get("target") if first else None
    if not isinstance(found, str):
        raise Refusal(BAD_REQUEST, 'The first line names no stream: {"target": "orders"}')
    return found
