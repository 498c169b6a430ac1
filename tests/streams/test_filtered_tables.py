from datetime import timedelta

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, run_main
from hypothesis import given
from hypothesis import strategies as st

from eventlab.flows.recovery import recovery_config
from eventlab.streams import Fold, Session, filtered_table, windowed
from tests.properties import examples
from tests.streams.flowing import MS, events, flowed, keyed
from tests.streams.histories import Crashing

changes = st.lists(
    st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 9))),
    min_size=1,
    max_size=30,
)


def many(number: int) -> bool:
    return number > 4


def rows_of(history) -> list[tuple]:
    return [(key, time, number) for time, (key, number) in enumerate(history)]


def told(found) -> list[tuple]:
    """Return rows as key, what they say, and time."""
    return [(key, one.event, one.time) for key, one in found]


def expected(history) -> list[tuple]:
    """Return what a table of many things says, from the history alone."""
    shown, said = set(), []
    for key, time, number in rows_of(history):
        if number is not None and many(number):
            shown.add(key)
            said.append((key, number, time))
        elif key in shown:
            shown.remove(key)
            said.append((key, None, time))
    return said


@examples(50)
@given(changes, st.sampled_from([1, 7, 1000]))
def test_a_row_is_said_while_it_holds_and_then_taken_back(history, batch_size):
    """One for which it never held is not spoken of."""
    given_rows = events(*rows_of(history))
    found = flowed(
        lambda flow: filtered_table("f", keyed("in", flow, given_rows, batch_size), many)
    )
    assert told(found) == expected(history)


@examples(15)
@given(changes, st.sets(st.integers(0, 30), max_size=3))
def test_a_crash_at_any_point_changes_nothing(tmp_path_factory, history, crashes):
    """The rows that were said are still known after it."""
    found = []
    source = Crashing(events(*rows_of(history)), crashes)
    store = tmp_path_factory.mktemp("stores") / "store"
    for _ in range(len(crashes) + 1):
        made = Dataflow("filtered")
        arriving = op.key_on("key", op.input("in", made, source), lambda arrival: arrival.key)
        op.output("out", filtered_table("f", arriving, many), TestingSink(found))
        run_main(made, epoch_interval=timedelta(0), recovery_config=recovery_config(store, made))
    assert set(told(found)) == set(expected(history))


def test_each_window_of_a_key_is_a_row():
    """A session that became part of a greater one is taken back."""
    count = Fold(int, lambda number, _: number + 1, lambda one, other: one + other)
    up = events(("a", 0, 1), ("a", 8, 1), ("a", 4, 1))
    is_shown = lambda window: window.end != 8 or window.start == 0  # noqa: E731

    def build(flow):
        counted = windowed("w", keyed("in", flow, up), Session(5 * MS), count, grace=60 * MS)
        return filtered_table("f", counted.windows, is_shown)

    assert [(one.event is None, one.time) for _, one in flowed(build)] == [
        (False, 0),
        (True, 0),
        (False, 8),
    ]


def test_a_row_without_a_key_is_left_out():
    """A table has no place for it."""
    given_rows = events((None, 0, 9), ("a", 1, 9))
    found = flowed(lambda flow: filtered_table("f", keyed("in", flow, given_rows), many))
    assert told(found) == [("a", 9, 1)]
