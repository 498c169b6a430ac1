"""What a learner may give as a service: a starlette app, or a function of a request."""

import copyreg
import inspect
from collections.abc import Awaitable, Callable
from json import JSONDecodeError
from typing import Any

import msgspec
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from eventlab.errors import CallError, UsageError, shown

Handler = Callable[[Request], Awaitable[Any] | Any]
Report = Callable[[BaseException], object]

# What is pickled of it as it stands asks itself without end for what it is not given yet.
copyreg.pickle(State, lambda state: (State, (state._state,)))

_OF_A_REQUEST = 1
_OF_ASGI = 3  # scope, receive, send
_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def require_app(thing: object) -> None:
    """Raise UsageError unless it can be served."""
    if not callable(thing) or _number_needed(thing) not in (_OF_A_REQUEST, _OF_ASGI, None):
        raise UsageError(
            "This cannot be served",
            expected="a starlette app, or a function of a request",
            found=described(thing),
            remedy='Write: async def app(request): return {"answer": 42}',
        )


def require_function_of_one(thing: object, *, summary: str, example: str) -> None:
    """Raise UsageError unless it can be called with one thing alone."""
    if not callable(thing) or _number_needed(thing) not in (1, None):
        raise UsageError(
            summary,
            expected="a function of an event",
            found=described(thing),
            remedy=f"Write: {example}",
        )


def described(thing: object) -> str:
    """Return what something is: its class, or its name and what it is called with."""
    if not inspect.isfunction(thing):
        return f"{type(thing).__name__} {shown(thing)}"
    return f"the function {thing.__name__}{inspect.signature(thing)}"


def as_app(thing: ASGIApp | Handler, report: Report) -> ASGIApp:
    """Return an ASGI app; what it raises goes to `report`, and its client gets a status."""
    if _number_needed(thing) == _OF_A_REQUEST:
        return FunctionApp(thing, report)
    return _Reporting(thing, report)


class FunctionApp:
    """Answer every path and method with what a function of the request returns.

    That is a Response of starlette, or what has a form in JSON. Where the function reads a body
    that is no JSON, the answer is 400; where its call to another service failed, 503; where it
    raises anything else, 500, with the error in the answer's JSON.
    """

    def __init__(self, handler: Any, report: Report) -> None:
        self._handler = handler
        self._report = report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it; there is nothing to do at the start."""
        if scope["type"] != "http":
            raise RuntimeError("a function answers requests alone")
        response = await self._response(Request(scope, receive))
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        try:
            answer = self._handler(request)
            if inspect.isawaitable(answer):
                answer = await answer
            return answer if isinstance(answer, Response) else Json(answer)
        except (JSONDecodeError, UnicodeDecodeError) as error:
            return Json({"error": f"The body is no JSON: {error}"}, status_code=400)
        except CallError as error:
            return Json({"error": str(error), "reason": error.reason}, status_code=503)
        except Exception as error:
            self._report(error)
            return Json({"error": f"{type(error).__name__}: {error}"}, status_code=500)


class Json(Response):
    """Answer with anything that has a form in JSON: a dict, an event of eventlab.events."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return it as JSON."""
        return msgspec.json.encode(content)


class _Reporting:
    """An app of the learner's own; what it raises is reported, and its own business else."""

    def __init__(self, app: Any, report: Report) -> None:
        self._app = app
        self._report = report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            if scope["type"] == "http":
                self._report(error)
            raise


def _number_needed(thing: Callable[..., Any]) -> int | None:
    """Return how many arguments it needs, None where that is open."""
    try:
        parameters = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):  # it says nothing of itself
        return None
    needed = [one for one in parameters if one.default is one.empty and one.kind in _BY_PLACE]
    takes_more = any(
        one.kind is one.VAR_POSITIONAL or one.default is not one.empty for one in parameters
    )
    return None if not needed and takes_more else len(needed)
