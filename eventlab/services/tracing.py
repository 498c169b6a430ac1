"""Trace what a service does: spans in OpenTelemetry's data model, carried on by W3C traceparent.

A service process makes one `Tracer`. Where there is none (None), nothing is paid.
Sources: https://www.w3.org/TR/trace-context/ and OpenTelemetry's semantic conventions.
"""

import os
import random
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Literal

import msgspec

from eventlab.arguments import refused, required_name
from eventlab.checked import checked
from eventlab.log.messages import PlacedMessage

SpanKind = Literal["server", "client", "producer", "consumer"]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADER = "traceparent"
_HEADER_BYTES = HEADER.encode()
_TRACEPARENT = re.compile(
    r"(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)
_SAMPLED = "13579bdf"  # the last digit of flags whose lowest bit is set
_CALLER_AT_FAULT = 400
_SERVICE_AT_FAULT = 500
_NANOSECONDS = 1000  # in a microsecond


class Span(msgspec.Struct, gc=False, omit_defaults=True):
    """One piece of work of one service; times in microseconds since 1970, durations likewise.

    `words` say what is not as it should be: the HTTP status, or the name of an exception. A client
    and a producer have whom they address as `peer`, a consumer its topic. `key` is what it is
    about, such as an order's id.
    """

    trace_id: str
    span_id: str
    service: str
    name: str
    kind: SpanKind
    start_us: int
    duration_us: int = 0
    parent_id: str | None = None
    status: Literal["ok", "error"] = "ok"
    words: str = ""
    peer: str | None = None
    key: str | None = None
    is_sampled: bool = True


Sink = Callable[[Span], object]
Caller = tuple[str, str, bool]  # its trace, its span, whether they are kept

_current: ContextVar[Span | None] = ContextVar("span", default=None)
_random = random.Random()
_bits = _random.getrandbits
# Services are forked from one template: they must not all draw the same ids.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_random.seed)


class Tracer:
    """Make the spans of one service, and give each finished one to `sink`, in the thread it ran in.

    `sink` must neither block nor raise: a `SpanSink`, or the `append` of a list. A trace that
    begins here is kept with the probability `share`; one that goes on is kept if its beginning was.
    `clock` returns nanoseconds since 1970. May be used from any thread and any asyncio task.
    """

    @checked
    def __init__(
        self,
        service: str,
        sink: Sink,
        *,
        share: float = 1.0,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.service = required_name("service", service, example='"orders"')
        if not 0 <= share <= 1:
            raise refused("share", share, "a number from 0 to 1", "0.1")
        self._share = share
        self._sink = sink
        self._clock = clock

    @property
    def current(self) -> Span | None:
        """Return the span within which the caller works, None outside of any."""
        return _current.get()

    def asgi(self, app: App) -> App:
        """Return an ASGI application that makes a server span of every HTTP request.

        Its name is method and route, `GET /orders/{id}`, or the path where there is no route. A
        status of 500 or more, or an exception, is an error; one of 400 or more stands in `words`.
        """
        return _Traced(app, self)

    def client(self, name: str, peer: str, key: str | None = None) -> "ClientCall":
        """Return the context of a call to the service `peer`; it gives the headers to send.

        Each attempt is a call of its own:
            call = tracer.client("POST /orders", "warehouse")
            with call as headers:
                answer = await session.post(url, headers=headers)
                call.answered(answer.status)
        """
        return ClientCall(self, self._within(name, "client", peer, key))

    def producing(self, topic: str, key: str | None = None) -> "Publishing":
        """Return the context of a record that is produced; it gives the headers to send.

        with tracer.producing("orders", key) as headers:
            producer.produce("orders", value, key, headers=headers)
        """
        return Publishing(self, self._within(f"{topic} publish", "producer", topic, key))

    def consuming(self, message: PlacedMessage) -> "Processing":
        """Return the context in which a message is processed; what is sent there belongs to it."""
        topic = message.topic()
        key = message.key()
        span = self._continued(
            f"{topic} process",
            "consumer",
            _only_header(message.headers() or (), HEADER),
            topic,
            None if key is None else key.decode(errors="replace"),
        )
        return Processing(self, span)

    def about(self, key: str) -> None:
        """Say what the current span is about: an order's id. Outside of any it does nothing."""
        span = _current.get()
        if span is not None:
            span.key = str(key)

    # -- begin and end --------------------------------------------------------------------------

    def _within(self, name: str, kind: SpanKind, peer: str, key: str | None) -> Span:
        """Return a new span within the current one, or the first of a trace."""
        parent = _current.get()
        key = key if key is None or type(key) is str else str(key)
        if parent is None:
            return self._first(name, kind, peer, key)
        return Span(
            parent.trace_id,
            _new_id(8),
            self.service,
            name,
            kind,
            self._clock() // _NANOSECONDS,
            parent_id=parent.span_id,
            peer=peer,
            key=key,
            is_sampled=parent.is_sampled,
        )

    def _continued(
        self, name: str, kind: SpanKind, header: str | None, peer: str | None, key: str | None
    ) -> Span:
        """Return a new span of the trace that a header names, or the first of a trace."""
        caller = None if header is None else read_traceparent(header)
        if caller is None:
            return self._first(name, kind, peer, key)
        trace_id, parent_id, is_sampled = caller
        return Span(
            trace_id,
            _new_id(8),
            self.service,
            name,
            kind,
            self._clock() // _NANOSECONDS,
            parent_id=parent_id,
            peer=peer,
            key=key,
            is_sampled=is_sampled,
        )

    def _first(self, name: str, kind: SpanKind, peer: str | None, key: str | None) -> Span:
        ids = _new_id(24)
        return Span(
            ids[:32],
            ids[32:],
            self.service,
            name,
            kind,
            self._clock() // _NANOSECONDS,
            peer=peer,
            key=key,
            is_sampled=self._share >= 1 or _random.random() < self._share,
        )

    def _end(self, span: Span, error: type[BaseException] | None) -> None:
        # A clock that was set back meanwhile makes no negative durations.
        duration_us = self._clock() // _NANOSECONDS - span.start_us
        span.duration_us = duration_us if duration_us > 0 else 0
        if error is not None:
            span.status = "error"
            span.words = error.__name__
        if span.is_sampled:
            self._sink(span)


class _Context:
    """A span that is under way, given to the sink at its end."""

    __slots__ = ("_tracer", "span")

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer = tracer
        self.span = span

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tracer._end(self.span, kind)


class ClientCall(_Context):
    """A call that is under way; `span` is its span. An exception within makes it an error."""

    __slots__ = ()

    def __enter__(self) -> dict[str, str]:
        return {HEADER: traceparent(self.span)}

    def answered(self, status: int) -> None:
        """Take in the HTTP status of the answer: from 500 on it is an error.

        OpenTelemetry counts from 400 on, for a client. Here a service that refuses a wrong order
        does its work; `words` has the status all the same.
        """
        _take_status(self.span, status)


class Publishing(_Context):
    """A record on its way to a topic; `span` is its span."""

    __slots__ = ()

    def __enter__(self) -> list[tuple[str, str | bytes | None]]:
        return [(HEADER, traceparent(self.span))]


class Processing(_Context):
    """A message that is processed; `span` is its span, and the current one."""

    __slots__ = ("_token",)

    _token: Token[Span | None]

    def __enter__(self) -> Span:
        self._token = _current.set(self.span)
        return self.span

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _current.reset(self._token)
        self._tracer._end(self.span, kind)


class _Traced:
    """An ASGI application whose HTTP requests are server spans."""

    def __init__(self, app: App, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        header = _only_header(scope["headers"], _HEADER_BYTES)
        span = self._tracer._continued(
            f"{scope['method']} {scope['path']}", "server", header, None, None
        )

        async def sent(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                _take_status(span, message["status"])
            await send(message)

        with Processing(self._tracer, span):
            try:
                await self._app(scope, receive, sent)
            finally:
                # Known only now, and set in a scope that is ours: a route has few names, paths many
                route = getattr(scope.get("route"), "path", None)
                if route is not None:
                    span.name = f"{scope['method']} {route}"


def _new_id(size: int) -> str:
    """Return a new id of so many bytes, in hexadecimal; never the one of zeros alone."""
    return (_bits(8 * size) or 1).to_bytes(size, "big").hex()


def traceparent(span: Span) -> str:
    """Return the header that makes a span the parent of what it causes elsewhere."""
    return f"00-{span.trace_id}-{span.span_id}-{'01' if span.is_sampled else '00'}"


def read_traceparent(header: str) -> Caller | None:
    """Return trace, span and flag of a traceparent, None if it is malformed: a new trace begins.

    A later version than 00 may say more behind; version ff and ids of zeros alone are none. Its
    companion tracestate is not carried on.
    """
    found = _TRACEPARENT.fullmatch(header)
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if more is not None and version == "00":
        return None
    return trace_id, span_id, flags[1] in _SAMPLED


def _only_header(headers: Sequence[tuple[Any, Any]] | Any, name: str | bytes) -> str | None:
    """Return the header of that name; one that is there twice is none, as W3C says."""
    found = None
    for one, value in headers:
        if one == name:
            if found is not None:
                return None
            found = value
    return found.decode("latin-1") if isinstance(found, bytes) else found


def _take_status(span: Span, status: int) -> None:
    if status >= _CALLER_AT_FAULT:
        span.words = str(status)
    if status >= _SERVICE_AT_FAULT:
        span.status = "error"
