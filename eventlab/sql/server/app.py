"""The HTTP side of a server: ksqlDB's REST API, as far as its clients and its documentation use it.

Source: ksqlDB's documentation, "ksqlDB REST API".
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from eventlab.errors import EventlabError
from eventlab.sql.answers import Rows
from eventlab.sql.running.printing import COLUMNS
from eventlab.sql.running.pushing import Push
from eventlab.sql.server import framing
from eventlab.sql.server.answering import Streaming
from eventlab.sql.server.asked import body_of, chosen_kind, map_in, patterns_in, text_in
from eventlab.sql.server.desk import Desk
from eventlab.sql.server.inserts import inserting
from eventlab.sql.server.middleware import EndsWithServer, OwnPagesOnly, PathAlone
from eventlab.sql.server.outbox import Outbox
from eventlab.sql.server.query_entities import host_of
from eventlab.sql.server.refusals import (
    BAD_REQUEST,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    SERVER_ERROR,
    Refusal,
    refusal,
)
from eventlab.sql.server.wire_values import encode
from eventlab.sql.settings import Settings

Answer = TypeVar("Answer")

_PUSHES_SECONDS = 5  # for one whose client reads no more

_FRAMINGS: dict[str, type[framing.Framing]] = {
    framing.DELIMITED: framing.Lines,
    framing.JSON: framing.Array,
    framing.V1: framing.Streamed,
}


@dataclass(frozen=True)
class Place:
    """Who this server is: its id, the cluster that it works on, and where it is asked."""

    service_id: str
    cluster_id: str
    address: str
    is_kafka_up: Callable[[], bool]


class SqlApp:
    """Answer requests; statements are run one at a time, in a thread of their own."""

    def __init__(self, desk: Desk, place: Place, worker: ThreadPoolExecutor) -> None:
        self._desk = desk
        self._place = place
        self._worker = worker
        self._ending = asyncio.Event()

    def starlette(self) -> Starlette:
        """Return the app to be served."""
        return Starlette(
            routes=[
                Route("/ksql", self._statements, methods=["POST"]),
                Route("/query", self._query, methods=["POST"]),
                Route("/query-stream", self._query_stream, methods=["POST"]),
                Route("/inserts-stream", self._inserts, methods=["POST"]),
                Route("/close-query", self._close_query, methods=["POST"]),
                Route("/ksql/terminate", self._terminate, methods=["POST"]),
                Route("/info", self._info),
                Route("/healthcheck", self._health),
                Route("/status", self._all_statuses),
                Route("/status/{command:path}", self._status),
                Route("/clusterStatus", self._cluster_status),
                Route("/is_valid_property/{name:path}", self._is_valid_property),
            ],
            exception_handlers={
                Refusal: _refused,
                ClientDisconnect: _cut_off,
                EventlabError: _failed,
                HTTPException: _unknown,
                Exception: _broken,
            },
            middleware=[
                Middleware(PathAlone),
                Middleware(OwnPagesOnly),
                Middleware(EndsWithServer, self._ending),
            ],
        )

    async def end(self) -> None:
        """End what goes on: push queries, and requests that have not come whole."""
        loop = asyncio.get_running_loop()
        self._ending.set()
        pushes = list(self._desk.pushes.values())  # which the desk may add to meanwhile
        stopping = [loop.run_in_executor(None, push.stop) for push in pushes]
        if stopping:
            await asyncio.wait(stopping, timeout=_PUSHES_SECONDS)

    async def _at_desk(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    # -- statements -----------------------------------------------------------------------------

    async def _statements(self, request: Request) -> Response:
        body = await body_of(request)
        text = text_in(body, "ksql")
        properties = map_in(body, "streamsProperties")
        variables = map_in(body, "sessionVariables")
        media = chosen_kind(request, [framing.JSON, framing.V1])
        found = await self._at_desk(lambda: self._desk.run(text, properties, variables))
        return _json(found, media=media)

    async def _query(self, request: Request) -> Response:
        body = await body_of(request)
        media = chosen_kind(request, [framing.V1, framing.JSON, framing.DELIMITED])
        text = text_in(body, "ksql")
        how = framing.Lines() if media == framing.DELIMITED else framing.Streamed()
        return await self._rows(text, map_in(body, "streamsProperties"), body, how, media)

    async def _query_stream(self, request: Request) -> Response:
        body = await body_of(request)
        media = chosen_kind(request, list(_FRAMINGS))
        text = text_in(body, "sql")
        properties = map_in(body, "properties") | map_in(body, "streamsProperties")
        return await self._rows(text, properties, body, _FRAMINGS[media](), media)

    async def _rows(
        self,
        text: str,
        properties: dict[str, Any],
        body: dict[str, Any],
        how: framing.Framing,
        media: str,
    ) -> Response:
        variables = map_in(body, "sessionVariables")
        answer = await self._at_desk(lambda: self._desk.ask(text, properties, variables))
        if isinstance(answer, Rows):
            rows = framing.at_once(how, answer.columns, answer.rows)
            pieces = framing.framed(
                how, None, answer.columns, rows, lambda: ("Query Completed", None)
            )
            return Streaming(pieces, media)
        if answer.columns is COLUMNS:
            if media != framing.DELIMITED:
                await asyncio.to_thread(answer.stop)
                raise Refusal(NOT_ACCEPTABLE, f"PRINT answers {framing.DELIMITED}")
            how = framing.Printed()
        outbox = Outbox(answer)
        await self._at_desk(lambda: answer.listen(outbox.put))
        changes = framing.as_they_come(how, answer.shape, outbox.batches())
        pieces = framing.framed(
            how, answer.query_id, answer.columns, changes, lambda: _end_of(answer)
        )
        return Streaming(pieces, media, outbox.close)

    async def _close_query(self, request: Request) -> Response:
        query_id = text_in(await body_of(request), "queryId")
        push = self._desk.pushes.pop(query_id, None)
        if push is None:
            raise Refusal(BAD_REQUEST, f"No query with id {query_id}")
        await asyncio.to_thread(push.stop)
        return Response()

    async def _inserts(self, request: Request) -> Response:
        def insert(target: str, rows: list[dict[str, Any]]) -> Any:
            return self._at_desk(lambda: self._desk.insert(target, rows))

        return await inserting(request, insert)

    async def _terminate(self, request: Request) -> Response:
        body = await body_of(request) if await request.body() else {}
        patterns = patterns_in(body, "deleteTopicList")
        await self._at_desk(lambda: self._desk.commands.terminate(patterns))
        return _json({"message": "All queries have ended for good"})

    # -- how it is ------------------------------------------------------------------------------

    async def _info(self, request: Request) -> Response:
        info = {
            "version": version("eventlab"),
            "kafkaClusterId": self._place.cluster_id,
            "ksqlServiceId": self._place.service_id,
            "serverStatus": "RUNNING",
        }
        return _json({"KsqlServerInfo": info})

    async def _health(self, request: Request) -> Response:
        is_up = self._place.is_kafka_up()
        details = {"metastore": {"isHealthy": True}, "kafka": {"isHealthy": is_up}}
        return _json({"isHealthy": is_up, "details": details, "serverState": "RUNNING"})

    async def _all_statuses(self, request: Request) -> Response:
        statuses = {name: one["status"] for name, one in self._desk.commands.statuses.items()}
        return _json({"commandStatuses": statuses})

    async def _status(self, request: Request) -> Response:
        name = request.path_params["command"]
        known = self._desk.commands.statuses
        status = known.get(name) or known.get(name.replace("`", ""))
        if status is None:
            raise Refusal(NOT_FOUND, f"There is no command {name}")
        return _json(status)

    async def _cluster_status(self, request: Request) -> Response:
        works = await self._at_desk(self._desk.commands.sharing.works)
        return _json({"clusterStatus": {name: host_of(done) for name, done in works.items()}})

    async def _is_valid_property(self, request: Request) -> Response:
        Settings().set(request.path_params["name"], None)  # raises SqlError for an unknown one
        return _json(True)


# -- answers ------------------------------------------------------------------------------------


def _end_of(push: Push) -> tuple[str, dict[str, Any] | None]:
    if push.error is not None:
        return "", refusal(push.error).fields
    return "Limit Reached" if push.is_full else "Query Completed", None


def _json(content: Any, status: int = 200, media: str = framing.JSON) -> Response:
    return Response(encode(content), status, media_type=media)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _json(error.fields, error.status)


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, EventlabError)
    return await _refused(request, refusal(error))


async def _cut_off(request: Request, error: Exception) -> Response:
    return await _refused(request, Refusal(BAD_REQUEST, "The request did not come whole"))


async def _broken(request: Request, error: Exception) -> Response:
    words = f"The server failed: {type(error).__name__}: {error}"
    return _json(Refusal(SERVER_ERROR, words).fields, 500)


async def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = error.status_code * 100
    return _json(Refusal(code, f"{request.url.path}: {error.detail}").fields, error.status_code)
