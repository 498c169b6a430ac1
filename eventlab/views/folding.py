"""The fold: the learner's function, called with a store's writer and one event after the other."""

import inspect
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from eventlab.checked import checked
from eventlab.errors import FoldError, UsageError, ViewError, shown
from eventlab.log import Batch, Topic
from eventlab.log.decoding import Tombstone
from eventlab.moments import from_milliseconds
from eventlab.processes.own_lines import own_line
from eventlab.views.stores import Store

if TYPE_CHECKING:  # avro, which a view of JSON never needs
    from eventlab.log.schemas import Contract

Fold = Callable[..., object]  # or what in_batches has made of one
Folds = Mapping[Topic, Fold]
Contracts = Mapping[Topic, "Contract"]

_OF_THE_EVENT = 2  # writer, event
_OF_ITS_PLACE = 3  # writer, event, place
_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_LAZY = (
    inspect.iscoroutinefunction,
    inspect.isgeneratorfunction,
    inspect.isasyncgenfunction,
)


class Place(NamedTuple):
    """Where an event stands: its topic, partition, offset, time in milliseconds, and key."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: str | bytes | None

    @property
    def time(self) -> datetime:
        """Return the event's time in UTC."""
        return from_milliseconds(self.timestamp)


class FoldFailed(Exception):
    """The fold raised at the event of this index; its cause is what it raised.

    What takes a whole batch may have raised at any of its events: then the index is that of the
    first, and `is_of_batch` says so.
    """

    def __init__(self, index: int, *, is_of_batch: bool = False) -> None:
        super().__init__(index)
        self.index = index
        self.is_of_batch = is_of_batch


class InBatches:
    """A fold that takes a list of events; see `in_batches`."""

    def __init__(self, fold: Fold) -> None:
        self.fold = fold
        self.__module__ = getattr(fold, "__module__", self.__module__)

    def __reduce__(self) -> str | tuple[type["InBatches"], tuple[Fold]]:
        # As a decorator it has the function's own name in its module: it goes by that name.
        name = getattr(self.fold, "__qualname__", "")
        there = sys.modules.get(self.__module__)
        if self.__module__ != "__main__" and getattr(there, name, None) is self:
            return str(name)
        return InBatches, (self.fold,)

    def __call__(self, *taken: Any) -> object:
        """Do what the fold does."""
        return self.fold(*taken)


@checked
def in_batches(fold: Fold) -> Fold:
    """Let a fold take a list of events, and of their places if it wants them, in place of each.

    For what a store does best with many rows at once: `rows.executemany(...)`, a statement with
    rows in it, or sums of a larger `batch` of the view. Where it raises, its batch is rolled back
    and applied one by one, each as a list of one.
    """
    return InBatches(fold)


