"""A changelog as the table it comes to, beside the stream that it was made from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventlab.arguments import required_number
from eventlab.checked import checked
from eventlab.live.sheet import Sheet
from eventlab.live.values import in_words
from eventlab.live.widget import Feed
from eventlab.log import Batch, Follower, Topic
from eventlab.log.decoding import Tombstone
from eventlab.pictures.picture import Picture

if TYPE_CHECKING:  # streams are half a second of imports, and not every chart shows one
    from eventlab.streams import Table

_REPLAY_SECONDS = 2.0
_LEAST_PER_SECOND = 5.0


class TablePicture(Picture):
    """Show the table that a changelog comes to, with the cells that change lit.

    The picture folds the changelog itself, from its first record on: at once what is there when it
    is shown, and then what comes. `stream` is a topic whose newest events stand on the left;
    `changelog` shows the changelog's newest records below. `columns` are those of the first row,
    and of more than `most` rows those are shown that changed last. `key` says what the keys are,
    and `names` what each is called; those keep their places. With `slides` a slider goes back and
    forth in the changelog.
    """

    @checked
    def __init__(
        self,
        table: "Table | Topic",
        *,
        stream: Topic | None = None,
        changelog: bool = False,
        columns: Sequence[str] | None = None,
        most: int = 12,
        key: str = "key",
        names: Mapping[str, str] | None = None,
        slides: bool = False,
    ) -> None:
        self._names = dict(names or {})
        self._topic = _topic_of(table)
        self._stream = stream
        self.sheet = Sheet(
            _title(self._topic),
            key=key,
            columns=columns,
            stream=None if stream is None else f"Stream {stream}",
            changelog="Its changelog" if changelog else None,
            most=len(self._names) or most,
            names=self._names,
            slides=slides,
            alt=f"The table that the changelog {self._topic} comes to; changed cells are lit",
        )
        super().__init__(self.sheet)
        self._changes = _Changes()

    @checked
    def replay(self, table: "Table | Topic", *, seconds: float = _REPLAY_SECONDS) -> None:
        """Let the rows vanish, and fill them again from a changelog, in about so many seconds.

        What comes meanwhile is shown at the same pace. 0 seconds are as fast as it can.
        """
        required_number("seconds", seconds, at_least=0)
        topic = _topic_of(table)
        records = sum(topic.end_offsets().values()) - sum(topic.start_offsets().values())
        self._changes.stop()
        self.sheet.clear(expected=records, keeps_changelog=topic.name == self._topic.name)
        self.sheet.title = _title(topic)
        pace = max(_LEAST_PER_SECOND, records / seconds) if seconds else None
        self._changes.follower = self._follow(topic, self._fold, per_second=pace)

    def _feeds(self) -> Iterator[Feed]:
        self._changes.follower = self._follow(self._topic, self._fold)
        yield self._changes
        if self._stream is not None:
            yield self._follow(self._stream, self._add_events)

    def _fold(self, batch: Batch) -> None:
        changes = [
            (str(key), None if isinstance(fields, Tombstone) else fields)
            for key, fields in zip(batch.row_keys, batch.fields, strict=True)
        ]
        self.sheet.put(changes)

    def _add_events(self, batch: Batch) -> None:
        self.sheet.add_events(map(self._event, batch.place["key"], batch.fields))

    def _event(self, key: str | None, fields: dict[str, Any]) -> str:
        what = in_words(fields.get("type", "record")).replace("_", " ")
        if key in self._names:
            return f"{self._names[key]}: {what}"
        names = [name for name in fields if name.endswith("_id") and name != "event_id"]
        whom = " ".join(in_words(fields[name]) for name in names) or f"key {key}"
        return f"{what}  {whom}"


class _Changes:
    """The feed of a table: it follows one changelog, and after a replay another one."""

    def __init__(self) -> None:
        self.follower: Follower | None = None

    @property
    def error(self) -> BaseException | None:
        """Return what ended it, None if nothing did."""
        return None if self.follower is None else self.follower.error

    def stop(self) -> None:
        """End the follower."""
        if self.follower is not None:
            self.follower.stop()


def _title(topic: Topic) -> str:
    return f"Table of {topic}"


def _topic_of(table: "Table | Topic") -> Topic:
    return table if isinstance(table, Topic) else table.topic
