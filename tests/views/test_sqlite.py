import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from eventlab.errors import StorageError, UsageError
from eventlab.views import SQLite
from eventlab.views.sqlite import VERSION
from tests.views.counts import SCHEMA, SQL


@pytest.fixture
def folder(tmp_path):
    """Return the folder of a view."""
    return tmp_path / "sold"


@pytest.fixture
def opened(folder):
    """Return what a view has in files, begun."""
    opened = SQL.open(folder)
    opened.begin()
    yield opened
    opened.end()


@pytest.fixture
def shown(opened, folder):
    """Return the file of a generation that is shown and closed."""
    generation = opened.fresh(SQL)
    opened.show(generation)
    generation.close()
    return generation.path


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("create tabel x", "syntax error"),
        ("begin; create table x(a)", "within a transaction"),
        ("create table x(a); drop table eventlab_view", "other tables of the name"),
        ("create table x(a);\0", "null character"),
    ],
)
def test_a_schema_that_sqlite_does_not_take(opened, folder, schema, words):
    """One error, with its words, and no file is left."""
    with pytest.raises(UsageError, match=rf"does not take the view's schema: .*{words}"):
        opened.fresh(SQLite(schema))
    assert list(folder.glob("*.db*")) == []


def test_a_file_of_another_version(opened, shown):
    """It is not touched."""
    with closing(sqlite3.connect(shown)) as file:
        file.execute("pragma user_version = 9")
    with pytest.raises(StorageError, match=f"expected version {VERSION}, found version 9"):
        opened.kept(SQL)


def test_a_file_of_other_tables(opened, shown):
    """The remedy is to build it anew."""
    with pytest.raises(UsageError, match=r"built with other tables: .* found create table counts"):
        opened.kept(SQLite("create table other(x)"))


def test_a_file_that_is_none(opened, shown):
    """Nor damaged ones."""
    shown.write_bytes(b"no database, but more than a header is long" * 100)
    with pytest.raises(StorageError, match="is not the store of a view"):
        opened.kept(SQL)


def test_a_file_that_is_gone_is_not_kept(opened, shown):
    """It is built anew."""
    shown.unlink()
    assert opened.kept(SQL) is None


def test_two_views_never_write_one_store(opened, folder):
    """Neither in this process, nor in another one."""
    with pytest.raises(StorageError, match="is written by somebody else"):
        SQL.open(folder).begin()
    code = (
        "import sys, pathlib\nfrom eventlab.errors import StorageError\n"
        "from eventlab.views import SQLite\n"
        "try: SQLite('x').open(pathlib.Path(sys.argv[1])).begin()\n"
        "except StorageError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, encoding="utf-8"
    )
    assert "is written by somebody else" in done.stdout


def test_who_ends_lets_others_write(opened, folder):
    """Ending twice is once."""
    opened.end()
    opened.end()
    other = SQL.open(folder)
    other.begin()
    other.end()


def test_old_generations_are_deleted(opened, folder):
    """All but the one that is shown, and the new one."""
    for _ in range(4):
        generation = opened.fresh(SQL)
        opened.show(generation)
        generation.close()
    assert sorted(path.name for path in folder.glob("rows-*.db")) == ["rows-3.db", "rows-4.db"]


def test_a_fold_that_commits_by_itself_is_refused(opened):
    """Rows and position would part."""
    generation = opened.fresh(SQL)
    with (
        pytest.raises(UsageError, match="has ended the transaction itself"),
        generation.transaction() as cursor,
    ):
        cursor.connection.commit()
    generation.close()


def test_a_full_disk_is_one_error(opened):
    """What was committed stays."""
    generation = opened.fresh(SQLite(SCHEMA + "; pragma max_page_count = 12"))
    rows = [(f"{n}",) for n in range(10_000)]
    with pytest.raises(StorageError, match="is full"), generation.transaction() as cursor:
        cursor.executemany("insert into counts values (?, 1, 1)", rows)
    with generation.transaction() as cursor:
        assert cursor.execute("select count(*) from counts").fetchone() == (0,)
    generation.close()


def test_what_is_wrong_in_a_statement_stays_sqlites_own(opened):
    """It is the fold's."""
    generation = opened.fresh(SQL)
    with (
        pytest.raises(sqlite3.OperationalError, match="no such table"),
        generation.transaction() as cursor,
    ):
        cursor.execute("insert into nowhere values (1)")
    generation.close()
