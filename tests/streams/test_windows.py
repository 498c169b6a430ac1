from datetime import timedelta

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.streams import Fold, Hopping, Session, Sliding, Tumbling
from eventlab.streams.arrivals import FOREVER
from tests.streams.histories import COUNT, NOON, arrivals, histories, told, values

SECOND = timedelta(seconds=1)


def expected(history, length, hop, grace):
    """Return by pandas, from the history alone, the counts and how many were late for a window."""
    frame = pandas.DataFrame(history, columns=["key", "at", "partition"])
    frame["stream"] = frame.groupby("partition")["at"].cummax()
    starts = frame["at"].map(
        lambda at: [s for s in range(-60, at + 1) if not s % hop and s + length > at]
    )
    frame = frame.assign(start=starts).explode("start").astype({"start": int})
    in_time = frame["start"] + length + grace > frame["stream"]
    counts = frame[in_time].groupby(["key", "start"]).size()
    return {(k, s, s + length): n for (k, s), n in counts.items()}, int((~in_time).sum())


@given(histories, st.sampled_from([(5, 5), (10, 10), (10, 5), (7, 2)]), st.integers(0, 10))
def test_fixed_windows_count_what_pandas_counts(history, lengths, grace):
    """Ties, duplicates, late rows and two partitions included; each late row is told once."""
    length, hop = lengths
    _, last, late = told(Hopping(length * SECOND, hop * SECOND), history, grace)
    counts, number_late = expected(history, length, hop, grace)
    assert (last, len(late)) == (counts, number_late)


@pytest.mark.parametrize("kind", [Tumbling(5 * SECOND), Sliding(5 * SECOND)], ids=repr)
@given(history=histories, grace=st.integers(0, 10))
def test_what_is_closed_is_what_was_last_said(kind, history, grace):
    """Each window once, with its last value; nothing stays behind."""
    state, last, _ = told(kind, history, grace)
    closed = kind.close(state, COUNT, 1000 * grace, FOREVER)
    assert values(closed) == last
    assert (len(closed), state) == (len(last), {})


@given(histories, st.integers(1, 8))
def test_sessions_are_those_of_pandas(history, gap):
    """With grace enough that nothing is late, however the rows are mixed."""
    state, last, late = told(Session(gap * SECOND), history, grace_seconds=100)
    frame = pandas.DataFrame(history, columns=["key", "at", "partition"]).sort_values("at")
    number = frame.groupby("key")["at"].diff().gt(gap).groupby(frame["key"]).cumsum()
    sessions = frame.groupby(["key", number])["at"].agg(["min", "max", "size"]).reset_index("key")
    found = {
        (key, (start - NOON) // 1000, (end - NOON) // 1000): value
        for key, ones in state.items()
        for start, end, value in ones
    }
    assert late == []
    assert found == {(key, first, end): count for key, first, end, count in sessions.values}
    assert last.items() >= found.items()


def test_a_joined_session_takes_back_what_was_said():
    """Two sessions that an event joins are told of once more, without a value."""
    kind, state = Session(5 * SECOND), {}
    for arrival in arrivals([("a", 0, 0), ("a", 8, 0)]):
        kind.add(state, "a", arrival, COUNT, 60_000)
    (arrival,) = arrivals([("a", 4, 0)])
    changed, _ = kind.add(state, "a", arrival, COUNT, 60_000)
    said = [(start, end, value) for (_, start, end), value in values(changed).items()]
    assert said == [(0, 0, None), (8, 8, None), (0, 8, 3)]


def test_a_session_that_is_over_takes_nothing_more():
    """An event that would have prolonged it begins another, or is late."""
    _, last, late = told(Session(5 * SECOND), [("a", 0, 0), ("b", 6, 0), ("a", 4, 0), ("c", 0, 0)])
    assert last == {("a", 0, 0): 1, ("b", 6, 6): 1, ("a", 4, 4): 1}
    assert [(key, one.missed_by) for key, one in late] == [("c", 1 * SECOND)]


def test_it_says_why_an_event_was_late():
    """The watermark when it arrived, its window's end, the grace, and by how much it missed."""
    _, _, late = told(Tumbling(60 * SECOND), [("a", 450, 0), ("a", 299, 0)], grace_seconds=120)
    ((key, one),) = late
    assert key == "a"
    assert one.missed_by == 30 * SECOND
    assert one.reason == (
        "arrived when the watermark stood at 2025-03-03 12:07:30; its window ended at"
        " 2025-03-03 12:05:00 and stayed open for 2 min more; 30 s too late"
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: Tumbling(timedelta(0)),
        lambda: Tumbling(60),
        lambda: Hopping(SECOND, 2 * SECOND),
        lambda: Session(-SECOND),
        lambda: Sliding(timedelta(0)),
        lambda: Session(SECOND).require(Fold(int, max)),
    ],
)
def test_windows_that_make_no_sense_are_refused(make):
    """Before any event is lost in them."""
    with pytest.raises(UsageError, match="expected"):
        make()
