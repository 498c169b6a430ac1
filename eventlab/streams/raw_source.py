"""A source of records as they are on the wire: for whoever decodes them by rules of their own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from eventlab.log.messages import PlacedMessage, wrong_time
from eventlab.log.window_keys import window_key
from eventlab.moments import CALENDAR_MILLISECONDS
from eventlab.streams.arrivals import Arrival
from eventlab.streams.source import Place, TopicPart, TopicSource

_PAUSE = timedelta(milliseconds=20)  # until it looks again


class RawSource(TopicSource):
    """Read a topic's records into a flow, each an Arrival whose event is key and value in bytes.

    Where `has_windows`, the key's bytes are those before the window that the record's key names
    (log.window_keys), and the Arrival has the window. While `is_paused`, asked before each batch,
    nothing is read. Everything else is as in TopicSource.
    """

    def __init__(
        self,
        *arguments: Any,
        has_windows: bool = False,
        is_paused: Callable[[], bool] | None = None,
        **options: Any,
    ):
        super().__init__(*arguments, **options)
        self._has_windows = has_windows
        self._is_paused = is_paused

    def build_part(self, step_id: str, for_part: str, resume_state: Place | None) -> "RawPart":
        """Return the reader of one partition, at its start or where it was."""
        options = self._part_options(for_part, resume_state)
        return RawPart(**options, has_windows=self._has_windows, is_paused=self._is_paused)


class RawPart(TopicPart):
    """Read one partition; made by RawSource in the thread of the flow that reads it."""

    def __init__(
        self, *, has_windows: bool, is_paused: Callable[[], bool] | None = None, **options: Any
    ):
        super().__init__(**options)
        self._has_windows = has_windows
        self._is_paused = is_paused

    def next_batch(self) -> list[Arrival]:
        """Return what has come, nothing while it is paused."""
        if self._is_paused is not None and self._is_paused():
            self._awake = datetime.now(UTC) + _PAUSE
            return []
        return super().next_batch()

    def arrival(self, message: PlacedMessage, stream_time: int) -> Arrival | None:
        """Return a record with its place, None for one that was set apart."""
        time = message.timestamp()[1]
        if time not in CALENDAR_MILLISECONDS:
            self.set_apart(message, wrong_time(time))
            return None
        key = message.key()
        window = None
        if self._has_windows and key is not None:
            named = window_key(key.decode(errors="replace"))
            if named is not None:
                key = named.key.encode()
                window = (named.start, named.end)
        place = (*self.place, message.offset())
        headers: Any = tuple(message.headers() or ())
        newest = max(stream_time, time)
        return Arrival((key, message.value()), None, *place, time, newest, headers, window)

    def _arrivals(self, messages: list[PlacedMessage]) -> list[Arrival]:
        arrivals: list[Arrival] = []
        for message in self._readable(messages):
            arrived = self.arrival(message, self.stream_time)
            if arrived is not None:
                self.stream_time = arrived.stream_time
                arrivals.append(arrived)
        return arrivals
