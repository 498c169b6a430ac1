"""From where to read a topic: what a caller says, as an offset for each partition."""

from datetime import datetime

from eventlab.arguments import is_moment, is_whole_number
from eventlab.errors import UsageError, shown
from eventlab.log.reading import require_partitions
from eventlab.log.topics import Topic

Start = str | int | datetime | dict[int, int]


def resolved(topic: Topic, start: Start) -> dict[int, int]:
    """Return the offset in each partition that `start` means now, within what the topic has.

    `start` is "earliest", "latest", an offset, a dict of offsets by partition (which chooses the
    partitions too), or an aware datetime. Raises UsageError, TopicError and BrokerError.
    """
    if start == "earliest":
        return topic.start_offsets()
    if start == "latest":
        return topic.end_offsets()
    if is_moment(start):
        return topic.offsets_at(start)
    if isinstance(start, dict):
        return _within(topic, start)
    if is_whole_number(start) and start >= 0:
        return _within(topic, dict.fromkeys(topic.partitions, int(start)))
    raise UsageError(
        f"{topic} cannot be read from there",
        expected='"earliest", "latest", an offset, a dict of offsets or an aware datetime',
        found=shown(start),
        remedy='Pass for example start="earliest".',
    )


def _within(topic: Topic, wanted: dict[int, int]) -> dict[int, int]:
    # From beyond the end, a consumer would go back to the very beginning.
    lows = topic.start_offsets()
    highs = topic.end_offsets()
    require_partitions(topic, set(wanted), set(lows))
    return {n: min(max(offset, lows[n]), highs[n]) for n, offset in wanted.items()}
