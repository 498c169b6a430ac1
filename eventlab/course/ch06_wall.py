"""Chapter 06: the picture of a wall between the inside and the outside, and of the journal."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import ipywidgets

from eventlab.course.ch06 import expected, moments_of
from eventlab.course.ch06_charts import wall_chart
from eventlab.course.ch06_inside import Row, Seen, seen
from eventlab.course.ch06_scene import Drawn, Scene, money, rows_of
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


class Wall(Picture):
    """Draw a table, what goes out of it, and whether those who read that go on.

    `views` are those of the consumers, `fields` what each keeps; the first one's are customer,
    amount and state, and below the wall it is built anew as of one moment after the other. `story`
    is what happens to the orders, `file` has the table. Without a `contract` there is no wall.
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
        steps = [(f"{one:%a %H:%M}", float(place)) for place, one in enumerate(self._moments)]
        self.slider = StepSlider("as of", steps, float(len(steps) // 2))
        self._live = _Chart(
            wall_chart(has_wall=contract is not None),
            alt="A table whose columns change, what goes out of it, and a lamp for each consumer;"
            " below, the money in orders as of each moment",
            key="id",
            controls=[self.slider],
        )
        super().__init__(self._live)
        self.views = dict(views)
        self._fields = {name: list(some) for name, some in fields.items()}
        self._story = story
        self._file = file
        self._contract = [] if contract is None else _names(contract)
        self._keeper = next(iter(views))
        self._journal = views[self._keeper].topics[0]
        self._published = 0  # events in the journal
        self._seen = Seen(0, {})
        self._then: dict[int, dict[str, Any] | str] = {}  # by moment: the orders, or why not
        self._drawn: list[Drawn] = []
        at_the_end = expected(story, self._fields[self._keeper])
        self._most = max(1, sum(money(at_the_end).values()))

    # -- what came of it --------------------------------------------------------------------------

    def lamps(self) -> dict[str, str]:
        """Return for each consumer "", or why it has stopped."""
        return {name: _why(view) for name, view in self.views.items()}

    def figures(self) -> Row:
        """Return what the claim of the lamps needs: who is right, by the shop's own list."""
        right = [
            name
            for name, view in self.views.items()
            if view.read(dict) == expected(self._story, self._fields[name])
        ]
        return {
            "changes": self._seen.version,
            "consumers": len(self.views),
            "right": len(right),
            "not_read": sum(self._not_read().values()),
        }

    def journal_figures(self) -> Row:
        """Return what the claim of the journal needs: as of how many moments it is equal."""
        equal = [place for place in range(len(self._moments)) if self._is_equal(place)]
        return {"moments": len(self._moments), "equal": len(equal)}

    def scores(self) -> dict[str, Any]:
        """Return what is counted on the stage."""
        return {
            "changes of the table": self._seen.version,
            "lamps out": sum(bool(why) for why in self.lamps().values()),
            "events not read": sum(self._not_read().values()),
            "moments built": sum(isinstance(one, dict) for one in self._then.values()),
        }

    def settle(self) -> None:
        """Return when all is out, and read by whoever still reads, and built as of each moment."""
        until(lambda: self._published >= len(self._story))
        until(lambda: not self._still_reading() and len(self._then) == len(self._moments))
        self._draw()

    # -- how --------------------------------------------------------------------------------------

    def _not_read(self) -> dict[str, int]:
        return {name: max(0, self._published - _offset(view)) for name, view in self.views.items()}

    def _still_reading(self) -> list[str]:
        missing = self._not_read()
        return [name for name, view in self.views.items() if missing[name] and view.error is None]

    def _feeds(self) -> Iterator[Feed]:
        yield self._again(self._look, _LOOKS_PER_SECOND)

    def _look(self) -> None:
        self._published = self._journal.end_offsets()[0]
        with suppress(sqlite3.Error):  # it is made, or changed, at this moment
            self._seen = seen(self._file)
        self._draw()
        self._build_what_is_over()

    def _draw(self) -> None:
        rows = rows_of(
            Scene(
                self._seen,
                self._contract,
                self.lamps(),
                self._fields,
                self._moments,
                self._then.copy(),
                self.slider.index,
                self._most,
            )
        )
        if rows != self._drawn:
            self._drawn = rows
            self._live.replace(**{name: [row[name] for row in rows] for name in rows[0]})

    def _build_what_is_over(self) -> None:
        over = self._story[: self._published]
        for place, moment in enumerate(self._moments):
            if place not in self._then and over and over[-1].at >= moment:
                self._then[place] = self._as_of(moment)
                self._draw()

    def _as_of(self, moment: datetime) -> dict[str, Any] | str:
        try:
            with self.views[self._keeper].as_of(moment) as then:
                orders: dict[str, Any] = then.read(dict)
                return orders
        except EventlabError as error:
            return str(error)

    def _is_equal(self, place: int) -> bool:
        before = [event for event in self._story if event.at < self._moments[place]]
        return self._then.get(place) == expected(before, self._fields[self._keeper])


class _Chart(LiveChart):
    """A live chart whose controls stand below it."""

    def with_controls(self) -> ipywidgets.Widget:
        """Return the chart with the controls below it."""
        return acts_while_busy(ipywidgets.VBox([self, *self._controls]))


def _names(contract: Contract) -> list[str]:
    return [field["name"] for field in contract.schema["fields"]]


def _offset(view: View) -> int:
    places = view.progress.position.values()
    return sum(offset for offsets in places for offset in offsets.values())


def _why(view: View) -> str:
    error = view.error
    if error is None:
        return ""
    cause = error.__cause__
    return f"no {cause.args[0]}" if isinstance(cause, KeyError) else str(error)
