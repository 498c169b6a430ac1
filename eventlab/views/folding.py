"""The fold: the learner's function, called with a store's writer and one event after the other."""

import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from eventlab.errors import UsageError, ViewError, shown
from eventlab.log import Batch, Topic
from eventlab.log.decoding import Tombstone
from eventlab.moments import from_milliseconds
from eventlab.processes.own_lines import own_line

Fold = Callable[..., object]
Folds = Mapping[Topic, Fold]

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
    """The fold raised at the event of this index; its cause is what it raised."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Folding:
    """A fold that was looked at: it takes the writer, an event, and its place if it wants it.

    Raises UsageError for what is none.
    """

    def __init__(self, fold: Fold) -> None:
        taken = _number_taken(fold) if callable(fold) else 0
        # What has to be awaited, or gone through, would do nothing when it is called.
        if taken not in (_OF_THE_EVENT, _OF_ITS_PLACE) or _is_lazy(fold):
            raise UsageError(
                "This cannot build a view",
                expected="a function of the rows and an event, and of its place if it wants that",
                found=shown(fold),
                remedy="Write: def count(rows, event): ... or def count(rows, event, place): ...",
            )
        self.fold = fold
        self._takes_place = taken == _OF_ITS_PLACE

    def apply(self, writer: Any, topic: str, batch: Batch, count: int) -> None:
        """Apply the first `count` events of a batch, in order. Raises FoldFailed."""
        fold = self.fold
        done = 0
        try:
            if self._takes_place:
                for event, place in _with_places(topic, batch, count):
                    fold(writer, event, place)
                    done += 1
            else:
                for event in _events(batch, count):
                    fold(writer, event)
                    done += 1
        except (Exception, SystemExit) as error:
            raise FoldFailed(done) from error


def foldings(fold: Fold | Folds, of: Topic | None) -> dict[Topic, Folding]:
    """Return the fold of each topic. Raises UsageError unless there is one, said in one way."""
    folds = fold if isinstance(fold, Mapping) else {of: fold}
    found = {topic: Folding(one) for topic, one in folds.items() if topic is not None}
    if not found or (isinstance(fold, Mapping) and of is not None):
        raise UsageError(
            "A view is built from a topic",
            expected="of=topic, or a dict of folds by topic in place of the fold",
            found=f"of={shown(of)} and {shown(fold)}",
            remedy="Write: View(name, fold, of=topic), or View(name, {topic: fold}).",
        )
    return found


def with_fold(
    view: str, folds: Mapping[Topic, Folding], fold: Fold | Folds
) -> dict[Topic, Folding]:
    """Return the folds with this one in place of the only one, or these in place of theirs."""
    if isinstance(fold, Mapping):
        given = {topic.name: Folding(one) for topic, one in fold.items()}
        _require_known(view, set(given), [topic.name for topic in folds])
        return {topic: given.get(topic.name, one) for topic, one in folds.items()}
    if len(folds) > 1:
        raise UsageError(
            f"The view {view} is of several topics",
            expected="a dict of folds by topic",
            found=shown(fold),
            remedy="Write: view.rebuild({topic: fold}). What it leaves out stays as it is.",
        )
    return {topic: Folding(fold) for topic in folds}


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


def _sentence(line: str) -> str:
    return f"{line}. " if line else ""


def _events(batch: Batch, count: int) -> list[Any]:
    return [None if isinstance(one, Tombstone) else one for one in islice(batch.fields, count)]


def _with_places(topic: str, batch: Batch, count: int) -> Any:
    columns = batch.place
    keys = batch.row_keys
    ways = zip(columns["partition"], columns["offset"], columns["timestamp"], keys, strict=True)
    places = (Place(topic, *way) for way in ways)
    return zip(_events(batch, count), places, strict=False)


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
