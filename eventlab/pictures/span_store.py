"""The spans that a picture of services is drawn from: the newest, as they come from their topic."""

import threading
from collections import deque
from typing import TYPE_CHECKING

from eventlab.log import Batch
from eventlab.services.span import Span, spans_in
from eventlab.services.spans import spans_frame

if TYPE_CHECKING:
    from pandas import DataFrame

_MICROSECONDS = 1_000_000  # in a second


class SpanStore:
    """Keep the newest spans of a topic, at most so many; may be used from any thread.

    Those of a topic that was made anew take the place of what was in it before.
    """

    def __init__(self, at_most: int) -> None:
        self.version = 0
        self._spans: deque[Span] = deque(maxlen=at_most)
        self._next_offset = 0
        self._lock = threading.Lock()

    def add(self, batch: Batch) -> None:
        """Take the spans of each record. Raises ValidationError for one that holds none."""
        spans = [span for fields in batch.fields for span in spans_in(fields.get("value"))]
        offsets = batch.place["offset"]
        with self._lock:
            self._make_way(offsets)
            self._spans += spans
            self.version += 1

    def newest(self, seconds: float | None = None) -> "DataFrame":
        """Return the spans as `services.read_spans` does: all, or those that began within so long.

        The time ends with the newest of them.
        """
        with self._lock:
            spans = list(self._spans)
        if seconds is None or not spans:
            return spans_frame(spans)
        oldest = max(span.start_us for span in spans) - seconds * _MICROSECONDS
        return spans_frame(span for span in spans if span.start_us >= oldest)

    def _make_way(self, offsets: list[int]) -> None:
        """Forget what was in the topic before it was made anew: its offsets begin again."""
        if not offsets:
            return
        if offsets[0] < self._next_offset:
            self._spans.clear()
        self._next_offset = offsets[-1] + 1
