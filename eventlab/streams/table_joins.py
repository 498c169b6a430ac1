"""Joins of two tables: by their keys, or by a field of one that is the key of the other.

Rows are taken in the order of the log, as Kafka Streams and compaction do. What comes out is the
changelog of a table again: a new row for each change of either side, and None, a tombstone, when
the joined row is no more. After the same topics its rows are the same, whatever the order in which
the two were read; which changes came in between is not.
"""

import pickle
from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple

import bytewax.operators as op
from bytewax.dataflow import operator
from bytewax.operators import KeyedStream, StatefulBatchLogic

from eventlab.errors import UsageError
from eventlab.streams.arguments import required_one_of
from eventlab.streams.arrivals import Arrival
from eventlab.streams.results import Joined, joined

LEFT, RIGHT = 0, 1
_INNER, _LEFT_JOIN, _OUTER = "inner", "left", "outer"


@operator
def join_tables(
    step_id: str,
    left: KeyedStream[Arrival],
    right: KeyedStream[Arrival],
    *,
    how: Literal["inner", "left", "outer"] = "inner",
) -> KeyedStream[Joined | None]:
    """Join two tables by key, and follow the changes of both. Raises UsageError."""
    required_one_of("join", how, [_INNER, _LEFT_JOIN, _OUTER])
    sides = [
        op.map_value(name, stream, lambda arrival, side=side: (side, arrival))
        for side, (name, stream) in enumerate({"left": left, "right": right}.items())
    ]
    rows = op.merge("sides", *sides)
    return op.stateful_batch("join", rows, lambda state: _Rows(how, state))


class _Rows(StatefulBatchLogic):
    """The rows of both sides for one key."""

    def __init__(self, how: str, state: bytes | None):
        self._how = how
        self._rows: list[Arrival | None] = pickle.loads(state) if state else [None, None]

    def on_batch(self, values: list[tuple[int, Arrival]]) -> tuple[list, bool]:
        changes = []
        for side, arrival in values:
            before = self._result()
            self._rows[side] = _row(arrival)
            after = self._result()
            if before is not None or after is not None:
                changes.append(after)
        return changes, self._rows == [None, None]

    def snapshot(self) -> bytes:
        return pickle.dumps(self._rows)

    def _result(self) -> Joined | None:
        return _joined(self._how, *self._rows)


@operator
def join_tables_by(
    step_id: str,
    left: KeyedStream[Arrival],
    right: KeyedStream[Arrival],
    foreign_key: Callable[[Any], str | None],
    *,
    how: Literal["inner", "left"] = "inner",
) -> KeyedStream[Joined | None]:
    """Join each row of a table with the row of another that it refers to, and follow both.

    `foreign_key` takes a left event and returns the key of its right row, or None. The result has
    the left table's keys. Rows find each other as in KIP-213: the left row goes to where the right
    one is kept, and the answer, which bears the number of the left row's change, comes back; one
    that a newer change has overtaken is not heeded. Raises UsageError.
    """
    required_one_of("join", how, [_INNER, _LEFT_JOIN])
    named = op.map("named", left, lambda pair: (pair[0], pair))
    sent = op.stateful_batch("refer", named, lambda state: _Referring(foreign_key, how, state))
    letters = op.flat_map("letters", sent, _letter_to_right)
    rows = op.map_value("right", right, _row_of_right)
    at_right = op.stateful_batch(
        "meet", op.merge("to_right", letters, rows), lambda state: _Referred(how, state)
    )
    answers = op.map("answers", at_right, lambda pair: (pair[1].key, pair[1]))
    own = op.flat_map("own_answers", sent, _own_answer)
    return op.stateful_batch("heed", op.merge("to_left", answers, own), _Heeding)


class _Refer(NamedTuple):
    """To the right row: the left row `key` refers to you; or without a row, it no longer does."""

    target: str
    key: str
    number: int
    row: Arrival | None


