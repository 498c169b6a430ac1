"""A changelog as the table it comes to, beside the stream that it was made from."""

from collections.abc import Sequence

from eventlab import log
from eventlab.live.sheet import Sheet
from eventlab.log.decoding import TOMBSTONE
from eventlab.pictures.picture import Picture
from eventlab.streams import Table

_REPLAY_SECONDS = 2.0
_LEAST_PER_SECOND = 200.0


class TablePicture(Picture):
    """Show the table that a changelog comes to, with the cells that change lit.

    The picture folds the changelog itself, from its first record on: at once what is there when it
    is made, and then what comes. `stream` is a topic whose newest events stand on the left;
    `changelog` shows the changelog's newest records below. `columns` are those of the first row,
    and of more than `most` rows those are shown that changed last.
    """

    def __init__(
        self,
        table: Table | log.Topic,
        *,
        stream: log.Topic | None = None,
        changelog: bool = False,
        columns: Sequence[str] | None = None,
        most: int = 12,
    ):
        topic = _topic(table)
        self.chart = self.sheet = Sheet(
            _title(topic),
            key="key",
            columns=columns,
            stream=None if stream is None else f"Stream {stream}",
            changelog="Its changelog" if changelog else None,
            most=most,
            alt=f"The table that the changelog {topic} comes to; the cells that change are lit",
        )
        self._follower: log.Follower | None = None
        self._follow(topic, None)
        if stream is not None:
            told = log.follow(stream, self._tell_events, start="earliest")
            self.sheet.on_stop(told.stop)
        self.sheet.on_stop(lambda: self._follower.stop())
        self.sheet.show()

    def replay(self, table: Table | log.Topic) -> None:
        """Let the rows vanish, and fill them again from a changelog, in about two seconds."""
        topic = _topic(table)
        records = sum(topic.end_offsets().values()) - sum(topic.start_offsets().values())
        self._follower.stop()
        self.sheet.clear()
        self.sheet.title = _title(topic)
        self._follow(topic, max(_LEAST_PER_SECOND, records / _REPLAY_SECONDS))

    def _follow(self, topic: log.Topic, per_second: float | None) -> None:
        self._follower = log.follow(topic, self._fold, start="earliest", per_second=per_second)

    def _fold(self, batch: log.Batch) -> None:
        changes = [
            (str(key), None if fields is TOMBSTONE else fields)
            for key, fields in zip(batch.place["key"], batch.fields, strict=True)
        ]
        self.sheet.put(changes)
        self.sheet.tell("changelog", (_change(key, row) for key, row in changes))

    def _tell_events(self, batch: log.Batch) -> None:
        self.sheet.tell("stream", map(_event, batch.place["key"], batch.fields))


def _title(topic: log.Topic) -> str:
    return f"Table of {topic}"


def _topic(table: Table | log.Topic) -> log.Topic:
    return table.topic if isinstance(table, Table) else table


def _change(key: str, row: dict | None) -> str:
    if row is None:
        return f"{key}  (tombstone)"
    return f"{key}  " + ", ".join(f"{name} {value}" for name, value in row.items())


def _event(key: str | None, fields: dict) -> str:
    names = [name for name in fields if name.endswith("_id") and name != "event_id"]
    told = " ".join(str(fields[name]) for name in names) or f"key {key}"
    return f"{fields.get('type', 'record')}  {told}"
