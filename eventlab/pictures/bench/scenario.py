"""What lies on the bench: some events in the order of their arrival, and what they are put into."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, get_args

import msgspec

from eventlab.errors import UsageError, shown

WindowKind = Literal["tumbling", "hopping", "sliding", "session"]
JoinKind = Literal["inner join", "left join", "outer join"]
Measure = Literal["count", "sum", "mean"]
Side = Literal["left", "right"]

WINDOWS: tuple[str, ...] = get_args(WindowKind)
JOINS: tuple[str, ...] = get_args(JoinKind)
KINDS = WINDOWS + JOINS
MEASURES: tuple[str, ...] = get_args(Measure)
SIDES: tuple[str, ...] = get_args(Side)

MOST_OVERLAP = 50
MOST_EVENTS = 200  # more dots than that nobody can tell apart, or take hold of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
_NOTHING = timedelta(0)
_SOME = "Read or make some events first."


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event: its name on the bench, when it happened, and its key.

    `time` is aware and taken in whole milliseconds. `value` is what sums and means are made of;
    `side` counts in a join only.
    """

    id: str
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    key: str = ""
    value: float | None = None
    side: Side = "left"

    @property
    def milliseconds(self) -> int:
        """Return its time in milliseconds since 1970."""
        return (self.time - EPOCH) // MILLISECOND


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events in the order of their arrival, and the windows or the join that they go into.

    `length` is that of tumbling and hopping windows, for sliding ones the greatest difference
    between two events, for joins how far apart two partners may be; `hop` and `gap` belong to
    hopping and session windows. A window stays open until the watermark, which is the greatest
    event time so far less `bound`, has reached its end and `grace`. Of its events it shows the
    `measure`. Raises UsageError.
    """

    events: tuple[Event, ...]
    kind: WindowKind | JoinKind = "tumbling"
    measure: Measure = "count"
    length: timedelta = timedelta(minutes=5)
    hop: timedelta = timedelta(minutes=1)
    gap: timedelta = timedelta(minutes=1)
    grace: timedelta = _NOTHING
    bound: timedelta = _NOTHING

    def __post_init__(self) -> None:
        _one_of("kind of windows or join", self.kind, KINDS)
        _one_of("measure", self.measure, MEASURES)
        for name in ("length", "hop", "gap"):
            _length(name, getattr(self, name), least=MILLISECOND)
        for name in ("grace", "bound"):
            _length(name, getattr(self, name), least=_NOTHING)
        if self.kind == "hopping" and self.hop > self.length:
            raise UsageError(
                "Events between two windows would be lost",
                expected="a hop no longer than the window",
                found=f"a hop of {self.hop} and a window of {self.length}",
                remedy="Make the hop shorter, or the window longer.",
            )
        if self.kind == "hopping" and self.length > MOST_OVERLAP * self.hop:
            raise UsageError(
                "So many windows overlap that nobody can tell them apart",
                expected=f"a hop of at least {self.length / MOST_OVERLAP}",
                found=shown(self.hop),
                remedy="Make the hop longer, or the window shorter.",
            )
        _events(self.events)

    @property
    def is_join(self) -> bool:
        """Tell whether the events are joined, instead of put into windows."""
        return self.kind in JOINS

    def place_of(self, event_id: str) -> int:
        """Return at which place, from 0, an event arrives; UsageError if there is none such."""
        for place, event in enumerate(self.events):
            if event.id == event_id:
                return place
        raise UsageError(
            "No such event is on the bench",
            expected=f"one of {', '.join(event.id for event in self.events[:8])}, …",
            found=shown(event_id),
            remedy='Events are named by their ids, which are texts: bench.move("3", place=0).',
        )

    def moved(
        self, event_id: str, *, time: datetime | None = None, place: int | None = None
    ) -> "Scenario":
        """Return the scenario with one event at another time, or another place among arrivals.

        `place` counts from 0; beyond the ends it means the first and the last one.
        """
        before = self.place_of(event_id)
        event = self.events[before]
        if time is not None:
            event = msgspec.structs.replace(event, time=time)
        others = [*self.events[:before], *self.events[before + 1 :]]
        others.insert(before if place is None else min(max(place, 0), len(others)), event)
        return msgspec.structs.replace(self, events=tuple(others))

    def to_json(self) -> str:
        """Return it as JSON: moments and lengths of time as ISO 8601 writes them."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> "Scenario":
        """Return the scenario that `to_json` wrote, or that one has written."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError as error:
            if isinstance(error.__cause__, UsageError):
                raise error.__cause__ from None
            raise UsageError(
                "This JSON is no scenario of the bench",
                expected='events, each with an id and a time such as "2025-03-03T10:05:00Z",'
                ' and lengths such as "PT90S"',
                found=str(error),
                remedy="Write it with to_json, or bench.save, and change that.",
            ) from None


def _one_of(what: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UsageError(
            f"No such {what}",
            expected=" or ".join(map(repr, choices)),
            found=shown(value),
            remedy="Choose one of those.",
        )


def _length(name: str, length: Any, *, least: timedelta) -> None:
    if not isinstance(length, timedelta) or length < least:
        raise UsageError(
            f"The {name} cannot be that",
            expected="a timedelta of at least a millisecond" if least else "a timedelta, 0 or more",
            found=shown(length),
            remedy=f"Write {name}=timedelta(minutes=5), say.",
        )


def _events(events: Any) -> None:
    if not isinstance(events, tuple) or not all(isinstance(event, Event) for event in events):
        raise UsageError(
            "A scenario has a tuple of events",
            expected="(Event(…), …)",
            found=shown(events),
            remedy="WindowBench(rows) makes one of a DataFrame or of dicts.",
        )
    if not 1 <= len(events) <= MOST_EVENTS:
        raise UsageError(
            "So many events have no room on the bench",
            expected=f"1 to {MOST_EVENTS}",
            found=f"{len(events):,}",
            remedy=f"Take a part of them, such as .head({MOST_EVENTS})." if events else _SOME,
        )
    for event in events:
        if not isinstance(event.id, str) or not isinstance(event.key, str):
            raise UsageError(
                "An event cannot be named",
                expected="words for its id and its key",
                found=f"{event}",
                remedy="Make texts of them, with str().",
            )
    twice = [one for one, times in Counter(event.id for event in events).items() if times > 1]
    if twice:
        raise UsageError(
            "Two events have the same id",
            expected="an id of its own for each",
            found=", ".join(map(repr, twice[:5])),
            remedy="Number them in the order of their arrival.",
        )
    for event in events:
        if not isinstance(event.time, datetime) or event.time.tzinfo is None or event.time < EPOCH:
            raise UsageError(
                f"The event {event.id!r} has no time that can be drawn",
                expected="an aware datetime since 1970",
                found=shown(event.time),
                remedy="Give it a time zone: datetime(2025, 3, 3, 10, 5, tzinfo=UTC).",
            )
        _one_of("side", event.side, SIDES)
