"""From Kafka's messages to columns; what cannot be decoded stands apart, with the reason."""

from collections.abc import Iterable
from typing import Any

import msgspec
import pandas
from confluent_kafka import Message

_decode = msgspec.json.Decoder().decode

# A field of an event with the name of one of these columns gets "event_" before it.
PLACE = ("partition", "offset", "timestamp", "key")
_UNREADABLE = (*PLACE, "value", "reason")


class Batch:
    """Messages in the order in which they came: decoded ones, and apart the unreadable.

    `places` has (partition, offset, timestamp in milliseconds, key) of each decoded message and
    `fields` the dict that its JSON holds. A value that is JSON but no object stands under "value";
    a tombstone, which has no value, has no fields. `unreadable` has dicts with the place, the raw
    value and the reason.
    """

    __slots__ = ("fields", "places", "unreadable")

    def __init__(self, messages: Iterable[Message] = ()):
        self.places: list[tuple] = []
        self.fields: list[dict[str, Any]] = []
        self.unreadable: list[dict[str, Any]] = []
        self.add(messages)

    def add(self, messages: Iterable[Message]) -> None:
        """Decode messages that carry no error."""
        for message in messages:
            key = _text(message.key())
            place = (message.partition(), message.offset(), message.timestamp()[1], key)
            value = message.value()
            try:
                fields = _decode(value) if value is not None else {}
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                apart = dict(zip(_UNREADABLE, (*place, value, str(error)), strict=True))
                self.unreadable.append(apart)
                continue
            self.places.append(place)
            self.fields.append(fields if type(fields) is dict else {"value": fields})

    def __len__(self) -> int:
        return len(self.places)

    @property
    def columns(self) -> dict[str, list]:
        """Return the decoded messages as columns of equal length; a missing field is None."""
        place = dict(zip(PLACE, map(list, zip(*self.places, strict=True)), strict=True))
        names = dict.fromkeys(name for fields in self.fields for name in fields)
        return place | {
            _column(name): [fields.get(name) for fields in self.fields] for name in names
        }

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the decoded messages as dicts, place and fields together."""
        return [
            dict(zip(PLACE, place, strict=True)) | {_column(n): v for n, v in fields.items()}
            for place, fields in zip(self.places, self.fields, strict=True)
        ]

    def frame(self) -> pandas.DataFrame:
        """Return the decoded messages as a DataFrame, ordered by partition and offset.

        `timestamp` and an event's `at` are in UTC.
        """
        place = pandas.DataFrame(self.places, columns=PLACE)
        fields = pandas.DataFrame(self.fields, index=place.index)
        frame = pandas.concat([place, fields.rename(columns=_column)], axis=1)
        return _ordered(_with_times(frame))

    def unreadable_frame(self) -> pandas.DataFrame:
        """Return the unreadable messages: their place, the raw value and the reason."""
        frame = pandas.DataFrame(self.unreadable, columns=_UNREADABLE)
        return _ordered(_with_times(frame))


def _column(name: str) -> str:
    return f"event_{name}" if name in PLACE else name


def _text(key: bytes | None) -> str | bytes | None:
    if key is None:
        return None
    try:
        return key.decode()
    except UnicodeDecodeError:
        return key  # not every producer's keys are text


def _with_times(frame: pandas.DataFrame) -> pandas.DataFrame:
    frame["timestamp"] = pandas.to_datetime(frame["timestamp"].astype("int64"), unit="ms", utc=True)
    if "at" in frame:
        moments = pandas.to_datetime(frame["at"], utc=True, errors="coerce", format="ISO8601")
        if moments.notna().equals(frame["at"].notna()):  # else it is not a moment everywhere
            frame["at"] = moments
    return frame


def _ordered(frame: pandas.DataFrame) -> pandas.DataFrame:
    return frame.sort_values(["partition", "offset"], ignore_index=True)
