"""A schema registry as an HTTP service: the part of Confluent's REST API that its clients use.

https://docs.confluent.io/platform/current/schema-registry/develop/api.html
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from eventlab.errors import EventlabError
from eventlab.log.schemas.schema_topic import replayed, write
from eventlab.log.schemas.subjects import Entry, Refusal, Subjects, Version
from eventlab.log.topics import Topic
from eventlab.services.app import Json

_NOT_KEPT = 50001
_NO_SCHEMA = 42201
_NO_BODY = 400

Asked = Callable[["RegistryApp", Request, Subjects], Awaitable[Any]]


class RegistryApp:
    """Answer from what a topic tells; a change is answered when its record is kept there.

    One change at a time, so that two who register the same schema get the same id. While the log is
    away what is known can be asked all the same.
    """

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._subjects = Subjects()
        self._is_certain = False  # whether that is all that the topic has
        self._app: Starlette | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it; at the start read the topic."""
        if self._app is None:  # made here, where it runs: a lock goes to no other process
            self._changing = asyncio.Lock()
            self._app = self._made()
        await self._app(scope, receive, send)

    async def keep(self, entries: Sequence[Entry]) -> None:
        """Write records, and then know them. Raises Refusal where the log does not take them."""
        self._is_certain = False  # what is not acknowledged may be there all the same
        try:
            await asyncio.to_thread(write, self._topic, list(entries))
        except EventlabError as error:
            raise _not_kept(error) from None
        for entry in entries:
            self._subjects.apply(entry.key, entry.value)
        self._is_certain = True

    def _made(self) -> Starlette:
        routes = [
            *(Route(path, self._answering(asked), methods=[m]) for path, m, asked in _READING),
            *(Route(path, self._answering_alone(a), methods=[m]) for path, m, a in _CHANGING),
        ]
        # A subject may have slashes in its name, so that the longer paths are looked at first.
        routes.sort(key=lambda route: -route.path.count("/"))
        return Starlette(
            routes=routes,
            lifespan=self._beginning,
            exception_handlers={Refusal: _refused, HTTPException: _unknown},
        )

    @asynccontextmanager
    async def _beginning(self, app: Starlette) -> AsyncIterator[None]:
        await self._read()
        yield

    async def _read(self) -> None:
        self._subjects = await asyncio.to_thread(replayed, self._topic)
        self._is_certain = True

    def _answering(self, asked: Asked) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return Json(await asked(self, request, self._subjects))

        return answer

    def _answering_alone(self, asked: Asked) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            async with self._changing:
                await self._make_certain()
                return Json(await asked(self, request, self._subjects))

        return answer

    async def _make_certain(self) -> None:
        if not self._is_certain:
            try:
                await self._read()
            except EventlabError as error:
                raise _not_kept(error) from None


# -- what has schemas ------------------------------------------------------------------------------


