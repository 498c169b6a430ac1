from typing import Any

import cloudpickle
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse

from eventlab.errors import CallError, UsageError
from eventlab.services.app import FunctionApp, as_app, require_app, require_function_of_one
from tests import looping
from tests.services import apps


def answered(app: Any, body: bytes = b"", kind: str = "http") -> tuple[int, Any, list]:
    """Return the status and the body of one answer, and what was reported."""
    reported: list = []
    sent: list = []

    async def receive() -> dict:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": kind, "method": "GET", "path": "/", "headers": [], "query_string": b""}
    looping.run(as_app(app, reported.append)(scope, receive, send))
    return sent[0]["status"], sent[1]["body"], reported


def test_a_function_may_be_async_or_not_and_answer_anything():
    """What has a form in JSON, or a response of its own."""
    assert answered(lambda request: {"a": 1})[:2] == (200, b'{"a":1}')
    assert answered(lambda request: PlainTextResponse("x", 201))[:2] == (201, b"x")
    assert answered(apps.hello)[:2] == (200, b'{"hello":"/"}')
    assert answered(apps.Version(3))[:2] == (200, b"3")


def test_a_failed_call_to_another_is_a_503():
    """It says why, and is no failure of this one."""

    def calls(request: Any) -> None:
        raise CallError("no", reason="timeout", expected="a", found="b", remedy="C.")

    status, body, reported = answered(calls)
    assert (status, msgspec.json.decode(body)["reason"], reported) == (503, "timeout", [])


def test_a_body_that_is_no_json_is_a_400():
    """It is the caller's."""
    status, body, reported = answered(apps.echo, b"{")
    assert (status, reported) == (400, [])
    assert b"no JSON" in body


def test_what_a_function_raises_is_a_500_and_reported():
    """With the error in the answer."""
    status, body, reported = answered(apps.broken)
    assert (status, len(reported)) == (500, 1)
    assert b"ZeroDivisionError" in body


def test_what_an_app_raises_is_reported_and_goes_on():
    """What it does at its start is no request."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise LookupError("no")

    reported: list = []
    for kind, number in (("http", 1), ("lifespan", 1)):
        with pytest.raises(LookupError):
            looping.run(as_app(app, reported.append)({"type": kind}, None, None))
        assert len(reported) == number


def test_a_function_answers_requests_alone():
    """There is nothing for it to do at the start."""
    app = as_app(apps.hello, print)
    assert isinstance(app, FunctionApp)
    with pytest.raises(RuntimeError):
        looping.run(app({"type": "lifespan"}, None, None))


def test_a_starlette_app_survives_the_way_to_its_process():
    """With what was put on its state."""
    app = apps.starlette_app()
    app.state.answer = 42
    again = cloudpickle.loads(cloudpickle.dumps(app))
    assert isinstance(again, Starlette)
    assert again.state.answer == 42


@pytest.mark.parametrize(
    "app", [apps.hello, apps.starlette_app(), apps.Version(1), lambda request, more=1: 1, print]
)
def test_what_can_be_served_is_taken(app):
    """A function of a request, or an ASGI app; of some nobody knows what they need."""
    require_app(app)


@pytest.mark.parametrize("thing", [None, 7, "app", lambda: 1, lambda request, response: 1])
def test_what_cannot_be_served_is_refused(thing):
    """Not at the first request: at once, with what it is."""
    with pytest.raises(UsageError, match="cannot be served"):
        require_app(thing)


@pytest.mark.parametrize("thing", [None, 7, lambda: 1, lambda event, more: 1])
def test_what_cannot_take_an_event_is_refused(thing):
    """The same for those."""
    with pytest.raises(UsageError, match=r"No.*expected a function of an event.*def f\(event\)"):
        require_function_of_one(thing, summary="No", example="def f(event): ...")
    require_function_of_one(print, summary="No", example="def f(event): ...")
