"""What a flow cannot read: set apart in a topic of its own, as it came, with the reason."""

from typing import Any

from eventlab.log import Record, Topic, Writer
from eventlab.log.messages import PlacedMessage, wrong_time
from eventlab.log.producing import PATIENCE_SECONDS


class DeadLetters:
    """Write unreadable records to a topic, which is made when the first one comes.

    Key, value, time and headers stay as they were, but for a time that can be none: then it is that
    of writing. Headers from `dead-letter.` on say the reason and the place. `flush` returns when
    Kafka has all of them, and raises DeliveryError.
    """

    def __init__(self, topic: Topic):
        self._topic = topic
        self._writer: Writer | None = None

    def put(self, message: PlacedMessage, reason: str) -> None:
        """Hand one record over."""
        if self._writer is None:
            self._writer = Writer(self._topic.made())
        headers: list[Any] = list(message.headers() or [])
        place = {
            "reason": reason,
            "topic": message.topic(),
            "partition": message.partition(),
            "offset": message.offset(),
        }
        headers += [(f"dead-letter.{name}", str(value).encode()) for name, value in place.items()]
        time = message.timestamp()[1]
        at = 0 if wrong_time(time) else max(0, time)
        letter = Record(message.key(), message.value(), at, headers)
        while not self._writer.offer(letter, PATIENCE_SECONDS):
            self.flush()  # the queue stays full: there is room afterwards, or an error

    def flush(self) -> None:
        """Return when all are acknowledged; raise DeliveryError when some are not."""
        if self._writer is not None:
            self._writer.flush(PATIENCE_SECONDS).require_all()

    def close(self) -> None:
        """Give up what is not acknowledged; the next run reads and sets it apart again."""
        if self._writer is not None:
            self._writer.close(PATIENCE_SECONDS)
