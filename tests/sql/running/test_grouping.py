from operator import itemgetter

import pytest

from eventlab.sql.functions.registry import Folding
from eventlab.sql.planning.plans import Aggregate, Aggregated, Read
from eventlab.sql.planning.rows import Field, Shape
from eventlab.sql.running.folding import RowFold
from eventlab.sql.running.grouping import (
    group_key,
    grouped,
    grouped_in_windows,
    grouping_events,
    grouping_rows,
    whole,
)
from eventlab.sql.types import BIGINT, DOUBLE, STRING
from eventlab.streams import Arrival, Window
from eventlab.streams.results import Row

SHAPE = Shape("stream", (Field("G", STRING), Field("N", BIGINT)), ())
BY_GROUP = Shape("table", (Field("G", STRING), Field("N", BIGINT)), (0,))
SUM = Folding(int, lambda n, x: n + x, lambda n: n * 10)
AGGREGATE = Aggregated(SUM, (lambda row: row[1],), False)
READ = Read(None, "S", SHAPE)
STEP = Aggregate(READ, (lambda row: row[0],), (AGGREGATE,), None, False, BY_GROUP)
FOLD = RowFold((AGGREGATE,))


def item(row) -> Arrival:
    return Arrival(row, None, "t", 0, 0, 4, 4)


def test_an_event_has_the_key_of_its_group():
    """None where a column of the group is NULL, or there is no row."""
    batch = [("k", item(row)) for row in (("x", 1), (None, 2), None, ("x", 3))]
    found = grouping_events(group_key(STEP.groups, STEP.shape.key_types))(batch)
    assert [key for key, _ in found] == ['["x"]', None, None, '["x"]']
    assert [one for _, one in found] == [one for _, one in batch]


def test_a_row_of_a_table_says_its_group_and_its_arguments():
    """It keeps its own key, by which it changes."""
    batch = [("k", item(row)) for row in (("x", 1), (None, 2), None)]
    assert [(key, one.event) for key, one in grouping_rows(STEP)(batch)] == [
        ("k", ('["x"]', ("x",), ((1,),))),
        ("k", None),
        ("k", None),
    ]


def test_a_group_is_its_values_its_results_and_its_time():
    """A group that is no more has no row."""
    rows = [('["x"]', Row((("x",), (5,)), 7)), ('["x"]', Row(None, 8))]
    found = grouped(FOLD, whole)(rows)
    assert [(one.event, one.time) for _, one in found] == [(("x", 50, 7), 7), (None, 8)]


def test_a_window_has_its_bounds_in_row_and_key():
    """And one that was taken back has no row."""
    rows = [
        ('["x"]', Window(10, 20, (("x",), (5,)), 12, 13, "step", 1, 2)),
        ('["x"]', Window(10, 20, None, 14)),
    ]
    found = grouped_in_windows(FOLD, whole)(rows)
    assert [(key, one.event, one.time) for key, one in found] == [
        ('["x",10,20]', ("x", 50, 10, 20, 12), 12),
        ('["x",10,20]', None, 14),
    ]
    first = found[0][1]
    assert (first.stream_time, first.topic, first.partition, first.offset) == (13, "step", 1, 2)


def test_a_group_may_leave_as_something_else():
    """In a window or not; what leaves as nothing is left out."""

    def leave(key, row, one):
        return None if row is None else (key, row, one.time)

    rows = [('["x"]', Row((("x",), (5,)), 7)), ('["x"]', Row(None, 8))]
    assert grouped(FOLD, whole, leave)(rows) == [('["x"]', ("x", 50, 7), 7)]
    windows = [('["x"]', Window(10, 20, (("x",), (5,)), 12)), ('["x"]', Window(10, 20, None, 14))]
    assert grouped_in_windows(FOLD, whole, leave)(windows) == [
        ('["x",10,20]', ("x", 50, 10, 20, 12), 12)
    ]


@pytest.mark.parametrize(
    ("kinds", "rows", "keys"),
    [
        ([STRING], [("x",), (None,), ("x",)], ['["x"]', None, '["x"]']),
        ([DOUBLE], [(1.0,), (float("nan"),), (None,)], ["[1.0]", '["NaN"]', None]),
        ([STRING, BIGINT], [("x", 1), ("x", None)], ['["x",1]', None]),
    ],
)
def test_the_key_of_a_group_is_of_all_of_its_columns(kinds, rows, keys):
    """There is none where one of them is NULL."""
    places = range(len(kinds))
    shape = Shape("table", tuple(Field(f"G{one}", kinds[one]) for one in places), tuple(places))
    step = Aggregate(READ, tuple(map(itemgetter, places)), (), None, False, shape)
    assert [group_key(step.groups, step.shape.key_types)(row) for row in rows] == keys
