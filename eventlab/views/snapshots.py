"""A view as of a position, or of a moment: built up to there, and no further."""

import weakref
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from eventlab.log import Topic
from eventlab.views.building import Bound, Building
from eventlab.views.folding import Folding
from eventlab.views.positions import Places, PublicPosition, public
from eventlab.views.rows import Rows
from eventlab.views.stores import OpenStore, Reader, Store


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
        self._folder = TemporaryDirectory(prefix="eventlab view ", ignore_cleanup_errors=True)
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
        """Build the rows, and return the position at which they end."""
        self._open.begin()
        generation = self._open.fresh(store)
        with closing(generation):
            building = Building(view, folds, generation, batch=batch, bound=bound)
            with closing(building):
                building.build(bound.offsets)
        self._open.show(generation)
        self._open.end()
        return building.whole_position


def _deleted(opened: OpenStore, folder: "TemporaryDirectory[str]") -> None:
    try:
        opened.forget()
    finally:
        folder.cleanup()
