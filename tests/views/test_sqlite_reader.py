import pickle
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from eventlab.errors import StorageError, UsageError
from eventlab.views import SQLite, SQLiteRows, View
from eventlab.views.stores import Mark
from tests.views.counts import SQL, counted, filled, into_sql, oracle

READER = """
import pickle, sys
rows = pickle.loads(bytes.fromhex(sys.argv[1]))

def ask(connection):
    n = connection.execute("select coalesce(sum(n), 0) from counts").fetchone()[0]
    at = connection.execute("select coalesce(sum(offset), 0) from eventlab_position").fetchone()[0]
    return n, at

found = []
print("ready", flush=True)
while not found or found[-1][1] < int(sys.argv[2]):
    found.append(rows.read(ask))
print(all(n == at for n, at in found) and found == sorted(found), len(found) > 1)
"""


@pytest.fixture
def shown(tmp_path):
    """Return what a view has in files, begun, with one generation that is shown."""
    opened = SQL.open(tmp_path / "sold")
    opened.begin()
    generation = opened.fresh(SQL)
    opened.show(generation)
    yield opened
    generation.close()
    opened.end()


@pytest.mark.broker
def test_two_other_processes_read_while_it_is_built(new_topic, name, kept):
    """Each sees rows and position of one moment, whatever is rebuilt meanwhile."""
    topic = filled(new_topic(), 100)
    view = kept(View(name, into_sql, of=topic, store=SQL, batch=7)).start()
    view.wait_for(100)
    sent = pickle.dumps(SQLiteRows(view.folder)).hex()
    arguments = [sys.executable, "-c", READER, sent, "700"]
    readers = [
        subprocess.Popen(arguments, stdout=subprocess.PIPE, encoding="utf-8") for _ in range(2)
    ]
    for reader in readers:
        assert reader.stdout.readline() == "ready\n"
    for first in range(100, 700, 100):
        filled(topic, 100, first)
        view.rebuild().wait()
    view.wait_for(700)
    assert [reader.communicate(timeout=60)[0] for reader in readers] == ["True True\n"] * 2
    assert counted(SQLiteRows(view.folder)) == oracle(topic)


def test_what_is_not_built_is_one_error(tmp_path):
    """It says how to begin."""
    with pytest.raises(StorageError, match="has not been built"):
        SQLiteRows(tmp_path).read(print)


def test_it_knows_how_far_the_rows_are(shown):
    """From the file itself."""
    generation = shown.kept(SQL)
    mark = Mark({"orders": {0: 5, 1: 2}}, {"orders": "id"}, 9)
    with generation.transaction():
        generation.keep(mark)
    generation.close()
    assert SQLiteRows(shown.reader.folder).mark == mark
    assert shown.reader.position == {0: 5, 1: 2}


def test_rows_are_known_by_their_primary_key(tmp_path):
    """By several columns, by one, or by their number where there is none."""
    store = SQLite(
        "create table two(a, b, c, primary key(b, a)); create table one(a, b primary key);"
        "create table none(a); create table sqlitelike(a primary key) without rowid;"
        "insert into two values (1, 2, 3); insert into one values (4, 5);"
        "insert into none values (6); insert into sqlitelike values (7);"
    )
    opened = store.open(tmp_path)
    generation = opened.fresh(store) if tmp_path.exists() else None
    opened.show(generation)
    generation.close()
    assert opened.reader.tables() == {
        "two": {(2, 1): {"a": 1, "b": 2, "c": 3}},
        "one": {5: {"a": 4, "b": 5}},
        "none": {1: {"a": 6}},
        "sqlitelike": {7: {"a": 7}},
    }


def test_each_thread_has_a_line_of_its_own(shown):
    """And may leave one in the middle of a question."""
    with ThreadPoolExecutor(2) as threads:
        ids = [threads.submit(shown.reader.read, id).result() for _ in range(2)]
    assert shown.reader.read(id) not in ids
    with pytest.raises(ZeroDivisionError):
        shown.reader.read(lambda connection: 1 / 0)
    assert shown.reader.read(lambda connection: connection.in_transaction)


@pytest.mark.parametrize(
    "query",
    [
        "insert into counts values ('a', 1, 1)",
        "attach ':memory:' as other",
        "pragma query_only = 0",
        "pragma user_version = 7",
        "select 1; select 2",
    ],
)
def test_nobody_writes_through_it(shown, query):
    """Neither rows, nor other files, nor its settings."""
    with pytest.raises(UsageError, match=r"a statement that reads"):
        shown.reader.query(query, [])
    assert shown.reader.query("pragma query_only", []).rows == [(1,)]


def test_what_a_question_sets_is_not_the_next_ones(shown):
    """Rows are as they always were."""

    def ask(connection):
        connection.row_factory = lambda cursor, row: {"first": row[0]}
        connection.text_factory = bytes
        return connection.execute("select 'a'").fetchall()

    assert shown.reader.read(ask) == [{"first": b"a"}]
    assert shown.reader.query("select 'a'", []).rows == [("a",)]


@pytest.fixture
def file(tmp_path):
    """Return a file that is shown, and that nobody writes to."""
    opened = SQL.open(tmp_path / "sold")
    opened.begin()
    generation = opened.fresh(SQL)
    opened.show(generation)
    generation.close()
    opened.end()
    return generation.path


def test_a_damaged_file_is_one_error(file):
    """Whatever is asked of it."""
    file.write_bytes(b"no database, but more than a header is long" * 200)
    rows = SQLiteRows(file.parent)
    for ask in (lambda: rows.mark, rows.tables, lambda: rows.query("select 1 from counts", [])):
        with pytest.raises(StorageError, match=r"is not the store of a view.*keep=False"):
            ask()


def test_a_file_without_the_views_own_tables_is_one_error(file):
    """It is no view's any longer."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("drop table eventlab_position")
    with pytest.raises(StorageError, match=r"is not the store of a view.*keep=False"):
        SQLiteRows(file.parent).position  # noqa: B018  it asks the file


def test_a_file_that_is_gone_is_one_error(file):
    """Of the reader's own."""
    file.unlink()
    with pytest.raises(StorageError, match="cannot be used: expected a file that you can read"):
        SQLiteRows(file.parent).tables()
