import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from eventlab.errors import StorageError, UsageError, ViewError
from eventlab.log import read
from eventlab.views import DuckDB, View, in_batches
from eventlab.views.duck import VERSION
from eventlab.views.stores import Mark
from tests.views.counts import FOLDS, SCHEMA, counted, filled, into_dict, oracle
from tests.waiting import until

STORE = DuckDB(SCHEMA)


@pytest.fixture
def folder(tmp_path):
    """Return the folder of a view."""
    return tmp_path / "sold"


@pytest.fixture
def opened(folder):
    """Return what a view has in files, begun."""
    opened = STORE.open(folder)
    opened.begin()
    yield opened
    opened.end()


@pytest.fixture
def shown(opened):
    """Return the file of a generation that is shown and closed."""
    generation = opened.fresh(STORE)
    opened.show(generation)
    generation.close()
    return generation.path


def written(path, statement) -> None:
    """Change a file behind its view's back."""
    with duckdb.connect(path) as file:
        file.execute(statement)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("create tabel x", "syntax error"),
        ("begin; create table x(a int)", "within a transaction"),
        ("create table x(a int); drop table eventlab_view", "eventlab_view does not exist"),
        ("create schema x; create table x.t(a int)", r"another schema than main: x\.t"),
    ],
)
def test_a_schema_that_duckdb_does_not_take(opened, folder, schema, words):
    """One error, with its words, and no file is left."""
    with pytest.raises(UsageError, match=rf"does not take the view's schema: .*{words}"):
        opened.fresh(DuckDB(schema))
    assert list(folder.glob("*duckdb*")) == []


def test_a_file_of_another_version(opened, shown):
    """It is not touched."""
    written(shown, "update eventlab_view set version = 9")
    with pytest.raises(StorageError, match=f"expected version {VERSION}, found version 9"):
        opened.kept(STORE)


def test_a_file_of_other_tables(opened, shown):
    """The remedy is to build it anew."""
    with pytest.raises(UsageError, match=r"built with other tables: .* found create table counts"):
        opened.kept(DuckDB("create table other(x integer)"))


@pytest.mark.parametrize("what", ["no database at all" * 1000, None])
def test_a_file_that_is_none(opened, shown, what):
    """Nor that of another program."""
    shown.unlink()
    if what is None:
        written(shown, "create table theirs(a integer)")
    else:
        shown.write_text(what, encoding="utf-8")
    with pytest.raises(StorageError, match="is not the store of a view"):
        opened.kept(STORE)


@pytest.mark.parametrize(
    "statement", ["update eventlab_view set mark = '{bad'", "delete from eventlab_view"]
)
def test_a_mark_that_is_none(opened, shown, statement):
    """The file is not that of a view any longer."""
    written(shown, statement)
    with pytest.raises(StorageError, match=r"is not the store of a view.*keep=False"):
        opened.kept(STORE)


