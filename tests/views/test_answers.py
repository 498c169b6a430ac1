import sqlite3

from eventlab.views.answers import Found, by_key, found, refused_query


def test_what_a_cursor_has_found():
    """Names and rows, also where there are none; nothing of a statement without rows."""
    connection = sqlite3.connect(":memory:")
    assert found(connection.execute("create table t(a, b)")) == Found([], [])
    assert found(connection.execute("select a, b as c from t")) == Found(["a", "c"], [])
    assert found(connection.execute("select 1 as x")) == Found(["x"], [(1,)])
    connection.close()


def test_no_row_is_lost_for_its_key():
    """Rows of one key are numbered; what Python has no key of is a tuple."""
    same = Found(["p", "n"], [(None, 1), (None, 2), ("a", 3)])
    assert by_key(same, ["p"]) == {
        None: {"p": None, "n": 1},
        (None, 2): {"p": None, "n": 2},
        "a": {"p": "a", "n": 3},
    }
    unnamed = Found(["rowid", "rowid", "n"], [("x", "x", 1), ("x", "x", 2)])
    assert list(by_key(unnamed, [])) == ["x", ("x", 2)]
    arrays = Found(["k"], [([1, [2]],), ({"a": [1]},)])
    assert list(by_key(arrays, ["k"])) == [(1, (2,)), (("a", (1,)),)]


def test_a_query_that_is_refused_is_shown_with_the_stores_own_words():
    """And with the mark that this store has for a parameter."""
    error = refused_query("PostgreSQL", "%s", "select x", ValueError("no x\n"))
    assert "PostgreSQL does not answer" in str(error)
    assert "(no x)" in error.found
    assert "n > %s" in error.remedy
