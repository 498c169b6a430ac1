"""What a view does while it goes on: one generation follows the topics, in a thread of its own."""

import threading
import time
from collections.abc import Mapping
from pathlib import Path

from eventlab.log import Topic
from eventlab.processes.background import Background
from eventlab.views.building import NOTHING_UNREADABLE, Building, Unreadable
from eventlab.views.ends import EndWatch
from eventlab.views.folding import Folding
from eventlab.views.positions import Places, reached
from eventlab.views.progress import Progress
from eventlab.views.stores import NO_TIME, Generation, Reader, Store

_END_SECONDS = 10.0

Foldings = Mapping[Topic, Folding]


class Following:
    """Let the rows of a view follow its topics, and another generation take their place.

    The view sees to it that one thread at a time calls what changes it.
    """

    def __init__(
        self, view: str, topics: list[Topic], store: Store, folder: Path, batch: int
    ) -> None:
        self._view = view
        self._batch = batch
        self._open = store.open(folder)
        self._generation: Generation | None = None
        self._building: Building | None = None
        self._background: Background | None = None
        self._is_replacing = False
        self._is_reserved = False
        self._lets_go_at_its_end = False
        self._ends = EndWatch(topics[0].cluster)
        self.progress = Progress({topic.name: {} for topic in topics})

    @property
    def reader(self) -> Reader:
        """Return what reads the rows that are shown."""
        return self._open.reader

    @property
    def has_begun(self) -> bool:
        """Tell whether it was ever begun."""
        return self._background is not None

    @property
    def is_alive(self) -> bool:
        """Tell whether it goes on."""
        return self._background is not None and self._background.is_alive

    @property
    def newest(self) -> int:
        """Return the newest time of an event in the rows, in milliseconds; -1 for none."""
        return NO_TIME if self._generation is None else self._generation.mark.newest

    @property
    def age_seconds(self) -> float:
        """Return for how long it has not had everything, as far as known."""
        return self._ends.age_seconds(time.monotonic())

    @property
    def trouble(self) -> str:
        """Return why nothing can be read just now, "" if nothing is wrong."""
        return "" if self._building is None else self._building.trouble

    @property
    def unreadable(self) -> Unreadable:
        """Return what was passed over."""
        return NOTHING_UNREADABLE if self._building is None else self._building.unreadable

    def reserve(self) -> None:
        """Keep every other writer out of the store. Raises StorageError where there is one."""
        self._open.begin()

    def give_back(self) -> None:
        """Let others write to a store that was reserved for what has come to nothing."""
        if not self._is_reserved:
            self._open.end()

    def begin(self, folds: Foldings, store: Store, *, keep: bool) -> None:
        """Go on with what is shown, or begin with nothing; what is spoilt is built beside."""
        self.reserve()
        self._is_reserved = True
        try:
            self._begin(folds, store, keep)
        except BaseException:
            self._let_go()
            raise

    def beside(self, folds: Foldings, store: Store) -> Building:
        """Return what builds an empty generation beside the one that is shown."""
        generation = self._open.fresh(store)
        try:
            return Building(self._view, folds, generation, batch=self._batch)
        except BaseException:
            generation.close()
            raise

    def give_way_to(self, building: Building) -> None:
        """Let a generation that has caught up take the place of the one that is shown.

        Where what is left cannot be built, the old one stays, and does not go on.
        """
        self._is_replacing = True
        try:
            self.reserve()
            self._join()
            building.build(self.progress.position)
            self._open.show(building.generation)
        finally:
            self._is_replacing = False
        self._close_generation()
        self._is_reserved = True
        self._go(building)

    def stop(self) -> None:
        """Follow no longer, and let others write to the store.

        Where a fold goes on, that comes when it is done: it may be the caller.
        """
        self._lets_go_at_its_end = True
        self._join()
        if not self.is_alive:
            self._let_go()

    # -- how ------------------------------------------------------------------------------------

    def _begin(self, folds: Foldings, store: Store, keep: bool) -> None:
        before = self._generation
        self._close_generation()
        kept = self._open.kept(store) if keep or before is not None else None
        if kept is None:
            building = self.beside(folds, store)
            self._open.show(building.generation)
            self._go(building)
        elif kept.is_spoilt:
            kept.close()
            shown_from = kept.mark.offsets if before is None else self.progress.position
            self._go(self.beside(folds, store), shown_from=shown_from)
        else:
            unreadable = NOTHING_UNREADABLE if before is None else self.unreadable
            self._go(self._on(kept, folds, unreadable))

    def _on(self, generation: Generation, folds: Foldings, unreadable: Unreadable) -> Building:
        try:
            return Building(self._view, folds, generation, batch=self._batch, unreadable=unreadable)
        except BaseException:
            generation.close()
            raise

    def _go(self, building: Building, shown_from: Places | None = None) -> None:
        """Follow in a thread; readers see it at once, or when it has reached a position."""
        self._building = building
        self._generation = building.generation
        self._lets_go_at_its_end = False
        background = Background(
            f"view {self._view}",
            lambda: self._follow(building, background.stopping, shown_from),
            on_end=self._ended,
        )
        self._background = background
        self.progress.begin(building.position if shown_from is None else shown_from)
        background.start()

    def _follow(
        self, building: Building, stopping: threading.Event, shown_from: Places | None
    ) -> None:
        try:
            if shown_from is not None:
                self._catch_up(building, stopping, shown_from)
            while not stopping.is_set():
                self._step(building)
        finally:
            self._ends.rest()
            building.close()
            self.progress.move(building.position)
            if self._lets_go_at_its_end:
                self._let_go()

    def _catch_up(self, building: Building, stopping: threading.Event, to: Places) -> None:
        while not stopping.is_set() and not reached(building.position, to):
            building.step()
        self._open.show(building.generation)
        self.progress.move(building.position)

    def _step(self, building: Building) -> None:
        has_moved = building.step()
        now = time.monotonic()
        if has_moved and building.has_all:
            self._ends.note_all(now)
        if has_moved:
            self.progress.move(building.position)
        self._ends.look(building.position, now)

    def _ended(self, error: BaseException | None) -> None:
        if error is not None or not self._is_replacing:
            self.progress.end(error)

    def _join(self) -> None:
        if self._background is not None:
            self._background.stop(_END_SECONDS)

    def _close_generation(self) -> None:
        if self._generation is not None:
            self._generation.close()

    def _let_go(self) -> None:
        self._close_generation()
        self._is_reserved = False
        self._open.end()
