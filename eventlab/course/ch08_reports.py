"""Chapter 08: the picture of reports that are made in three ways, and of the endpoints for them."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eventlab.course.ch08 import CUSTOMERS, MOST_ROWS, Team, named, sales
from eventlab.course.ch08_charts import LISTED, reports_chart
from eventlab.course.ch08_service import BY_ENDPOINT, FROM_VIEW, IN_BATCHES, ONE_BY_ONE, WHERE, Row
from eventlab.course.waiting import until
from eventlab.errors import CallError
from eventlab.lab.verbs import Verbs
from eventlab.live import LiveChart
from eventlab.live.widget import Feed
from eventlab.log import Batch
from eventlab.pictures.picture import Picture
from eventlab.services import HttpService

OURS = "ours"
LANES = [ONE_BY_ONE, IN_BATCHES, OURS]
AWAY = "Data service away"
BACK = "Data service back"
NO_REPORT = "no report"

_LOOKS_PER_SECOND = 15


@dataclass(frozen=True)
class Report:
    """One report that was made: in which lane, by which field, and what it cost."""

    lane: str
    field: str
    calls: int
    rows: int
    seconds: float
    is_right: bool


class Reports(Picture):
    """Draw what reports cost: by calls one by one, by calls in batches, and ours.

    Each question of the topic "questions" is answered in all three ways, and on a later day no
    longer by calls one by one. `source` says where ours
    comes from: "our view", or "the data service", whose `team` gives it an endpoint of its own when
    it has fetched many rows; `query(field)` is the query of that.
    """

    def __init__(
        self,
        lab: Verbs,
        reports: HttpService,
        team: Team,
        source: str,
        *,
        query: Callable[[str], str],
    ) -> None:
        self._fields = list(WHERE)
        self._live = LiveChart(
            reports_chart(LANES, self._fields, 1 + CUSTOMERS),
            alt="Each report as three bars, of the calls it took, and the list of endpoints below",
            key="id",
        )
        super().__init__(self._live)
        self._questions = lab.topic("questions")
        self._reports = reports
        self._team = team
        self._source = source
        self._query = query
        self._story = team.story
        self._first = team.seen()["endpoints"]
        self._listed = list(self._first)
        self._made: list[Report] = []
        self._missed: list[tuple[str, str]] = []  # the lane and the field of each that failed
        self._answered = 0
        self._asked = 2 * len(self._fields)
        self._under_way: tuple[str, str, int] | None = None
        self._drawn: dict[str, Any] = {}

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what a stage offers buttons for."""
        return {AWAY: lambda: self._team.service.kill(), BACK: lambda: self._team.service.start()}

    def scores(self) -> dict[str, Any]:
        """Return what the reports cost so far."""
        scores: dict[str, Any] = {f"{lane}: calls": self._calls(lane) for lane in LANES}
        return scores | {
            "ours: ms": self._median(OURS),
            "rows for ours": sum(one.rows for one in self._of(OURS)),
            "endpoints added": len(self.added),
        }

    def figures(self) -> Row:
        """Return what the claim of the join needs."""
        batches = self._median(IN_BATCHES)
        ours = self._median(OURS)
        return {
            "reports": len(self._of(OURS)),
            "rows_named": sum(named(self._story, one.field) for one in self._of(ONE_BY_ONE)),
            "lists": len(self._of(ONE_BY_ONE)),
            "one_by_one_calls": self._calls(ONE_BY_ONE),
            "batch_calls": self._calls(IN_BATCHES),
            "our_calls": self._calls(OURS),
            "factor": round(batches / ours, 1) if ours else 0.0,
            "wrong": sum(not one.is_right for one in self._made) + len(self._missed),
        }

    def endpoint_figures(self) -> Row:
        """Return what the claim of the endpoints needs."""
        return {
            "questions": len(self._fields),
            "answered": len({one.field for one in self._of(OURS) if one.is_right}),
            "added": len(self.added),
        }

    def away_figures(self) -> Row:
        """Return what the claim needs of a run in which the data service was away."""
        return {
            "reports": self._asked,
            "ours": sum(one.is_right for one in self._of(OURS)),
            "failed_by_calls": self._failed(ONE_BY_ONE) + self._failed(IN_BATCHES),
        }

    @property
    def added(self) -> list[str]:
        """Return the endpoints that the data service has now, and had not at first."""
        return [path for path in self._listed if path not in self._first]

    def first_calls(self) -> int:
        """Return how many calls the first report took one by one."""
        return next((one.calls for one in self._of(ONE_BY_ONE)), 0)

    def settle(self) -> None:
        """Return when every question has been answered."""
        until(lambda: self._answered >= self._asked)

    # -- how ------------------------------------------------------------------------------------

    def _of(self, lane: str) -> list[Report]:
        return [one for one in list(self._made) if one.lane == lane]

    def _failed(self, lane: str) -> int:
        return sum(missed == lane for missed, _ in list(self._missed))

    def _calls(self, lane: str) -> int:
        return sum(one.calls for one in self._of(lane))

    def _median(self, lane: str) -> float:
        return round(1000 * statistics.median([one.seconds for one in self._of(lane)] or [0.0]), 1)

    def _feeds(self) -> Iterator[Feed]:
        yield self._follow(self._questions, self._answer_all)
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _answer_all(self, batch: Batch) -> None:
        for question in batch.fields:
            lanes = LANES if question["day"] == 1 else LANES[1:]
            # In turns, so that none is always the first.
            first = self._answered % len(lanes)
            try:
                for lane in lanes[first:] + lanes[:first]:
                    self._answer(lane, question["field"])
            finally:
                self._answered += 1

    def _answer(self, lane: str, field: str) -> None:
        try:
            report = self._report(lane, field)
        except CallError:  # the learner has taken the service away
            self._missed.append((lane, field))
        else:
            self._made.append(report)
            if lane == OURS and report.rows > MOST_ROWS:
                self._team.add(_path(field), self._query(field))
                self._listed = self._team.seen()["endpoints"]
        finally:
            self._under_way = None

    def _report(self, lane: str, field: str) -> Report:
        before = self._cost()
        self._under_way = (lane, field, before["calls"])
        began = time.perf_counter()
        found = self._reports.ask("/", json={"way": self._way(lane, field), "field": field})
        seconds = time.perf_counter() - began
        after = self._cost()
        calls = max(0, after["calls"] - before["calls"])
        rows = max(0, after["rows"] - before["rows"])
        return Report(lane, field, calls, rows, seconds, found == sales(self._story, field))

    def _cost(self) -> Row:
        try:
            return self._team.seen()
        except CallError:  # it is away, and nothing reaches it
            return {"calls": 0, "rows": 0}

    def _way(self, lane: str, field: str) -> str:
        if lane != OURS:
            return lane
        if self._source == "our view":
            return FROM_VIEW
        return BY_ENDPOINT if self._team.has(_path(field)) else IN_BATCHES

    # -- what is drawn --------------------------------------------------------------------------

    def _draw(self) -> None:
        for number, field in enumerate(self._fields):
            top = number * (len(LANES) + 1)
            self._push(f"title {field}", "title", top, 0, f"sales by {field}", "")
            for place, lane in enumerate(LANES, start=1):
                self._draw_lane(lane, field, top + place)
        under = len(self._fields) * (len(LANES) + 1) + 0.5
        self._push("list", "title", under, 0, "endpoints of the data service", "")
        for number, path in enumerate(self._listed):
            is_new = path not in self._first
            row = under + 1 + number % LISTED
            words = f"+ {path}" if is_new else path
            kind = "added" if is_new else "endpoint"
            self._push(path, kind, row, number // LISTED, words, "")

    def _draw_lane(self, lane: str, field: str, row: float) -> None:
        self._push(f"name {lane} {field}", "name", row, 0, lane, lane)
        made = [one for one in self._of(lane) if one.field == field]
        calls = max((one.calls for one in made), default=0)
        words = _words(made)
        under_way = self._under_way
        if under_way is not None and under_way[:2] == (lane, field) and not made:
            calls = max(0, self._cost()["calls"] - under_way[2])
            words = f"{calls} calls ..."
        hue = "view" if lane == OURS and self._source == "our view" else "calls"
        if words:
            self._push(f"bar {lane} {field}", "bar", row, calls, words, hue)
        elif (lane, field) in self._missed:
            self._push(f"bar {lane} {field}", "missing", row, 0, NO_REPORT, hue)

    def _push(self, name: str, kind: str, row: float, length: float, words: str, hue: str) -> None:
        if self._drawn.get(name) == (length, words):
            return
        self._drawn[name] = (length, words)
        self._live.push(
            id=[name],
            kind=[kind],
            row=[float(row)],
            length=[float(length)],
            words=[words],
            hue=[hue],
        )


def _path(field: str) -> str:
    return f"/sales-by-{field}"


def _words(made: Sequence[Report]) -> str:
    if not made:
        return ""
    calls = list(dict.fromkeys(one.calls for one in made))
    first = f"{calls[0]} {'call' if calls[0] == 1 else 'calls'}"
    then = "".join(f", then {one}" for one in calls[1:])
    milliseconds = 1000 * statistics.median([one.seconds for one in made])
    return f"{first}{then}: {milliseconds:.0f} ms"
