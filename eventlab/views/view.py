"""A view: rows that a fold makes of topics, with the position that they stand at."""

import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventlab.arguments import required_name, required_number, required_whole_number
from eventlab.checked import checked
from eventlab.errors import UsageError, ViewError
from eventlab.folders import data_folder, named_folder
from eventlab.log import Cluster, Topic
from eventlab.log.messages import MOST_AT_ONCE
from eventlab.moments import from_milliseconds, milliseconds
from eventlab.views.building import Bound, Building, Unreadable
from eventlab.views.folding import (
    Contracts,
    Fold,
    Folding,
    Folds,
    fitting,
    foldings,
    with_fold,
)
from eventlab.views.following import Following
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
from eventlab.views.rebuilding import Rebuilding
from eventlab.views.rows import Rows
from eventlab.views.snapshots import Snapshot, sweep
from eventlab.views.stores import NO_TIME, Reader, Store

if TYPE_CHECKING:  # avro, which a view of JSON never needs
    from eventlab.log.schemas import Contract


class View(Rows):
    """Keep what a fold makes of a topic, up to date, in a thread of its own.

    `fold(rows, event)`, or `fold(rows, event, place)`, changes the rows of the store (the dict, or
    a cursor of SQLite) for one event; the event is a dict, or None for a record without a value.
    With a dict of folds by topic the view is of several. Events are read as JSON, or by the
    `contract` of their topic, with several topics a dict of them by topic. A batch of up to `batch`
    records is one transaction, and the position is in it: what was applied is applied once,
    whenever the process dies. With `keep` a view that is started again in another process goes on
    where it was. `start` begins; all methods may be called from any thread.
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
        contract: "Contract | Contracts | None" = None,
    ) -> None:
        self.name = required_name("name", name, example='"sold"')
        self.store = store
        self.keep = keep
        self._folds = fitting(foldings(fold, of, contract), store)
        self._batch = required_whole_number("batch", batch, at_least=1, at_most=MOST_AT_ONCE)
        self._lock = threading.RLock()
        # Who ends a rebuilding waits for its thread, which may be about to take the first lock.
        self._calling = threading.RLock()
        self._rebuilding: Rebuilding | None = None
        self._following = Following(self.name, self.topics, store, self.folder, self._batch)
        self.progress = self._following.progress

    def __reduce__(self) -> tuple[Any, ...]:
        # What runs stays where it runs: another process gets one that has not begun.
        return _remade, (self.name, self._folds, self.store, self.keep, self._batch)

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
        newest = self._following.newest
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
        return self._following.age_seconds

    @property
    def is_alive(self) -> bool:
        """Tell whether it goes on."""
        return self._following.is_alive

    @property
    def error(self) -> BaseException | None:
        """Return what it stopped at, None if nothing did."""
        return self.progress.error

    @property
    def trouble(self) -> str:
        """Return why nothing can be read just now, "" if nothing is wrong."""
        return self._following.trouble

    @property
    def unreadable(self) -> Unreadable:
        """Return how many records were passed over, since they cannot be decoded; the last why."""
        return self._following.unreadable

    # -- what one can do ------------------------------------------------------------------------

    @checked
    def start(self, fold: Fold | None = None) -> "View":
        """Begin, or go on after a stop or an error; `fold` is a mended one. Returns at once.

        What is in the rows stays, and the event that it stopped at is the next; after an error a
        view in memory, or one whose fold has ended its transaction, is built anew beside, and that
        takes its place. While it runs a second call does nothing. Raises TopicError, BrokerError,
        StorageError, and ViewError where the topic is another one, or has no longer what comes
        next.
        """
        sweep()
        with self._lock:
            if self.is_alive:
                self._require_no_other(fold)
                return self
            if fold is not None:
                self._folds = fitting(with_fold(self.name, self._folds, fold), self.store)
            self._following.begin(self._folds, self.store, keep=self.keep)
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
    async def reaches(self, position: Position, timeout_seconds: float = 10.0) -> bool:
        """Wait for a position in an event loop; tell whether it is reached in time.

        For the code of a service that has a view, and has just written to its topic: a record at
        offset n is in the rows when n + 1 is reached.
        """
        required_number("timeout_seconds", timeout_seconds, at_least=0)
        self._require_begun()
        return await self.progress.arrives(self.placed(position), timeout_seconds)

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
        with self._calling:
            self._stop_rebuilding()
            with self._lock:
                folds = self._folds if fold is None else with_fold(self.name, self._folds, fold)
                store = self.store if store is None else store
                fitting(folds, store)
                self._rebuilding = self._begun_rebuilding(folds, store)
                return self._rebuilding

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
        with self._calling:
            self._stop_rebuilding()
            with self._lock:
                self._following.stop()

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
        folds = {Topic(cluster, one.name): fold for one, fold in self._folds.items()}
        return _remade(self.name, folds, self.store, self.keep, self._batch)

    def take_over(self, building: Building, folds: Mapping[Topic, Folding], store: Store) -> None:
        """Let a generation that has caught up take the place of the one that is shown."""
        with self._lock:
            was_alive = self.is_alive
            try:
                self._following.give_way_to(building)
            except BaseException:
                if was_alive:
                    self._following.begin(self._folds, self.store, keep=True)
                raise
            self._folds = dict(folds)
            self.store = store

    def give_back(self) -> None:
        """Let others write to the store, where this view rests."""
        with self._lock:
            self._following.give_back()

    def target(self) -> Places:
        """Return where one that is built beside has caught up: here, or where the log ends."""
        return later(self.progress.position, self._end())

    def built_beside(self, folds: Mapping[Topic, Folding], store: Store) -> Building:
        """Return what builds an empty generation beside the one that is shown."""
        return self._following.beside(folds, store)

    # -- how ------------------------------------------------------------------------------------

    @property
    def _reader(self) -> Reader:
        return self._following.reader

    def _require_no_other(self, fold: Fold | None) -> None:
        if fold is not None:
            raise UsageError(
                f"The view {self.name} goes on",
                expected="a view that has stopped, for another fold",
                found="one that runs",
                remedy="Its rows would be of two folds: build it anew with view.rebuild(fold).",
            )

    def _begun_rebuilding(self, folds: dict[Topic, Folding], store: Store) -> Rebuilding:
        self._following.reserve()
        try:
            rebuilding = Rebuilding(self, folds, store)
        except BaseException:
            self._following.give_back()
            raise
        rebuilding.start()
        return rebuilding

    def _require_begun(self) -> None:
        if not self._following.has_begun:
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

    def _stop_rebuilding(self) -> None:
        if self._rebuilding is not None:
            self._rebuilding.stop()


def _remade(
    name: str, folds: Mapping[Topic, Folding], store: Store, keep: bool, batch: int
) -> View:
    plain = {topic: one.fold for topic, one in folds.items()}
    contracts = {topic: one.contract for topic, one in folds.items() if one.contract is not None}
    return View(name, plain, store=store, keep=keep, batch=batch, contract=contracts)