def test_a_damaged_block_is_one_error_for_who_reads(opened, shown):
    """Not DuckDB's own."""
    data = bytearray(shown.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    shown.write_bytes(data)
    with pytest.raises(StorageError, match="is not the store of a view"):
        opened.read(lambda rows: rows.execute("select * from counts").fetchall())


def test_a_file_that_is_gone_is_not_kept(opened, shown):
    """It is built anew, and a question makes no empty one in its place."""
    shown.unlink()
    assert opened.kept(STORE) is None
    with pytest.raises(StorageError, match="has not been built"):
        opened.reader.query("select 1", [])
    assert not shown.exists()


def test_another_process_is_told_who_has_it(opened, shown, folder):
    """One process has a file of DuckDB, unlike one of SQLite."""
    generation = opened.kept(STORE)
    code = (
        "import sys, pathlib\nfrom eventlab.errors import StorageError\n"
        "from eventlab.views import DuckDB\n"
        "try: DuckDB('x').open(pathlib.Path(sys.argv[1])).query('select 1', [])\n"
        "except StorageError as error: print(error)"
    )
    given = [sys.executable, "-c", code, str(folder)]
    done = subprocess.run(given, capture_output=True, encoding="utf-8")
    assert "sold is open in another process" in done.stdout
    assert f"PID {os.getpid()}" in done.stdout
    generation.close()
    done = subprocess.run(given, capture_output=True, encoding="utf-8")
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize("end", ["commit", "rollback", "commit; begin", "select * from nowhere"])
def test_a_fold_that_ends_the_transaction_is_refused(opened, end):
    """Also by an error that it has caught: DuckDB would "commit" nothing, in silence."""
    generation = opened.fresh(STORE)
    with (
        pytest.raises(UsageError, match=r"has ended the transaction itself, or gone on after"),
        generation.transaction() as rows,
    ):
        try_to(rows, end)
    generation.close()


def try_to(rows, statement) -> None:
    """Execute what may fail."""
    if "nowhere" in statement:
        with pytest.raises(duckdb.CatalogException):
            rows.execute(statement)
    else:
        rows.execute(statement)


def test_rows_are_known_by_their_primary_key(folder):
    """By several columns in the key's order, by one, or by their number where there is none."""
    store = DuckDB(
        "create table two(a int, b int, c int, primary key(b, a));"
        "create table one(a int, b int primary key); create table none(a int);"
        "insert into two values (1, 2, 3); insert into one values (4, 5);"
        "insert into none values (6);"
    )
    opened = store.open(folder)
    opened.begin()
    generation = opened.fresh(store)
    opened.show(generation)
    assert opened.tables() == {
        "two": {(2, 1): {"a": 1, "b": 2, "c": 3}},
        "one": {5: {"a": 4, "b": 5}},
        "none": {0: {"a": 6}},
    }
    generation.close()
    opened.end()


@pytest.mark.parametrize(
    "query",
    [
        "delete from counts",
        "commit; delete from counts",
        "copy (select 1) to 'rows.csv'",
        "attach ':memory:' as other",
        "export database 'rows'",
        "set threads = 1",
        "",
    ],
)
def test_nobody_writes_through_it(opened, shown, query):
    """Whoever reads a view does not change it, nor files, nor settings."""
    with pytest.raises(UsageError, match=r"a statement that reads.* read-only"):
        opened.reader.query(query, [])


@pytest.mark.parametrize("parameters", [[], [1, 2], ["\ud800"]])
def test_what_duckdb_does_not_take_is_one_error(opened, shown, parameters):
    """A slip in the query, or in what goes into it."""
    with pytest.raises(UsageError, match="DuckDB does not answer this query"):
        opened.reader.query("select * from counts where n = ?", parameters)


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_csv('{}')",
        "select content from read_text('{}')",
        "select * from '{}'",
        "explain select * from read_csv('{}')",
        "select * from query('select * from read_csv(''{}'')')",
        "select * from read_csv('http://127.0.0.1:1/rows.csv')",
        "select * from glob('{}')",
    ],
)
def test_a_query_reads_no_other_files(opened, shown, tmp_path, query):
    """Nor the network: a view's rows are all that there is."""
    path = tmp_path / "rows.csv"
    path.write_text("n\n1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="DuckDB does not answer this query"):
        opened.reader.query(query.format(path), [])


def test_a_schema_reads_no_other_files(tmp_path):
    """It would be another one on another machine."""
    path = tmp_path / "rows.csv"
    path.write_text("n\n1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="DuckDB"):
        DuckDB(f"create table rows as select * from read_csv('{path}')").check()


def test_it_never_asks_the_network_for_an_extension(opened, shown):
    """Where one would be needed it says that it is not there."""
    settings = "select name, value from duckdb_settings() where name like 'auto%extensions'"
    assert {value for _, value in opened.reader.query(settings, []).rows} == {"false"}


def test_a_question_may_return_its_cursor(opened, shown):
    """Then its rows are the answer; many threads ask at once."""
    with ThreadPoolExecutor(4) as threads:
        asked = [
            threads.submit(opened.read, lambda rows: rows.execute("select 1, 2")) for _ in range(8)
        ]
    assert {tuple(one.result()) for one in asked} == {((1, 2),)}


def test_it_takes_batches_only(new_topic, name, kept):
    """One event at a time would cost a hundred times as much; nothing has begun."""
    topic = new_topic()
    with pytest.raises(UsageError, match=r"DuckDB takes events in batches only.*in_batches"):
        View(name, into_dict, of=topic, store=STORE)
    view = kept(View(name, FOLDS[DuckDB], of=topic, store=STORE)).start()
    with pytest.raises(UsageError, match="in batches only"):
        view.rebuild(into_dict)
    view.stop()
    with pytest.raises(UsageError, match="in batches only"):
        view.start(into_dict)


def test_a_rebuilding_that_is_refused_locks_nothing(new_topic, name, kept):
    """Another process may write to the store of a view that rests."""
    view = kept(View(name, FOLDS[DuckDB], of=new_topic(), store=STORE))
    with pytest.raises(UsageError, match="in batches only"):
        view.rebuild(into_dict)
    other = STORE.open(view.folder)
    other.begin()
    other.end()


@pytest.mark.broker
def test_a_fold_that_raises_keeps_what_is_before_its_event(new_topic, name, kept):
    """Its batch is rolled back, and applied event by event up to there."""

    @in_batches
    def slip(rows, events, places):
        FOLDS[DuckDB](rows, events, places)
        if any(place.offset == 7 for place in places):
            rows.execute("insert into nowhere values (1)")

    topic = filled(new_topic(), 20)
    view = kept(View(name, slip, of=topic, store=STORE)).start()
    until(lambda: view.error)
    with pytest.raises(ViewError, match=r"offset 7.* nowhere does not exist"):
        raise view.error
    assert counted(view) == oracle(topic, end=7)
    view.start(FOLDS[DuckDB]).wait_for(20)
    assert counted(view) == oracle(topic)


@pytest.mark.broker
def test_it_goes_on_in_another_life(new_topic, name, kept):
    """From where its file says that it is."""
    topic = filled(new_topic(2), 20)
    view = kept(View(name, FOLDS[DuckDB], of=topic, store=STORE, keep=True)).start()
    view.wait_for(view.end())
    view.stop()
    filled(topic, 20, 20)
    again = kept(View(name, FOLDS[DuckDB], of=topic, store=STORE, keep=True)).start()
    again.wait_for(again.end())
    assert counted(again) == oracle(topic)
    assert sum(n for n, _ in counted(again).values()) == len(read(topic).events) == 40


def test_its_mark_is_kept_whole(opened):
    """Topics, partitions, identities and time."""
    mark = Mark({"a": {0: 5, 1: 2}, "b": {7: 1}}, {"a": "id", "b": "other"}, 9)
    generation = opened.fresh(STORE)
    with generation.transaction():
        generation.keep(mark)
    opened.show(generation)
    generation.close()
    again = opened.kept(STORE)
    assert again.mark == mark
    again.close()
