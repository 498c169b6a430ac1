"""From Kafka's messages to columns; what cannot be decoded stands apart, with the reason."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from confluent_kafka import Message

if TYPE_CHECKING:  # 55 MB that a process which only runs a flow never needs
    import pandas

_decode = msgspec.json.Decoder().decode

# A field of a value with the name of one of these columns gets "event_" before it.
PLACE = ("partition", "offset", "timestamp", "key")
_UNREADABLE = (*PLACE, "value", "reason")
_UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_ZONE = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
_MOMENT = "datetime64[us, UTC]"


# The fields of a tombstone; a value without fields, {}, is another dict.
TOMBSTONE: dict[str, Any] = {}


class Batch:
    """Messages in the order in which they came: decoded ones, and apart the unreadable.

    `place` has the columns partition, offset, timestamp (milliseconds) and key of the decoded
    messages, and `fields` the dict that the JSON of each holds. A value that is JSON but no object
    stands under "value"; a tombstone, which has no value, has the fields TOMBSTONE itself.
    `unreadable` has dicts with the place, the raw value and the reason.
    """

    __slots__ = ("fields", "place", "unreadable")

    def __init__(self, messages: Iterable[Message] = ()):
        self.place: dict[str, list] = {name: [] for name in PLACE}
        self.fields: list[dict[str, Any]] = []
        self.unreadable: list[dict[str, Any]] = []
        self.add(messages)

    def add(self, messages: Iterable[Message]) -> None:
        """Decode messages that carry no error."""
        partitions, offsets, timestamps, keys = self.place.values()
        for message in messages:
            key, value = message.key(), message.value()
            try:
                fields = _decode(value) if value is not None else TOMBSTONE
            except _UNDECODABLE as error:
                self.unreadable.append(_apart(message, str(error)))
                continue
            partitions.append(message.partition())
            offsets.append(message.offset())
            timestamps.append(message.timestamp()[1])
            keys.append(key if key is None else _text(key))
            self.fields.append(fields if type(fields) is dict else {"value": fields})

    def __len__(self) -> int:
        return len(self.fields)

    @property
    def columns(self) -> dict[str, list]:
        """Return the decoded messages as columns of equal length; a missing field is None."""
        return self.place | {
            column: [fields.get(name) for fields in self.fields]
            for name, column in self._names().items()
        }

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the decoded messages as dicts, place and fields together."""
        names = self._names()
        return [
            dict(zip(PLACE, place, strict=True)) | {names[n]: v for n, v in fields.items()}
            for *place, fields in zip(*self.place.values(), self.fields, strict=True)
        ]

    def frame(self) -> "pandas.DataFrame":
        """Return the decoded messages as a DataFrame, ordered by partition and offset.

        `timestamp` and an event's `at` are in UTC.
        """
        import pandas

        place = pandas.DataFrame(self.place)
        fields = pandas.DataFrame(self.fields, index=place.index)
        frame = pandas.concat([place, fields.rename(columns=_column_names(fields.columns))], axis=1)
        return _ordered(_with_times(frame))

    def unreadable_frame(self) -> "pandas.DataFrame":
        """Return the unreadable messages: their place, the raw value and the reason."""
        import pandas

        frame = pandas.DataFrame(self.unreadable, columns=_UNREADABLE)
        return _ordered(_with_times(frame))

    def _names(self) -> dict[str, str]:
        return _column_names(dict.fromkeys(name for fields in self.fields for name in fields))


def _column_names(fields: Iterable[str]) -> dict[str, str]:
    """Return for each field its column; none falls on another or on a place."""
    names = {field: field for field in fields}
    taken = {*PLACE, *names}
    for field in taken.intersection(PLACE, names):
        while names[field] in taken:
            names[field] = f"event_{names[field]}"
    return names


def _apart(message: Message, reason: str) -> dict[str, Any]:
    key = message.key()
    return {
        "partition": message.partition(),
        "offset": message.offset(),
        "timestamp": message.timestamp()[1],
        "key": key if key is None else _text(key),
        "value": message.value(),
        "reason": reason,
    }


def _text(key: bytes) -> str | bytes:
    try:
        return key.decode()
    except UnicodeDecodeError:
        return key  # not every producer's keys are text


def _with_times(frame: "pandas.DataFrame") -> "pandas.DataFrame":
    import pandas

    frame = frame.astype({"partition": "int64", "offset": "int64", "timestamp": "int64"})
    frame["timestamp"] = pandas.to_datetime(frame["timestamp"], unit="ms", utc=True)
    if frame.empty:
        return frame.astype({"key": "str"})
    if "at" in frame and frame["at"].dtype == "str":
        frame["at"] = _as_moments(frame["at"])
    return frame


def _as_moments(texts: "pandas.Series") -> "pandas.Series":
    """Return texts as moments in UTC; unchanged unless each is one, with its time zone."""
    import pandas

    try:
        moments = pandas.to_datetime(texts, errors="coerce", format="ISO8601")
    except ValueError:  # several zones, or none in places
        if not texts.dropna().str.contains(_ZONE).all():
            return texts
        moments = pandas.to_datetime(texts, errors="coerce", format="ISO8601", utc=True)
    every_one = moments.dt.tz is not None and moments.notna().equals(texts.notna())
    return moments.astype(_MOMENT) if every_one else texts


def _ordered(frame: "pandas.DataFrame") -> "pandas.DataFrame":
    return frame.sort_values(["partition", "offset"], ignore_index=True)
