import subprocess
import sys

import psycopg
import pytest

from eventlab.database.connecting import connected
from eventlab.errors import DatabaseError, StorageError, UsageError, ViewError
from eventlab.views import Postgres, PostgresRows, View
from eventlab.views.postgres import VERSION
from eventlab.views.postgres_reader import mark_in
from tests.views.counts import NOON, SCHEMA, counted, filled, into_postgres, oracle
from tests.waiting import until

pytestmark = pytest.mark.database


@pytest.fixture
def opened(in_postgres, tmp_path, name):
    """Return what a view has in the database, begun."""
    opened = in_postgres.open(tmp_path / name)
    opened.begin()
    yield opened
    opened.forget()


@pytest.fixture
def shown(opened, in_postgres):
    """Return the name of a schema that is shown, and whose writer is gone."""
    generation = opened.fresh(in_postgres)
    opened.show(generation)
    generation.close()
    return generation.schema


def schemas(database, name):
    """Return the schemas of a view, and which of them is shown."""
    there = database.sql("select nspname from pg_namespace where nspname like %s", [f"{name}.%"])
    shown = database.sql("select shown from eventlab.views where name = %s", [name])
    return sorted(there["nspname"]), shown["shown"].tolist()


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("create tabel x", "syntax error"),
        ("create table x(a int); commit; create table y(a int)", "a commit or a rollback"),
        ("set search_path = public; create table x(a int)", "another search_path: public"),
        ("create table x(a int);\0", "NUL"),
    ],
)
def test_a_schema_that_postgresql_does_not_take(opened, database, name, schema, words):
    """One error, with its words, and nothing is left."""
    with pytest.raises(UsageError, match=rf"does not take the view's schema: .*{words}"):
        opened.fresh(Postgres(database.url, schema))
    assert schemas(database, name) == ([], [])


def test_rows_of_another_version(opened, shown, in_postgres, database):
    """They are not touched."""
    database.sql(f'update "{shown}".eventlab_view set version = 9')
    with pytest.raises(StorageError, match=f"expected version {VERSION}, found version 9"):
        opened.kept(in_postgres)


def test_rows_of_other_tables(opened, shown, database):
    """The remedy is to build them anew."""
    with pytest.raises(UsageError, match=r"built with other tables: .* found create table counts"):
        opened.kept(Postgres(database.url, "create table other(x integer)"))


@pytest.mark.parametrize("table", ["eventlab_position", "eventlab_view"])
def test_rows_without_the_views_own_tables(opened, shown, in_postgres, database, table):
    """They are no view's any longer, for who reads too."""
    database.sql(f'drop table "{shown}".{table}')
    with pytest.raises(StorageError, match=r"not those of a view, or no longer.*keep=False"):
        opened.kept(in_postgres)
    with pytest.raises(StorageError, match="not those of a view, or no longer"):
        opened.reader.read(mark_in)


def test_a_role_without_the_rights_is_one_error(opened, shown, database, tmp_path, name):
    """For who builds and for who reads."""
    role = f"weak {name}"
    database.sql(f"create role \"{role}\" login password 'x'")
    url = psycopg.conninfo.make_conninfo(database.url, user=role, password="x")
    other = Postgres(url, SCHEMA).open(tmp_path / "other")
    for ask in (other.begin, lambda: PostgresRows(url, name).position):
        with pytest.raises(StorageError, match=r"does not let the view do this.*grant"):
            ask()
    database.sql(f'drop role "{role}"')


def test_a_schema_that_is_gone_is_not_kept(opened, shown, in_postgres, database):
    """It is built anew."""
    database.sql(f'drop schema "{shown}" cascade')
    assert opened.kept(in_postgres) is None


def test_two_views_never_write_one_store(opened, in_postgres, tmp_path, name):
    """Neither in this process, nor in another one; who ends lets others write."""
    with pytest.raises(StorageError, match="is written by somebody else"):
        in_postgres.open(tmp_path / name).begin()
    code = (
        "import sys, pathlib\nfrom eventlab.errors import StorageError\n"
        "from eventlab.views import Postgres\n"
        "try: Postgres(sys.argv[1], '').open(pathlib.Path(sys.argv[2])).begin()\n"
        "except StorageError as error: print(error)"
    )
    given = [sys.executable, "-c", code, in_postgres.url, name]
    done = subprocess.run(given, capture_output=True, encoding="utf-8")
    assert "is written by somebody else" in done.stdout
    opened.end()
    other = in_postgres.open(tmp_path / name)
    until(lambda: is_taken(other))
    other.end()


