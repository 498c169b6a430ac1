"""One step of a flow that sees all keys, in the order in which their items came.

bytewax keeps state key by key, and lets what comes out of a batch leave in the order of keys: a
window behind such a step sees time go backwards, and drops what it takes for late. So a step of
ours has one key, its own name: one worker does it, and its results leave in the order of the items
that brought them, numbered and stamped with the step's own stream time (see results.Output).
"""

from abc import abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import bytewax.operators as op
from bytewax.operators import KeyedStream, StatefulBatchLogic

from eventlab.errors import UsageError, shown
from eventlab.streams.log_order import in_log_order
from eventlab.streams.results import Output
from eventlab.streams.upstream import have_one_source, is_reordered, late_topic

Pair = tuple[Any, Any]  # a key, or None, and an item
Tagged = tuple[int, list[Pair]]  # the number of the side, and what came on it


class Step(StatefulBatchLogic[Tagged, Any, Any]):
    """What a step does with what comes; subclasses say it, and what a crash must not change.

    Results are put into `results`, and what came too late into `late`.
    """

    # Whether its sides come from one source: bytewax brings one side's batch after the other.
    has_one_source = False

    def __init__(self, step_id: str, state: Any):
        kept, results, late = state or (None, {}, {})
        self.results = Output(step_id, results)
        self.late = Output(late_topic(step_id), late)
        self.restore(kept)

    @abstractmethod
    def restore(self, kept: Any) -> None:
        """Take up what was kept, None at the beginning."""

    @abstractmethod
    def kept(self) -> Any:
        """Return what a crash must not change; nothing may change in it later.

        It is asked for at the end of every epoch, so it should be cheap: a copy of what holds
        things that never change, or bytes.
        """

    @abstractmethod
    def take(self, side: int, pairs: list[Pair]) -> None:
        """Take what came on one side, in its order."""

    def look(self) -> None:
        """Do what the wall clock asks for."""

    def end(self) -> None:
        """Let go what was held back, since nothing comes any more."""

    def seconds_to_wait(self) -> float | None:
        """Return when to look at the clock, in seconds from now; None for never."""
        return None

    def on_batch(self, values: list[Tagged]) -> tuple[list[Any], bool]:
        """Take a batch, all sides in the order of the log where they are of one."""
        in_order = self._in_log_order(values) if self.has_one_source else values
        for side, pairs in in_order:
            self.take(side, pairs)
        return self._leaving()

    def on_notify(self) -> tuple[list[Any], bool]:
        """Look at the clock."""
        self.look()
        return self._leaving()

    def on_eof(self) -> tuple[list[Any], bool]:
        """Let go what was held back."""
        self.end()
        return self._leaving()

    def notify_at(self) -> datetime | None:
        """Return when to be notified."""
        seconds = self.seconds_to_wait()
        return None if seconds is None else datetime.now(UTC) + timedelta(seconds=seconds)

    def snapshot(self) -> Any:
        """Return everything that the next run needs."""
        return self.kept(), dict(self.results.lanes), dict(self.late.lanes)

    def _in_log_order(self, values: list[Tagged]) -> list[Tagged]:
        if len(values) == 1:
            return values
        single = [(side, pair) for side, pairs in values for pair in pairs]
        ordered = in_log_order(single, lambda one: one[1][1])
        return [(side, [pair]) for side, pair in ordered]

    def _leaving(self) -> tuple[list[Any], bool]:
        results = self.results.take()
        late = self.late.take()
        return ([(results, late)] if results or late else []), self.RETAIN


def stepped(
    step_id: str,
    sides: list[KeyedStream[Any]],
    build: Callable[[Any], Step],
) -> KeyedStream[Any]:
    """Return what a step makes of its sides: batches of what `each` takes apart."""
    gathered = [_gathered(step_id, number, up) for number, up in enumerate(sides)]
    together = gathered[0] if len(gathered) == 1 else op.merge("sides", *gathered)
    named = op.map("together", together, lambda tagged: (step_id, tagged))
    one_source = have_one_source(sides)

    def built(state: Any) -> Step:
        step = build(state)
        step.has_one_source = one_source
        return step

    return op.stateful_batch("work", named, built)


def results_of(name: str, worked: KeyedStream[Any]) -> KeyedStream[Any]:
    """Return the results of a step, by key."""
    return op.flat_map_batch(name, worked, lambda batch: _each(batch, 0))


def late_of(worked: KeyedStream[Any]) -> KeyedStream[Any]:
    """Return what came too late for a step, by key."""
    return op.flat_map_batch("late", worked, lambda batch: _each(batch, 1))


def required_key(of_what: str, key: Any) -> str | None:
    """Return a key that a learner's function gave; raise UsageError if it is no key."""
    if key is None or isinstance(key, str):
        return key
    raise UsageError(
        f"The key of a {of_what} is not text",
        expected="text, or None where there is none",
        found=shown(key),
        remedy="Return str(...) of the field.",
    )


def _each(batch: list[tuple[str, tuple[list[Pair], list[Pair]]]], which: int) -> list[Pair]:
    if len(batch) == 1:
        return batch[0][1][which]
    return [pair for _, both in batch for pair in both[which]]


def _gathered(step_id: str, number: int, up: KeyedStream[Any]) -> Any:
    must_sort = is_reordered(up)

    def gather(batch: list[Pair]) -> list[Tagged]:
        _require_pairs(step_id, batch)
        pairs = in_log_order(batch, lambda pair: pair[1]) if must_sort else batch
        return [(number, pairs)] if pairs else []

    return op.flat_map_batch(f"gather_{number}", up, gather)


def _require_pairs(step_id: str, batch: list[Any]) -> None:
    if not batch:
        return
    first = batch[0]
    if not isinstance(first, tuple):
        raise TypeError(f"an item must be a `(key, value)` pair; got {type(first).__name__}")
    if not hasattr(first[1], "stream_time"):
        raise UsageError(
            f"The step {step_id.partition('.')[2]!r} cannot tell what time it is",
            expected="events as lab.source gives them, or results of windows, joins and tables",
            found=shown(first[1]),
            remedy="Leave them as they are up to this step, and take fields out of them below it.",
        )
