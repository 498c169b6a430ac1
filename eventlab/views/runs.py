"""What a view has read: records of one topic that came one after another, decoded."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eventlab.log import Batch
from eventlab.log.messages import PlacedMessage
from eventlab.views.positions import Offsets

if TYPE_CHECKING:  # avro, which a view of JSON never needs
    from eventlab.log.schemas import Contract


class Run:
    """Records of one topic, and where to go on behind them.

    `batch` has those that are for the rows, and `passed` by partition the offset behind the last
    one, whether it is for the rows or not.
    """

    def __init__(self, topic: str, contract: "Contract | None") -> None:
        self.topic = topic
        self.batch = Batch(contract=contract, keeps_values=True)
        self.passed: Offsets = {}

    def add(self, messages: Sequence[PlacedMessage], within: Sequence[PlacedMessage]) -> None:
        """Take messages in; those `within` the view's bound are for the rows."""
        before = len(self.batch)
        self.batch.add(within)
        if len(self.batch) - before == len(messages):
            place = self.batch.place
            last = dict(zip(place["partition"][before:], place["offset"][before:], strict=True))
        else:
            last = {message.partition(): message.offset() for message in messages}
        for number, offset in last.items():
            self.passed[number] = offset + 1
