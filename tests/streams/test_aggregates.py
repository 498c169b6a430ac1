import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.streams import Fold, TableFold, Tumbling, aggregate_table, suppressed, windowed
from tests.properties import examples
from tests.streams.flowing import MS, SECOND, events, flowed, keyed, windows

COUNT = TableFold(int, lambda n, _: n + 1, lambda n, _: n - 1)
SUM = TableFold(int, lambda n, row: n + row["n"], lambda n, row: n - row["n"])


def grouped(rows, fold=SUM, batch_size=1):
    """Return the groups' rows as they leave: group, value, time."""
    found = flowed(
        lambda flow: aggregate_table(
            "groups", keyed("in", flow, events(*rows), batch_size), lambda _, row: row["in"], fold
        )
    )
    return [(group, row.value, row.time) for group, row in found]


def test_a_row_that_moves_leaves_its_first_group():
    """It is taken off before it is added."""
    rows = [
        ("a", 1, {"in": "x", "n": 2}),
        ("b", 2, {"in": "x", "n": 3}),
        ("a", 3, {"in": "y", "n": 5}),
    ]
    assert grouped(rows) == [("x", 2, 1), ("x", 5, 2), ("x", 3, 3), ("y", 5, 3)]


def test_a_row_that_stays_changes_its_group_once():
    """What it said is replaced by what it says; the group's time is its newest change's."""
    rows = [("a", 5, {"in": "x", "n": 2}), ("a", 3, {"in": "x", "n": 7})]
    assert grouped(rows) == [("x", 2, 5), ("x", 7, 5)]


def test_a_deleted_row_leaves_its_group():
    """A group whose fold gives None is no more."""
    ends = TableFold(int, lambda n, _: n + 1, lambda n, _: n - 1 or None)
    rows = [("a", 1, {"in": "x"}), ("a", 4, None), ("b", 6, None), ("c", 7, {"in": None})]
    assert grouped(rows, ends) == [("x", 1, 1), ("x", None, 4)]


rows_of_tables = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.one_of(
            st.none(),
            st.fixed_dictionaries(
                {"in": st.sampled_from(["x", "y", None]), "n": st.integers(0, 9)}
            ),
        ),
    ),
    min_size=1,
    max_size=30,
)


@examples(50)
@given(rows_of_tables, st.integers(1, 30))
def test_the_groups_are_those_of_pandas(changes, batch_size):
    """Over the last row of each key."""
    rows = [(key, time, row) for time, (key, row) in enumerate(changes)]
    last = {group: value for group, value, _ in grouped(rows, SUM, batch_size)}
    table = {key: row for key, _, row in rows}
    kept = pandas.DataFrame([row for row in table.values() if row], columns=["in", "n"])
    expected = kept.dropna().groupby("in")["n"].sum().to_dict()
    assert {group: value for group, value in last.items() if value} == {
        group: value for group, value in expected.items() if value
    }


def test_only_the_last_change_within_the_wait_leaves():
    """The first one begins the wait; each key has its own."""
    rows = [
        ("a", 0, 1),
        ("a", 400, 2),
        ("b", 600, 3),
        ("a", 1000, 4),
        ("b", 1100, 5),
        ("a", 2500, 6),
    ]
    found = flowed(lambda flow: suppressed("hold", keyed("in", flow, events(*rows)), wait=SECOND))
    assert [(key, item.event, item.time) for key, item in found] == [
        ("a", 4, 1000),
        ("b", 5, 1100),
        ("a", 6, 2500),
    ]


def test_changes_that_are_due_at_once_leave_in_the_order_of_their_keys():
    """And each partition has a time of its own; with no wait every change leaves."""

    def held(rows, wait):
        found = flowed(lambda flow: suppressed("hold", keyed("in", flow, events(*rows)), wait=wait))
        return [(key, item.event) for key, item in found]

    assert held([("b", 0, 1), ("a", 0, 2), ("z", 10, 3)], 5 * MS)[:2] == [("a", 2), ("b", 1)]
    two = [("a", 0, 1, 0), ("b", 1000, 2, 1), ("a", 1, 3, 0)]
    assert held(two, 100 * MS) == [("a", 3), ("b", 2)]
    assert held([("a", 0, 1), ("a", 5, 2)], 0 * MS) == [("a", 1), ("a", 2)]


def test_each_window_is_held_back_on_its_own():
    """Two windows of a key are two rows."""
    count = Fold(int, lambda n, _: n + 1)
    rows = [("a", 0, 1), ("a", 5, 1), ("a", 12, 1), ("a", 14, 1)]

    def build(flow):
        counted = windowed("count", keyed("in", flow, events(*rows)), Tumbling(10 * MS), count)
        return suppressed("hold", counted.windows, wait=SECOND)

    assert windows(flowed(build)) == [("a", 0, 10, 2, 5), ("a", 10, 20, 2, 14)]


@pytest.mark.parametrize(
    "make",
    [
        lambda up: aggregate_table("x", up, str, int),
        lambda up: suppressed("x", up, wait=-SECOND),
        lambda up: suppressed("x", up, wait=5),
    ],
)
def test_what_makes_no_sense_is_refused(make):
    """Before anything runs."""
    with pytest.raises(UsageError, match="expected"):
        flowed(lambda flow: make(keyed("in", flow, [])))


def test_a_group_that_is_no_text_ends_the_flow_with_one_clear_error():
    """It says what was returned."""
    from bytewax.errors import BytewaxRuntimeError

    with pytest.raises(BytewaxRuntimeError) as caught:
        grouped([("a", 1, {"in": 5})])
    cause = caught.value
    while cause.__cause__ is not None:
        cause = cause.__cause__
    assert "The key of a group is not text: expected text" in str(cause)
