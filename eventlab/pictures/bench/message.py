"""What a page needs for its picture, in the fewest words: columns, and places in place of ids."""

from typing import Any

from eventlab.live.theme import COLOURS
from eventlab.pictures.bench.axis import Axis, sliders_for
from eventlab.pictures.bench.lanes import lanes_of
from eventlab.pictures.bench.result import LATE, ON_TIME, PARTLY, STATUSES, TOO_LATE, Result
from eventlab.pictures.bench.scenario import JOINS, MILLISECOND, WINDOWS, Scenario

LENGTHS = ("length", "hop", "gap", "grace", "bound")

# What one thing looks like, on the page and in the still.
_MEANING = {ON_TIME: "on_time", LATE: "late", PARTLY: "lost", TOO_LATE: "lost"}
STATUS_COLOURS = {status: COLOURS[_MEANING[status]] for status in STATUSES}


def frame_message(origin: Scenario, axis: Axis) -> dict[str, Any]:
    """Return what stays the same while dots are dragged: axis, sliders, choices, colours."""
    has_two_sides = len({event.side for event in origin.events}) == 2
    return {
        "axis": axis._asdict(),
        "sliders": sliders_for(origin),
        "windows": WINDOWS,
        "joins": JOINS if has_two_sides or origin.is_join else (),
        "keys": sorted({event.key for event in origin.events}),
        "has_values": any(event.value is not None for event in origin.events),
        "statuses": STATUSES,
        "colours": STATUS_COLOURS
        | {
            "watermark": COLOURS["watermark"],
            "window": COLOURS["table"],
            "join": COLOURS["join"],
        },
    }


def picture_message(result: Result, axis: Axis) -> dict[str, Any]:
    """Return a result as lists: events in the order of arrival, windows and pairs by place."""
    scenario = result.scenario
    place = {event.id: number for number, event in enumerate(scenario.events)}
    lanes = lanes_of(result.filled, (axis.last - axis.first) // 100)
    return {
        "settings": {
            "kind": scenario.kind,
            "measure": scenario.measure,
            **{name: getattr(scenario, name) // MILLISECOND for name in LENGTHS},
        },
        "id": [event.id for event in scenario.events],
        "key": [event.key for event in scenario.events],
        "side": [event.side for event in scenario.events],
        "time": [event.milliseconds for event in scenario.events],
        "status": [STATUSES.index(one.status) for one in result.outcomes],
        "watermark": [one.watermark for one in result.outcomes],
        "words": [one.words for one in result.outcomes],
        "filled": [
            {
                "key": one.key,
                "start": one.start,
                "end": one.end,
                "closes": one.closes,
                "closedBy": one.closed_by,
                "value": one.value,
                "events": [place[event_id] for event_id in one.events],
                "lane": lane,
            }
            for one, lane in zip(result.filled, lanes, strict=True)
        ],
        "missed": [
            {"place": place[one.id], "end": one.end, "closed": one.closed} for one in result.missed
        ],
        "pairs": [
            [None if one is None else place[one] for one in (pair.left, pair.right)]
            for pair in result.joined
        ],
    }
