"""From where to read a topic: what a caller says, as an offset for each partition."""

from datetime import datetime
from typing import Any

from eventlab.errors import UsageError
from eventlab.log.reading import require_partitions
from eventlab.log.topics import Topic

Start = str | int | datetime | dict[int, int]


def resolved(topic: Topic, start: Start) -> dict[int, int]:
    """Return the offset in each partition that `start` means now, within what the topic has.

    `start` is "earliest", "latest", an offset, a dict of offsets by partition (which chooses the
    partitions too), or an aware datetime. Raises UsageError, TopicError and BrokerError.
    """
    if isinstance(start, str) and start in ("earliest", "latest"):
        return topic.start_offsets() if start == "earliest" else topic.end_offsets()
    if isinstance(start, datetime) and start.tzinfo is not None:
        return topic.offsets_at(start)
    if isinstance(start, dict) or _is_offset(start):
        return _within(topic, start)
    raise UsageError(
        f"{topic} cannot be read from there",
        expected='"earliest", "latest", an offset, a dict of offsets or an aware datetime',
        found=repr(start),
    )


def _is_offset(start: Any) -> bool:
    return isinstance(start, int) and not isinstance(start, bool) and start >= 0


def _within(topic: Topic, start: int | dict[int, int]) -> dict[int, int]:
    # From beyond the end, a consumer would go back to the very beginning.
    lows, highs = topic.start_offsets(), topic.end_offsets()
    wanted = start if isinstance(start, dict) else dict.fromkeys(lows, start)
    require_partitions(topic, set(wanted), set(lows))
    return {n: min(max(offset, lows[n]), highs[n]) for n, offset in wanted.items()}
