"""Chapter 06: the picture of a wall between the inside and the outside, and of the journal."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import ipywidgets

from eventlab.course import ch06_charts as charts
from eventlab.course.ch06 import expected, moments_of
from eventlab.course.ch06_inside import Row, Seen, renamed, seen
from eventlab.course.waiting import until
from eventlab.errors import EventlabError
from eventlab.events import Event
from eventlab.live import LiveChart
from eventlab.live.busy import acts_while_busy
from eventlab.live.steps import StepSlider
from eventlab.live.widget import Feed
from eventlab.log.schemas import Contract
from eventlab.pictures.picture import Picture
from eventlab.views import View

_LOOKS_PER_SECOND = 6
_SPARE = 0.6  # of a place in the row of columns, that a column takes


class Wall(Picture):
    """Draw a table, what goes out of it, and whether those who read that go on.

    `views` are those of the consumers, `fields` what each keeps; the first one's are customer and
    amount, and below the wall it is built anew, as of one moment after the other. `story` is what
    happens to the orders, `file` has the table. Without a `contract` there is no wall.
    """

    def __init__(
        self,
        views: Mapping[str, View],
        fields: Mapping[str, Sequence[str]],
        story: Sequence[Event],
        file: Path,
        contract: Contract | None,
    ) -> None:
        self._moments = moments_of(story)
        options = [(f"{one:%a %H:%M}", number) for number, one in enumerate(self._moments)]
        self.slider = StepSlider("as of", options, len(options) // 2)
        self._live = _Chart(
            charts.wall_chart(has_wall=contract is not None),
            alt="A table whose columns change, what goes out of it, and a lamp for each consumer;"
            " below, the money in orders as of each moment",
            key="id",
            controls=[self.slider],
        )
        super().__init__(self._live)
        self._views = dict(views)
        self._fields = {name: list(some) for name, some in fields.items()}
        self._story = story
        self._file = file
        self._contract = contract
        self._contracted = [] if contract is None else names_of(contract)
        self._journal = next(iter(views.values())).topics[0]
        self._told = 0  # events in the journal
        self._seen = Seen(0, {})
        self._then: dict[int, Row | str] = {}  # by moment: the rows, or why there are none
        self._drawn: list[Any] = []
        everything = _money(expected(story, self._fields[self._keeper]))
        self._most = max(1, sum(everything.values()))

    # -- what came of it --------------------------------------------------------------------------

    def lamps(self) -> dict[str, str]:
        """Return for each consumer "", or why it has stopped."""
        return {name: _why(view) for name, view in self._views.items()}

    def figures(self) -> Row:
        """Return what the claim of the lamps needs."""
        right = [
            name
            for name, view in self._views.items()
            if view.read(dict) == expected(self._story, self._fields[name])
        ]
        return {
            "changes": self._seen.version,
            "consumers": len(self._views),
            "right": len(right),
            "not_read": sum(self._not_read().values()),
        }

    def journal_figures(self) -> Row:
        """Return what the claim of the journal needs: moments as of which it is equal."""
        equal = [number for number in range(len(self._moments)) if self._is_equal(number)]
        return {"moments": len(self._moments), "equal": len(equal)}

    def scores(self) -> dict[str, Any]:
        """Return what is counted on the stage."""
        out = [name for name, why in self.lamps().items() if why]
        return {
            "changes of the table": self._seen.version,
            "lamps out": len(out),
            "events not read": sum(self._not_read().values()),
            "moments rebuilt": sum(isinstance(one, dict) for one in self._then.values()),
        }

    def settle(self) -> None:
        """Return when everything is told, read by who still reads, and rebuilt as of each moment."""
        until(self._is_told)
        until(lambda: not self._still_reading() and len(self._then) == len(self._moments))

    # -- how --------------------------------------------------------------------------------------

    @property
    def _keeper(self) -> str:
        return next(iter(self._views))

    def _is_told(self) -> bool:
        return self._told >= len(self._story)

    def _still_reading(self) -> list[str]:
        return [
            name
            for name, missing in self._not_read().items()
            if missing and self._views[name].error is None
        ]

    def _not_read(self) -> dict[str, int]:
        return {
            name: max(0, self._told - sum(view.position.values()))
            for name, view in self._views.items()
        }

    def _feeds(self) -> Iterator[Feed]:
        yield self._again(self._look, _LOOKS_PER_SECOND)

    def _look(self) -> None:
        self._told = self._journal.end_offsets()[0]
        with suppress(sqlite3.Error):  # it is made at this moment
            self._seen = seen(self._file)
        self._draw()
        self._rebuild_what_is_over()

    # -- the journal ------------------------------------------------------------------------------

    def _rebuild_what_is_over(self) -> None:
        over = self._story[: self._told]
        for number, moment in enumerate(self._moments):
            if number not in self._then and (
                self._is_told() or over[-1].at >= moment if over else False
            ):
                self._then[number] = self._as_of(moment)
                self._draw()

    def _as_of(self, moment: datetime) -> Row | str:
        try:
            with self._views[self._keeper].as_of(moment) as then:
                rows: Row = then.read(dict)
                return rows
        except EventlabError as error:
            return str(error)

    def _is_equal(self, number: int) -> bool:
        moment = self._moments[number]
        before = [event for event in self._story if event.at < moment]
        return self._then.get(number) == expected(before, self._fields[self._keeper])

    # -- drawing ----------------------------------------------------------------------------------

    def _draw(self) -> None:
        rows = [*self._titles(), *self._inside(), *self._outside(), *self._lamps(), *self._bars()]
        if rows != self._drawn:
            self._drawn = rows
            self._live.replace(**{name: [row[name] for row in rows] for name in rows[0]})

    def _titles(self) -> Iterator[Any]:
        outside = "the contract" if self._contract is not None else "the same rows"
        plain = charts.PLAIN
        yield charts.drawn("t1", "title", x=0, y=14, words="inside", hue=plain)
        yield charts.drawn("t2", "title", x=charts.NAMES, y=14, words="outside", hue=plain)
        yield charts.drawn("t3", "end", x=100, y=10, words="consumers", hue=plain)
        yield charts.drawn("t4", "name", x=0, y=28, words="the table", hue=plain)
        yield charts.drawn("t5", "name", x=charts.NAMES, y=28, words=outside, hue=plain)
        version = self._seen.version
        words = "the table as it was made"
        if version:
            change = renamed(version)
            words = f"change {version}: {_and(change.gone)} → {_and(change.new)}"
        hue = charts.CHANGED if version else plain
        yield charts.drawn("t6", "news", x=0, y=charts.FOOT + 10, words=words, hue=hue)

    @property
    def _news(self) -> list[str]:
        version = self._seen.version
        return renamed(version).new if version else []

    def _inside(self) -> Iterator[Any]:
        for number, (name, value) in enumerate(self._seen.row.items()):
            y = charts.row_at(number)
            is_new = name in self._news
            what = "news" if is_new else "name"
            hue = charts.CHANGED if is_new else charts.PLAIN
            yield charts.drawn(f"in {number}", what, x=0, y=y, words=name, hue=hue)
            yield charts.drawn(f"v {number}", "value", x=charts.VALUES, y=y, words=str(value))

    def _outside(self) -> Iterator[Any]:
        places = self._places()
        for name, number in places.items():
            is_new = self._contract is None and name in self._news
            what = "news" if is_new else "name"
            hue = charts.CHANGED if is_new else charts.PLAIN
            y = charts.row_at(number)
            yield charts.drawn(f"out {name}", what, x=charts.NAMES, y=y, words=name, hue=hue)
        for number, name in enumerate(self._seen.row):
            for other in self._means(name):
                if other in places:
                    yield charts.drawn(
                        f"link {name} {other}",
                        "link",
                        x=charts.LEFT,
                        x2=charts.NAMES - 1,
                        y=charts.row_at(number),
                        y2=charts.row_at(places[other]),
                    )

    def _places(self) -> dict[str, int]:
        """Return the row of each name outside: what consumers can read."""
        names = list(self._seen.row) if self._contract is None else self._contracted
        return {name: number for number, name in enumerate(names)}

    def _means(self, name: str) -> Sequence[str]:
        """Return what a column of the table is outside."""
        return [name] if self._contract is None else MEANS.get(name, [name])

    def _lamps(self) -> Iterator[Any]:
        places = self._places()
        for number, (name, why) in enumerate(self.lamps().items()):
            y = charts.row_at(2 * number + 0.1)
            hue = charts.OUT if why else charts.ON
            words = f"{name}: {why or 'reads on'}"
            yield charts.drawn(f"lamp {name}", "lamp", x=charts.LAMP, y=y, words=words, hue=hue)
            yield charts.drawn(f"who {name}", "who", x=charts.LAMP, y=y + 16, words=name)
            if why:
                yield charts.drawn(f"why {name}", "end", x=100, y=y + 28, words=why, hue=charts.OUT)
            for field in self._fields[name]:
                if field in places and not why and field != "state":
                    yield charts.drawn(
                        f"read {name} {field}",
                        "read",
                        x=charts.READ,
                        x2=charts.LAMP - 4,
                        y=charts.row_at(places[field]),
                        y2=y,
                    )

    def _bars(self) -> Iterator[Any]:
        wide = (charts.LAST_COLUMN - charts.FIRST_COLUMN) / len(self._moments)
        for number, found in self._then.items():
            left = charts.FIRST_COLUMN + number * wide
            if isinstance(found, str):
                yield charts.drawn(
                    f"m {number}", "missing", x=left + wide / 2, y=charts.BASE - 8, words="×"
                )
                continue
            bottom = float(charts.BASE)
            for state, cents in _money(found).items():
                top = bottom - charts.TALLEST * cents / self._most
                yield charts.drawn(
                    f"c {number} {state}",
                    "column",
                    x=left,
                    x2=left + _SPARE * wide + 0.3,
                    y=top,
                    y2=bottom,
                    hue=state,
                    words=f"{state}: {cents / 100:,.2f}",
                )
                bottom = top
        chosen = self.slider.index
        left = charts.FIRST_COLUMN + chosen * wide
        yield charts.drawn(
            "chosen",
            "chosen",
            x=left - 0.5,
            x2=left + _SPARE * wide + 0.8,
            y=charts.BASE - charts.TALLEST - 4,
            y2=charts.BASE + 3,
        )
        yield charts.drawn(
            "said", "name", x=0, y=charts.FOOT + 34, words=self._said(chosen), hue=charts.PLAIN
        )

    def _said(self, chosen: int) -> str:
        when = f"{self._moments[chosen]:%a %H:%M}"
        found = self._then.get(chosen)
        if found is None:
            return f"from the journal, as of {when}: not yet"
        if isinstance(found, str):
            return f"from the journal, as of {when}: cannot be read"
        states = Counter(row[-1] for row in found.values())
        return f"as of {when}: " + ", ".join(f"{states[state]} {state}" for state in charts.STATES)


MEANS = {
    "ship_to": ["country"],
    "net_cents": ["amount_cents"],
    "tax_cents": ["amount_cents"],
    "basket": ["product_id", "quantity"],
}


class _Chart(LiveChart):
    """A live chart whose controls stand below it."""

    def with_controls(self) -> ipywidgets.Widget:
        """Return the chart with the controls below."""
        return acts_while_busy(ipywidgets.VBox([self, *self._controls]))


def names_of(contract: Contract) -> list[str]:
    """Return the names of the fields that a contract has."""
    return [field["name"] for field in contract.schema["fields"]]


def _money(rows: Mapping[str, Sequence[Any]]) -> dict[str, int]:
    """Return the cents of the orders in each state; of a row they are the second, and last it."""
    sums = dict.fromkeys(charts.STATES, 0)
    for _, cents, state in rows.values():
        sums[state] += cents
    return sums


def _why(view: View) -> str:
    if view.error is None:
        return ""
    cause = view.error.__cause__
    return f"no {cause.args[0]}" if isinstance(cause, KeyError) else str(view.error)


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)
