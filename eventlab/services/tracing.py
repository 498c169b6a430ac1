"""Trace what a service does: spans in OpenTelemetry's data model, carried on by W3C traceparent.

A service process makes one `Tracer`. Where there is none (None), nothing is paid.
Sources: https://www.w3.org/TR/trace-context/ and OpenTelemetry's semantic conventions.
"""

import os
import random
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any

import msgspec

from eventlab.arguments import refused, required_name
from eventlab.checked import checked
from eventlab.log.messages import PlacedMessage
from eventlab.services.span import Publication, Span, SpanKind, publish_name, span_of
from eventlab.services.traceparent import (
    HEADER,
    HEADER_BYTES,
    only_header,
    read_traceparent,
    traceparent,
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[str, str | bytes | None]]
Sink = Callable[[Span], object]

_CALLER_AT_FAULT = 400
_SERVICE_AT_FAULT = 500
_NANOSECONDS = 1000  # in a microsecond
# Of the records that are published within a span, so many are kept in it: one that publishes for
# hours is to be seen, and no record of spans may become too large for a topic.
_KEPT_IN_A_SPAN = 8

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
        # One text for all spans of a topic: what waits for the sink is to stay in the cache.
        self._names: dict[str, tuple[str, str]] = {}

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
        """Return the context of a record whose answer is waited for; it gives the headers to send.

        with tracer.producing("orders", key) as headers:
            producer.produce("orders", value, key, headers=headers)
            producer.flush()
        """
        return Publishing(self, self._within(publish_name(topic), "producer", topic, key))

    def offering(self, topic: str, key: str | None = None) -> Headers:
        """Return the headers of a record that is given to a producer, and not waited for.

        Its span lasts no time. It costs half as much as the one that `producing` makes, as it is
        kept in the span within which the record is published, and is seen when that one has ended:
        up to eight of them are, further ones are spans of their own.

        producer.produce("orders", value, key, headers=tracer.offering("orders", key))
        """
        within = _current.get()
        if within is None or len(within.published) >= _KEPT_IN_A_SPAN:
            return self._offered(topic, key)
        key = key if key is None or type(key) is str else str(key)
        span_id = _new_id(8)
        begin_us = self._clock() // _NANOSECONDS
        publication = Publication(span_id, topic, key, begin_us)
        within.published.append(publication)
        # Asked after that: a span that ends in another thread meanwhile has it. One that had ended
        # may have been written without it; of two that say the same, readers keep one.
        if not within.is_under_way:
            self._give(span_of(publication, within))
        return [(HEADER, traceparent(within.trace_id, span_id, within.is_sampled))]

    def consuming(self, message: PlacedMessage) -> "Processing":
        """Return the context in which a message is processed; what is sent there belongs to it."""
        topic = message.topic()
        key = message.key()
        headers = message.headers()
        names = self._names.get(topic)
        if names is None:
            names = self._names[topic] = (topic, f"{topic} process")
        span = self._continued(
            names[1],
            "consumer",
            only_header(headers, HEADER) if headers else None,
            names[0],
            None if key is None else key.decode("utf-8", "replace"),
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
        self, name: str, kind: SpanKind, header: bytes | None, peer: str | None, key: str | None
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
        duration_us = self._clock() // _NANOSECONDS - span.start_us
        if duration_us > 0:  # not so where the clock was set back
            span.duration_us = duration_us
        if error is not None:
            span.status = "error"
            span.words = error.__name__
        if span.is_sampled:
            self._sink(span)

    def _offered(self, topic: str, key: str | None) -> Headers:
        span = self._within(publish_name(topic), "producer", topic, key)
        self._give(span)
        return [(HEADER, _header_of(span))]

    def _give(self, span: Span) -> None:
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
        return {HEADER: _header_of(self.span)}

    def answered(self, status: int) -> None:
        """Take in the HTTP status of the answer: from 500 on it is an error.

        OpenTelemetry counts from 400 on, for a client. Here a service that refuses a wrong order
        does its work; `words` has the status all the same.
        """
        _take_status(self.span, status)


class Publishing(_Context):
    """A record on its way to a topic; `span` is its span."""

    __slots__ = ()

    def __enter__(self) -> Headers:
        return [(HEADER, _header_of(self.span))]


class Processing(msgspec.Struct, gc=False):  # which is made three times as fast as a Python class
    """A message that is processed; `span` is its span, and the current one."""

    tracer: Tracer
    span: Span
    token: Token[Span | None] | None = None

    def __enter__(self) -> Span:
        self.span.is_under_way = True
        self.token = _current.set(self.span)
        return self.span

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self.token is not None  # it was entered
        _current.reset(self.token)
        self.span.is_under_way = False
        self.tracer._end(self.span, kind)


class _Traced:
    """An ASGI application whose HTTP requests are server spans."""

    def __init__(self, app: App, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        header = only_header(scope["headers"], HEADER_BYTES)
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


def _header_of(span: Span) -> str:
    return traceparent(span.trace_id, span.span_id, span.is_sampled)


def _take_status(span: Span, status: int) -> None:
    if status >= _CALLER_AT_FAULT:
        span.words = str(status)
    if status >= _SERVICE_AT_FAULT:
        span.status = "error"
