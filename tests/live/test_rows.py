import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.live.rows import Change, Rows
from tests.properties import examples


def test_what_was_pushed_is_taken_once():
    """A second take finds nothing new, and all rows are still held."""
    rows = Rows(keep=10)
    rows.push(a=[1, 2], b=["x", "y"])
    rows.push(a=[3], b=["z"])
    assert rows.take() == Change({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    assert rows.take() is None
    assert rows.all() == {"a": [1, 2, 3], "b": ["x", "y", "z"]}


def test_only_the_newest_rows_are_kept():
    """Neither what is held nor what waits grows past `keep`."""
    rows = Rows(keep=3)
    rows.push(a=range(10))
    assert rows.take().columns == {"a": [7, 8, 9]}
    assert rows.all() == {"a": [7, 8, 9]}
    assert len(rows) == 3


def test_a_column_may_come_later_and_in_another_order():
    """Rows that lack a column have None in it."""
    rows = Rows(keep=10)
    rows.push(a=[1], b=[2])
    rows.push(c=[5], b=[4], a=[3])
    rows.push(b=[6])
    assert rows.all() == {"a": [1, 3, None], "b": [2, 4, 6], "c": [None, 5, None]}


def test_unequal_columns_are_refused_whole():
    """Nothing of them is kept."""
    rows = Rows(keep=10)
    with pytest.raises(UsageError, match=r"one length.*a 2, b 1"):
        rows.push(a=[1, 2], b=[1])
    assert rows.all() == {}
    assert rows.take() is None


def test_replacing_leaves_only_the_new_rows():
    """The next take says that these are all there is, and an empty replacement clears."""
    rows = Rows(keep=10)
    rows.push(a=[1, 2])
    rows.replace(a=[3])
    rows.push(a=[4])
    assert rows.take() == Change({"a": [3, 4]}, everything=True)
    rows.push(a=[5])
    assert rows.take() == Change({"a": [5]})
    rows.replace()
    assert rows.take() == Change({"a": []}, everything=True)


def test_taking_all_leaves_nothing_fresh():
    """A snapshot holds what was waiting, so it is not sent twice."""
    rows = Rows(keep=10)
    rows.push(a=[1])
    assert rows.take_all() == Change({"a": [1]}, everything=True)
    assert rows.take() is None


def test_with_a_key_a_row_takes_the_place_of_the_one_before():
    """Of rows with the same key only the last is held, and only it is taken."""
    rows = Rows(keep=10, key="id")
    rows.push(id=["a", "b"], v=[1, 2])
    rows.take()
    rows.push(id=["a", "a"], v=[3, 4])
    assert rows.take() == Change({"id": ["a"], "v": [4]})
    assert rows.all() == {"id": ["b", "a"], "v": [2, 4]}


def test_a_removed_row_is_told_of_and_may_come_again():
    """Who holds a copy learns which keys went; one that came back is a row like any other."""
    rows = Rows(keep=10, key="id")
    rows.push(id=["a", "b", "c"])
    rows.take()
    rows.remove(["a", "b", "never there"])
    rows.push(id=["b"])
    assert rows.take() == Change({"id": ["b"]}, gone=["a"])
    assert rows.all() == {"id": ["c", "b"]}


def test_a_row_that_came_and_went_leaves_no_trace():
    """It is not among what came."""
    rows = Rows(keep=10, key="id")
    rows.push(id=["a"])
    rows.remove(["a"])
    assert rows.take().columns == {"id": []}
    assert rows.all() == {"id": []}


def test_with_a_key_too_what_is_not_kept_is_told_of():
    """The row that changed least recently makes room."""
    rows = Rows(keep=2, key="id")
    rows.push(id=["a", "b"])
    rows.push(id=["a"])
    rows.take()
    rows.push(id=["c"])
    assert rows.take() == Change({"id": ["c"]}, gone=["b"])
    assert rows.all() == {"id": ["a", "c"]}


def test_a_key_may_be_a_moment():
    """It is removed by the moment that it was pushed with."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    rows = Rows(keep=2, key="at")
    rows.push(at=[moment])
    rows.remove([moment])
    assert len(rows) == 0


def test_rows_without_their_key_are_refused_whole():
    """The error names the column that is missing, and what was held stays."""
    rows = Rows(keep=2, key="id")
    rows.push(id=["a"])
    for refused in (rows.push, rows.replace):
        with pytest.raises(UsageError, match="a column id, found v"):
            refused(v=[1])
    assert rows.all() == {"id": ["a"]}


@pytest.mark.parametrize("bad", [["a"], {"a": 1}, ("a",)])
def test_what_cannot_name_a_row_removes_none(bad):
    """Not even those that are named beside it."""
    rows = Rows(keep=2, key="id")
    rows.push(id=["a"])
    with pytest.raises(UsageError, match="cannot be named"):
        rows.remove(["a", bad])
    assert rows.all() == {"id": ["a"]}


def test_only_rows_with_a_key_can_be_removed():
    """The error says what to do in place of it."""
    with pytest.raises(UsageError, match="replace"):
        Rows(keep=2).remove([1])


class Copy:
    """What a page holds that is told of every change, and of nothing else."""

    def __init__(self, keep, key=None):
        self._keep, self._key, self.rows = keep, key, []

    def follow(self, change):
        if change is None:
            return
        came = [
            dict(zip(change.columns, row, strict=True))
            for row in zip(*change.columns.values(), strict=True)
        ]
        renewed = {*change.gone, *(row.get(self._key) for row in came)} if self._key else ()
        left = [] if change.everything else self.rows
        left = [row for row in left if not self._key or row[self._key] not in renewed]
        self.rows = (left + came)[-self._keep :]


NUMBERS = st.lists(st.integers(0, 6), max_size=6)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["push", "replace", "remove"]), NUMBERS),
        st.tuples(st.sampled_from(["take", "take_all"]), st.none()),
    ),
    max_size=25,
)


@pytest.mark.parametrize("key", [None, "id"], ids=["stream", "table"])
@examples(60)
@given(steps=STEPS)
def test_whoever_follows_every_change_holds_the_same_rows(key, steps):
    """Whatever is pushed, replaced, removed and taken, in any order."""
    rows, copy = Rows(4, key), Copy(4, key)
    for number, (step, ids) in enumerate(steps):
        if step in ("push", "replace"):
            getattr(rows, step)(id=ids, number=[number] * len(ids))
        elif step != "remove":
            copy.follow(getattr(rows, step)())
        elif key:
            rows.remove(ids)
    copy.follow(rows.take())
    columns = rows.all()
    held = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    assert copy.rows == held


def test_a_snapshot_between_threads_neither_loses_nor_doubles():
    """Whoever asks for all there is while others push and take holds every row once."""
    rows, copy = Rows(keep=10_000), Copy(10_000)
    pushing = [
        threading.Thread(target=lambda first=n: [rows.push(n=[i]) for i in range(first, 2000, 4)])
        for n in range(4)
    ]
    for thread in pushing:
        thread.start()
    while any(thread.is_alive() for thread in pushing):
        copy.follow(rows.take())
        copy.follow(rows.take_all())
    copy.follow(rows.take())
    assert sorted(row["n"] for row in copy.rows) == list(range(2000))


def test_nothing_is_lost_or_doubled_between_threads():
    """Four threads push while one takes, and every row is taken exactly once."""
    rows = Rows(keep=100_000)
    pushing = [
        threading.Thread(target=lambda first=n: [rows.push(n=[i]) for i in range(first, 4000, 4)])
        for n in range(4)
    ]
    for thread in pushing:
        thread.start()
    taken = []
    while any(thread.is_alive() for thread in pushing):
        taken += (rows.take() or Change({})).columns.get("n", [])
    taken += (rows.take() or Change({})).columns.get("n", [])
    assert sorted(taken) == list(range(4000))


def test_a_column_may_have_any_name():
    """Fields of an event become columns, whatever they are called."""
    rows = Rows(9)
    rows.push(**{"self": [1], "columns": [2], "": [3]})
    rows.replace(**{"self": [4]})
    assert rows.all()["self"] == [4]


@pytest.mark.parametrize("key", [[1], {"a": 1}])
def test_what_can_be_no_key_is_refused(key):
    """In words."""
    with pytest.raises(UsageError, match="cannot be named"):
        Rows(9, "k").push(k=[key])
