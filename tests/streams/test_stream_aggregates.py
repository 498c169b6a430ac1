from datetime import timedelta

import bytewax.operators as op
import pandas
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, run_main
from hypothesis import given
from hypothesis import strategies as st

from eventlab.flows.recovery import recovery_config
from eventlab.streams import Fold, aggregated
from tests.properties import examples
from tests.streams.flowing import events, flowed, keyed
from tests.streams.histories import NOON, Crashing, arrivals, histories

SUM = Fold(int, lambda cents, arrival: cents + arrival.event)


def rows(given, fold=SUM, batch_size=1) -> list[tuple]:
    """Return the rows as they leave: key, value, time."""
    found = flowed(
        lambda flow: aggregated("rows", keyed("in", flow, events(*given), batch_size), fold)
    )
    return [(key, row.value, row.time) for key, row in found]


def expected(history) -> list[tuple]:
    """Return by pandas the sum of each key so far, and the greatest time of its events."""
    frame = pandas.DataFrame(history, columns=["key", "at", "partition"])
    by_key = frame.groupby("key")["at"]
    sums = zip(frame["key"], by_key.cumsum(), by_key.cummax(), strict=True)
    return [(key, total, NOON + 1000 * newest) for key, total, newest in sums]


@examples(50)
@given(histories, st.sampled_from([1, 7, 1000]))
def test_every_event_says_the_row_so_far(history, batch_size):
    """Ties, and events that come late, included."""
    found = flowed(lambda flow: aggregated("rows", keyed("in", flow, arrivals(history)), SUM))
    assert [(key, row.value, row.time) for key, row in found] == expected(history)


@examples(15)
@given(histories, st.sets(st.integers(0, 40), max_size=3))
def test_a_crash_at_any_point_changes_nothing(tmp_path_factory, history, crashes):
    """What is said again after it is the same."""
    found = []
    source = Crashing(arrivals(history), crashes)
    store = tmp_path_factory.mktemp("stores") / "store"
    for _ in range(len(crashes) + 1):
        made = Dataflow("sums")
        arriving = op.key_on("key", op.input("in", made, source), lambda arrival: arrival.key)
        op.output("out", aggregated("rows", arriving, SUM), TestingSink(found))
        run_main(made, epoch_interval=timedelta(0), recovery_config=recovery_config(store, made))
    assert {(key, row.value, row.time) for key, row in found} == set(expected(history))


def test_what_has_no_key_or_no_value_is_left_out():
    """It says nothing of any row."""
    assert rows([("a", 1, 5), (None, 2, 5), ("a", 3, None), ("a", 4, 1)]) == [
        ("a", 5, 1),
        ("a", 6, 4),
    ]


def test_a_fold_that_gives_none_takes_the_row_back():
    """And the next event begins anew, with its own time."""
    ends = Fold(int, lambda cents, arrival: cents + arrival.event or None)
    assert rows([("a", 9, 5), ("a", 8, -5), ("a", 3, 2)], ends) == [
        ("a", 5, 9),
        ("a", None, 9),
        ("a", 2, 3),
    ]


def test_a_fold_may_change_the_value_that_it_gave():
    """What left before stays what it was; lists are a learner's first fold."""

    def put(names, arrival):
        names.append(arrival.event)
        return names

    found = rows([("a", 1, "x"), ("b", 2, "y"), ("a", 3, "z")], Fold(list, put))
    assert found[-1] == ("a", ["x", "z"], 3)
