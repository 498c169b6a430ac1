"""What a picture of windows reads from records, and what it says of those that it cannot draw."""

from datetime import datetime
from typing import Any

from eventlab.errors import UsageError, shown
from eventlab.log import Topic
from eventlab.log.decoding import PLACE
from eventlab.moments import is_in_calendar, milliseconds


def is_window(row: dict[str, Any]) -> bool:
    """Tell whether a record is a window with a number in it, or one that was taken back."""
    moments = [row.get("start"), row.get("end")]
    value = row.get("value")
    is_value = value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    return is_value and all(
        isinstance(one, int) and not isinstance(one, bool) and is_in_calendar(one)
        for one in moments
    )


def other_record(topic: Topic | None, expected: str, row: dict[str, Any]) -> UsageError:
    """Return what to say of a record that is something else."""
    fields = ", ".join(name for name in row if name not in PLACE) or "no field at all"
    return UsageError(
        f"Not every record of {topic} can be drawn",
        expected=expected,
        found=f"{fields} at partition {row.get('partition')}, offset {row.get('offset')}",
        remedy="Pass the topic that the flow writes them to.",
    )


def arrival_milliseconds(name: str, fields: dict[str, Any]) -> float:
    """Return when an event came, from its field of this name; UsageError where it says no time."""
    try:
        return milliseconds(datetime.fromisoformat(fields[name]))
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            f"An event's field {name!r} does not say when it came",
            expected="a moment as text, such as 2013-03-07T12:05:00Z",
            found=shown(fields.get(name, "no such field")),
            remedy='Name another field, arrived="...", or none for the order of arrival.',
        ) from None