class _Answer(NamedTuple):
    """To the left row `key`: what its change of this number comes to."""

    key: str
    number: int
    result: Joined | None


class _Referring(StatefulBatchLogic):
    """Where the left row of a key refers to, and how often it has changed."""

    def __init__(self, foreign_key: Callable[[Any], str | None], how: str, state: Any):
        self._foreign_key, self._how = foreign_key, how
        self._target, self._number = state or (None, 0)

    def on_batch(self, values: list[tuple[str, Arrival]]) -> tuple[list, bool]:
        return [letter for pair in values for letter in self._change(*pair)], self.RETAIN

    def snapshot(self) -> tuple[str | None, int]:
        return self._target, self._number

    def _change(self, key: str, arrival: Arrival) -> Iterable[_Refer | _Answer]:
        row, before = _row(arrival), self._target
        self._number += 1
        self._target = None if row is None else _required_key(self._foreign_key(row.event))
        if before is not None and before != self._target:
            yield _Refer(before, key, self._number, None)
        if self._target is not None:
            yield _Refer(self._target, key, self._number, row)
        else:
            yield _Answer(key, self._number, _joined(self._how, row, None))


class _Referred(StatefulBatchLogic):
    """A right row, and the left rows that refer to it."""

    def __init__(self, how: str, state: bytes | None):
        self._how = how
        self._right, self._lefts = pickle.loads(state) if state else (None, {})

    def on_batch(self, values: list[Any]) -> tuple[list, bool]:
        answers: list[_Answer] = []
        for value in values:
            if isinstance(value, _Refer):
                answers += self._refer(value)
            else:
                self._right = value[0]
                answers += [self._answer(key) for key in self._lefts]
        return answers, self._right is None and not self._lefts

    def snapshot(self) -> bytes:
        return pickle.dumps((self._right, self._lefts))

    def _refer(self, letter: _Refer) -> list[_Answer]:
        if letter.row is None:
            self._lefts.pop(letter.key, None)
            return []
        self._lefts[letter.key] = letter.number, letter.row
        return [self._answer(letter.key)]

    def _answer(self, key: str) -> _Answer:
        number, row = self._lefts[key]
        return _Answer(key, number, _joined(self._how, row, self._right))


class _Heeding(StatefulBatchLogic):
    """The newest change of a left row that was answered, and whether it has a result."""

    def __init__(self, state: tuple[int, bool] | None):
        self._number, self._has_result = state or (0, False)

    def on_batch(self, values: list[_Answer]) -> tuple[list, bool]:
        changes = []
        for answer in values:
            if answer.number < self._number:
                continue
            self._number = answer.number
            if self._has_result or answer.result is not None:
                changes.append(answer.result)
            self._has_result = answer.result is not None
        return changes, self.RETAIN

    def snapshot(self) -> tuple[int, bool]:
        return self._number, self._has_result


def _letter_to_right(pair: tuple[str, Any]) -> list[tuple[str, _Refer]]:
    return [(pair[1].target, pair[1])] if isinstance(pair[1], _Refer) else []


def _own_answer(pair: tuple[str, Any]) -> list[tuple[str, _Answer]]:
    return [pair] if isinstance(pair[1], _Answer) else []


def _row_of_right(arrival: Arrival) -> tuple[Arrival | None]:
    return (_row(arrival),)


def _row(arrival: Arrival) -> Arrival | None:
    return None if arrival.event is None else arrival


def _joined(how: str, left: Arrival | None, right: Arrival | None) -> Joined | None:
    wanted = {
        _INNER: left is not None and right is not None,
        _LEFT_JOIN: left is not None,
        _OUTER: left is not None or right is not None,
    }
    return joined(left, right) if wanted[how] else None


def _required_key(key: Any) -> str | None:
    if key is None or isinstance(key, str):
        return key
    raise UsageError(
        "A foreign key is not text",
        expected="text, or None where a row refers to nothing",
        found=repr(key),
        remedy="Return str(...) of the field.",
    )
