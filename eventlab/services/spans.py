"""Read spans back: how long, how often, who calls whom, and what became of one order.

All of it is computed from the spans alone. Rows are dicts or DataFrames; durations are in
milliseconds.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy

from eventlab.arguments import refused, required_duration, required_items
from eventlab.checked import checked
from eventlab.errors import LogError, UsageError, shown
from eventlab.log.reading import read
from eventlab.log.topics import Topic
from eventlab.services.span import Span, each_span, spans_in

if TYPE_CHECKING:  # 55 MB that a service never needs
    from pandas import DataFrame

COLUMNS = (
    *("at", "trace_id", "span_id", "parent_id", "service", "name", "kind"),
    *("start_us", "duration_us", "status", "words", "peer", "key"),
)
_MICROSECONDS = 1000  # in a millisecond
_IN_A_SECOND = 1_000_000
_WORK = ("server", "consumer")

Row = dict[str, Any]


@checked
def read_spans(topic: Topic, *, since: datetime | None = None) -> "DataFrame":
    """Return the spans of a topic that a SpanSink writes to, each once, in the order of their time.

    Columns: `at` (the beginning, UTC), trace_id, span_id, parent_id, service, name, kind, start_us,
    duration_us, status (ok, error), words, peer, key. With `since`, those that were written then or
    later. Raises LogError for a record that holds no spans, TopicError and BrokerError.
    """
    reading = read(topic, since=since)
    spans: list[Span] = []
    for row in rows_of(reading.unreadable):
        raise _no_spans(topic, row, row["reason"])
    for row in rows_of(reading.events):
        try:
            spans += spans_in(row.get("value"))
        except msgspec.ValidationError as error:
            raise _no_spans(topic, row, str(error)) from None
    return spans_frame(spans)


@checked
def spans_frame(spans: Iterable[Span]) -> "DataFrame":
    """Return spans as the DataFrame that `read_spans` describes. Raises UsageError.

    What was published within a span has a row of its own.
    """
    import pandas

    fields = [name for name in COLUMNS if name != "at"]
    given = [_required_span(span) for span in required_items("spans", spans, example="[span]")]
    rows = [[getattr(span, name) for name in fields] for span in each_span(given)]
    # Objects: as pandas' own text a missing parent would be NaN.
    frame = pandas.DataFrame(rows, columns=fields, dtype="object")
    frame = frame.astype({"start_us": "int64", "duration_us": "int64"})
    frame.insert(0, "at", pandas.to_datetime(frame["start_us"], unit="us", utc=True))
    # A producer that was not answered writes its batch again.
    frame = frame.drop_duplicates(["trace_id", "span_id"])
    return frame.sort_values("start_us", kind="stable", ignore_index=True)


@checked
def latency(spans: "DataFrame") -> "DataFrame":
    """Return how long services work, one row each operation: what they serve and what they process.

    Columns: service, name, kind, count, p50_ms, p95_ms, p99_ms, max_ms; percentiles are
    interpolated between the two nearest spans. Errors count too. Raises UsageError.
    """
    frame = required_spans(spans)
    works = frame[frame["kind"].isin(_WORK)]
    rows = [
        {"service": service, "name": name, "kind": kind, "count": len(group)}
        | _percentiles(group["duration_us"].to_numpy(), (50, 95, 99))
        | {"max_ms": group["duration_us"].max() / _MICROSECONDS}
        for (service, name, kind), group in works.groupby(["service", "name", "kind"])
    ]
    columns = ["service", "name", "kind", "count", "p50_ms", "p95_ms", "p99_ms", "max_ms"]
    return _frame(rows, columns)


@checked
def availability(spans: "DataFrame", *, every: timedelta | None = None) -> "DataFrame":
    """Return which share of the calls to each service succeeded, as those see it who call.

    A call is a client span, or a server span whose caller was not traced; it counts when it begins.
    A call that nobody answered has failed, though its service knows nothing of it. Columns:
    service, calls, errors, availability (0 to 1); with `every`, `at` too, the beginning of each
    stretch of that length in which there was a call. Raises UsageError.
    """
    frame = required_spans(spans)
    calls = _calls_to(frame)
    by = ["service"]
    if every is not None:
        calls["at"] = calls["at"].dt.floor(required_duration("every", every))
        by = ["at", "service"]
    rows = [
        dict(zip(by, names, strict=True)) | _counted(group) for names, group in calls.groupby(by)
    ]
    return _frame(rows, [*by, "calls", "errors", "availability"])


@checked
def calls(spans: "DataFrame") -> "DataFrame":
    """Return who calls whom, and who only shares a topic with whom: one row each edge.

    Columns: caller, callee, kind, topic, count, rate_per_second, errors, unanswered, p50_ms,
    p95_ms. The rate is over the time from the first span's beginning to the last one's end.

    `kind` is "call" where a client waits for a server: errors are those that the client saw, among
    them the unanswered ones, whose server has no span; latencies are the client's. It is "topic"
    where a consumer processed what a producer published: neither waits for the other; errors are
    the consumer's, latencies the time from the end of publishing to the beginning of processing.
    What was published and processed by nobody is no edge. Raises UsageError.
    """
    frame = required_spans(spans)
    edges = [*_call_edges(frame), *_topic_edges(frame)]
    seconds = _extent_seconds(frame)
    by = ["caller", "callee", "kind", "topic"]
    rows = [
        dict(zip(by, names, strict=True)) | _edge(group, seconds)
        for names, group in _frame(edges, [*by, "error", "unanswered", "us"]).groupby(by)
    ]
    columns = [*by, "count", "rate_per_second", "errors", "unanswered", "p50_ms", "p95_ms"]
    return _frame(rows, columns)


@checked
def story(spans: "DataFrame", key: str) -> list[Row]:
    """Return what became of one order: the spans and gaps of its traces, in the order of time.

    Its traces are those in which some span has the `key`. Rows: what ("span", "gap"), lane, name,
    kind, begin_ms and end_ms (since the story's beginning), status, words, key, trace_id, span_id,
    parent_id. A span's lane is its service. A gap is the time for which a record lay in its topic,
    which is its lane: from the end of publishing to the beginning of processing, for each consumer;
    its span_id is the producer's, its `name` says who waits for it. There are none for a key that
    no span has. Raises UsageError.
    """
    frame = required_spans(spans)
    traces = frame.loc[frame["key"] == key, "trace_id"]
    chosen = frame[frame["trace_id"].isin(traces)].sort_values("start_us", kind="stable")
    if chosen.empty:
        return []
    begin = int(chosen["start_us"].iloc[0])
    found = rows_of(chosen)
    rows = [_row_of(span) for span in found] + list(_gaps(found))
    rows.sort(key=lambda row: (row["begin_us"], row["what"] == "gap"))
    return [_since(row, begin) for row in rows]


# -- availability -------------------------------------------------------------------------------


def _calls_to(frame: "DataFrame") -> "DataFrame":
    """Return the calls, each with the service that it is to: at, service, status."""
    import pandas

    clients = frame[frame["kind"] == "client"]
    servers = frame[frame["kind"] == "server"]
    answered_by = _children(servers)
    seen = clients.assign(service=_callees(clients, answered_by))
    traced = {_place(span) for span in rows_of(clients)}
    alone = servers[[_parent(span) not in traced for span in rows_of(servers)]]
    return pandas.concat([seen, alone])[["at", "service", "status"]]


def _counted(group: "DataFrame") -> Row:
    errors = int((group["status"] == "error").sum())
    return {
        "calls": len(group),
        "errors": errors,
        "availability": (len(group) - errors) / len(group),
    }


# -- edges --------------------------------------------------------------------------------------


def _call_edges(frame: "DataFrame") -> Iterable[Row]:
    clients = frame[frame["kind"] == "client"]
    answered_by = _children(frame[frame["kind"] == "server"])
    for span, callee in zip(rows_of(clients), _callees(clients, answered_by), strict=True):
        is_error = span["status"] == "error"
        yield {
            "caller": span["service"],
            "callee": callee,
            "kind": "call",
            "topic": "",
            "error": is_error,
            "unanswered": is_error and _place(span) not in answered_by,
            "us": span["duration_us"],
        }


def _topic_edges(frame: "DataFrame") -> Iterable[Row]:
    for producer, consumer in _deliveries(rows_of(frame)):
        yield {
            "caller": producer["service"],
            "callee": consumer["service"],
            "kind": "topic",
            "topic": producer["peer"],
            "error": consumer["status"] == "error",
            "unanswered": False,
            "us": max(0, consumer["start_us"] - _end(producer)),
        }


def _edge(group: "DataFrame", seconds: float) -> Row:
    return {
        "count": len(group),
        "rate_per_second": len(group) / seconds if seconds else float("nan"),
        "errors": int(group["error"].sum()),
        "unanswered": int(group["unanswered"].sum()),
    } | _percentiles(group["us"].to_numpy(dtype="int64"), (50, 95))


def _deliveries(spans: list[Row]) -> Iterable[tuple[Row, Row]]:
    """Yield each publishing with each processing of it, in the order of the processing."""
    producers = {_place(span): span for span in spans if span["kind"] == "producer"}
    for span in spans:
        producer = producers.get(_parent(span))
        if span["kind"] == "consumer" and producer is not None:
            yield producer, span


def _children(servers: "DataFrame") -> dict[tuple[str, str], str]:
    """Return which service answered the call of each trace and span; the first, of several."""
    answered_by: dict[tuple[str, str], str] = {}
    for span in rows_of(servers):
        answered_by.setdefault(_parent(span), span["service"])
    return answered_by


def _callees(clients: "DataFrame", answered_by: dict[tuple[str, str], str]) -> list[str]:
    """Return whom each call was to: whoever answered it, or was addressed."""
    return [answered_by.get(_place(span)) or span["peer"] for span in rows_of(clients)]


# -- the story ----------------------------------------------------------------------------------


def _row_of(span: Row) -> Row:
    return {
        "what": "span",
        "lane": span["service"],
        "begin_us": span["start_us"],
        "end_us": _end(span),
    } | {name: span[name] for name in _PASSED_ON}


_PASSED_ON = ("name", "kind", "status", "words", "key", "trace_id", "span_id", "parent_id")


def _gaps(spans: list[Row]) -> Iterable[Row]:
    for producer, consumer in _deliveries(spans):
        if consumer["start_us"] > _end(producer):
            yield {
                "what": "gap",
                "lane": producer["peer"],
                "begin_us": _end(producer),
                "end_us": consumer["start_us"],
                "name": f"waits for {consumer['service']}",
                "kind": "topic",
                "status": "ok",
                "words": "",
                "key": producer["key"],
                "trace_id": producer["trace_id"],
                "span_id": producer["span_id"],
                "parent_id": producer["parent_id"],
            }


def _since(row: Row, begin_us: int) -> Row:
    placed = {
        "begin_ms": (row["begin_us"] - begin_us) / _MICROSECONDS,
        "end_ms": (row["end_us"] - begin_us) / _MICROSECONDS,
    }
    return placed | {name: one for name, one in row.items() if not name.endswith("_us")}


# -- spans --------------------------------------------------------------------------------------


def rows_of(frame: "DataFrame") -> list[Row]:
    """Return the rows of a frame as dicts."""
    return cast("list[Row]", frame.to_dict("records"))


def _required_span(span: Any) -> Span:
    if isinstance(span, Span):
        return span
    raise refused("spans", span, "spans alone", "[span], of those that a tracer gave its sink")


def _place(span: Row) -> tuple[str, str]:
    return span["trace_id"], span["span_id"]


def _parent(span: Row) -> tuple[str, str]:
    return span["trace_id"], span["parent_id"]


def _end(span: Row) -> int:
    return int(span["start_us"] + span["duration_us"])


def _extent_seconds(frame: "DataFrame") -> float:
    if frame.empty:
        return 0.0
    end = (frame["start_us"] + frame["duration_us"]).max()
    return float(end - frame["start_us"].min()) / _IN_A_SECOND


def _percentiles(durations_us: "numpy.ndarray[Any, Any]", shares: tuple[int, ...]) -> Row:
    found = numpy.percentile(durations_us, shares) / _MICROSECONDS
    return {f"p{share}_ms": float(one) for share, one in zip(shares, found, strict=True)}


def _frame(rows: Iterable[Row], columns: list[str]) -> "DataFrame":
    import pandas

    return pandas.DataFrame(rows, columns=columns)


def required_spans(frame: "DataFrame") -> "DataFrame":
    """Return what holds spans; raise UsageError unless it has their columns."""
    missing = [name for name in COLUMNS if name not in frame]
    if not missing:
        return frame
    raise UsageError(
        "These are no spans",
        expected=f"the columns {', '.join(COLUMNS)}",
        found=f"none of the name {', '.join(missing)}",
        remedy="Pass what read_spans(topic) returns, or some of its rows.",
    )


def _no_spans(topic: Topic, row: Row, reason: str) -> LogError:
    return LogError(
        f"A record of {topic} holds no spans",
        expected="a JSON list of spans, as a SpanSink writes it",
        found=f"at offset {row['offset']} of partition {row['partition']}: {shown(reason)}",
        remedy="Read the topic that tracers write to, and let nobody else write there.",
    )
