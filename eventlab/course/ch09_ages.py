"""Chapter 09: the picture of copies that age, and what is counted of them."""

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from eventlab.course.ch09 import AHEAD, SOURCE, TARGET, Change, Row, Step, outage_of, outages
from eventlab.course.ch09_charts import MOST_HOURS, ages_chart
from eventlab.course.ch09_stores import Store, Versions, until
from eventlab.course.ch09_system import CALL, FILE, LOG
from eventlab.live import LiveChart
from eventlab.live.widget import Feed
from eventlab.pictures.picture import Picture
from eventlab.services import Answer, HttpService

History = Mapping[str, Sequence[Change]]  # what became of each row, in order of time

DOWN = "Shop down"
UP = "Shop up"
FRESH = timedelta(minutes=1)

_ARRIVE_SECONDS = 20.0
_LOOKS_PER_SECOND = 8
_SYSTEMS = 2  # that answer to each step
_HOUR_SECONDS = 3600.0


@dataclass(frozen=True)
class Look:
    """How old one copy was at a moment of the story: `wrong` rows, and since when the oldest is."""

    at: datetime
    wrong: int
    age: timedelta
    is_up: bool  # whether the system that has the copy was there


def age_of(history: History, copy: Versions, now: datetime) -> tuple[int, timedelta]:
    """Return how many rows a copy has not as they are, and since when the oldest of them is so."""
    changed = [_first_missed(changes, copy.get(row)) for row, changes in history.items()]
    missed = [change.at for change in changed if change is not None]
    return len(missed), now - min(missed, default=now)


def _first_missed(changes: Sequence[Change], version: str | None) -> Change | None:
    """Return the change that came after the version that a copy has, None after the newest."""
    known = [change.event_id for change in changes]
    place = known.index(version) + 1 if version in known else 0
    return changes[place] if place < len(changes) else None


