"""What a step that keeps nothing makes of rows, a batch at a time.

Rows travel as pairs: the text of a key (rows.key_text), and an item whose event is the row, a
tuple, or None where a row is no more.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from eventlab.errors import SqlError
from eventlab.sql.expressions.compiled import reason
from eventlab.sql.expressions.projections import values_maker
from eventlab.sql.planning.plans import Explode, Project, Rekey, Row, Where
from eventlab.sql.planning.rows import (
    WINDOW_COLUMNS,
    Shape,
    key_reader,
    key_writer,
    windowed_key,
)
from eventlab.streams import Arrival
from eventlab.streams.arrivals import Timed

# bytewax's own types know no pair without a key; a step of ours leaves it out, or takes it.
Pair: TypeAlias = tuple[Any, Any]
Pairs: TypeAlias = list[Pair]
Change: TypeAlias = Callable[[Pairs], Pairs]
Show: TypeAlias = Callable[[str | None, Row], Row]
# What a row leaves as, made of its key's text, the row, and the item that brought it; or None.
Leave: TypeAlias = Callable[[Any, Row | None, Timed], Any]
Report: TypeAlias = Callable[[str], object]


def without_failing(change: Change, report: Report) -> Change:
    """Return the same, but that a row for which it fails is reported and left out."""

    def one_by_one(batch: Pairs) -> Pairs:
        changed: Pairs = []
        for pair in batch:
            try:
                changed += change([pair])
            except SqlError:
                raise
            except Exception as error:  # a query never stops for one row
                report(f"a row was left out: {reason(error)}")
        return changed

    def changed(batch: Pairs) -> Pairs:
        try:
            return change(batch)
        except SqlError:  # it ends the query
            raise
        except Exception:
            return one_by_one(batch)

    return changed


def arrival(row: Row | None, key: str | None, item: Timed) -> Arrival:
    """Return a row with the place and the times of the item that brought it."""
    return Arrival(row, key, item.topic, item.partition, item.offset, item.time, item.stream_time)


def paired(key: Any, row: Row | None, item: Timed) -> Pair:
    """Return a row as the next step takes it."""
    # As `arrival` does, and a call less for each row.
    return key, Arrival(
        row, key, item.topic, item.partition, item.offset, item.time, item.stream_time
    )


def leaving(leave: Leave) -> Change:
    """Return what lets rows leave."""

    def change(batch: Pairs) -> list[Any]:
        left = [leave(key, item.event, item) for key, item in batch]
        return [one for one in left if one is not None]

    return change


def filtering(step: Where) -> Change:
    """Return what keeps those rows for which the condition holds."""
    holds = step.condition

    def change(batch: Pairs) -> Pairs:
        return [pair for pair in batch if (row := pair[1].event) is not None and holds(row)]

    return change


def projecting(step: Project, leave: Leave = paired) -> Change:
    """Return what makes of a row the columns of a result."""
    shown = showing(step)

    def change(batch: Pairs) -> list[Any]:
        changed: list[Any] = []
        for key, item in batch:
            row = item.event
            left = leave(key, None if row is None else shown(key, row), item)
            if left is not None:
                changed.append(left)
        return changed

    return change


def showing(step: Project) -> Show:
    """Return what makes of a key's text and a row the columns of a result."""
    values_of = values_maker(step.values)
    if not step.shape.keys:
        return lambda _key, row: values_of(row)
    read_key = key_reader(step.shape.key_types)
    return lambda key, row: read_key(key) + values_of(row)


def rekeying(step: Rekey) -> Change:
    """Return what gives rows another key."""
    columns_of = values_maker(step.columns)
    of_key_alone = values_maker(
        [
            column if is_of_key else _nothing
            for column, is_of_key in zip(step.columns, step.are_of_key, strict=True)
        ]
    )
    keys = step.shape.keys
    text_of = key_writer(step.shape.key_types)
    bounds_of = _bounds_reader(step.shape)
    known_of = _key_columns_reader(step.up.shape)

    def changed(key: str | None, item: Any) -> Pair:
        row = item.event
        if row is None:
            known = known_of(key)
            whole = (*known, *of_key_alone(known))
        else:
            whole = (*row, *columns_of(row))
        new_key = text_of(tuple([whole[place] for place in keys]))
        if bounds_of is not None and row is not None:
            new_key = windowed_key(new_key, *bounds_of(row))
        return new_key, arrival(None if row is None else whole, new_key, item)

    return lambda batch: [changed(key, item) for key, item in batch]


def _nothing(_row: Row) -> None:
    return None


def _key_columns_reader(shape: Shape) -> Callable[[str | None], Row]:
    """Return what makes of a key a row in which nothing else is known."""
    read_key = key_reader(shape.key_types)

    def known_of(key: str | None) -> Row:
        known: list[Any] = [None] * len(shape.fields)
        for place, value in zip(shape.keys, read_key(key), strict=True):
            known[place] = value
        return tuple(known)

    return known_of


def _bounds_reader(shape: Shape) -> Callable[[Row], tuple[int, int]] | None:
    if shape.window is None:
        return None
    names = [field.name for field in shape.fields]
    start, end = (names.index(name) for name in WINDOW_COLUMNS)
    return lambda row: (row[start], row[end])


def exploding(step: Explode) -> Change:
    """Return what makes a row for each value of lists, the shorter ones filled with NULL."""
    lists = step.lists

    def exploded(key: str | None, item: Any) -> Pairs:
        row = item.event
        if row is None:
            return []
        found = [one(row) for one in lists]
        longest = max(map(len, found))
        rows = [
            (*row, *(one[number] if number < len(one) else None for one in found))
            for number in range(longest)
        ]
        return [(key, arrival(one, key, item)) for one in rows]

    return lambda batch: [pair for key, item in batch for pair in exploded(key, item)]


def joining(left: Shape, right: Shape, both: Shape, *, is_turned: bool = False) -> Change:
    """Return what makes one row of what a join found on both sides."""
    no_left = (None,) * len(left.fields)
    no_right = (None,) * len(right.fields)
    has_own_key = len(both.fields) > len(no_left) + len(no_right) + 1
    read_key = key_reader([both.fields[both.keys[0]].kind])

    def row_of(key: str | None, item: Any) -> Row | None:
        if item.event is None:
            return None
        first, second = (item.right, item.left) if is_turned else (item.left, item.right)
        row = (*(first or no_left), *(second or no_right), item.time)
        return (*row, read_key(key)[0]) if has_own_key else row

    return lambda batch: [(key, arrival(row_of(key, item), key, item)) for key, item in batch]
