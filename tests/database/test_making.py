"""The names of databases, and what is left where one could not be made."""

import pytest

from eventlab.database import making, new_database
from eventlab.database.making import database_name
from eventlab.errors import DatabaseError, UsageError
from tests.database.homes import assert_nothing_left, places


@pytest.mark.parametrize(
    ("name", "word"),
    [("ch07.main", "ch07_main"), ("orders", "orders"), ("7", "db_7_7902699b")],
)
def test_a_name_is_one_that_sql_takes_without_quotes(name, word):
    """Dots become underscores, and a digit is no beginning."""
    assert database_name(name) == word


def test_no_two_names_are_the_same_database():
    """What has to be changed, or is too long, is known apart by a key."""
    names = ["a-b", "a_b", "a b", "A_b", "é" * 40, "x" * 70, "x" * 71]
    words = {database_name(name) for name in names}
    assert len(words) == len(names)
    assert all(len(word) <= 63 and word.isidentifier() and word.isascii() for word in words)


@pytest.mark.parametrize("name", ["", " ", None, 7])
def test_what_is_no_name_is_refused(name):
    """The error says so before anything is started."""
    with pytest.raises(UsageError):
        new_database(name)


@pytest.mark.database
def test_where_none_can_be_made_no_seat_is_left(home, monkeypatch):
    """A server that was started for it ends again."""

    def refuse(_connection, _name):
        raise DatabaseError("no", expected="a", found="b", remedy="C.")

    monkeypatch.setattr(making, "_make_database", refuse)
    folders = places()
    with pytest.raises(DatabaseError, match="no"):
        new_database("a test")
    assert_nothing_left(folders)
