"""A generation in a database: a batch's rows and its position in one transaction, of one writer.

While a transaction is open, the mark beside the rows says UNFINISHED. Where that was committed,
the view's function has ended the transaction itself, and there are rows without their position:
the generation is spoilt, whoever opens it. And where the position is not the one that this writer
has left, somebody else writes: a lock can get lost unnoticed.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from eventlab.errors import UsageError
from eventlab.views.store_trouble import position_lost, written_by_another
from eventlab.views.stores import Mark

UNFINISHED = -2  # in place of the newest event's time


class DatabaseGeneration(ABC):
    """One set of rows and its mark, open for its writer; see `Generation`.

    `on_close` is called when it is closed. Raises StorageError where rows have no position.
    """

    def __init__(self, view: str, mark: Mark, on_close: Callable[[], object]) -> None:
        if set(mark.identities) - set(mark.offsets):
            raise position_lost(view)
        self._view = view
        self._mark = mark
        self._is_spoilt = mark.newest == UNFINISHED
        self._on_close = on_close

    @property
    def mark(self) -> Mark:
        """Return the mark that was kept last."""
        return self._mark

    @property
    def is_spoilt(self) -> bool:
        """Tell whether rows were committed without their position."""
        return self._is_spoilt

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """Return the writer for a `with`: what it writes is committed together, or not at all."""
        before = self._mark
        with self._plain():
            try:
                self._begin()
                self._require_own()
                yield self._writer()
                self._require_open()
                self._write(self._mark, before)
                self._commit()
            except BaseException:
                self._mark = before
                self._undo()
                raise

    def keep(self, mark: Mark) -> None:
        """Put the mark beside the rows, when the transaction ends."""
        self._mark = mark

    def close(self) -> None:
        """Write no more."""
        self._disconnect()
        self._on_close()

    def _require_own(self) -> None:
        if self._stored().offsets != self._mark.offsets:
            raise written_by_another(self._view, "a position that this view has not written")

    def _undo(self) -> None:
        self._roll_back()
        with suppress(Exception):  # a database that is gone says it to whoever opens it again
            self._is_spoilt = self._is_spoilt or self._stored().newest == UNFINISHED

    @abstractmethod
    def _plain(self) -> AbstractContextManager[None]:
        """Let what the database says about itself be one error of ours."""

    @abstractmethod
    def _begin(self) -> None:
        """Begin a transaction, put UNFINISHED in the mark, and keep others from writing it."""

    @abstractmethod
    def _writer(self) -> Any:
        """Return what the view's function writes to."""

    @abstractmethod
    def _require_open(self) -> None:
        """Raise UsageError where the view's function has ended the transaction."""

    @abstractmethod
    def _stored(self) -> Mark:
        """Return the mark as it is in the database, at least its offsets and its time."""

    @abstractmethod
    def _write(self, mark: Mark, before: Mark) -> None:
        """Write a mark in place of the one before."""

    @abstractmethod
    def _commit(self) -> None:
        """End the transaction."""

    @abstractmethod
    def _roll_back(self) -> None:
        """Leave nothing of the transaction, where it is still there."""

    @abstractmethod
    def _disconnect(self) -> None:
        """Close what it has open."""


def ended_by_itself(found: str, remedy: str) -> UsageError:
    """Return the error of a function that has ended the transaction of its batch."""
    return UsageError(
        "The view's function has ended the transaction itself, or gone on after an error",
        expected="rows and position that are committed together, by the view",
        found=found,
        remedy=f"{remedy} What it has committed is built anew by the next start.",
    )
