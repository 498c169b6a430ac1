import pytest

from eventlab.errors import SqlError
from eventlab.sql.planning.plans import Explode, Project, Read, Rekey, Where
from eventlab.sql.planning.rows import Field, Shape
from eventlab.sql.running.changes import (
    arrival,
    exploding,
    filtering,
    joining,
    leaving,
    paired,
    projecting,
    rekeying,
    showing,
    without_failing,
)
from eventlab.sql.types import BIGINT, STRING
from eventlab.streams import Arrival, Joined

SHAPE = Shape("stream", (Field("K", STRING), Field("N", BIGINT)), (0,))
READ = Read(None, "S", SHAPE)


def item(row) -> Arrival:
    return Arrival(row, None, "t", 2, 3, 4, 5)


def told(pairs) -> list[tuple]:
    return [(key, one.event) for key, one in pairs]


def test_a_row_keeps_the_place_and_the_times_of_what_brought_it():
    """A new row is of the same record."""
    made = arrival((1,), "k", item((0,)))
    assert (made.event, made.key, made.topic, made.partition) == ((1,), "k", "t", 2)
    assert (made.offset, made.time, made.stream_time) == (3, 4, 5)


def test_a_condition_that_is_null_does_not_hold():
    """Nor does it for a row that is no more."""
    holds = {("a", 1): True, ("a", 2): None, ("a", 3): False}
    change = filtering(Where(READ, holds.get, SHAPE))
    batch = [("k", item(row)) for row in (*holds, None)]
    assert told(change(batch)) == [("k", ("a", 1))]


def test_a_result_is_the_key_and_the_values():
    """The key comes from its text; a row that is no more stays so."""
    change = projecting(Project(READ, (lambda row: row[1] * 2, lambda row: None), SHAPE))
    assert told(change([('["a"]', item(("x", 4))), ('["b"]', item(None))])) == [
        ('["a"]', ("a", 8, None)),
        ('["b"]', None),
    ]


def test_a_result_may_leave_as_something_else():
    """What leaves as nothing is left out."""

    def leave(key, row, one):
        return None if row is None else (row[1], one.time)

    change = projecting(Project(READ, (lambda row: row[1] * 2,), SHAPE), leave)
    batch = [('["a"]', item(("x", 4))), ('["b"]', item(None))]
    assert change(batch) == [(8, 4)]
    assert leaving(leave)(batch) == [(4, 4)]
    assert leaving(paired)(batch[:1]) == [('["a"]', arrival(("x", 4), '["a"]', item(None)))]


def test_what_is_shown_needs_no_item():
    """A key's text and a row are enough; without a key, the row alone."""
    values = (lambda row: row[1],)
    assert showing(Project(READ, values, SHAPE))('["a"]', ("x", 4)) == ("a", 4)
    keyless = Shape("stream", SHAPE.fields, ())
    assert showing(Project(READ, values, keyless))(None, ("x", 4)) == (4,)


def test_a_new_key_is_made_of_columns():
    """A row that is no more has what its old key says."""
    by_number = Shape("stream", (*SHAPE.fields, Field("M", BIGINT)), (2, 0))
    change = rekeying(Rekey(READ, (lambda row: row[1] and row[1] + 1,), (False,), by_number))
    assert told(change([('["a"]', item(("a", 4))), ('["b"]', item(None))])) == [
        ('[5,"a"]', ("a", 4, 5)),
        ('[null,"b"]', None),
    ]


def test_lists_are_taken_apart_side_by_side():
    """The shorter one is filled with NULL; empty ones give no row."""
    lists = (lambda row: list(range(row[1])), lambda row: ["x"] if row[1] else [])
    change = exploding(Explode(READ, lists, SHAPE))
    assert told(change([("k", item(("a", 2))), ("k", item(("a", 0))), ("k", item(None))])) == [
        ("k", ("a", 2, 0, "x")),
        ("k", ("a", 2, 1, None)),
    ]


def test_a_join_is_both_rows_and_its_time():
    """NULL for a side that has nothing; turned round where the sides were."""
    both = Shape("stream", (*SHAPE.fields, *SHAPE.fields, Field("ROWTIME", BIGINT)), (0,))
    pair = ('["a"]', Joined(("a", 1), None, 1, None, 9))
    no_more = ('["a"]', Joined(None, None, None, None, 9))
    assert told(joining(SHAPE, SHAPE, both)([pair, no_more])) == [
        ('["a"]', ("a", 1, None, None, 9)),
        ('["a"]', None),
    ]
    assert told(joining(SHAPE, SHAPE, both, is_turned=True)([pair])) == [
        ('["a"]', (None, None, "a", 1, 9))
    ]


def test_a_row_for_which_a_step_fails_is_left_out_and_reported():
    """Those around it are done."""
    reports: list[str] = []
    change = projecting(Project(READ, (lambda row: 6 // row[1],), SHAPE))
    safely = without_failing(change, reports.append)
    batch = [('["a"]', item(("a", number))) for number in (1, 0, 3)]
    assert told(safely(batch)) == [('["a"]', ("a", 6)), ('["a"]', ("a", 2))]
    assert reports == ["a row was left out: it divides by zero"]


def test_what_ends_a_query_on_purpose_is_raised():
    """It is no row that fails."""

    def ends(batch):
        raise SqlError("It ends", expected="this", found="that", remedy="None.")

    with pytest.raises(SqlError, match="It ends"):
        without_failing(ends, print)([("k", item((1,)))])
