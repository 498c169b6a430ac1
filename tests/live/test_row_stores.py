import pytest

from eventlab.live.row_stores import ByKey, Newest, Taken

KINDS = pytest.mark.parametrize("kind", ["newest", "by key"])


def made(kind, keep=3):
    return Newest(keep) if kind == "newest" else ByKey(keep, lambda row: row[0])


@KINDS
def test_while_nobody_takes_it_stays_as_small_as_it_was(kind):
    """Far more rows than are kept come and go; what is held, and what waits, is bounded."""
    store = made(kind)
    for number in range(1000):
        store.add([(number, "x")])
    assert len(store) == 3
    assert len(store._fresh) <= 6
    assert store.rows() == [(997, "x"), (998, "x"), (999, "x")]
    assert set(store.take().came) >= set(store.rows())


def test_what_was_taken_is_not_taken_again():
    """Of a stream the rows that came, of a table the keys that went too."""
    store = made("by key", 9)
    store.add([("a", 1), ("b", 2)])
    assert store.take() == Taken([("a", 1), ("b", 2)], [], False)
    store.add([("a", 3)])
    store.remove("b")
    assert store.take() == Taken([("a", 3)], ["b"], False)
    assert store.take() is None


@KINDS
def test_cleared_all_there_is_says_it(kind):
    """Also where nothing came after it."""
    store = made(kind)
    store.add([(1, "x")])
    store.clear()
    assert store.take() == Taken([], [], True)
    assert len(store) == 0


def test_keys_that_went_and_that_nobody_took_become_all_there_is():
    """Whoever takes them late holds the same rows."""
    store = made("by key", 2)
    store.add([(number, number) for number in range(9)])
    taken = store.take()
    assert {row[0] for row in taken.came} - set(taken.gone) == {7, 8}


def test_true_is_another_key_than_one():
    """To Python they are equal."""
    store = made("by key", 9)
    store.add([(True, "a"), (1, "b"), (False, "c"), (0, "d")])
    assert store.rows() == [(True, "a"), (1, "b"), (False, "c"), (0, "d")]
    store.take()
    store.remove(True)
    assert [repr(key) for key in store.take().gone] == ["True"]