def is_taken(opened) -> bool:
    """Tell whether a store could be begun: the server may still have its last writer."""
    try:
        opened.begin()
    except StorageError:
        return False
    return True


def test_old_generations_are_dropped(opened, in_postgres, database, name):
    """All but the one that is shown, and the new one; in the end all of them."""
    for _ in range(4):
        generation = opened.fresh(in_postgres)
        opened.show(generation)
        generation.close()
    assert schemas(database, name) == ([f"{name}.3", f"{name}.4"], [f"{name}.4"])
    opened.forget()
    assert schemas(database, name) == ([], [])


def test_an_old_generation_that_is_read_stays_for_now(opened, shown, in_postgres, database, name):
    """Who builds never waits for who reads; the next one drops it."""
    with connected(database.url, autocommit=False, name="reads") as reader:
        reader.execute(f'select * from "{shown}".counts')
        for _ in range(2):
            generation = opened.fresh(in_postgres)
            opened.show(generation)
            generation.close()
        assert schemas(database, name)[0] == [f"{name}.1", f"{name}.2", f"{name}.3"]
    opened.fresh(in_postgres).close()
    assert schemas(database, name)[0] == [f"{name}.3", f"{name}.4"]


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_fold_that_ends_the_transaction_is_refused(opened, in_postgres, end):
    """Rows and position would part."""
    generation = opened.fresh(in_postgres)
    with (
        pytest.raises(UsageError, match=r"has ended the transaction itself.* that is over"),
        generation.transaction() as cursor,
    ):
        cursor.execute(end)
    generation.close()


def test_a_fold_that_goes_on_after_an_error_is_refused(opened, in_postgres):
    """PostgreSQL would roll back what it takes for committed."""
    generation = opened.fresh(in_postgres)
    with (
        pytest.raises(UsageError, match=r"gone on after an error.* has caught.*savepoint"),
        generation.transaction() as cursor,
    ):
        fail_quietly(cursor)
    generation.close()


def fail_quietly(cursor):
    """Do what fails, and catch it."""
    with pytest.raises(psycopg.errors.UndefinedTable):
        cursor.execute("select * from nowhere")


def test_names_of_any_length_and_letters_are_kept_apart(in_postgres, tmp_path, database):
    """A schema's name is cut by PostgreSQL, which two long names would share."""
    names = ["a" * 80 + "1", "a" * 80 + "2", 'é" % 100', "sold.1"]
    views = [in_postgres.open(tmp_path / name) for name in names]
    for number, opened in enumerate(views):
        opened.begin()
        generation = opened.fresh(in_postgres)
        with generation.transaction() as cursor:
            cursor.execute("insert into counts values ('n', %s, 0)", [number])
        opened.show(generation)
        generation.close()
    found = [opened.reader.query("select n from counts", []).rows for opened in views]
    assert found == [[(0,)], [(1,)], [(2,)], [(3,)]]
    for opened in views:
        opened.forget()


def test_its_password_is_not_shown(in_postgres):
    """Nor where it is part of an error."""
    assert repr(in_postgres) == f"Postgres(schema={SCHEMA!r})"


@pytest.mark.broker
def test_a_connection_that_dies_in_a_transaction_costs_nothing(
    new_topic, name, kept, in_postgres, database
):
    """The view stops with one error, and goes on where it was."""
    topic = filled(new_topic(2), 100)
    deaths = []

    def mortal(rows, event, place):
        into_postgres(rows, event, place)
        if place.timestamp == NOON + 60_000 and not deaths:
            deaths.append(place)
            rows.execute("select pg_terminate_backend(pg_backend_pid())")

    view = kept(View(name, mortal, of=topic, store=in_postgres, batch=10)).start()
    until(lambda: view.error)
    with pytest.raises(StorageError, match=r"does not answer any longer.*view\.start\(\)"):
        raise view.error
    view.start().wait_for(view.end())
    assert counted(view) == counted(PostgresRows(database.url, name)) == oracle(topic)


