"""Say spans in OpenTelemetry's own JSON, for tools that take them: Jaeger, Tempo, a collector.

Source: the OTLP specification, JSON Protobuf Encoding:
https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from eventlab.checked import checked
from eventlab.services.spans import Row, required_spans, rows_of

if TYPE_CHECKING:  # 55 MB that a service never needs
    from pandas import DataFrame

# SpanKind and StatusCode of opentelemetry/proto/trace/v1/trace.proto; enums are numbers in OTLP.
_KINDS = {"server": 2, "client": 3, "producer": 4, "consumer": 5}
_ERROR = 2
_NANOSECONDS = 1000  # in a microsecond


@checked
def spans_to_otlp_json(spans: "DataFrame") -> str:
    """Return spans as the body of a request to `/v1/traces` of an OTLP/HTTP receiver.

    Ids are hexadecimal, times nanoseconds as text, enums numbers. A span without an error has no
    status code, as OpenTelemetry advises; what it is about is its attribute `eventlab.key`. Raises
    UsageError.
    """
    groups = required_spans(spans).groupby("service", sort=False)
    resources = [_resource(service, rows_of(group)) for service, group in groups]
    return json.dumps({"resourceSpans": resources})


def _resource(service: Any, spans: list[Row]) -> Row:
    return {
        "resource": {"attributes": [_attribute("service.name", service)]},
        "scopeSpans": [{"scope": {"name": "eventlab"}, "spans": [_span(one) for one in spans]}],
    }


def _span(span: Row) -> Row:
    parent = {} if span["parent_id"] is None else {"parentSpanId": span["parent_id"]}
    start = span["start_us"] * _NANOSECONDS
    is_error = span["status"] == "error"
    return {
        "traceId": span["trace_id"],
        "spanId": span["span_id"],
        **parent,
        "name": span["name"],
        "kind": _KINDS[span["kind"]],
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + span["duration_us"] * _NANOSECONDS),
        "attributes": list(_attributes(span)),
        "status": {"code": _ERROR, "message": span["words"]} if is_error else {},
    }


def _attributes(span: Row) -> Iterable[Row]:
    is_of_kafka = span["kind"] in ("producer", "consumer")
    if is_of_kafka:
        yield _attribute("messaging.system", "kafka")
        yield _attribute("messaging.destination.name", span["peer"])
    elif span["peer"] is not None:
        yield _attribute("peer.service", span["peer"])
    if span["key"] is not None:
        yield _attribute("eventlab.key", span["key"])
    if span["words"].isdecimal() and not is_of_kafka:
        # Whole numbers have 64 bits there, which JSON writes as text.
        yield {"key": "http.response.status_code", "value": {"intValue": span["words"]}}


def _attribute(name: str, text: str) -> Row:
    return {"key": name, "value": {"stringValue": text}}
