"""What a store is to a view: generations of rows, each with the mark of how far it is.

A generation is one complete set of rows. Readers see one of them, and a rebuilt one takes its place
when it has caught up. Each store brings its own writer and its own way to ask.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from eventlab.errors import UsageError, shown
from eventlab.views.answers import Found
from eventlab.views.positions import Places

Answer = TypeVar("Answer")
Kind = TypeVar("Kind")
Question = Callable[[Any], Answer]
Tables = Mapping[str, Mapping[Hashable, Any]]  # rows by table and key

NO_TIME = -1
SNAPSHOT = "eventlab view "  # what the names of those begin with that end with their process


@dataclass(frozen=True)
class Mark:
    """What stands beside the rows: how far they are, of which topics, the newest event's time.

    `identities` are Kafka's own ids of the topics; `newest` is in milliseconds, -1 for none.
    """

    offsets: Places = field(default_factory=dict)
    identities: Mapping[str, str] = field(default_factory=dict)
    newest: int = NO_TIME


class Generation(Protocol):
    """One set of rows and its mark, open for one writer; any thread may write, one at a time."""

    @property
    def mark(self) -> Mark:
        """Return the mark that was kept last."""

    @property
    def is_spoilt(self) -> bool:
        """Tell whether an event that failed may have left something in the rows."""

    def transaction(self) -> AbstractContextManager[Any]:
        """Return the writer for a `with`: all that is written in it is there, or nothing is."""

    def keep(self, mark: Mark) -> None:
        """Put the mark beside the rows, within the transaction."""

    def close(self) -> None:
        """Write no more."""


class Reader(Protocol):
    """Whoever reads what is shown, from any thread; it follows when another generation is."""

    def read(self, question: Question[Answer]) -> Answer:
        """Return what `question` makes of the store's own reader, at one moment of the view."""

    def query(self, query: str, parameters: Sequence[Any]) -> Found:
        """Return what a query of the store's own SQL finds. Raises UsageError."""

    def tables(self) -> Tables:
        """Return all rows by table and key."""


class OpenStore(Protocol):
    """What one view has in a store."""

    @property
    def reader(self) -> Reader:
        """Return what reads the generation that is shown."""

    def begin(self) -> None:
        """Keep every other writer out. Raises StorageError where there is one."""

    def kept(self, store: "Store") -> Generation | None:
        """Return the generation that was shown last, None if none is there."""

    def fresh(self, store: "Store") -> Generation:
        """Return an empty generation beside it, with the tables of a store of the same kind."""

    def show(self, generation: Generation) -> None:
        """Let readers see this generation from now on."""

    def end(self) -> None:
        """Let others write. What is shown can be read on."""

    def forget(self) -> None:
        """Delete what it has elsewhere than in its folder; it cannot be read any longer."""


class Store(ABC):
    """Where a view keeps its rows: `Memory()`, or `SQLite("create table ...")`."""

    takes_batches_only: ClassVar[bool] = False

    @abstractmethod
    def open(self, folder: Path) -> OpenStore:
        """Return what a view has in it; what is kept on disk stands in this folder."""

    def check(self) -> None:  # noqa: B027  one without tables has none to check
        """Raise UsageError where its tables cannot be made; nothing of them stays."""


def same_kind(store: Store, kind: type[Kind]) -> Kind:
    """Return a store of this kind; raise UsageError for another one."""
    if isinstance(store, kind):
        return store
    raise UsageError(
        "A view stays in its kind of store",
        expected=f"{kind.__name__}(...)",
        found=shown(store),
        remedy="Make another view for another store.",
    )
