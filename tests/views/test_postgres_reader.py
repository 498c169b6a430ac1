import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg.rows import dict_row

from eventlab.errors import StorageError, UsageError
from eventlab.views import Postgres, PostgresRows, View
from eventlab.views.stores import Mark
from tests.views.counts import counted, filled, into_postgres, oracle

pytestmark = pytest.mark.database

READER = """
import pickle, sys
rows = pickle.loads(bytes.fromhex(sys.argv[1]))

def ask(connection):
    n = connection.execute("select coalesce(sum(n), 0) from counts").fetchone()[0]
    at = connection.execute('select coalesce(sum("offset"), 0) from eventlab_position')
    return n, at.fetchone()[0]

found = []
print("ready", flush=True)
while not found or found[-1][1] < int(sys.argv[2]):
    found.append(rows.read(ask))
print(all(n == at for n, at in found) and found == sorted(found), len(found) > 1)
"""


@pytest.fixture
def shown(in_postgres, tmp_path, name):
    """Return what a view has in the database, begun, with one generation that is shown."""
    opened = in_postgres.open(tmp_path / name)
    opened.begin()
    generation = opened.fresh(in_postgres)
    opened.show(generation)
    generation.close()
    yield opened
    opened.forget()


@pytest.mark.broker
def test_two_other_processes_read_while_it_is_built(new_topic, name, kept, in_postgres):
    """Each sees rows and position of one moment, whatever is rebuilt meanwhile."""
    topic = filled(new_topic(), 100)
    view = kept(View(name, into_postgres, of=topic, store=in_postgres, batch=7)).start()
    view.wait_for(100)
    rows = PostgresRows(in_postgres.url, name)
    arguments = [sys.executable, "-c", READER, pickle.dumps(rows).hex(), "700"]
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
    assert counted(rows) == oracle(topic)


def test_what_is_not_built_is_one_error(database, shown):
    """It says how to begin."""
    with pytest.raises(StorageError, match="has not been built"):
        PostgresRows(database.url, "nobody").read(print)


def test_it_knows_how_far_the_rows_are(shown, in_postgres, name):
    """From the database itself."""
    generation = shown.kept(in_postgres)
    mark = Mark({"orders": {0: 5, 1: 2}}, {"orders": "id"}, 9)
    with generation.transaction():
        generation.keep(mark)
    generation.close()
    assert PostgresRows(in_postgres.url, name).mark == mark
    assert shown.reader.position == {0: 5, 1: 2}


def test_rows_are_known_by_their_primary_key(tmp_path, database, name):
    """By several columns in the key's order, by one, or by their place where there is none."""
    store = Postgres(
        database.url,
        "create table two(a int, b int, c int, primary key(b, a));"
        "create table one(a int, b int primary key); create table none(a int);"
        "insert into two values (1, 2, 3); insert into one values (4, 5);"
        "insert into none values (6);",
    )
    opened = store.open(tmp_path / name)
    opened.begin()
    opened.show(opened.fresh(store))
    assert opened.reader.tables() == {
        "two": {(2, 1): {"a": 1, "b": 2, "c": 3}},
        "one": {5: {"a": 4, "b": 5}},
        "none": {"(0,1)": {"a": 6}},
    }
    opened.forget()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("delete from counts", "read-only"),
        ("rollback; drop table counts", "multiple commands"),
        ("commit; delete from counts", "multiple commands"),
        ("rollback; begin; set transaction read write; delete from counts", "multiple commands"),
    ],
)
def test_nobody_writes_through_it(shown, query, words):
    """Whoever reads a view does not change it."""
    with pytest.raises(UsageError, match=rf"a statement that reads.* {words}"):
        shown.reader.query(query, [])
    assert shown.reader.query("select count(*) from counts", []).rows == [(0,)]


def test_what_a_question_sets_is_not_the_next_ones(shown):
    """Rows are as they always were."""

    def ask(connection):
        connection.row_factory = dict_row
        return connection.execute("select 1 as one").fetchall()

    assert shown.reader.read(ask) == [{"one": 1}]
    assert shown.reader.query("select 1 as one", []).rows == [(1,)]


@pytest.mark.parametrize("parameters", [[], [1, 2], [{}], ["\ud800"], ["\0"]])
def test_what_postgresql_does_not_take_is_one_error(shown, parameters):
    """A slip in the query, or in what goes into it."""
    with pytest.raises(UsageError, match="PostgreSQL does not answer this query"):
        shown.reader.query("select * from counts where n = %s and total < 7", parameters)


def test_a_percent_sign_is_its_own_where_nothing_is_put_in(shown):
    """As in psql."""
    assert shown.reader.query("select 'a' like 'a%' as x", []) == (["x"], [(True,)])


def test_many_threads_ask_at_once(shown):
    """Each on a connection of its own, of which a few are kept."""
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(shown.reader.query, "select 1", []) for _ in range(40)]
    assert {one.result().rows[0] for one in asked} == {(1,)}
    assert 0 < len(shown.reader._idle) <= 4


def test_a_connection_that_was_kept_and_has_died_is_replaced(shown, database):
    """The server was started again meanwhile, say."""
    shown.reader.query("select 1", [])
    (kept,) = shown.reader._idle
    database.sql("select pg_terminate_backend(%s)", [kept.info.backend_pid])
    assert shown.reader.query("select 1", []).rows == [(1,)]
    assert kept not in shown.reader._idle


def test_a_question_that_fails_leaves_nothing_open(shown):
    """The error is its own."""
    with pytest.raises(ZeroDivisionError):
        shown.reader.read(lambda connection: 1 / 0)
    assert shown.reader.query("select 1", []).rows == [(1,)]
