"""What a service process records of its work: its tracer, and where the spans go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eventlab.log.cluster import Cluster
from eventlab.log.topics import Topic
from eventlab.services.span_sink import SpanSink
from eventlab.services.tracing import App, Tracer

_LAST_SPANS_SECONDS = 0.5


@dataclass(frozen=True)
class SpanTopic:
    """The topic that the spans of a lab's services go to, and how its cluster is reached.

    No fault between a service and the log is on that way.
    """

    name: str
    kafka: Mapping[str, Any]


class Recording:
    """Trace a service whose spans have a topic; without one `tracer` is None, and nothing is paid.

    It writes five times a second, beside the service. What ends in peace loses no span, unless the
    log is away; what is killed loses those of its last fifth of a second.
    """

    def __init__(self, service: str, spans: SpanTopic | None) -> None:
        self.tracer: Tracer | None = None
        self._sink: SpanSink | None = None
        if spans is not None:
            self._sink = SpanSink(Topic(Cluster(dict(spans.kafka)), spans.name))
            self._sink.start()
            self.tracer = Tracer(service, self._sink)

    def traced(self, app: App) -> App:
        """Return an app whose requests are spans, or the app itself."""
        return app if self.tracer is None else self.tracer.asgi(app)

    def stop(self) -> None:
        """Write the last spans; what the log has not taken after a moment is lost."""
        if self._sink is not None:
            self._sink.stop(_LAST_SPANS_SECONDS)