class Folding:
    """A fold that was looked at: it takes the writer, an event, and its place if it wants it.

    `contract` is what its events are read by, None for JSON. Raises UsageError for what is none.
    """

    def __init__(self, fold: Any, contract: "Contract | None" = None) -> None:
        function = fold.fold if isinstance(fold, InBatches) else fold
        taken = _number_taken(function) if callable(function) else 0
        # What has to be awaited, or gone through, would do nothing when it is called.
        if taken not in (_OF_THE_EVENT, _OF_ITS_PLACE) or _is_lazy(function):
            raise UsageError(
                "This cannot build a view",
                expected="a function of the rows and an event, and of its place if it wants that",
                found=shown(function),
                remedy="Write: def count(rows, event): ... or def count(rows, event, place): ...",
            )
        self.fold = fold
        self.contract = contract
        self._function: Fold = function
        self.takes_batches = isinstance(fold, InBatches)
        self._takes_place = taken == _OF_ITS_PLACE

    def __reduce__(self) -> tuple[type["Folding"], tuple[Fold, "Contract | None"]]:
        return Folding, (self.fold, self.contract)

    def apply(
        self, writer: Any, topic: str, batch: Batch, count: int, *, singly: bool = False
    ) -> None:
        """Apply the first `count` events of a batch, in order. Raises FoldFailed.

        What takes whole batches gets one, or `singly` lists of one event.
        """
        if self.takes_batches and not singly:
            self._apply_batch(writer, topic, batch, count)
        else:
            self._apply_each(writer, topic, batch, count)

    def _apply_each(self, writer: Any, topic: str, batch: Batch, count: int) -> None:
        fold = self._function
        events: list[Any] = _events(batch, count)
        if self.takes_batches:
            events = [[event] for event in events]
        is_first = type(writer) is dict and not writer
        done = 0
        try:
            if self._takes_place:
                for event, place in zip(events, self._places(topic, batch), strict=False):
                    made = fold(writer, event, place)
                    if made is not None:
                        _require_done(made, writer, event, is_first)
                    done += 1
            else:
                for event in events:
                    made = fold(writer, event)
                    if made is not None:
                        _require_done(made, writer, event, is_first)
                    done += 1
        except FoldError:
            raise
        except BaseException as error:
            if _is_from_outside(error):
                raise
            raise FoldFailed(done) from error

    def _apply_batch(self, writer: Any, topic: str, batch: Batch, count: int) -> None:
        events = _events(batch, count)
        if not events:
            return
        is_first = type(writer) is dict and not writer
        try:
            if self._takes_place:
                made = self._function(writer, events, list(islice(_places(topic, batch), count)))
            else:
                made = self._function(writer, events)
            _require_done(made, writer, events, is_first)
        except FoldError:
            raise
        except BaseException as error:
            if _is_from_outside(error):
                raise
            raise FoldFailed(0, is_of_batch=True) from error

    def _places(self, topic: str, batch: Batch) -> Iterator[Any]:
        places = _places(topic, batch)
        return ([place] for place in places) if self.takes_batches else places


def foldings(
    fold: Fold | Folds, of: Topic | None, contract: "Contract | Contracts | None" = None
) -> dict[Topic, Folding]:
    """Return the fold of each topic. Raises UsageError unless there is one, said in one way."""
    folds = fold if isinstance(fold, Mapping) else {of: fold}
    by_topic = _contracts(contract, [topic.name for topic in folds if topic is not None])
    found = {
        topic: Folding(one, by_topic.get(topic.name))
        for topic, one in folds.items()
        if topic is not None
    }
    if not found or (isinstance(fold, Mapping) and of is not None):
        raise UsageError(
            "A view is built from a topic",
            expected="of=topic, or a dict of folds by topic in place of the fold",
            found=f"of={shown(of)} and {shown(fold)}",
            remedy="Write: View(name, fold, of=topic), or View(name, {topic: fold}).",
        )
    return found


def _contracts(contract: "Contract | Contracts | None", topics: list[str]) -> "dict[str, Contract]":
    """Return the contracts by the names of their topics; those of the others are in JSON."""
    if contract is None:
        return {}
    if isinstance(contract, Mapping):
        given = {topic.name: one for topic, one in contract.items()}
        unknown = sorted(set(given) - set(topics))
        if unknown:
            raise _misplaced(f"one of {' and '.join(unknown)}", topics)
        return given
    if len(topics) > 1:
        raise _misplaced(f"{contract!r} alone", topics)
    return dict.fromkeys(topics, contract)


def _misplaced(found: str, topics: list[str]) -> UsageError:
    return UsageError(
        "It is not known which topic this contract is of",
        expected=f"a contract for {' or '.join(topics) or 'a topic'}",
        found=found,
        remedy="Give a view of one topic its contract, and one of several a dict of contracts by"
        " topic: contract={topic: contract}. What it leaves out is read as JSON.",
    )


def with_fold(
    view: str, folds: Mapping[Topic, Folding], fold: Fold | Folds
) -> dict[Topic, Folding]:
    """Return the folds with this one in place of the only one, or these in place of theirs."""
    if isinstance(fold, Mapping):
        given = {topic.name: one for topic, one in fold.items()}
        _require_known(view, set(given), [topic.name for topic in folds])
        return {
            topic: Folding(given.get(topic.name, one.fold), one.contract)
            for topic, one in folds.items()
        }
    if len(folds) > 1:
        raise UsageError(
            f"The view {view} is of several topics",
            expected="a dict of folds by topic",
            found=shown(fold),
            remedy="Write: view.rebuild({topic: fold}). What it leaves out stays as it is.",
        )
    return {topic: Folding(fold, one.contract) for topic, one in folds.items()}


