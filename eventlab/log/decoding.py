"""From Kafka's messages to columns; what cannot be decoded stands apart, with the reason."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import msgspec

from eventlab.errors import ContractError, EventError
from eventlab.log.messages import PlacedMessage, wrong_time
from eventlab.log.window_keys import WindowKey, window_key
from eventlab.moments import is_in_calendar

if TYPE_CHECKING:  # 55 MB that a process which only runs a flow never needs
    import pandas

    from eventlab.log.schemas import Contract

_decode = msgspec.json.Decoder().decode

# A field of a value with the name of one of these columns gets "event_" before it.
PLACE = ("partition", "offset", "timestamp", "key")
_UNREADABLE = (*PLACE, "value", "reason")
_UNDECODABLE = (
    msgspec.DecodeError,
    UnicodeDecodeError,
    RecursionError,
    EventError,
    ContractError,
)
_ZONE = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
_MOMENT: Final = "datetime64[us, UTC]"


class Tombstone(dict[str, Any]):
    """The fields of a record without a value: none, or start and end where its key has a window."""


class Batch:
    """Messages in the order in which they came: decoded ones, and apart the unreadable.

    `place` has the columns partition, offset, timestamp (milliseconds) and key of the decoded
    messages, and `fields` the dict that the JSON of each holds. A value that is JSON but no object
    stands under "value"; the fields of a record without a value are a Tombstone. Where a key names
    a window (log.window_keys), `place` has the key alone, and the fields have its start and end;
    `row_keys` has every key as it was written, by which compaction and tables tell rows apart.
    `unreadable` has dicts with the place, the raw value and the reason: the value cannot be
    decoded, or the time is in another unit than Kafka's. With a `contract` values are read by that
    in place of JSON; CallError is raised where its registry does not answer. One that
    `keeps_values` can decode them anew.
    """

    __slots__ = ("_decode", "_values", "fields", "place", "row_keys", "tombstones", "unreadable")

    def __init__(
        self,
        messages: Iterable[PlacedMessage] = (),
        contract: "Contract | None" = None,
        *,
        keeps_values: bool = False,
    ) -> None:
        self._values: list[bytes | None] | None = [] if keeps_values else None
        self._decode = _decode if contract is None else contract.decode
        self.place: dict[str, list[Any]] = {name: [] for name in PLACE}
        self.fields: list[dict[str, Any]] = []
        self.row_keys: list[str | bytes | None] = []
        self.unreadable: list[dict[str, Any]] = []
        self.tombstones = 0
        self.add(messages)

    def add(self, messages: Iterable[PlacedMessage]) -> None:
        """Decode messages that carry no error."""
        partitions, offsets, timestamps, keys = self.place.values()
        decode = self._decode
        values = self._values
        for message in messages:
            time = message.timestamp()[1]
            fault = wrong_time(time)
            if fault:
                self.unreadable.append(_apart(message, fault))
                continue
            value = message.value()
            try:
                fields = decode(value) if value is not None else Tombstone()
            except _UNDECODABLE as error:
                self.unreadable.append(_apart(message, str(error)))
                continue
            partitions.append(message.partition())
            offsets.append(message.offset())
            timestamps.append(time)
            key = _text(message.key())
            if not isinstance(fields, dict):
                fields = {"value": fields}
            self.row_keys.append(key)
            window = window_key(key) if isinstance(key, str) and "@" in key else None
            if window is not None:
                key = window.key
                _name_window(fields, window)
            keys.append(key)
            if value is None:
                self.tombstones += 1
            self.fields.append(fields)
            if values is not None:
                values.append(value)

    def decode_anew(self) -> None:
        """Let `fields` be as they were before anybody changed them; needs `keeps_values`."""
        assert self._values is not None
        decode = self._decode
        self.fields = []
        for value, key in zip(self._values, self.row_keys, strict=True):
            fields = decode(value) if value is not None else Tombstone()
            if not isinstance(fields, dict):
                fields = {"value": fields}
            window = window_key(key) if isinstance(key, str) and "@" in key else None
            if window is not None:
                _name_window(fields, window)
            self.fields.append(fields)

    def __len__(self) -> int:
        return len(self.fields)

    @property
    def columns(self) -> dict[str, list[Any]]:
        """Return the decoded messages as columns of equal length; a missing field is None."""
        return self.place | {
            column: [fields.get(name) for fields in self.fields]
            for name, column in self._names().items()
        }

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the decoded messages as dicts, place and fields together."""
        names = self._names()
        places = (
            dict(zip(PLACE, place, strict=True)) for place in zip(*self.place.values(), strict=True)
        )
        return [
            place | {names[name]: value for name, value in fields.items()}
            for place, fields in zip(places, self.fields, strict=True)
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
        """Return the unreadable messages: their place, the raw value and the reason.

        Where it is the time that is wrong, `timestamp` has none, and the reason has the number.
        """
        import pandas

        frame = pandas.DataFrame(self.unreadable, columns=_UNREADABLE)
        is_known = frame["timestamp"].map(is_in_calendar).astype("bool")
        frame["timestamp"] = frame["timestamp"].where(is_known, 0)
        frame = _with_times(frame)
        frame["timestamp"] = frame["timestamp"].where(is_known)
        return _ordered(frame)

    def _names(self) -> dict[str, str]:
        return _column_names(dict.fromkeys(name for fields in self.fields for name in fields))


def _name_window(fields: dict[str, Any], window: WindowKey) -> None:
    if isinstance(fields, Tombstone):
        fields["value"] = None
    fields.setdefault("start", window.start)
    fields.setdefault("end", window.end)


def _column_names(fields: Iterable[str]) -> dict[str, str]:
    """Return for each field its column; none falls on another or on a place."""
    names = {field: field for field in fields}
    taken = {*PLACE, *names}
    for field in taken.intersection(PLACE, names):
        while names[field] in taken:
            names[field] = f"event_{names[field]}"
    return names


def _apart(message: PlacedMessage, reason: str) -> dict[str, Any]:
    return {
        "partition": message.partition(),
        "offset": message.offset(),
        "timestamp": message.timestamp()[1],
        "key": _text(message.key()),
        "value": message.value(),
        "reason": reason,
    }


def _text(key: bytes | None) -> str | bytes | None:
    if key is None:
        return None
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
    is_complete = moments.dt.tz is not None and moments.notna().equals(texts.notna())
    return moments.astype(_MOMENT) if is_complete else texts


def _ordered(frame: "pandas.DataFrame") -> "pandas.DataFrame":
    return frame.sort_values(["partition", "offset"], ignore_index=True)