async def _names(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    prefix = request.query_params.get("subjectPrefix", "")
    return subjects.names(prefix, deleted=_is_asked(request, "deleted"))


async def _numbers(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    found = subjects.versions(_subject(request), deleted=_is_asked(request, "deleted"))
    return [one.version for one in found]


async def _version(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    return _described(_chosen(request, subjects))


async def _text(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    return json.loads(_chosen(request, subjects).schema.text)


async def _lookup(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    text = await _schema_in(request)
    return _described(subjects.find(_subject(request), text, deleted=_is_asked(request, "deleted")))


async def _by_id(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    return {"schema": subjects.by_id(request.path_params["id"]).text}


async def _places(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    found = subjects.places(request.path_params["id"])
    return [{"subject": one.subject, "version": one.version} for one in found]


async def _subjects_of(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    return [one.subject for one in subjects.places(request.path_params["id"])]


async def _types(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    return ["AVRO"]


async def _mode(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    return {"mode": "READWRITE"}


# -- what changes ----------------------------------------------------------------------------------


async def _register(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    found = subjects.registering(_subject(request), await _schema_in(request))
    if not subjects.has(found):
        await app.keep([found.entry])
    return {"id": found.id, "version": found.version, "schema": found.schema.text}


async def _delete_subject(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    return [one.version for one in await _deleted(app, request, subjects, None)]


async def _delete_version(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    number = request.path_params["version"]
    return (await _deleted(app, request, subjects, number))[0].version


async def _deleted(
    app: RegistryApp, request: Request, subjects: Subjects, number: str | None
) -> list[Version]:
    for_good = _is_asked(request, "permanent")
    gone = subjects.deleting(_subject(request), number, for_good=for_good)
    entries = [one.gone(for_good=for_good) for one in gone]
    if number is None:  # with a subject its level goes
        entries += subjects.unsetting_of(_subject(request))
    await app.keep(entries)
    return gone


# -- which changes are allowed ---------------------------------------------------------------------


async def _compatibility(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    number = request.path_params.get("version")
    found = subjects.problems(_subject(request), await _schema_in(request), number)
    answer: dict[str, Any] = {"is_compatible": not found}
    if _is_asked(request, "verbose"):
        answer["messages"] = found
    return answer


async def _level(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    subject = request.path_params.get("subject")
    try:
        level = subjects.level(subject)
    except Refusal:
        if not _is_asked(request, "defaultToGlobal"):
            raise
        level = subjects.level()
    return {"compatibilityLevel": level}


async def _set_level(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    level = (await _body(request)).get("compatibility")
    entry = subjects.setting(request.path_params.get("subject"), level)
    await app.keep([entry])
    return {"compatibility": (entry.value or {})["compatibilityLevel"]}


async def _unset_level(app: RegistryApp, request: Request, subjects: Subjects) -> Any:
    subject = request.path_params.get("subject")
    level = subjects.level(subject)
    await app.keep([subjects.unsetting(subject)])
    return {"compatibilityLevel": level}


# -- how -------------------------------------------------------------------------------------------


def _subject(request: Request) -> str:
    return str(request.path_params["subject"])


def _chosen(request: Request, subjects: Subjects) -> Version:
    number = request.path_params["version"]
    return subjects.version(_subject(request), number, deleted=_is_asked(request, "deleted"))


def _described(one: Version) -> dict[str, Any]:
    return {
        "subject": one.subject,
        "version": one.version,
        "id": one.id,
        "schemaType": "AVRO",
        "schema": one.schema.text,
    }


def _is_asked(request: Request, name: str) -> bool:
    return request.query_params.get(name, "").lower() == "true"


async def _schema_in(request: Request) -> Any:
    body = await _body(request)
    kind = body.get("schemaType") or "AVRO"
    if kind != "AVRO" or body.get("references"):
        words = f"Invalid schema: this registry takes Avro without references, found {kind}"
        raise Refusal(422, _NO_SCHEMA, words)
    return body.get("schema")


async def _body(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(await request.body())
    except ValueError as error:
        raise Refusal(400, _NO_BODY, f"The body is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise Refusal(400, _NO_BODY, "The body is no JSON object")
    return found


def _not_kept(error: EventlabError) -> Refusal:
    return Refusal(500, _NOT_KEPT, f"Error in the backend data store: {error}")


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return Json({"error_code": error.code, "message": error.message}, status_code=error.status)


async def _unknown(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return Json({"error_code": status, "message": f"HTTP {status}"}, status_code=status)


_READING: list[tuple[str, str, Asked]] = [
    ("/subjects", "GET", _names),
    ("/subjects/{subject:path}", "POST", _lookup),
    ("/subjects/{subject:path}/versions", "GET", _numbers),
    ("/subjects/{subject:path}/versions/{version}", "GET", _version),
    ("/subjects/{subject:path}/versions/{version}/schema", "GET", _text),
    ("/schemas/types", "GET", _types),
    ("/schemas/ids/{id:int}", "GET", _by_id),
    ("/schemas/ids/{id:int}/versions", "GET", _places),
    ("/schemas/ids/{id:int}/subjects", "GET", _subjects_of),
    ("/compatibility/subjects/{subject:path}/versions", "POST", _compatibility),
    ("/compatibility/subjects/{subject:path}/versions/{version}", "POST", _compatibility),
    ("/config", "GET", _level),
    ("/config/{subject:path}", "GET", _level),
    ("/mode", "GET", _mode),
    ("/mode/{subject:path}", "GET", _mode),
]

_CHANGING: list[tuple[str, str, Asked]] = [
    ("/subjects/{subject:path}", "DELETE", _delete_subject),
    ("/subjects/{subject:path}/versions", "POST", _register),
    ("/subjects/{subject:path}/versions/{version}", "DELETE", _delete_version),
    ("/config", "PUT", _set_level),
    ("/config", "DELETE", _unset_level),
    ("/config/{subject:path}", "PUT", _set_level),
    ("/config/{subject:path}", "DELETE", _unset_level),
]