class Ages(Picture):
    """Draw how old three copies of the same rows are.

    The first comes by calls, the second by files, and `third` says how the third one does. Each
    hour of the story is a bar: since when the copy lacks what it lacks then. What is right says the
    story itself. All three are copies of one system, the `target`; it is down in the `outages`.
    """

    def __init__(
        self, folder: Path, steps: Sequence[Step], target: HttpService, *, third: str
    ) -> None:
        self.lanes = {"first copy": CALL, "second copy": FILE, "third copy": third}
        self._steps = steps
        self._start = steps[0].at
        self.outages = outages(steps)
        self._live = LiveChart(
            ages_chart(self.lanes, *map(self._since, [*outage_of(steps), steps[-1].at])),
            alt="How old three copies of the stock are, hour by hour: by calls, files and the log",
            key="id",
        )
        super().__init__(self._live)
        self._target = target
        self._own = Store(folder, SOURCE)
        self._store = Store(folder, TARGET)
        self._answers = 0
        self._history: dict[str, list[Change]] = {}
        self._looks: dict[str, list[Look]] = {lane: [] for lane in self.lanes}
        self._drawn: dict[str, Row] = {}
        self._drawing = threading.Lock()  # it is drawn by a ticker, and when all has settled
        self.is_over = False

    # -- what happens -----------------------------------------------------------------------------

    def story(self) -> Iterator[Step]:
        """Yield what happens, each step when the one before has come to where it can come."""
        for number, step in enumerate(self._steps):
            yield step
            if isinstance(step, Change):
                self._history.setdefault(step.row, []).append(step)
            if number + 1 >= AHEAD:
                self._until_answered(number + 1)
                until(self._has_arrived, _ARRIVE_SECONDS)
                self._look(step)
        self.is_over = True

    def answered(self, _answer: Answer) -> None:
        """Count one more answer of a system, or that there was none."""
        self._answers += 1

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what a stage offers buttons for."""
        return {DOWN: self._target.kill, UP: self._target.start}

    # -- what came of it --------------------------------------------------------------------------

    def minutes(self, moment: datetime) -> dict[str, float]:
        """Return how many minutes old each copy was at a moment of the story."""
        return {
            lane: round(self._look_at(lane, moment).age.total_seconds() / 60, 1)
            for lane in self.lanes
        }

    def right_when_back(self) -> list[str]:
        """Return which copies were right at the first look after the system was back."""
        _, back = outage_of(self._steps)
        return [lane for lane in self.lanes if not self._look_at(lane, back).wrong]

    def figures(self) -> Row:
        """Return what the chapter's claim needs: in how many hours each was old, and wrong rows."""
        first, second, third = self.lanes
        return {
            "hours": sum(look.is_up for look in self._hours(third)),
            "calls_old": self._old_hours(first),
            "file_old": self._old_hours(second),
            "third_old": self._old_hours(third),
            "calls_wrong": self._last(first).wrong,
            "file_wrong": self._last(second).wrong,
            "third_wrong": self._last(third).wrong,
        }

    def scores(self) -> dict[str, Any]:
        """Return for how many hours each copy was old, and how quick the two quick ways are."""
        scores: dict[str, Any] = {
            f"{lane}: hours old": self._old_hours(lane) for lane in self.lanes
        }
        for way in (CALL, LOG):
            scores[f"{way}: ms"] = round(self._store.milliseconds(way), 1) or "–"
        return scores

    def settle(self) -> None:
        """Return when the story is over."""
        until(lambda: self.is_over)
        self._draw()

    # -- how --------------------------------------------------------------------------------------

    def _until_answered(self, steps: int) -> None:
        until(lambda: self._answers >= _SYSTEMS * steps)

    def _has_arrived(self) -> bool:
        """Tell whether what is in the log has come to a system that is there to read it."""
        if LOG not in self.lanes.values() or not self._target.is_alive:
            return True
        return self._store.copy(LOG, SOURCE) == self._newest()

    def _newest(self) -> Versions:
        return {row: changes[-1].event_id for row, changes in self._history.items()}

    def _look(self, step: Step) -> None:
        for lane, way in self.lanes.items():
            wrong, age = age_of(self._history, self._store.copy(way, SOURCE), step.at)
            look = Look(step.at, wrong, age, self._target.is_alive)
            self._looks[lane].append(look)

    def _look_at(self, lane: str, moment: datetime) -> Look:
        looks = self._looks[lane]
        place = bisect_right(looks, moment, key=lambda look: look.at)
        return looks[max(place - 1, 0)]

    def _last(self, lane: str) -> Look:
        looks = self._looks[lane]
        return looks[-1] if looks else Look(self._steps[0].at, 0, timedelta(), is_up=True)

    def _hours(self, lane: str) -> list[Look]:
        """Return the last look of each hour."""
        looks = self._looks[lane].copy()
        return list({_hour(look.at): look for look in looks}.values())

    def _old_hours(self, lane: str) -> int:
        """Return in how many hours a copy was old, of those when its system was there."""
        return sum(look.is_up and look.age > FRESH for look in self._hours(lane))

    # -- the picture ------------------------------------------------------------------------------

    def _feeds(self) -> Iterator[Feed]:
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _draw(self) -> None:
        with self._drawing:
            rows = [row for lane in self.lanes for row in self._rows(lane)]
            new = [row for row in rows if self._drawn.get(row["id"]) != row]
            self._drawn |= {row["id"]: row for row in new}
            if new:
                self._live.push(**{name: [row[name] for row in new] for name in new[0]})

    def _since(self, moment: datetime) -> float:
        return (moment - self._start).total_seconds() / _HOUR_SECONDS

    def _rows(self, lane: str) -> Iterator[Row]:
        for look in self._hours(lane):
            at = self._since(_hour(look.at))
            hours = min(look.age.total_seconds() / _HOUR_SECONDS, MOST_HOURS)
            yield _row(lane, "bar", f"{lane} {look.at:%a %H}", at, hours)
        last = self._last(lane)
        hours = last.age.total_seconds() / _HOUR_SECONDS
        words = f"{hours:.0f} h old, {last.wrong} rows wrong"
        yield _row(lane, "words", lane, 0, 0, words)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _row(lane: str, what: str, name: str, at: float, hours: float, words: str = "") -> Row:
    key = f"{what} {name}"
    return {"id": key, "what": what, "lane": lane, "at": at, "hours": hours, "words": words}