def fitting(folds: dict[Topic, Folding], store: Store) -> dict[Topic, Folding]:
    """Return the folds; raise UsageError where the store takes batches and one of them does not."""
    if store.takes_batches_only and not all(fold.takes_batches for fold in folds.values()):
        raise UsageError(
            f"{type(store).__name__} takes events in batches only",
            expected="a function of the rows and a list of events",
            found="one of the rows and an event",
            remedy="Write: def count(rows, events): ..., and pass in_batches(count).",
        )
    return folds


def _require_known(view: str, given: set[str], known: list[str]) -> None:
    if not given <= set(known):
        raise UsageError(
            f"The view {view} is not built from {' and '.join(sorted(given - set(known)))}",
            expected=" or ".join(known),
            found=" and ".join(sorted(given)),
            remedy="Make another view for other topics.",
        )


def place_of(topic: str, batch: Batch, index: int) -> Place:
    """Return where an event of a batch stands."""
    columns = batch.place
    return Place(
        topic,
        columns["partition"][index],
        columns["offset"][index],
        columns["timestamp"][index],
        batch.row_keys[index],
    )


def stopped(view: str, topic: str, batch: Batch, failed: FoldFailed) -> ViewError:
    """Return what it means that the fold raised at an event, with the learner's own line."""
    place = place_of(topic, batch, failed.index)
    error = failed.__cause__ or failed
    is_tombstone = isinstance(batch.fields[failed.index], Tombstone)
    what = "a record without a value, which comes as None" if is_tombstone else "the event"
    return ViewError(
        f"The view {view} stopped at {topic}, partition {place.partition}, offset {place.offset}",
        expected=f"a function that takes {what}",
        found=f"{type(error).__name__}: {error}",
        remedy=f"{_sentence(own_line(error))}Mend the function, and go on with view.start(fold).",
        place=place,
    )


def _require_done(made: object, writer: object, event: object, is_first: bool) -> None:
    """Raise FoldError where a fold returns what would have to be awaited, gone through or kept."""
    if inspect.iscoroutine(made) or inspect.isgenerator(made) or inspect.isasyncgen(made):
        if not inspect.isasyncgen(made):  # one that was never begun has nothing to close
            made.close()
        raise _undone(f"a {type(made).__name__.replace('_', ' ')}, which nobody goes through")
    # Rows may be returned for other reasons too, but hardly while there are none.
    is_other = isinstance(made, dict) and made is not writer and made is not event
    if is_first and is_other and made and not writer:
        raise _undone("another dict than the rows, which are still empty")


def _undone(found: str) -> FoldError:
    return FoldError(
        "The view's function returns what it should do",
        expected="one that changes the rows, and returns nothing",
        found=found,
        remedy='Write for example: def count(rows, event): rows[event["id"]] = event',
    )


def _is_from_outside(error: BaseException) -> bool:
    """Tell whether somebody interrupts the main thread: in another one it is the fold that raises.

    A snapshot is built in the caller's thread.
    """
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and isinstance(error, KeyboardInterrupt)


def _sentence(line: str) -> str:
    return f"{line}. " if line else ""


def _events(batch: Batch, count: int) -> list[Any]:
    if not batch.tombstones and count == len(batch):
        # Each time that a large batch is gone through, its events come back into the cache.
        return batch.fields
    return [None if isinstance(one, Tombstone) else one for one in islice(batch.fields, count)]


def _places(topic: str, batch: Batch) -> Iterator[Place]:
    columns = batch.place
    keys = batch.row_keys
    ways = zip(columns["partition"], columns["offset"], columns["timestamp"], keys, strict=True)
    return (Place(topic, *way) for way in ways)


def _is_lazy(fold: Fold) -> bool:
    return any(is_so(fold) for is_so in _LAZY)


def _number_taken(fold: Callable[..., Any]) -> int:
    """Return how many of writer, event and place it takes."""
    try:
        parameters = inspect.signature(fold).parameters.values()
    except (TypeError, ValueError):  # it says nothing of itself
        return _OF_THE_EVENT
    if any(one.kind is one.VAR_POSITIONAL for one in parameters):
        return _OF_ITS_PLACE
    placed = [one for one in parameters if one.kind in _BY_PLACE]
    needed = [one for one in placed if one.default is one.empty]
    return len(needed)