@pytest.mark.broker
def test_a_fold_that_postgresql_refuses_stops_before_its_event(new_topic, name, kept, in_postgres):
    """With psycopg's own words; what is before it is kept."""

    def slip(rows, event, place):
        into_postgres(rows, event, place)
        if place.offset == 7:
            rows.execute("insert into nowhere values (1)")

    topic = filled(new_topic(), 20)
    view = kept(View(name, slip, of=topic, store=in_postgres)).start()
    until(lambda: view.error)
    with pytest.raises(ViewError, match=r"offset 7.* relation \"nowhere\" does not exist"):
        raise view.error
    assert counted(view) == oracle(topic, end=7)


@pytest.mark.broker
def test_a_snapshot_leaves_nothing_in_the_database(new_topic, in_postgres, database, name):
    """Closed, or held by nobody any longer."""
    topic = filled(new_topic(), 20)
    view = View(name, into_postgres, of=topic, store=in_postgres)
    with view.as_of(10) as then:
        assert counted(then) == oracle(topic, end=10)
        label = then._reader.name
        assert schemas(database, label)[0]
    assert schemas(database, label) == ([], [])


@pytest.mark.broker
def test_a_snapshot_that_cannot_be_built_leaves_nothing_either(
    new_topic, in_postgres, database, name
):
    """Neither rows nor a lock, whoever still holds the error."""

    def fail(rows, event):
        raise ZeroDivisionError

    view = View(name, fail, of=filled(new_topic(), 3), store=in_postgres)
    with pytest.raises(ViewError, match="ZeroDivisionError"):
        view.as_of(3)
    left = database.sql("select nspname from pg_namespace where nspname like 'eventlab view %'")
    assert left.empty
    assert database.sql("select name from eventlab.views where name like 'eventlab view %'").empty


def test_a_server_that_is_not_there_is_one_error(tmp_path):
    """It says where it was looked for."""
    away = Postgres("postgresql://a:secret@127.0.0.1:1/x", SCHEMA).open(tmp_path / "sold")
    with pytest.raises(DatabaseError, match=r"did not let us in.*127\.0\.0\.1:1") as caught:
        away.begin()
    assert "secret" not in str(caught.value)
    away.forget()


def test_it_is_seen_by_its_name_at_the_server(opened, database, name):
    """Who looks for what writes there finds the view."""
    with connected(database.url, autocommit=True) as connection:
        names = connection.execute("select application_name from pg_stat_activity").fetchall()
    assert (f"view {name}",) in names


@pytest.mark.broker
def test_a_lock_that_is_lost_lets_no_two_write(new_topic, name, kept, in_postgres, database):
    """Whoever terminates it: rows are there once, and the one who is behind is told."""
    topic = filled(new_topic(), 20)
    view = kept(View(name, into_postgres, of=topic, store=in_postgres, keep=True)).start()
    view.wait_for(20)
    lock = view._following._open._lock
    database.sql("select pg_terminate_backend(%s)", [lock.info.backend_pid])
    other = kept(View(name, into_postgres, of=topic, store=in_postgres, keep=True))
    until(lambda: is_begun(other))
    filled(topic, 30, 20)
    until(lambda: view.error or other.error)
    error = view.error or other.error
    assert "is written by somebody else" in str(error)
    until(lambda: counted(PostgresRows(database.url, name)) == oracle(topic))


@pytest.mark.broker
def test_who_goes_on_after_its_lock_was_lost_has_it_again(
    new_topic, name, kept, in_postgres, database
):
    """A connection that is idle does not notice that the server was started anew."""
    view = kept(View(name, into_postgres, of=filled(new_topic(), 20), store=in_postgres)).start()
    view.wait_for(20)
    database.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s",
        [f"view {name}"],
    )
    filled(view.topics[0], 10, 20)
    until(lambda: view.error)
    view.start().wait_for(30)
    with pytest.raises(StorageError, match="is written by somebody else"):
        View(name, into_postgres, of=view.topics[0], store=in_postgres, keep=True).start()


def is_begun(view) -> bool:
    """Tell whether a view could begin: the server may still have its last writer."""
    try:
        view.start()
    except StorageError:
        return False
    return True
