import sqlite3

from eventlab.views.answers import Found, found, refused_query


def test_what_a_cursor_has_found():
    """Names and rows, also where there are none; nothing of a statement without rows."""
    connection = sqlite3.connect(":memory:")
    assert found(connection.execute("create table t(a, b)")) == Found([], [])
    assert found(connection.execute("select a, b as c from t")) == Found(["a", "c"], [])
    assert found(connection.execute("select 1 as x")) == Found(["x"], [(1,)])
    connection.close()


def test_a_query_that_is_refused_is_shown_with_the_stores_own_words():
    """And with the mark that this store has for a parameter."""
    error = refused_query("PostgreSQL", "%s", "select x", ValueError("no x\n"))
    assert "PostgreSQL does not answer" in str(error)
    assert "(no x)" in error.found
    assert "n > %s" in error.remedy
