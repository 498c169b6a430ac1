import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource

from eventlab.errors import FlowError, UsageError
from eventlab.flows import run
from eventlab.streams import Fold, Tumbling, join_streams, join_tables, join_tables_by, windowed
from tests.streams.flowing import SECOND, events, flowed, joins, keyed, windows

COUNT = Fold(int, lambda n, _: n + 1)
LEFT = events(("a", 0, "l0"), ("a", 2000, "l2"), topic="left")
RIGHT = events(("a", 500, "r0"), ("a", 2500, "r2"), topic="right")
THIRD = events(("a", 1, "t"), topic="third")


def pairs(flow, name="pairs"):
    left = keyed("left", flow, LEFT)
    right = keyed("right", flow, RIGHT)
    return join_streams(name, left, right, within=SECOND).joined


def test_windows_take_what_a_join_gives():
    """With its time: each pair in the window of its later event."""
    found = flowed(lambda flow: windowed("count", pairs(flow), Tumbling(SECOND), COUNT).windows)
    assert windows(found) == [("a", 0, 1000, 1, 500), ("a", 2000, 3000, 1, 2500)]


def test_a_join_of_tables_takes_windows():
    """The newest window of a key is its row; a table's row may be a window."""

    def build(flow):
        counted = windowed("count", keyed("left", flow, LEFT), Tumbling(SECOND), COUNT)
        return join_tables("join", counted.windows, keyed("third", flow, THIRD))

    found = flowed(build)
    assert [(one.left.value, one.left.start, one.right, one.time) for _, one in found] == [
        (1, 0, "t", 1),
        (1, 2000, "t", 2000),
    ]


def test_three_tables_join_in_a_row():
    """By key, and by a foreign key of what two have come to."""

    def build(flow):
        both = join_tables("both", keyed("left", flow, LEFT), keyed("right", flow, RIGHT))
        return join_tables("all", both, keyed("third", flow, THIRD), how="left")

    last = joins(flowed(build))[-1]
    assert (last[1].left, last[1].right, last[2], last[3]) == ("l2", "r2", "t", 2500)

    def build_by(flow):
        both = join_tables("both", keyed("left", flow, LEFT), keyed("right", flow, RIGHT))
        third = keyed("third", flow, events(("l2", 1, "met"), topic="third"))
        return join_tables_by("all", both, third, lambda row: row.left)

    assert [(one[1].left, one[2]) for one in joins(flowed(build_by)) if one[1]][-1] == ("l2", "met")


def test_what_came_late_is_an_item_too():
    """Windows with patience count what others have dropped."""
    rows = events(("a", 9000, 1), ("a", 100, 1), ("a", 200, 1))

    def build(flow):
        counted = windowed("count", keyed("in", flow, rows), Tumbling(SECOND), COUNT)
        return windowed("late", counted.late, Tumbling(SECOND), COUNT, grace=SECOND).windows

    assert windows(flowed(build)) == [("a", 0, 1000, 1, 100), ("a", 0, 1000, 2, 200)]


def test_final_windows_close_below_another_step():
    """What the step above has shown is the time; before the input ends."""
    seen = []
    found = []
    rows = events(*((key, second * 1000, 1) for second in range(4) for key in "ab"))

    def build(flow):
        arriving = op.map("note", keyed("in", flow, rows), lambda p: seen.append(len(found)) or p)
        first = windowed("first", arriving, Tumbling(SECOND), COUNT, partitions=[("t", 0)])
        last = windowed("last", first.windows, Tumbling(2 * SECOND), COUNT, emit="final").windows
        return op.map("kept", last, lambda pair: found.append(pair) or pair)

    flowed(build)
    assert seen[-1] == 2
    assert [window.value for _, window in found] == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("items", "error", "said"),
    [
        ([("a", {"n": 1})], UsageError, "The step 'count' cannot tell what time it is: expected"),
        ([5], FlowError, "op.key_on"),
    ],
    ids=["without time", "without key"],
)
def test_what_a_step_cannot_take_is_one_clear_error(items, error, said):
    """It says what was expected, and what to do."""
    flow = Dataflow("odd")
    arriving = op.input("in", flow, TestingSource(items))
    counted = windowed("count", arriving, Tumbling(SECOND), COUNT)
    op.output("out", counted.windows, TestingSink([]))
    running = run(flow)
    with pytest.raises(error, match=said):
        running.wait(30)
