"""Chapter 06: the rows that the picture of the wall is drawn from."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from eventlab.course import ch06_charts as charts
from eventlab.course.ch06_inside import Seen, new_columns, renamed

Drawn = Mapping[str, Any]

# What a column of the changed table is outside, for the lines through the wall.
_MEANS = {
    "ship_to": ["country"],
    "net_cents": ["amount_cents"],
    "tax_cents": ["amount_cents"],
    "basket": ["product_id", "quantity"],
}
_SPARE = 0.75  # of its place, that a column of the journal takes
_NAME_BELOW = 14  # pixels, from the middle of a lamp
_WHY_BELOW = 30
_NOT_DRAWN = "state"  # everybody reads it


class Scene(NamedTuple):
    """What there is to be drawn.

    `seen` is the table; `contract` the names of the contract's fields, none where there is no wall;
    `lamps` say for each consumer why it has stopped, "" if it has not; `fields` are what it reads;
    `then` has for each of the `moments` that were rebuilt the orders, or why there are none;
    `chosen` is one of the moments, and `most` the most cents that there can be.
    """

    seen: Seen
    contract: Sequence[str]
    lamps: Mapping[str, str]
    fields: Mapping[str, Sequence[str]]
    moments: Sequence[datetime]
    then: Mapping[int, Mapping[str, Sequence[Any]] | str]
    chosen: int
    most: int


def rows_of(scene: Scene) -> list[Drawn]:
    """Return all rows of the chart."""
    parts = [_titles(scene), _inside(scene), _outside(scene), _links(scene), _lamps(scene)]
    return [row for part in [*parts, _columns(scene), _said(scene)] for row in part]


def money(orders: Mapping[str, Sequence[Any]]) -> dict[str, int]:
    """Return the cents of the orders in each state: customer, cents and state of each are given."""
    sums = dict.fromkeys(charts.STATES, 0)
    for _, cents, state in orders.values():
        sums[state] += cents
    return sums


# -- the wall -------------------------------------------------------------------------------------


def _titles(scene: Scene) -> Iterator[Drawn]:
    outside = "the contract" if scene.contract else "the same rows"
    for x, words, below in ((0, "inside", "the table"), (charts.NAMES, "outside", outside)):
        yield charts.drawn(words, "title", x=x, y=12, words=words)
        yield charts.drawn(f"{words} is", "name", x=x, y=27, words=below)
    yield charts.drawn("who", "who", x=charts.LAMP, y=12, words="consumers")
    version = scene.seen.version
    what = "news" if version else "name"
    yield charts.drawn("change", what, y=charts.FOOT + 8, words=_change(version))


def _change(version: int) -> str:
    if not version:
        return "not changed yet"
    change = renamed(version)
    return f"change {version}: {', '.join(change.gone)} → {', '.join(change.new)}"


def _inside(scene: Scene) -> Iterator[Drawn]:
    for number, (name, value) in enumerate(scene.seen.row.items()):
        yield _name(scene, name, number, 0, f"in {name}")
        y = charts.row_at(number)
        yield charts.drawn(f"value {name}", "value", x=charts.VALUES, y=y, words=str(value))


def _outside(scene: Scene) -> Iterator[Drawn]:
    for name, number in _places(scene).items():
        said = f"{name} (all read it)" if name == _NOT_DRAWN else name
        yield _name(scene, name, number, charts.NAMES, f"out {name}", said)


def _name(scene: Scene, name: str, number: int, x: float, key: str, said: str = "") -> Drawn:
    what = "news" if name in new_columns(scene.seen.version) else "name"
    return charts.drawn(key, what, x=x, y=charts.row_at(number), words=said or name)


def _places(scene: Scene) -> dict[str, int]:
    """Return the row of each name outside: what consumers can read."""
    names = scene.contract or scene.seen.row
    return {name: number for number, name in enumerate(names)}


def _links(scene: Scene) -> Iterator[Drawn]:
    places = _places(scene)
    for number, name in enumerate(scene.seen.row):
        meant = _MEANS.get(name, [name]) if scene.contract else [name]
        for other in meant:
            yield charts.drawn(
                f"link {name} {other}",
                "link" if name == other else "undone",
                x=charts.LEFT,
                x2=charts.NAMES - 1,
                y=charts.row_at(number),
                y2=charts.row_at(places[other]),
            )


def _lamps(scene: Scene) -> Iterator[Drawn]:
    for number, (name, why) in enumerate(scene.lamps.items()):
        y = charts.row_at(2 * number)
        hue = charts.OUT if why else charts.ON
        words = f"{name}: {why or 'reads on'}"
        yield charts.drawn(f"lamp {name}", "lamp", x=charts.LAMP, y=y, words=words, hue=hue)
        yield charts.drawn(f"who {name}", "who", x=charts.LAMP, y=y + _NAME_BELOW, words=name)
        if why:
            yield charts.drawn(f"why {name}", "why", x=100, y=y + _WHY_BELOW, words=why)
        else:
            yield from _reads(scene, name, y)


def _reads(scene: Scene, consumer: str, y: float) -> Iterator[Drawn]:
    places = _places(scene)
    for field in scene.fields[consumer]:
        if field in places and field != _NOT_DRAWN:
            yield charts.drawn(
                f"read {consumer} {field}",
                "read",
                x=charts.READ,
                x2=charts.LAMP - 5,
                y=charts.row_at(places[field]),
                y2=y,
            )


# -- the journal ----------------------------------------------------------------------------------


def _columns(scene: Scene) -> Iterator[Drawn]:
    wide = (charts.LAST_COLUMN - charts.FIRST_COLUMN) / len(scene.moments)
    days: set[str] = set()
    for number, moment in enumerate(scene.moments):
        left = charts.FIRST_COLUMN + number * wide
        yield from _column(scene, number, left, left + _SPARE * wide)
        day = f"{moment:%a}"
        if day not in days:
            days.add(day)
            yield charts.drawn(f"day {day}", "day", x=left, y=charts.BASE + 11, words=day)
    left = charts.FIRST_COLUMN + scene.chosen * wide
    yield charts.drawn(
        "chosen",
        "chosen",
        x=left - 0.12 * wide,
        x2=left + (_SPARE + 0.12) * wide,
        y=charts.BASE - charts.TALLEST - 4,
        y2=charts.BASE + 3,
    )


def _column(scene: Scene, number: int, left: float, right: float) -> Iterator[Drawn]:
    found = scene.then.get(number)
    if isinstance(found, str):
        middle = (left + right) / 2
        yield charts.drawn(f"no {number}", "missing", x=middle, y=charts.BASE - 8, words="✕")
        return
    bottom = float(charts.BASE)
    for state, cents in money(found or {}).items():
        top = bottom - charts.TALLEST * cents / scene.most
        yield charts.drawn(
            f"column {number} {state}",
            "column",
            x=left,
            x2=right,
            y=top,
            y2=bottom,
            hue=state,
            words=f"{state}: {_euros(cents)}",
        )
        bottom = top


def _said(scene: Scene) -> Iterator[Drawn]:
    """Yield the words above the columns: the business as of the chosen moment."""
    first = charts.FOOT + 34
    yield charts.drawn("journal", "title", y=first, words="from the journal")
    found = scene.then.get(scene.chosen)
    when = f"as of {scene.moments[scene.chosen]:%a %H:%M}"
    words = f"{when}: {_found_words(found)}"
    yield charts.drawn("said", "name", y=first + 17, words=words)
    states = Counter(row[-1] for row in found.values()) if isinstance(found, Mapping) else Counter()
    for x, state in zip(charts.COUNTS, charts.STATES, strict=True):
        y = first + 34
        yield charts.drawn(f"swatch {state}", "swatch", x=x, y=y, hue=state)
        count = f"{states[state]} {state}" if states else state
        yield charts.drawn(f"count {state}", "count", x=x, y=y, words=count)


def _found_words(found: Mapping[str, Sequence[Any]] | str | None) -> str:
    if found is None:
        return "not yet"
    if isinstance(found, str):
        return "cannot be built"
    return f"{len(found)} orders, {_euros(sum(money(found).values()))}"


def _euros(cents: int) -> str:
    return f"€ {cents / 100:,.0f}"
