"""Services beside the log, each a process of its own: HTTP servers, consumers, calls and faults."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventlab.services.faults import Faults, FaultSchedule, Outage
    from eventlab.services.http_service import HttpService
    from eventlab.services.inside import about, call, publish
    from eventlab.services.kafka_link import ClientLink, KafkaLink
    from eventlab.services.link import HttpLink, Link
    from eventlab.services.links import Proxy
    from eventlab.services.load import Load
    from eventlab.services.load_report import LoadReport
    from eventlab.services.mesh import Calls, Mesh
    from eventlab.services.otlp import spans_to_otlp_json
    from eventlab.services.policies import CallPolicy
    from eventlab.services.proxy import LinkCounts
    from eventlab.services.registry import Registry
    from eventlab.services.request_player import Answer, RequestPlayer
    from eventlab.services.service import EventService, Service
    from eventlab.services.span import Span
    from eventlab.services.span_sink import SpanSink
    from eventlab.services.spans import (
        availability,
        calls,
        latency,
        read_spans,
        spans_frame,
        story,
    )
    from eventlab.services.tracing import Tracer
else:
    _MODULES = {
        "faults": ("FaultSchedule", "Faults", "Outage"),
        "http_service": ("HttpService",),
        "inside": ("about", "call", "publish"),
        "kafka_link": ("ClientLink", "KafkaLink"),
        "link": ("HttpLink", "Link"),
        "links": ("Proxy",),
        "proxy": ("LinkCounts",),
        "load": ("Load",),
        "load_report": ("LoadReport",),
        "mesh": ("Calls", "Mesh"),
        "otlp": ("spans_to_otlp_json",),
        "policies": ("CallPolicy",),
        "registry": ("Registry",),
        "request_player": ("Answer", "RequestPlayer"),
        "service": ("EventService", "Service"),
        "span": ("Span",),
        "span_sink": ("SpanSink",),
        "spans": ("availability", "calls", "latency", "read_spans", "spans_frame", "story"),
        "tracing": ("Tracer",),
    }

    def __getattr__(name: str) -> object:
        # The process of the proxy needs no HTTP server, and a chapter without services needs none.
        for module, names in _MODULES.items():
            if name in names:
                return getattr(import_module(f"eventlab.services.{module}"), name)
        raise AttributeError(f"module 'eventlab.services' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return __all__


__all__ = [
    "Answer",
    "CallPolicy",
    "Calls",
    "ClientLink",
    "EventService",
    "FaultSchedule",
    "Faults",
    "HttpLink",
    "HttpService",
    "KafkaLink",
    "Link",
    "LinkCounts",
    "Load",
    "LoadReport",
    "Mesh",
    "Outage",
    "Proxy",
    "Registry",
    "RequestPlayer",
    "Service",
    "Span",
    "SpanSink",
    "Tracer",
    "about",
    "availability",
    "call",
    "calls",
    "latency",
    "publish",
    "read_spans",
    "spans_frame",
    "spans_to_otlp_json",
    "story",
]
