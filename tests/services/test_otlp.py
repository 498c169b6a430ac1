import json

import pytest

from eventlab.errors import UsageError
from eventlab.services.otlp import spans_to_otlp_json
from eventlab.services.spans import spans_frame
from tests.services.made_spans import Made


def said(made: Made) -> list[dict]:
    """Return what OTLP says of spans, by service."""
    return json.loads(spans_to_otlp_json(spans_frame(made.spans)))["resourceSpans"]


def test_a_span_is_said_as_opentelemetry_says_it():
    """Names in camel case, enums as numbers, times in nanoseconds as text."""
    made = Made()
    made.add("shop", "server", 1_700_000_000_000_000, 1_500, name="GET /", key="o-1")
    (resource,) = said(made)
    assert resource == {
        "resource": {
            "attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}],
        },
        "scopeSpans": [
            {
                "scope": {"name": "eventlab"},
                "spans": [
                    {
                        "traceId": "t0",
                        "spanId": "s0",
                        "name": "GET /",
                        "kind": 2,
                        "startTimeUnixNano": "1700000000000000000",
                        "endTimeUnixNano": "1700000000001500000",
                        "attributes": [{"key": "eventlab.key", "value": {"stringValue": "o-1"}}],
                        "status": {},
                    }
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("kind", "number"), [("server", 2), ("client", 3), ("producer", 4), ("consumer", 5)]
)
def test_a_kind_is_its_number(kind, number):
    """That of OpenTelemetry's SpanKind."""
    made = Made()
    made.add("shop", kind, 0, peer="orders")
    assert said(made)[0]["scopeSpans"][0]["spans"][0]["kind"] == number


def test_an_error_has_its_status_and_a_child_its_parent():
    """Code 2, and the HTTP status among the attributes."""
    made = Made()
    server = made.add("shop", "server", 0)
    made.add("shop", "client", 1, parent=server, peer="stock", status="error", words="503")
    _, client = said(made)[0]["scopeSpans"][0]["spans"]
    assert (client["parentSpanId"], client["traceId"]) == ("s0", "t0")
    assert client["status"] == {"code": 2, "message": "503"}
    assert client["attributes"] == [
        {"key": "peer.service", "value": {"stringValue": "stock"}},
        {"key": "http.response.status_code", "value": {"intValue": "503"}},
    ]


def test_a_record_is_said_as_messaging():
    """The system, and the topic as its destination."""
    made = Made()
    made.add("shop", "producer", 1, peer="orders")
    assert said(made)[0]["scopeSpans"][0]["spans"][0]["attributes"] == [
        {"key": "messaging.system", "value": {"stringValue": "kafka"}},
        {"key": "messaging.destination.name", "value": {"stringValue": "orders"}},
    ]


def test_each_service_is_a_resource():
    """In the order in which they begin."""
    made = Made()
    for start, service in enumerate(["shop", "bank", "shop"]):
        made.add(service, "server", start)
    names = [one["resource"]["attributes"][0]["value"]["stringValue"] for one in said(made)]
    assert names == ["shop", "bank"]
    assert [len(one["scopeSpans"][0]["spans"]) for one in said(made)] == [2, 1]


def test_of_no_spans_nothing_is_said():
    """What is no frame of spans is refused."""
    assert said(Made()) == []
    with pytest.raises(UsageError):
        spans_to_otlp_json([])
