"""A view: rows that a fold makes of topics, with the position that they stand at."""

import threading
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from eventlab.arguments import required_name, required_number, required_whole_number
from eventlab.checked import checked
from eventlab.errors import UsageError, ViewError, shown
from eventlab.folders import data_folder, named_folder
from eventlab.log import Cluster, Topic
from eventlab.log.messages import MOST_AT_ONCE
from eventlab.moments import from_milliseconds, milliseconds
from eventlab.processes.background import Background
from eventlab.views.building import Bound, Building, Unreadable
from eventlab.views.ends import EndWatch
from eventlab.views.folding import Fold, Folding
from eventlab.views.memory import Memory
from eventlab.views.positions import (
    Places,
    Position,
    PublicPosition,
    distance,
    later,
    placed,
    public,
    reached,
)
from eventlab.views.progress import Progress
from eventlab.views.rebuilding import Rebuilding
from eventlab.views.rows import Rows
from eventlab.views.snapshots import Snapshot
from eventlab.views.stores import NO_TIME, Generation, Reader, Store

_END_SECONDS = 10.0
_NOTHING_UNREADABLE = Unreadable(0, "")

Folds = Mapping[Topic, Fold]


class View(Rows):
    """Keep what a fold makes of a topic, up to date, in a thread of its own.

    `fold(rows, event)`, or `fold(rows, event, place)`, changes the rows of the store (the dict, or
    a cursor of SQLite) for one event; the event is a dict, or None for a record without a value.
    With a dict of folds by topic the view is of several. A batch of up to `batch` records is one
    transaction, and the position is in it: what was applied is applied once, whenever the process
    dies. With `keep` a view that is started again in another process goes on where it was. `start`
    begins; all methods may be called from any thread.
    """

    @checked
    def __init__(
        self,
        name: str,
        fold: Fold | Folds,
        *,
        of: Topic | None = None,
        store: Store = Memory(),  # noqa: B008  it cannot be changed
        keep: bool = False,
        batch: int = 1000,
    ) -> None:
        self.name = required_name("name", name, example='"sold"')
        self.store = store
        self.keep = keep
        self._folds = _foldings(fold, of)
        self._batch = required_whole_number("batch", batch, at_least=1, at_most=MOST_AT_ONCE)
        self._open = store.open(self.folder)
        self._lock = threading.RLock()
        self._generation: Generation | None = None
        self._building: Building | None = None
        self._background: Background | None = None
        self._rebuilding: Rebuilding | None = None
        self._is_replacing = False
        self._ends = EndWatch(self.topics[0].cluster)
        self.progress = Progress({topic.name: {} for topic in self.topics})

    def __reduce__(self) -> tuple[Any, ...]:
        # What runs stays where it runs: another process gets one that has not begun.
        return _remade, (self.name, self._plain_folds, self.store, self.keep, self._batch)

    # -- what one sees --------------------------------------------------------------------------

    @property
    def topics(self) -> list[Topic]:
        """Return the topics that it is built from."""
        return list(self._folds)

    @property
    def folder(self) -> Path:
        """Return where a store that keeps its rows on disk has them."""
        return named_folder(data_folder() / "views", self.name)

    @property
    def position(self) -> PublicPosition:
        """Return for each partition the offset of the record that it takes next.

        That of a view of one topic is a dict by partition, else one of such dicts by topic.
        """
        return public(self.progress.position)

    @property
    def newest(self) -> datetime | None:
        """Return the newest time of an event that is in the rows, None before the first."""
        newest = NO_TIME if self._generation is None else self._generation.mark.newest
        return None if newest == NO_TIME else from_milliseconds(newest)

    @property
    def behind(self) -> int:
        """Return how many records of the topics, as they end now, are not in the rows yet.

        It asks Kafka. Raises TopicError and BrokerError.
        """
        return distance(self.progress.position, self._end())

    @property
    def age_seconds(self) -> float:
        """Return for how long it has not had everything, as far as it knows; 0 while it has.

        It asks nobody: a view that runs looks once a second where its topics end.
        """
        return self._ends.age_seconds(time.monotonic())

    @property
    def is_alive(self) -> bool:
        """Tell whether it goes on."""
        return self._background is not None and self._background.is_alive

    @property
    def error(self) -> BaseException | None:
        """Return what it stopped at, None if nothing did."""
        return self.progress.error

    @property
    def trouble(self) -> str:
        """Return why nothing can be read just now, "" if nothing is wrong."""
        return "" if self._building is None else self._building.trouble

    @property
    def unreadable(self) -> Unreadable:
        """Return how many records were passed over, since they cannot be decoded; the last why."""
        return _NOTHING_UNREADABLE if self._building is None else self._building.unreadable

    # -- what one can do ------------------------------------------------------------------------

    @checked
    def start(self, fold: Fold | None = None) -> "View":
        """Begin, or go on after a stop or an error; `fold` is a mended one. Returns at once.

        What is in the rows stays, and the event that it stopped at is the next; after an error a
        view in memory is built anew beside, which takes its place. While it runs a second call does
        nothing. Raises TopicError, BrokerError, StorageError, and ViewError where the topic is
        another one, or has no longer what comes next.
        """
        with self._lock:
            if self.is_alive:
                self._require_no_other(fold)
                return self
            if fold is not None:
                self._folds = self._with_fold(fold)
            self._open.begin()
            try:
                self._begin()
            except BaseException:
                self._let_go()
                raise
            return self

    @checked
    def end(self) -> PublicPosition:
        """Return the position at which its topics end now. Raises TopicError and BrokerError."""
        return public(self._end())

    @checked
    def wait_for(self, position: Position, timeout_seconds: float = 10.0) -> "View":
        """Return when all before a position is in the rows: an offset, or a dict by partition.

        Raises ViewError when that takes longer, and what the view has stopped at.
        """
        required_number("timeout_seconds", timeout_seconds, at_least=0)
        self._require_begun()
        wanted = self.placed(position)
        if self.progress.wait(wanted, timeout_seconds):
            return self
        if self.error is not None:
            raise self.error
        raise ViewError(
            f"The view {self.name} has not reached this position",
            expected=f"{public(wanted)} within {timeout_seconds:g} s",
            found=f"{self.position}, and the log ends at {self.end()}",
            remedy=self.trouble or "Wait longer, or look whether something writes to the topic.",
        )

    @checked
    def rebuild(
        self,
        fold: Fold | Folds | None = None,
        store: Store | None = None,
    ) -> Rebuilding:
        """Build the rows anew beside the old ones, from the first record; return at once.

        The old ones are read, and go on, until the new ones have caught up and take their place.
        `fold` is another one, and `store` has other tables. Raises as `start` does.
        """
        self._stop_rebuilding()
        with self._lock:
            self._open.begin()
            folds = self._folds if fold is None else self._with_fold(fold)
            rebuilding = Rebuilding(self, folds, self.store if store is None else store)
            self._rebuilding = rebuilding
            rebuilding.start()
            return rebuilding

    @checked
    def as_of(self, when: Position | datetime) -> Snapshot:
        """Return the rows as they are with all before a position, or before a moment.

        They are built from the first record that is left, by this view's fold, in a place of their
        own; a moment is compared with the events' own times. Raises UsageError for a position that
        the log has not reached, and what a fold stops at.
        """
        ends = self._end()
        if isinstance(when, datetime):
            bound = Bound(ends, milliseconds(when))
        else:
            bound = Bound(self._within(placed("when", when, ends), ends))
        return Snapshot(self.name, self._folds, self.store, bound, self._batch)

    def stop(self) -> None:
        """Follow no longer, and let others write to its store. What is in it can be read on."""
        self._stop_rebuilding()
        with self._lock:
            if self._background is not None:
                self._background.stop(_END_SECONDS)
            self._let_go()

    def __enter__(self) -> "View":
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    # -- for those who serve it -----------------------------------------------------------------

    @checked
    def placed(self, position: Position) -> Places:
        """Return a position with its topics. Raises UsageError for what this view has not."""
        return placed("position", position, self.progress.position)

    @checked
    def over(self, settings: Mapping[str, Any]) -> "View":
        """Return the same view, not begun, that reaches Kafka by other settings."""
        cluster = Cluster(dict(settings))
        folds = {Topic(cluster, one.name): fold.fold for one, fold in self._folds.items()}
        return _remade(self.name, folds, self.store, self.keep, self._batch)

    def take_over(self, building: Building, folds: Mapping[Topic, Folding], store: Store) -> None:
        """Let a generation that has caught up take the place of the one that is shown."""
        with self._lock:
            was_alive = self.is_alive
            self._is_replacing = True
            try:
                if self._background is not None:
                    self._background.stop(_END_SECONDS)
                building.build(self.progress.position)
                self._open.show(building.generation)
            except BaseException:
                if was_alive:
                    self._begin()
                raise
            finally:
                self._is_replacing = False
            self._close_generation()
            self._folds = dict(folds)
            self.store = store
            self._go(building)

    def target(self) -> Places:
        """Return where one that is built beside has caught up: here, or where the log ends."""
        return later(self.progress.position, self._end())

    def built_beside(self, folds: Mapping[Topic, Folding], store: Store) -> Building:
        """Return what builds an empty generation beside the one that is shown."""
        return self._building_of(self._open.fresh(store), folds)

    # -- how ------------------------------------------------------------------------------------

    @property
    def _reader(self) -> Reader:
        return self._open.reader

    @property
    def _plain_folds(self) -> Folds:
        return {topic: fold.fold for topic, fold in self._folds.items()}

    def _with_fold(self, fold: Fold | Folds) -> dict[Topic, Folding]:
        """Return the folds with this one in place of the only one, or these in place of all."""
        if isinstance(fold, Mapping):
            given = {topic.name: Folding(one) for topic, one in fold.items()}
            return {topic: given.get(topic.name, one) for topic, one in self._folds.items()}
        if len(self._folds) > 1:
            raise UsageError(
                f"The view {self.name} is of several topics",
                expected="a dict of folds by topic",
                found=shown(fold),
                remedy="Write: view.rebuild({topic: fold}). What it leaves out stays as it is.",
            )
        return {topic: Folding(fold) for topic in self._folds}

    def _require_no_other(self, fold: Fold | None) -> None:
        if fold is not None:
            raise UsageError(
                f"The view {self.name} goes on",
                expected="a view that has stopped, for another fold",
                found="one that runs",
                remedy="Its rows would be of two folds: build it anew with view.rebuild(fold).",
            )

    def _require_begun(self) -> None:
        if self._background is None:
            raise ViewError(
                f"The view {self.name} has not begun",
                expected="one that was started",
                found="none of its rows",
                remedy="Begin with view.start().",
            )

    def _end(self) -> Places:
        return {topic.name: topic.end_offsets(committed=True) for topic in self.topics}

    def _within(self, wanted: Places, ends: Places) -> Places:
        if not reached(ends, wanted):
            raise UsageError(
                "The log has not come so far",
                expected=f"a position up to {public(ends)}",
                found=f"{public(wanted)}",
                remedy="Leave it out to see what is there now, or wait until it is written.",
            )
        return wanted

    def _begin(self) -> None:
        """Go on with what is shown, or begin with nothing; what is spoilt is built beside."""
        before = self._generation
        self._close_generation()
        if before is not None and before.is_spoilt:
            building = self._building_of(self._open.fresh(self.store), self._folds)
            self._go(building, shown_from=self.progress.position)
            return
        kept = self._open.kept(self.store) if self.keep or before is not None else None
        generation = kept or self._open.fresh(self.store)
        try:
            building = self._building_of(generation, self._folds)
        except BaseException:
            generation.close()
            raise
        if kept is None:
            self._open.show(generation)
        self._go(building)

    def _building_of(self, generation: Generation, folds: Mapping[Topic, Folding]) -> Building:
        return Building(self.name, folds, generation, batch=self._batch)

    def _go(self, building: Building, shown_from: Places | None = None) -> None:
        """Follow in a thread; readers see it at once, or when it has reached a position."""
        self._building = building
        background = Background(
            f"view {self.name}",
            lambda: self._follow(building, background.stopping, shown_from),
            on_end=self._ended,
        )
        self._background = background
        self._generation = building.generation
        self.progress.begin(building.position if shown_from is None else shown_from)
        background.start()

    def _follow(
        self, building: Building, stopping: threading.Event, shown_from: Places | None
    ) -> None:
        try:
            if shown_from is not None:
                while not stopping.is_set() and not reached(building.position, shown_from):
                    building.step()
                self._open.show(building.generation)
                self.progress.move(building.position)
            while not stopping.is_set():
                has_moved = building.step()
                now = time.monotonic()
                if has_moved and building.has_all:
                    self._ends.note_all(now)
                if has_moved:
                    self.progress.move(building.position)
                self._ends.look(building.position, now)
        finally:
            self._ends.rest()
            building.close()
            self.progress.move(building.position)

    def _ended(self, error: BaseException | None) -> None:
        if error is not None or not self._is_replacing:
            self.progress.end(error)

    def _close_generation(self) -> None:
        if self._generation is not None:
            self._generation.close()

    def _stop_rebuilding(self) -> None:
        if self._rebuilding is not None:
            self._rebuilding.stop()

    def _let_go(self) -> None:
        self._close_generation()
        self._open.end()


def _foldings(fold: Fold | Folds, of: Topic | None) -> dict[Topic, Folding]:
    folds = fold if isinstance(fold, Mapping) else {of: fold}
    foldings = {topic: Folding(one) for topic, one in folds.items() if topic is not None}
    if not foldings or (isinstance(fold, Mapping) and of is not None):
        raise UsageError(
            "A view is built from a topic",
            expected="of=topic, or a dict of folds by topic in place of the fold",
            found=f"of={shown(of)} and {shown(fold)}",
            remedy="Write: View(name, fold, of=topic), or View(name, {topic: fold}).",
        )
    return foldings


def _remade(name: str, folds: Folds, store: Store, keep: bool, batch: int) -> View:
    return View(name, folds, store=store, keep=keep, batch=batch)
