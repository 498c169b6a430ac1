import asyncio
import socket
from typing import Any

import pytest
import tenacity

from eventlab.errors import CallError, UsageError
from eventlab.services import CallPolicy
from eventlab.services.calling import Caller
from eventlab.services.span import Span
from eventlab.services.traceparent import traceparent
from eventlab.services.tracing import Tracer
from tests import looping
from tests.services.canned import BUSY, GONE, NOTHING, OK, RESET, SILENCE, TEXT, Canned

PROMPT = {"back_off_seconds": 0, "timeout_seconds": 30}


@pytest.fixture
def pauses(monkeypatch) -> list[float]:
    """Return the longest that each pause may be; none is made."""
    most: list[float] = []

    def uniform(least: float, longest: float) -> float:
        most.append(longest)
        return 0.0

    monkeypatch.setattr(tenacity.wait.random, "uniform", uniform)
    return most


def called(*answers: bytes | None, times: int = 1, **policy: Any) -> tuple[list, list]:
    """Return what calls returned or how they failed, and what the other side has seen."""

    async def run() -> tuple[list, list]:
        async with Canned(*answers) as server:
            caller = Caller("stock", server.url, CallPolicy(**PROMPT | policy))
            found = [await _outcome(caller) for _ in range(times)]
            await caller.close()
            return found, server.calls

    return looping.run(run())


async def _outcome(caller: Caller, path: str = "/", **more: Any) -> Any:
    try:
        return await caller.call(path, **{"method": None, "json": None} | more)
    except CallError as error:
        return error.reason


def test_an_answer_is_what_its_json_holds():
    """None of an empty one."""
    assert called(OK)[0] == [True]
    assert called(NOTHING)[0] == [None]


@pytest.mark.parametrize("answer", [BUSY, RESET])
def test_what_may_pass_is_tried_again(answer, pauses):
    """Until it succeeds, and no more often than the policy says."""
    found, calls = called(answer, answer, OK, retries=2)
    assert (found, len(calls)) == ([True], 3)
    found, calls = called(answer, retries=3, breaker_failures=None)
    assert (found, len(calls)) == (["status 503" if answer else "reset"], 4)


@pytest.mark.parametrize(("answer", "reason"), [(GONE, "status 404"), (TEXT, "answer")])
def test_what_will_not_pass_is_asked_once(answer, reason):
    """Whoever says no would say so again; and is there, as far as the breaker goes."""
    found, calls = called(answer, times=8, retries=2, breaker_failures=2)
    assert (found, len(calls)) == ([reason] * 8, 8)


def test_a_silence_ends_with_the_time_out():
    """Each try has its own time."""
    found, calls = called(SILENCE, retries=1, timeout_seconds=0.05)
    assert (found, len(calls)) == (["timeout"], 2)


def test_the_pauses_grow_up_to_a_limit(pauses):
    """Twice as long at each retry, of which a part is chosen at random."""
    policy = {"retries": 5, "back_off_seconds": 0.1, "most_back_off_seconds": 0.5}
    called(BUSY, breaker_failures=None, **policy)
    assert pauses[:5] == [0.1, 0.2, 0.4, 0.5, 0.5]


def test_nobody_is_called_while_the_breaker_is_open():
    """Tries count, not calls; the ones after that fail at once."""
    found, calls = called(BUSY, times=4, retries=2, breaker_failures=4, breaker_rest_seconds=1_000)
    assert found == ["status 503", "breaker open", "breaker open", "breaker open"]
    assert len(calls) == 4


def test_it_closes_when_the_other_side_answers_again():
    """One call has tried."""
    found, calls = called(BUSY, OK, times=3, retries=0, breaker_failures=1, breaker_rest_seconds=0)
    assert (found, len(calls)) == (["status 503", True, True], 3)


def test_one_call_too_many_is_not_made():
    """It fails at once, in place of piling up; when one is done there is room again."""

    async def run() -> None:
        async with Canned(SILENCE, OK) as server:
            caller = Caller("stock", server.url, CallPolicy(**PROMPT, at_once=1))
            first = asyncio.create_task(_outcome(caller))
            await server.arrived.wait()
            assert await _outcome(caller) == "too many"
            first.cancel()
            await asyncio.wait([first])
            assert await _outcome(caller) is True
            assert len(server.calls) == 2
            await caller.close()

    looping.run(run())


def test_further_calls_wait_for_a_connection():
    """Ten calls over one connection, one after the other."""

    async def run() -> None:
        async with Canned(OK) as server:
            caller = Caller("stock", server.url, CallPolicy(**PROMPT, connections=1))
            found = await asyncio.gather(*(_outcome(caller) for _ in range(10)))
            assert found == [True] * 10
            await caller.close()

    looping.run(run())


def test_nobody_there_is_refused():
    """At once, and after the tries."""

    async def run() -> None:
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{bound.getsockname()[1]}"
            caller = Caller("stock", url, CallPolicy(**PROMPT))
            assert await _outcome(caller) == "refused"
            await caller.close()

    looping.run(run())


def test_what_is_sent_arrives_as_it_was_given():
    """The path is written once as the wire has it, and the body is JSON."""

    async def run() -> bytes:
        async with Canned(OK) as server:
            caller = Caller("stock", server.url, CallPolicy(**PROMPT))
            await _outcome(caller, "/a b/é?c=%20", json={"é": 1}, method="PUT")
            await caller.close()
            return server.calls[0]

    seen = looping.run(run())
    assert seen.startswith(b"PUT /a%20b/%C3%A9?c=%20 HTTP/1.1\r\n")
    assert b"content-type: application/json" in seen.lower()
    assert seen.endswith('{"é":1}'.encode())


def test_what_cannot_be_sent_is_refused_and_takes_no_room():
    """The breaker does not count it either."""

    async def run() -> None:
        async with Canned(OK) as server:
            caller = Caller("stock", server.url, CallPolicy(**PROMPT, at_once=1))
            for wrong in ({"path": "none"}, {"json": object()}, {"method": "get"}):
                with pytest.raises(UsageError):
                    await _outcome(caller, **wrong)
            assert await _outcome(caller) is True
            await caller.close()

    looping.run(run())


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([OK], [("ok", "")]),
        ([GONE], [("ok", "404")]),
        ([BUSY, RESET, OK], [("error", "503"), ("error", "ServerDisconnectedError"), ("ok", "")]),
        ([SILENCE, OK], [("error", "TimeoutError"), ("ok", "")]),
    ],
)
def test_each_try_is_a_span_whose_header_goes_along(answers, expected):
    """With what became of it; who says no has answered."""
    spans: list[Span] = []

    async def run() -> list[bytes]:
        async with Canned(*answers) as server:
            policy = CallPolicy(back_off_seconds=0, timeout_seconds=0.2)
            caller = Caller("stock", server.url, policy, Tracer("shop", spans.append))
            await _outcome(caller, "/a?b=1")
            await caller.close()
            return server.calls

    calls = looping.run(run())
    assert [(one.status, one.words) for one in spans] == expected
    assert {(one.kind, one.name, one.peer) for one in spans} == {("client", "GET /a", "stock")}
    headers = [traceparent(one.trace_id, one.span_id, True).encode() for one in spans]
    assert all(b"traceparent: " + one in call for one, call in zip(headers, calls, strict=True))
