"""A view as of a position, or of a moment: built up to there, and no further."""

import shutil
import time
import weakref
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from eventlab.log import Topic
from eventlab.processes.locking import locked
from eventlab.views.building import Bound, Building
from eventlab.views.folding import Folding
from eventlab.views.generation_files import LOCK
from eventlab.views.positions import Places, PublicPosition, public
from eventlab.views.rows import Rows
from eventlab.views.stores import SNAPSHOT, OpenStore, Reader, Store

_NEW_SECONDS = 60.0


class Snapshot(Rows):
    """Rows as they were, which change no more; `close` deletes what they need on disk.

    What nobody holds any longer is deleted too. For any thread.
    """

    def __init__(
        self,
        view: str,
        folds: Mapping[Topic, Folding],
        store: Store,
        bound: Bound,
        batch: int,
    ) -> None:
        sweep()
        self._folder = TemporaryDirectory(prefix=SNAPSHOT, ignore_cleanup_errors=True)
        self._open = store.open(Path(self._folder.name))
        self._delete = weakref.finalize(self, _deleted, self._open, self._folder)
        try:
            self._position = self._built(view, folds, store, bound, batch)
        except BaseException:
            self._delete()
            raise

    @property
    def position(self) -> PublicPosition:
        """Return where the rows end: all before it is in them."""
        return public(self._position)

    def close(self) -> None:
        """Delete what it needs on disk; it cannot be read any longer."""
        self._delete()

    def __enter__(self) -> "Snapshot":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def _reader(self) -> Reader:
        return self._open.reader

    def _built(
        self,
        view: str,
        folds: Mapping[Topic, Folding],
        store: Store,
        bound: Bound,
        batch: int,
    ) -> Places:
        """Build the rows, and return the position at which they end.

        Its lock stays: what is locked by nobody was left by a process that was killed.
        """
        self._open.begin()
        generation = self._open.fresh(store)
        with closing(generation):
            building = Building(view, folds, generation, batch=batch, bound=bound)
            with closing(building):
                building.build(bound.offsets)
        self._open.show(generation)
        return building.whole_position


def sweep() -> None:
    """Delete the folders of snapshots whose process was killed; a store deletes what it has."""
    for folder in Path(gettempdir()).glob(f"{SNAPSHOT}*"):
        with suppress(OSError):  # that of another user, or one that another process deletes
            _delete_left(folder)


def _delete_left(folder: Path) -> None:
    if time.time() - folder.stat().st_mtime < _NEW_SECONDS:  # its owner may be about to lock it
        return
    lock = folder / LOCK
    if not lock.exists():
        folder.rmdir()  # nothing is in it
        return
    held = locked(lock)
    if held is not None:
        held.close()
        shutil.rmtree(folder)


def _deleted(opened: OpenStore, folder: "TemporaryDirectory[str]") -> None:
    opened.end()
    try:
        opened.forget()
    finally:
        folder.cleanup()
