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
            # Else it would go on for a moment without the partitions that are new.
            self._require_same_topic()
            self._awake = datetime.now(UTC) + _PAUSE
            return []
        return super().next_batch()

    def _arrivals(self, messages: list[PlacedMessage]) -> list[Arrival]:
        topic, number = self.place
        end = self._end
        stream_time = self.stream_time
        next_offset = self.next_offset
        has_windows = self._has_windows
        window: tuple[int, int] | None = None
        arrivals: list[Arrival] = []
        for message in messages:
            error = message.error()
            if error is not None:
                self._take_error(error, message)
                continue
            offset = message.offset()
            if end is not None and offset >= end:
                self._at_end = True
                break
            next_offset = offset + 1
            time = message.timestamp()[1]
            if time not in CALENDAR_MILLISECONDS:
                self._dead_letters.put(message, wrong_time(time))
                continue
            if time > stream_time:
                stream_time = time
            key = message.key()
            if has_windows:
                key, window = _parted(key)
            found = message.headers()
            headers: Any = tuple(found) if found else ()
            event = (key, message.value())
            arrivals.append(
                Arrival(event, None, topic, number, offset, time, stream_time, headers, window)
            )
        self.next_offset = next_offset
        self.stream_time = stream_time
        self._at_end = self._at_end or (end is not None and next_offset >= end)
        return arrivals


def _parted(key: bytes | None) -> tuple[bytes | None, tuple[int, int] | None]:
    """Return the key that a record's key names, and the window if it names one."""
    named = None if key is None else window_key(key.decode(errors="replace"))
    return (key, None) if named is None else (named.key.encode(), (named.start, named.end))
