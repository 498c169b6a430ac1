"""Call one service from another, as its policy says."""

import ssl  # noqa: F401  aiohttp would import it at the first call, which is to be as quick as others
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Protocol

import aiohttp
import msgspec
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential
from yarl import URL

from eventlab.errors import CallError, shown
from eventlab.services.policies import Breaker, CallPolicy
from eventlab.services.requests import Sent, sent

_PASSING_STATUSES = {502, 503, 504}
_PASSING_REASONS = {"refused", "reset", "timeout", *(f"status {one}" for one in _PASSING_STATUSES)}
_MOST_SHOWN = 100

_decode = msgspec.json.decode


class CallSpan(Protocol):
    """What a tracer has for one call while it is under way: the headers to send."""

    def __enter__(self) -> dict[str, str]: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def answered(self, status: int) -> None:
        """Take in the status of the answer."""


class CallTracer(Protocol):
    """What makes a span of each call."""

    def client(self, name: str, peer: str) -> CallSpan:
        """Return the span of a call that begins now."""


class Caller:
    """Call one other service; for one event loop. `close` ends its connections."""

    def __init__(
        self, peer: str, url: str, policy: CallPolicy, tracer: CallTracer | None = None
    ) -> None:
        self.peer = peer
        self._url = url
        self._policy = policy
        self._tracer = tracer
        self._breaker = Breaker(peer, policy)
        self._under_way = 0
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=policy.connections),
            timeout=aiohttp.ClientTimeout(total=policy.timeout_seconds),
        )
        # It would ask once more by itself, beside the policy. Private: a test counts the tries.
        self._session._retry_connection = False

    async def call(self, path: str, *, method: str | None, json: Any) -> Any:
        """Return what the answer's JSON holds; None of an empty one. Raises CallError."""
        request = sent(path, json, method)
        self._require_room()
        self._under_way += 1
        try:
            return await self._tried(request)
        finally:
            self._under_way -= 1

    async def close(self) -> None:
        """End its connections."""
        await self._session.close()

    def _require_room(self) -> None:
        limit = self._policy.at_once
        if limit is not None and self._under_way >= limit:
            raise CallError(
                f"{self.peer} was not called",
                expected=f"at most {limit} calls under way",
                found=f"{self._under_way}",
                remedy="Call less at once, or give the policy another at_once.",
                reason="too many",
            )

    async def _tried(self, request: Sent) -> Any:
        policy = self._policy
        tries = AsyncRetrying(
            stop=stop_after_attempt(policy.retries + 1),
            wait=wait_random_exponential(
                multiplier=policy.back_off_seconds, max=policy.most_back_off_seconds
            ),
            retry=retry_if_exception(_may_pass),
            reraise=True,
        )
        return await tries(self._once, request)

    async def _once(self, request: Sent) -> Any:
        self._breaker.require_closed()
        try:
            answer = await self._asked(request)
        except CallError as error:
            if _may_pass(error):
                self._breaker.failed()
            else:  # whoever says no is there
                self._breaker.succeeded()
            raise
        except BaseException:
            self._breaker.gave_up()
            raise
        self._breaker.succeeded()
        return answer

    async def _asked(self, request: Sent) -> Any:
        span = self._span(request)
        try:
            with span as headers:
                async with self._answer(request, headers) as answer:
                    data = await answer.read()
                    span.answered(answer.status)
        except TimeoutError:
            raise self._failed("timeout", f"none in {self._policy.timeout_seconds:g} s") from None
        except aiohttp.ClientConnectorError as error:
            raise self._failed("refused", f"{error.os_error or error}") from None
        except (aiohttp.ClientError, ConnectionError) as error:
            raise self._failed("reset", f"{error}" or type(error).__name__) from None
        self._require_success(answer.status, data)
        return self._decoded(data)

    def _answer(
        self, request: Sent, headers: dict[str, str]
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        # It is quoted already, and would be so once more.
        url = URL(self._url + request.path, encoded=True)
        both = headers | request.headers
        return self._session.request(request.method, url, data=request.body, headers=both)

    def _span(self, request: Sent) -> CallSpan:
        if self._tracer is None:
            return _Untraced()
        return self._tracer.client(f"{request.method} {request.path.partition('?')[0]}", self.peer)

    def _require_success(self, status: int, data: bytes) -> None:
        if status >= 400:
            words = data.decode(errors="replace")[:_MOST_SHOWN]
            raise self._failed(f"status {status}", f"status {status} {words}".strip(), status)

    def _decoded(self, data: bytes) -> Any:
        if not data:
            return None
        try:
            return _decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            words = f"{shown(data)}, which is no JSON"
            raise self._failed("answer", words) from None

    def _failed(self, reason: str, found: str, status: int | None = None) -> CallError:
        return CallError(
            f"The call to {self.peer} failed",
            expected="an answer",
            found=found,
            remedy=f"Look at {self.peer}, and at the link to it.",
            reason=reason,
            status=status,
        )


class _Untraced:
    """The span of a call that nobody traces."""

    def __enter__(self) -> dict[str, str]:
        return {}

    def __exit__(self, *_error: object) -> None:
        """Do nothing."""

    def answered(self, status: int) -> None:
        """Do nothing."""


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, CallError) and error.reason in _PASSING_REASONS
