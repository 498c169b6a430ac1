"""A span: one piece of work of one service, in OpenTelemetry's data model.

A record that is published within a span and not waited for is kept in that span: a span of its
own would cost twice as much. Readers take its span out again: `each_span`.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

SpanKind = Literal["server", "client", "producer", "consumer"]


class Publication(msgspec.Struct, gc=False, array_like=True):
    """A record that was published within a span, and not waited for: its span takes no time."""

    span_id: str
    topic: str
    key: str | None
    start_us: int


class Span(msgspec.Struct, gc=False, omit_defaults=True):
    """One piece of work of one service; times in microseconds since 1970, durations likewise.

    `words` say what is not as it should be: the HTTP status, or the name of an exception. A client
    and a producer have whom they address as `peer`, a consumer its topic. `key` is what it is
    about, such as an order's id. `published` is what was published within it and has no span of
    its own yet; `is_under_way` where more may come.
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
    published: list[Publication] = []
    is_under_way: bool = False


def spans_in(value: Any) -> list[Span]:
    """Return all spans of a record that a SpanSink wrote. Raises msgspec.ValidationError."""
    written = msgspec.convert(value, list[Span])
    found = list(each_span(written))
    for span in written:
        span.published = []
    return found


def each_span(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield each span, and behind it a span of each record that was published within it."""
    for span in spans:
        yield span
        for publication in span.published:
            yield span_of(publication, span)


def span_of(publication: Publication, within: Span) -> Span:
    """Return the span of a record that was published within a span."""
    return Span(
        within.trace_id,
        publication.span_id,
        within.service,
        publish_name(publication.topic),
        "producer",
        publication.start_us,
        parent_id=within.span_id,
        peer=publication.topic,
        key=publication.key,
        is_sampled=within.is_sampled,
    )


def publish_name(topic: str) -> str:
    """Return what the span of a record that is published is called."""
    return f"{topic} publish"
