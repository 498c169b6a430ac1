"""Rows in the memory of one process: a dict, or whatever a function makes; gone with the process.

A graph is a dict of edges here: `Memory(lambda: defaultdict(set))`.
"""

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventlab.checked import checked
from eventlab.errors import UsageError
from eventlab.views.answers import Found
from eventlab.views.stores import Answer, Generation, Mark, Question, Store, Tables, same_kind


@checked
@dataclass(frozen=True)
class Memory(Store):
    """Keep a view's rows in a dict, which the fold gets; `new` makes another thing in its place.

    A fold that raises may leave a part of its event in the rows: there is no roll-back, so that
    `start()` builds them anew, beside.
    """

    new: Callable[[], Any] = dict

    def open(self, folder: Path) -> "OpenMemory":
        """Return what one view has in memory; the folder stays as it is."""
        return OpenMemory(self.new)


class MemoryGeneration:
    """Rows that readers and their writer take turns at."""

    def __init__(self, rows: Any) -> None:
        self.rows = rows
        self.lock = threading.RLock()
        self._mark = Mark()
        self._is_spoilt = False

    @property
    def mark(self) -> Mark:
        """Return the mark that was kept last."""
        return self._mark

    @property
    def is_spoilt(self) -> bool:
        """Tell whether an event that failed may have left something in the rows."""
        return self._is_spoilt

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """Return the rows for a `with`, in which nobody reads them."""
        with self.lock:
            try:
                yield self.rows
            except BaseException:
                self._is_spoilt = True
                raise

    def keep(self, mark: Mark) -> None:
        """Put the mark beside the rows."""
        self._mark = mark

    def close(self) -> None:
        """Do nothing: there is nothing to let go."""


class OpenMemory:
    """What one view has in memory: the generation that is shown, which is its own reader."""

    def __init__(self, new: Callable[[], Any]) -> None:
        self._new = new
        self._shown: MemoryGeneration | None = None

    @property
    def reader(self) -> "OpenMemory":
        """Return what reads the generation that is shown."""
        return self

    def begin(self) -> None:
        """Do nothing: no other process sees it."""

    def kept(self, store: Store) -> MemoryGeneration | None:
        """Return the generation that was shown last."""
        return self._shown

    def fresh(self, store: Store) -> MemoryGeneration:
        """Return an empty generation. Raises UsageError for another kind of store."""
        self._new = same_kind(store, Memory).new
        return MemoryGeneration(self._new())

    def show(self, generation: Generation) -> None:
        """Let readers see this generation from now on."""
        assert isinstance(generation, MemoryGeneration)
        self._shown = generation

    def end(self) -> None:
        """Do nothing: the rows stay."""

    def forget(self) -> None:
        """Do nothing: they go with who holds them."""

    def read(self, question: Question[Answer]) -> Answer:
        """Return what `question` makes of the rows, while none of them changes."""
        shown = self._shown
        if shown is None:
            return question(self._new())
        with shown.lock:
            return question(shown.rows)

    def query(self, query: str, parameters: Sequence[Any]) -> Found:
        """Raise UsageError: rows in memory have no SQL."""
        raise UsageError(
            "This view has no SQL",
            expected="a view whose store has: SQLite(...)",
            found=f"one whose rows are a {type(self.read(lambda rows: rows)).__name__}",
            remedy="Ask it in its own way: view.read(lambda rows: ...).",
        )

    def tables(self) -> Tables:
        """Return all rows by key, as the table "rows"."""
        return {"rows": self.read(_by_key)}


def _by_key(rows: Any) -> Mapping[Hashable, Any]:
    if isinstance(rows, Mapping):
        return dict(rows)
    raise UsageError(
        "The rows of this view have no keys",
        expected="a dict",
        found=type(rows).__name__,
        remedy="Ask it with view.read(lambda rows: ...), in its own way.",
    )
